"""What was posted, edited or deleted: looked at in a batch (models run here, no transaction is open), then applied one
by one inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import listening
from bot.adding import as_it_stands, cried, cut_out, keep_parts, stands_at, take_out
from bot.alarming import alarm, watched
from bot.around import UNSETTLED, Context, Judged, Message, Whole, asked_lately, is_near, look, may_belong
from bot.belonging import taken_back
from bot.community import Suggestion
from bot.drills import is_drill
from bot.earlier import find_earlier
from bot.effects import NudgePrivacy, ReviewPost, TellAsker
from bot.events import (
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    Reworded,
    Withdrawn,
)
from bot.heard import as_need, as_reply
from bot.joining import Joining
from bot.judging import Judge, Judgement
from bot.lead import Lead, Spoken
from bot.letters import reply_gone
from bot.news import News
from bot.phrasing import take_back
from bot.policy import Mode
from bot.ports import Conflict, Transaction
from bot.post import InboxRow
from bot.question import Question, Status
from bot.replied import answer_gone, replied
from bot.safety.notes import from_strings
from bot.safety.triage import Code, Finding, is_crisis
from bot.showing.scene import Scene
from bot.steps import Steps, new_id


class Hearing:
    def __init__(self, judge: Judge, default_mode: Mode, community: str) -> None:
        self._judge = judge
        self._default_mode = default_mode
        self._community = community
        self._joining = Joining(judge)

    async def look(self, tx: Transaction, rows: Sequence[InboxRow], lead: Lead) -> dict[int, Context]:
        """See bot.around."""
        return await look(tx, rows, lead, self._default_mode)

    async def judge(self, rows: Sequence[InboxRow], contexts: Mapping[int, Context]) -> list[Judged]:
        """All models run here: one batch for needs, one for replies, one for what belongs together."""
        needs = [(row, heard) for row in rows if (heard := as_need(row, contexts.get(row.id)))]
        replies = [(row, pair) for row in rows for pair in as_reply(row, contexts.get(row.id))]
        judgements = await self._judge.judge([heard for _, heard in needs])
        answers = await self._judge.judge_replies([(q.text, text) for _, (q, text) in replies])
        judged = {row.id: j for (row, _), j in zip(needs, judgements, strict=True)}
        answered: dict[int, dict[str, float]] = {row.id: {} for row in rows}
        for (row, (question, _)), probability in zip(replies, answers, strict=True):
            answered[row.id][question.id] = probability
        made = [Judged(row, contexts.get(row.id), judged.get(row.id), answered[row.id]) for row in rows]
        return await self._joining.read(made)

    # --- inside the transaction ---------------------------------------------------------------------------

    async def apply(self, judged: Judged, steps: Steps, needed: float) -> None:
        """What follows from one message. `needed`: the probability at which a reply counts as an answer."""
        event = judged.row.arrival.event
        if isinstance(event, MessageDeleted):
            await self._deleted(event, judged, steps)
            return
        assert isinstance(event, MessagePosted | MessageEdited)
        if event.by_bot:
            return
        findings = from_strings(judged.row.arrival.findings)
        if judged.row.arrival.crisis:
            await self._crisis(event, findings, steps)
            return
        if is_drill(event.place):
            return  # the rules have not found it: that nobody is paged is what the drill then says
        await self._safety_notes(event, findings, steps)
        if event.place.opens_thread:
            await self._opening(event, judged, steps)
        else:
            await self._reply(event, judged, steps, needed)

    async def _crisis(self, event: Message, findings: Sequence[Finding], steps: Steps) -> None:
        """An alert without the words; what was edited into a crisis is no question and no answer any more."""
        await alarm(event.place, event.author.key, findings, event.key, steps, private=event.direct)
        steps.known.lead.take(event.author.key, event.place)
        for question in await _here(event.place, steps):
            if question.place.message == event.place.message:
                await take_out(question, steps)
                continue
            if event.author.key == question.asker:
                await cut_out(question, [event.place], steps)
            await reply_gone(event.place, question, steps, event.key)
        await answer_gone(event.place, steps)

    async def _safety_notes(self, event: Message, findings: Sequence[Finding], steps: Steps) -> None:
        codes = {f.code for f in findings}
        if Code.P1 in codes:
            await steps.say((NudgePrivacy(event.place, event.author),), f"{event.key}:p1", event.place)
        if Code.M2 in codes:
            notes = tuple(ReviewPost(event.place, m) for m in await steps.moderators())
            await steps.say(notes, f"{event.key}:m2", event.place)

    async def _opening(self, event: Message, judged: Judged, steps: Steps) -> None:
        j, context = judged.judgement, judged.context
        if j is None or context is None or await self._together(event, judged, steps):
            return
        back = taken_back(context, event)
        if context.question is None and (back or not j.is_question):
            await self._said_between(event, context, back, steps)
            return
        known = next(iter(await _here(event.place, steps)), None)
        if known is not None and known.place == event.place:
            await self._reworded(known, Whole(known, event.text, j), event, steps)
        elif known is None and j.is_question and not await watched(event.place, steps):
            await self._first_here(event, context, steps)
            await self._asked(event, Whole(None, event.text, j), context, steps)

    async def _together(self, event: Message, judged: Judged, steps: Steps) -> bool:
        """What is said in several messages, or asks for several things. Returns whether that is all there is to it."""
        crisis = next((w for w in judged.wholes if w.judgement and is_crisis(w.judgement.findings)), None)
        if crisis is not None and crisis.judgement is not None:
            await cried(crisis, event, crisis.judgement.findings, steps)
            return True
        done = False
        for whole in judged.wholes:
            done = await self._one_of_several(whole, event, judged, steps) or done
        return done

    async def _one_of_several(self, whole: Whole, event: Message, judged: Judged, steps: Steps) -> bool:
        if whole.question is not None:
            now = await as_it_stands(whole, event, steps)
            if now is None:
                return False
            await self._reworded(now, whole, event, steps)
            return True
        if judged.context is None or await watched(event.place, steps):
            return True
        if not whole.number:
            await self._first_here(event, judged.context, steps)
        if await steps.tx.questions.get(_id_of(event.place, whole.number)) is None:
            await self._asked(event, whole, judged.context, steps)
        return True

    async def _said_between(self, event: Message, context: Context, back: Sequence[Question], steps: Steps) -> None:
        """No question. Its author takes `back` what they asked just before, or asks in a moment what this leads to."""
        lead, said = steps.known.lead, Spoken(event.place, event.text, event.at)
        for question in back:
            now = await steps.tx.questions.get(question.id)
            if now is not None and now.status in UNSETTLED:
                await steps.befall(now, Withdrawn(now.asker), now.asker)
        if back:
            lead.take(event.author.key, event.place)
        elif isinstance(event, MessageEdited):
            known = lead.has(event.place)
            lead.taken_back(event.place)
            if known:
                lead.keep(event.author.key, said)
        elif not event.again and not (context.author and context.author.opted_out):
            lead.keep(event.author.key, said)

    async def _first_here(self, event: Message, context: Context, steps: Steps) -> None:
        """Raises Conflict where another process has begun a question of the same author that this may be a part of."""
        if not may_belong(event):
            return
        known = {q.id for q in context.lately}
        found = (await asked_lately(steps.tx, [event])).get(event.place.key, ())
        if any(q.id not in known and is_near(q, (), event.at) for q in found):
            raise Conflict("its author has asked something else meanwhile")

    async def _asked(self, event: Message, whole: Whole, context: Context, steps: Steps) -> None:
        author, j = context.author, whole.judgement
        assert j is not None
        if author is None:
            author = (await steps.tx.members.get([event.author.key])).get(event.author.key)
        question = Question(
            id=_id_of(event.place, whole.number),
            community=self._community,
            place=event.place,
            asker=event.author.key,
            asker_person=author.person if author else event.author.key,
            text=whole.text,
            language=j.language,
            topics=j.topics,
            medical=j.medical,
            urgent=j.urgent,
            private=event.direct,
            asked_at=event.at,
            suggested=tuple(m.resource_id for m in j.suggested),
            beside=_id_of(event.place) if whole.number else "",
        )
        members = {author.key: author} if author else {}
        around = Scene(steps.now, context.mode, context.answering, sure_from=self._judge.speak_at, members=members)
        question, why = await self.led(question, j, steps)
        steps.known.vectors.keep(question.id, j.vector)
        await keep_parts(question, whole.parts, steps)
        steps.known.lead.take(event.author.key, event.place)
        await steps.begin(question, suggestions_of(j), why, around=around)

    async def led(self, q: Question, j: Judgement, steps: Steps) -> tuple[Question, str]:
        """The question with a link to where the same was answered before, if there is such a thread; and why."""
        found = await find_earlier(q, j.vector, j.findings, self._judge.check, steps.known, steps.tx)
        return replace(q, earlier=found.earlier), "; ".join(part for part in (self.why(j), found.why) if part)

    def why(self, j: Judgement) -> str:
        best = j.matches[0].confidence if j.matches else 0.0
        verdict = "shown" if j.suggested else "not shown"
        medical = "; about medicines: reviewed resources and clinicians only" if j.medical else ""
        return (
            f"a question: {j.need * 100:.0f} % sure; best match: {best * 100:.0f} % sure, "
            f"shown from {j.shown_from * 100:.0f} % on: {verdict}{medical}"
        )

    async def _reworded(self, known: Question, whole: Whole, event: Message | MessageDeleted, steps: Steps) -> None:
        """An edit is followed, and so is what was added or taken away. What hardly reads like a question any more keeps
        what was made of the first wording; what has lost its words stays without words."""
        j, text = whole.judgement, whole.text
        if j is None:
            await take_out(known, steps)
        if j is None or not text:
            return
        await keep_parts(known, whole.parts, steps)
        place = stands_at(known, whole.parts)
        if not known.text or (text == known.text and place == known.place):
            return
        added = len(text) > len(known.text) and not isinstance(event, MessageEdited)
        shown = tuple(m.resource_id for m in j.suggested) if j.is_question else known.suggested
        suggested = (shown or known.suggested) if added else shown  # more words take nothing away
        topics = j.topics if j.is_question else known.topics
        medical = j.medical or (added and known.medical)
        steps.known.vectors.keep(known.id, j.vector)
        await take_back(known.id, steps)
        anew = replace(known, text=text, medical=medical, suggested=suggested)
        earlier = (await self.led(anew, j, steps))[0].earlier if j.is_question else known.earlier
        changed = await steps.befall(known, Reworded(topics, medical, suggested, earlier), known.asker)
        if j.is_question and changed.suggested == shown:
            await steps.tx.suggestions.put(known.id, suggestions_of(j))
        await steps.tx.questions.save(replace(changed, text=text, place=place, version=changed.version + 1))

    async def _reply(self, event: Message, judged: Judged, steps: Steps, needed: float) -> None:
        here = await _here(event.place, steps)
        if not here:
            return
        if event.author.key == here[0].asker:
            await self._by_asker(event, judged, here, steps)
            return
        if not await watched(event.place, steps):  # then people look after what stands there
            await replied(event, judged, here, steps, needed)

    async def _by_asker(self, event: Message, judged: Judged, here: Sequence[Question], steps: Steps) -> None:
        """Under their own question: it is taken back, or something belongs to it."""
        if here[0].nameless and not event.direct:
            return  # what they write there in their own name must not show whose question it is
        if listening.withdraws(event.text):
            for question in here:
                if question.status is not Status.CLOSED:
                    await steps.befall(question, Withdrawn(question.asker), question.asker)
        elif not await watched(event.place, steps):
            await self._together(event, judged, steps)

    async def _deleted(self, event: MessageDeleted, judged: Judged, steps: Steps) -> None:
        """Deleting follows at once: the question is taken back, or loses that message; the answer is gone."""
        steps.known.lead.taken_back(event.place)
        left = {w.question.id: w for w in judged.wholes if w.question}
        for question in await _here(event.place, steps):
            whole, opened = left.get(question.id), question.place == event.place
            asks = whole is not None and whole.judgement is not None and whole.judgement.is_question
            if opened and not asks:
                if question.pseudonym and question.status is not Status.CLOSED:
                    news = TellAsker(question.id, News.TAKEN_DOWN)
                    await steps.say((news,), event.key, event.place)
                await take_out(question, steps)
            elif whole is not None and (now := await as_it_stands(whole, event, steps)) is not None:
                await self._reworded(now, whole, event, steps)
            elif not opened:
                await reply_gone(event.place, question, steps, event.key)
        await answer_gone(event.place, steps)


async def _here(place: Place, steps: Steps) -> tuple[Question, ...]:
    return (await steps.tx.questions.all_in([place.thread_key])).get(place.thread_key, ())


def _id_of(place: Place, number: int = 0) -> str:
    """Of the question, or of the one of that number, that the message there asks."""
    return new_id("q", place.key) + (f"-{number}" if number else "")


def suggestions_of(j: Judgement) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(m.resource_id, m.title, m.score, m.confidence, m.why, m.shipped, j.basis) for m in j.suggested
    )
