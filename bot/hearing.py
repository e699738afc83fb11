"""What was posted, edited or deleted: looked at in a batch (models run here, no transaction is open), then applied one
by one inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot import listening
from bot.alarming import alarm, watched
from bot.answering import is_clinician
from bot.cards import Form
from bot.community import Answer, Channel, MemberRecord, Suggestion
from bot.drills import is_drill
from bot.earlier import find_earlier
from bot.effects import News, NudgePrivacy, RelayAnswer, ReviewPost, TellAsker
from bot.events import (
    AnswerRetracted,
    FormSubmitted,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    Replied,
    Reworded,
    Withdrawn,
)
from bot.judging import Heard, Judge, Judgement
from bot.letters import bring_reply, reply_gone
from bot.phrasing import take_back
from bot.policy import Answering, Mode
from bot.ports import Transaction
from bot.post import InboxRow
from bot.private_details import without
from bot.question import Question, Status
from bot.safety.notes import from_strings
from bot.safety.triage import Code, Finding
from bot.showing.scene import Scene
from bot.steps import Steps, new_id

Message = MessagePosted | MessageEdited


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a message before it is judged."""

    mode: Mode
    author: MemberRecord | None
    question: Question | None  # whose thread it stands in
    answering: Answering = Answering.THREAD


@dataclass(frozen=True, slots=True)
class Judged:
    """A message with what listening made of it: as a need (it opens a thread) or as a reply (it does not)."""

    row: InboxRow
    context: Context | None = None
    judgement: Judgement | None = None
    answer: float | None = None


