"""What helped is found by the words it was asked in: the proposal, and what becomes of it, inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.answering import is_clinician
from bot.community import Audit, MemberRecord
from bot.crossing import is_confined
from bot.curation import Draft, DraftState, lapsed
from bot.effects import InviteReview, Notify
from bot.events import FormSubmitted
from bot.news import Notice
from bot.phrases import (
    OPEN_IN_ALL,
    OPEN_OF_ONE,
    TYPED,
    WAYS,
    added,
    as_good,
    by_itself,
    left_out,
    phrase_of,
    says_enough,
    searched,
)
from bot.phrases import with_phrase as _with_phrase
from bot.ports import Transaction
from bot.private_details import names_of, without
from bot.publishing import After, close_cards, reviewers
from bot.question import Engaged, Question, Refused
from bot.safety.findings import harmful
from bot.safety.triage import Code, Triage
from bot.steps import Steps, new_id
from bot.typed import InvalidForm, say_to
from knowledge.resources import MAX_TITLE, Resource, ReviewState

A_DAY = timedelta(days=1)


def phrase_id(question_id: str) -> str:
    """A question is proposed once."""
    return new_id("w", question_id)


async def propose(question: Question, triage: Triage, steps: Steps) -> None:
    """It has just helped. Proposed is what is worth reading, of what was asked in a channel open to all; nothing of
    somebody who wants their messages left alone."""
    if not by_itself(question) or await steps.tx.drafts.get(phrase_id(question.id)) is not None:
        return
    asker = (await steps.tx.members.get([question.asker])).get(question.asker)
    if asker is None or asker.opted_out or await is_confined(question, steps.tx):
        return
    helped = await shown_for(question, steps.tx)
    if not helped or harmful(triage.check(question.text)):
        return
    waiting = await _waiting(steps)
    if len(waiting) >= OPEN_IN_ALL:
        return
    into = await _meant(question, helped, steps.tx)
    phrase = phrase_of(question.text, names_of(await steps.tx.members.all()))
    if phrase and _worth_it(phrase, into, question.language, waiting):
        await _invite(question, into, phrase, steps)


async def shown_for(question: Question, tx: Transaction) -> list[Resource]:
    """What was shown for it and is still in the library, best first."""
    found = await tx.resources.get(question.suggested)
    return [found[i] for i in question.suggested if i in found and found[i].state is ReviewState.PUBLISHED]


async def _meant(question: Question, shown: Sequence[Resource], tx: Transaction) -> Resource:
    """Of several the one that its asker opened; else the best. Whoever reads it may choose another."""
    if len(shown) == 1:
        return shown[0]
    rows = await tx.engagement.since(question.asked_at, ("opened:resource",))
    opened = {r.resource for r in rows if r.question == question.id and r.person == question.asker_person}
    read = [resource for resource in shown if resource.id in opened]
    return read[0] if len(read) == 1 else shown[0]


async def _waiting(steps: Steps) -> list[Draft]:
    """The proposals that nobody has decided on yet."""
    in_review = await steps.tx.drafts.made_before(steps.now + A_DAY, (DraftState.IN_REVIEW,))
    return [draft for draft in in_review if draft.asks_for]


def _worth_it(phrase: str, into: Resource, language: str, waiting: Sequence[Draft]) -> bool:
    own = [line for d in waiting if d.asks_for == into.id for line in d.asked_as]
    if len(own) >= OPEN_OF_ONE or len(into.asked_as) + len(own) >= WAYS:
        return False
    return not as_good(searched(phrase), (into.title, *into.asked_as, *own), language)


async def _invite(question: Question, into: Resource, phrase: str, steps: Steps) -> None:
    draft = Draft(
        id=phrase_id(question.id),
        place=question.place,
        question=question.id,
        author=question.asker,
        saved_by="",
        title="",
        text="",
        topics=(),
        medical=into.medical or question.medical,
        language=question.language,
        state=DraftState.IN_REVIEW,
        created_at=steps.now,
        asked_as=(phrase,),
        asks_for=into.id,
    )
    await steps.tx.drafts.save(draft)
    await steps.say(tuple(InviteReview(draft.id, m) for m in await reviewers(draft, steps)), f"{draft.id}:review")


# --- what becomes of it -------------------------------------------------------------------------------------


async def add_as_it_is(draft: Draft, who: MemberRecord | None, by: str, key: str, steps: Steps, after: After) -> None:
    """One tap. Raises Refused."""
    phrase = searched(next(iter(draft.asked_as), ""))
    await _add(draft, phrase, await _wanted(draft.asks_for, steps), (by, who), steps, after)
    await steps.say((Notify(by, Notice.SETTINGS_SAVED),), key)


async def add_reworded(
    event: FormSubmitted, who: MemberRecord | None, triage: Triage, steps: Steps, after: After
) -> None:
    """The form ADD_PHRASE: in words of whoever has read it, perhaps for another resource. Raises Refused and
    InvalidForm."""
    draft = await steps.tx.drafts.get(event.subject)
    if draft is None or not draft.asks_for:
        raise Refused(Notice.GONE)
    typed = " ".join(event.values.get("asked_as", "").split())
    if not typed or len(typed) > MAX_TITLE:
        say = say_to(who)
        raise InvalidForm(say("Please write one question, in {most} characters at most.").format(most=MAX_TITLE))
    findings = triage.check(typed)
    if harmful(findings):
        raise Refused(Notice.DOUBTFUL)
    if any(f.code is Code.M1 for f in findings) and not is_clinician(who):
        raise Refused(Notice.NOT_ALLOWED)
    phrase = searched(without(typed, names_of(await steps.tx.members.all())))
    if not says_enough(phrase):  # or a name or a number was all of it
        say = say_to(who)
        raise InvalidForm(say("Please write it as somebody would ask it, in {few} words or more.").format(few=TYPED))
    into = await _wanted(event.values.get("into") or draft.asks_for, steps)
    if len(into.asked_as) >= WAYS and phrase not in into.asked_as:
        say = say_to(who)
        raise InvalidForm(say("“{title}” has all the ways of asking that it can hold.").format(title=into.title))
    await _add(draft, phrase, into, (event.by.key, who), steps, after)
    await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)


async def _wanted(resource_id: str, steps: Steps) -> Resource:
    found = (await steps.tx.resources.get([resource_id])).get(resource_id)
    if found is None:
        raise Refused(Notice.GONE)
    return found


async def _add(
    draft: Draft, phrase: str, into: Resource, reader: tuple[str, MemberRecord | None], steps: Steps, after: After
) -> None:
    by, who = reader
    done = added(draft, phrase, into, by, clinician=is_clinician(who), now=steps.now)
    await steps.tx.drafts.save(done)
    after.index += await steps.tx.resources.put([_with_phrase(into, phrase)], steps.now)
    await steps.engaged((Engaged("edited:resource", by, into.id),), "", done.question, done.id)
    await steps.tx.audit.append([Audit(steps.now, by, "add_phrase", into.id, done.id)])
    await close_cards(done, steps)


async def leave_out(draft: Draft, by: str, key: str, steps: Steps) -> None:
    """Raises Refused."""
    gone = left_out(draft, by, steps.now)
    await steps.tx.drafts.save(gone)
    await steps.tx.audit.append([Audit(steps.now, by, "leave_out_phrase", gone.asks_for, gone.id)])
    await close_cards(gone, steps)
    await steps.say((Notify(by, Notice.NOTED),), key)


async def take_back(question_id: str, steps: Steps) -> None:
    """Its asker took the question back, changed its words, or says that it had not helped: nobody need read it."""
    draft = await steps.tx.drafts.get(phrase_id(question_id))
    if draft is not None and draft.state is DraftState.IN_REVIEW:
        await _lapse(draft, steps)


async def take_all_back(author: str, steps: Steps) -> None:
    """The same for all that somebody asked, who wants to be left alone."""
    for draft in await _waiting(steps):
        if draft.author == author:
            await _lapse(draft, steps)


async def _lapse(draft: Draft, steps: Steps) -> None:
    gone = lapsed(draft)
    await steps.tx.drafts.save(gone)
    await close_cards(gone, steps)
