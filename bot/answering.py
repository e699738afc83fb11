"""Answers that go through the bot: to a private question, or from another space into the thread of a public one.

A real answer counts whoever it comes from: also when the time of whoever had the question ran out while they wrote, and
somebody else has it or has answered by now. What can't be taken goes back to its writer, and is kept nowhere.
"""

from __future__ import annotations

from dataclasses import replace

from bot.blocking import refuse_unwanted
from bot.cards import Posted
from bot.community import RELAYED, Answer, MemberRecord, Role
from bot.crossing import may_read
from bot.effects import Effect, GiveBack, PostAnswer, RelayAnswer
from bot.events import FormSubmitted, Place, Replied
from bot.news import Notice
from bot.permissions import why_no_answer
from bot.ports import Transaction
from bot.question import Outcome, Question, Refused, Status
from bot.safety.triage import Code, Triage
from bot.steps import Steps, new_id
from bot.typed import kept_text, say_to

_TOOK = frozenset({"OfferAccepted", "QuestionTaken"})  # facts by which somebody has a question


async def answer(event: FormSubmitted, who: MemberRecord | None, triage: Triage, steps: Steps) -> None:
    """The form ANSWER. (A crisis in it never comes this far: see Reception.) Raises InvalidForm when it is empty."""
    text = kept_text(event.values.get("text", ""), say_to(who)("Please write the answer first."))
    try:
        question = await steps.tx.questions.get(event.subject)
        if question is None:
            raise Refused(Notice.GONE)
        await may_answer(question, event.by.key, who, steps.tx)
        if any(f.code is Code.M2 for f in triage.check(text)):
            raise Refused(Notice.DOUBTFUL)
    except Refused as refused:
        given_back = GiveBack(event.by.key, new_id("b", event.key), refused.notice)
        steps.returned[given_back.id] = event.values["text"]
        await steps.say((given_back,), event.key)
        return
    await _bring(question, text, event, steps)


async def may_answer(question: Question, member: str, who: MemberRecord | None, tx: Transaction) -> None:
    """Whoever has it, has answered it, or had it before, and is not blocked by its asker. Raises Refused."""
    if not await had_it(question, member, tx):
        raise Refused(why_no_answer(question, member))
    await refuse_unwanted(question, who, tx)
    if question.medical and not is_clinician(who):  # it has become about medicines since, or they are none any more
        raise Refused(Notice.NOT_ALLOWED)
    if member not in (question.claimed_by, *question.answered_by) and question.status is Status.CLOSED:
        raise Refused(Notice.ALREADY_DONE)
    if not question.text or question.outcome is Outcome.WITHDRAWN:
        raise Refused(Notice.GONE)
    if not await may_read(question, member, tx):
        raise Refused(Notice.NOT_ALLOWED)


def is_clinician(who: MemberRecord | None) -> bool:
    """Whether they are one now. What they once declared as a volunteer does not count, nor that they own the place."""
    return who is not None and Role.CLINICIAN in who.held


async def had_it(question: Question, member: str, tx: Transaction) -> bool:
    """Whether they have it, have answered it, or had it once."""
    if member in (question.claimed_by, *question.answered_by):
        return True
    return any(e.by == member and e.event in _TOOK for e in await tx.journal.of(question.id))


async def _bring(question: Question, text: str, event: FormSubmitted, steps: Steps) -> None:
    """An answer that stands in a thread is changed where it stands; in private every one is a message of its own."""
    by, root = event.by.key, question.place
    before = None if question.private else await standing(question, by, steps.tx)
    if before is None:
        relay = new_id("r", event.key)
        place = Place(root.platform, root.space, root.channel, f"{RELAYED}{relay}", root.thread)
        brought = Answer(place, question.id, by, text, 1.0, event.at, relay)
    else:
        brought = replace(before, text=text)
    await steps.tx.answers.put(brought)
    await steps.say(_wishes(question, brought.relay), event.key, root)
    if question.status is not Status.CLOSED:
        await steps.befall(question, Replied(by, answers=True), by)


def _wishes(question: Question, relay: str) -> tuple[Effect, ...]:
    """Who asked without a name is told in private too: nobody may see who follows the thread."""
    if question.private:
        return (RelayAnswer(question.id, relay),)
    post = PostAnswer(question.id, relay)
    return (RelayAnswer(question.id, relay), post) if question.pseudonym else (post,)


async def standing(question: Question, member: str, tx: Transaction) -> Answer | None:
    """What the bot has posted, or is about to post, for this member."""
    found = [a for a in await tx.answers.of(question.id) if a.member == member and a.relay and a.text]
    return found[-1] if found else None


async def answer_of(effect: RelayAnswer | PostAnswer, tx: Transaction) -> Answer | None:
    """The answer as it is now, wherever it stands by now."""
    found = next((a for a in await tx.answers.of(effect.question) if a.relay and a.relay == effect.answer), None)
    return found or await tx.answers.at(effect.answer)


async def answer_stands(effect: PostAnswer, posted: Posted, tx: Transaction) -> None:
    """From now on it is the message in the thread: saved as a resource, deleted or replied to like any other answer.
    One that could only be brought in private stands nowhere."""
    question, given = await tx.questions.get(effect.question), await answer_of(effect, tx)
    if question is None or given is None or not given.on_its_way:
        return
    root = question.place
    if (posted.platform, posted.channel) != (root.platform, root.channel):
        return
    await tx.answers.remove(given.place.key)
    place = Place(root.platform, root.space, root.channel, posted.message, root.thread)
    await tx.answers.put(replace(given, place=place))


async def take_answers_back(member: str, steps: Steps) -> None:
    """What the bot has posted or brought over for them loses its words there too."""
    for given in await steps.tx.answers.by(member):
        if given.relay:
            brought = dict.fromkeys(row.wish.effect for row in await steps.tx.outbox.of(given.relay))
            await steps.say(tuple(brought), f"{given.relay}:forgotten", given.place.root())