class Hearing:
    def __init__(self, judge: Judge, default_mode: Mode, community: str) -> None:
        self._judge = judge
        self._default_mode = default_mode
        self._community = community

    async def look(self, tx: Transaction, rows: Sequence[InboxRow]) -> dict[int, Context]:
        """Read what is needed to judge the messages among `rows`, by row id."""
        found = [(row.id, row.arrival.event) for row in rows]
        messages = [(i, e) for i, e in found if isinstance(e, MessagePosted | MessageEdited)]
        if not messages:
            return {}
        authors = await tx.members.get(sorted({e.author.key for _, e in messages}))
        questions = await tx.questions.in_threads(sorted({e.place.thread_key for _, e in messages}))
        rooms: dict[str, Channel] = {}
        for _, e in messages:
            key = e.place.channel_key
            if key not in rooms:
                rooms[key] = await tx.channels.get(key) or Channel(key, "", self._default_mode)
        return {
            i: Context(room.mode, authors.get(e.author.key), questions.get(e.place.thread_key), room.answering)
            for i, e in messages
            for room in (rooms[e.place.channel_key],)
        }

    async def judge(self, rows: Sequence[InboxRow], contexts: Mapping[int, Context]) -> list[Judged]:
        """All models run here, one batch for needs and one for replies."""
        needs = [(row, heard) for row in rows if (heard := self._as_need(row, contexts.get(row.id)))]
        replies = [(row, pair) for row in rows if (pair := self._as_reply(row, contexts.get(row.id)))]
        judgements = await self._judge.judge([heard for _, heard in needs])
        answers = await self._judge.judge_replies([pair for _, pair in replies])
        judged = {row.id: j for (row, _), j in zip(needs, judgements, strict=True)}
        answered = {row.id: p for (row, _), p in zip(replies, answers, strict=True)}
        return [Judged(row, contexts.get(row.id), judged.get(row.id), answered.get(row.id)) for row in rows]

    def _as_need(self, row: InboxRow, context: Context | None) -> Heard | None:
        event = row.arrival.event
        if isinstance(event, FormSubmitted):
            return _asked_by_form(event, row)
        if context is None or not isinstance(event, MessagePosted | MessageEdited) or event.by_bot:
            return None
        if row.arrival.crisis or not event.place.opens_thread:
            return None
        addressed = isinstance(event, MessagePosted) and (event.mentions_bot or event.direct)
        if context.author is not None and context.author.opted_out and not addressed:
            return None
        if context.question is None and context.mode in (Mode.OFF, Mode.MENTION) and not addressed:
            return None
        if context.question is None and context.mode is Mode.OFF and not event.direct:
            return None  # not even when it is mentioned
        whispered = context.mode is Mode.HINT or event.direct
        found = from_strings(row.arrival.findings)
        return Heard(event.text, found, addressed, about=event.about, whispered=whispered)

    def _as_reply(self, row: InboxRow, context: Context | None) -> tuple[str, str] | None:
        """(question, reply) when somebody else than the asker wrote in a question's thread."""
        event = row.arrival.event
        if context is None or context.question is None or not isinstance(event, MessagePosted | MessageEdited):
            return None
        if event.by_bot or row.arrival.crisis or event.place.opens_thread or not context.question.text:
            return None
        if context.author is not None and (context.author.opted_out or _asked_by(context.question, context.author)):
            return None
        return (context.question.text, event.text) if event.author.key != context.question.asker else None

    # --- inside the transaction ---------------------------------------------------------------------------

    async def apply(self, judged: Judged, steps: Steps, needed: float) -> None:
        """What follows from one message. `needed`: the probability at which a reply counts as an answer."""
        event = judged.row.arrival.event
        if isinstance(event, MessageDeleted):
            await self._deleted(event, steps)
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
        question = (await steps.tx.questions.in_threads([event.place.thread_key])).get(event.place.thread_key)
        if question is None:
            return
        if question.place.message == event.place.message:
            await self._take_out(question, steps)
        else:
            await reply_gone(event.place, question, steps, event.key)
            await self._answer_gone(event.place, question, steps)

    async def _take_out(self, question: Question, steps: Steps) -> None:
        closed = await steps.befall(question, Withdrawn(question.asker), question.asker)
        await steps.tx.suggestions.put(question.id, ())
        await take_back(question.id, steps)
        for letter in await steps.tx.letters.of(question.id):
            if letter.member == question.asker:
                await steps.tx.letters.remove(letter.id)
        if closed.text or closed.suggested:
            await steps.tx.questions.save(replace(closed, text="", suggested=(), version=closed.version + 1))

    async def _safety_notes(self, event: Message, findings: Sequence[Finding], steps: Steps) -> None:
        codes = {f.code for f in findings}
        if Code.P1 in codes:
            await steps.say((NudgePrivacy(event.place, event.author),), f"{event.key}:p1", event.place)
        if Code.M2 in codes:
            notes = tuple(ReviewPost(event.place, m) for m in await steps.moderators())
            await steps.say(notes, f"{event.key}:m2", event.place)

    async def _opening(self, event: Message, judged: Judged, steps: Steps) -> None:
        j = judged.judgement
        seen = judged.context.question if judged.context else None
        if j is None or (seen is None and not j.is_question):
            return  # chatter: nothing to read for it
        threads = await steps.tx.questions.in_threads([event.place.thread_key])
        known = threads.get(event.place.thread_key)
        if known is not None:
            await self._reworded(known, event, j, steps)
        elif j.is_question and judged.context is not None and not await watched(event.place, steps):
            await self._asked(event, j, judged.context, steps)

    async def _asked(self, event: Message, j: Judgement, context: Context, steps: Steps) -> None:
        author = context.author or (await steps.tx.members.get([event.author.key])).get(event.author.key)
        question = Question(
            id=new_id("q", event.place.key),
            community=self._community,
            place=event.place,
            asker=event.author.key,
            asker_person=author.person if author else event.author.key,
            text=event.text,
            language=j.language,
            topics=j.topics,
            medical=j.medical,
            urgent=j.urgent,
            private=event.direct,
            asked_at=event.at,
            suggested=tuple(m.resource_id for m in j.suggested),
        )
        members = {author.key: author} if author else {}
        around = Scene(steps.now, context.mode, context.answering, sure_from=self._judge.speak_at, members=members)
        question, why = await self.led(question, j, steps)
        steps.known.vectors.keep(question.id, j.vector)
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

    async def _reworded(self, known: Question, event: Message, j: Judgement, steps: Steps) -> None:
        """An edit is followed. One that hardly reads like a question any more keeps what was made of the first wording;
        one whose words were taken out stays without words."""
        if event.text in ("", known.text) or not known.text:
            return
        topics = j.topics if j.is_question else known.topics
        suggested = tuple(m.resource_id for m in j.suggested) if j.is_question else known.suggested
        steps.known.vectors.keep(known.id, j.vector)
        await take_back(known.id, steps)
        anew = replace(known, text=event.text, medical=j.medical, suggested=suggested)
        earlier = (await self.led(anew, j, steps))[0].earlier if j.is_question else known.earlier
        changed = await steps.befall(known, Reworded(topics, j.medical, suggested, earlier), event.author.key)
        if j.is_question and changed.suggested == suggested:
            await steps.tx.suggestions.put(known.id, suggestions_of(j))
        await steps.tx.questions.save(replace(changed, text=event.text, version=changed.version + 1))

    async def _reply(self, event: Message, judged: Judged, steps: Steps, needed: float) -> None:
        threads = await steps.tx.questions.in_threads([event.place.thread_key])
        question = threads.get(event.place.thread_key)
        if question is None:
            return
        if event.author.key == question.asker:
            if question.nameless and not event.direct:
                return  # what they write there in their own name must not show whose question it is
            if question.status is not Status.CLOSED and listening.withdraws(event.text):
                await steps.befall(question, Withdrawn(question.asker), question.asker)
            return
        if await watched(event.place, steps):
            return  # people look after what stands there
        probability = judged.answer or 0.0
        doubtful = await self._must_not_count(event, judged, question, steps)
        if question.pseudonym and not question.private:
            await self._to_the_asker(event, judged, question, steps, doubtful=doubtful)
        if probability < needed or doubtful:
            if isinstance(event, MessageEdited):
                await self._answer_gone(event.place, question, steps)
            return
        text = without(event.text, ())
        answer = Answer(event.place, question.id, event.author.key, text, probability, event.at)
        await steps.tx.answers.put(answer)
        await steps.befall(question, Replied(event.author.key, answers=True), event.author.key)

    async def _must_not_count(self, event: Message, judged: Judged, question: Question, steps: Steps) -> bool:
        """Talk of a cure must not end the search, nor may what anybody but a clinician says on medicines: their words
        stay where they wrote them, and the search goes on."""
        if any(f.code is Code.M2 for f in from_strings(judged.row.arrival.findings)):
            return True
        author = event.author.key
        return question.medical and not is_clinician((await steps.tx.members.get([author])).get(author))

    async def _to_the_asker(
        self, event: Message, judged: Judged, question: Question, steps: Steps, *, doubtful: bool
    ) -> None:
        """A reply under a question without a name. Not the words of somebody who opted out, and nothing doubtful: no
        talk of a cure, and on medicines a clinician's words alone."""
        author = judged.context.author if judged.context else None
        if doubtful:
            await reply_gone(event.place, question, steps, event.key)
        elif author is None or not author.opted_out:
            await bring_reply(event, question, steps)

    async def _deleted(self, event: MessageDeleted, steps: Steps) -> None:
        """Deleting follows at once: the question is taken back, the answer is gone."""
        threads = await steps.tx.questions.in_threads([event.place.thread_key])
        question = threads.get(event.place.thread_key)
        if question is None:
            return
        if event.place.opens_thread:
            if question.pseudonym and question.status is not Status.CLOSED:
                news = TellAsker(question.id, News.TAKEN_DOWN)
                await steps.say((news,), event.key, event.place)
            await self._take_out(question, steps)
            return
        await reply_gone(event.place, question, steps, event.key)
        await self._answer_gone(event.place, question, steps)

    async def _answer_gone(self, place: Place, question: Question, steps: Steps) -> None:
        """What stood there is no answer any more. Somebody with another answer in the thread has still answered."""
        answer = await steps.tx.answers.at(place.key)
        if answer is None:
            return
        await steps.tx.answers.remove(place.key)
        if answer.relay and question.pseudonym:  # it was brought to its asker in private too
            await steps.say((RelayAnswer(question.id, answer.relay),), f"{answer.relay}:gone", place)
        left = await steps.tx.answers.of(question.id)
        if all(a.member != answer.member for a in left):
            await steps.befall(question, AnswerRetracted(answer.member, len(left)), answer.member)


def _asked_by(question: Question, author: MemberRecord) -> bool:
    """Also from another account of theirs."""
    return author.person == question.asker_person


def _asked_by_form(event: FormSubmitted, row: InboxRow) -> Heard | None:
    """Who asks through the form asks: the library is looked into, however little it reads like a question."""
    text = event.values.get("text", "").strip()
    if event.form != Form.ASK or row.arrival.crisis or not text:
        return None
    whispered = event.values.get("how") != "anonymous"
    return Heard(text, from_strings(row.arrival.findings), addressed=True, thorough=True, whispered=whispered)


def suggestions_of(j: Judgement) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(m.resource_id, m.title, m.score, m.confidence, m.why, m.shipped, j.basis) for m in j.suggested
    )
