"""What an edit, a deletion, or a message that is added makes of a question that is there, inside the transaction."""

from __future__ import annotations

from dataclasses import replace

from bot.adding import as_it_stands, as_judged, asked_at, cried, keep_parts, stands_at, take_out
from bot.around import Judged, Message, Whole
from bot.community import Suggestion
from bot.earlier import find_earlier
from bot.effects import TellAsker
from bot.events import MessageDeleted, MessageEdited, Reworded
from bot.judging import Judge, Judgement
from bot.letters import reply_gone
from bot.news import News
from bot.phrasing import take_back
from bot.question import Question, Status
from bot.replied import answer_gone
from bot.safety.triage import is_crisis
from bot.steps import Steps


class Rewording:
    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def led(self, q: Question, j: Judgement, steps: Steps) -> tuple[Question, str]:
        """The question with a link to where the same was answered before, if there is such a thread; and why."""
        found = await find_earlier(q, j.vector, j.findings, self._judge.check, steps.known, steps.tx)
        return replace(q, earlier=found.earlier), "; ".join(part for part in (why(j), found.why) if part)

    async def follow(self, known: Question, whole: Whole, event: Message | MessageDeleted, steps: Steps) -> None:
        """An edit is followed, and so is what was added or taken away. What hardly reads like a question any more keeps
        what was made of the first wording; what has lost its words, or what it asked, stays without words."""
        j, text = whole.judgement, whole.text
        if j is None or not text or (_emptied(known, event) and not j.is_question):
            await take_out(known, steps)
            return
        await keep_parts(known, whole.parts, steps)
        place = stands_at(known, whole.parts)
        if not known.text or (text == known.text and place == known.place):
            return
        topics = j.topics if j.is_question else known.topics
        medical, suggested = _found(known, whole, event)
        steps.known.vectors.keep(known.id, j.vector)
        await take_back(known.id, steps)
        anew = replace(known, text=text, medical=medical, suggested=suggested)
        earlier = (await self.led(anew, j, steps))[0].earlier if j.is_question else known.earlier
        changed = await steps.befall(known, Reworded(topics, medical, suggested, earlier), known.asker)
        if changed.suggested != known.suggested or (j.is_question and changed.suggested == _of(j)):
            await steps.tx.suggestions.put(known.id, suggestions_of(j))
        await steps.tx.questions.save(replace(changed, text=text, place=place, version=changed.version + 1))

    async def deleted(self, event: MessageDeleted, judged: Judged, steps: Steps) -> None:
        """Deleting follows at once: the question is taken back, or loses that message; the answer is gone. What is left
        may be a cry for help when it is read by itself."""
        steps.known.lead.taken_back(event.place)
        left = {w.question.id: w for w in judged.wholes if w.question}
        cries = [w for w in left.values() if w.judgement and is_crisis(w.judgement.findings)]
        for whole in cries:
            assert whole.judgement is not None
            await cried(whole, event, whole.judgement.findings, steps)
        here = await asked_at(event.place, steps) if cries else await as_judged(event, judged.context, steps)
        for question in here:
            if left.get(question.id) not in cries:
                await self._lost(question, left.get(question.id), event, steps)
        await answer_gone(event.place, steps)

    async def _lost(self, question: Question, whole: Whole | None, event: MessageDeleted, steps: Steps) -> None:
        opened = question.place == event.place
        asks = whole is not None and whole.judgement is not None and whole.judgement.is_question
        if opened and not asks:
            if question.pseudonym and question.status is not Status.CLOSED:
                await steps.say((TellAsker(question.id, News.TAKEN_DOWN),), event.key, event.place)
            await take_out(question, steps)
        elif whole is not None and (now := await as_it_stands(whole, event, steps)) is not None:
            await self.follow(now, whole, event, steps)
        elif not opened:
            await reply_gone(event.place, question, steps, event.key)


def _emptied(known: Question, event: Message | MessageDeleted) -> bool:
    """Whether the message that opened it was edited to nothing, which is as good as deleted."""
    return isinstance(event, MessageEdited) and event.place == known.place and not event.text.strip()


def _found(known: Question, whole: Whole, event: Message | MessageDeleted) -> tuple[bool, tuple[str, ...]]:
    """Whether it is about medicines now, and what is shown for it. More words take nothing away, but for what no
    clinician has reviewed."""
    j = whole.judgement
    assert j is not None
    added = len(whole.text) > len(known.text) and not isinstance(event, MessageEdited)
    if j.medical and not known.medical:
        return True, _of(j)
    shown = _of(j) if j.is_question else known.suggested
    return j.medical or (added and known.medical), (shown or known.suggested) if added else shown


def _of(j: Judgement) -> tuple[str, ...]:
    return tuple(m.resource_id for m in j.suggested)


def why(j: Judgement) -> str:
    best = j.matches[0].confidence if j.matches else 0.0
    verdict = "shown" if j.suggested else "not shown"
    medical = "; about medicines: reviewed resources and clinicians only" if j.medical else ""
    return (
        f"a question: {j.need * 100:.0f} % sure; best match: {best * 100:.0f} % sure, "
        f"shown from {j.shown_from * 100:.0f} % on: {verdict}{medical}"
    )


def suggestions_of(j: Judgement) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(m.resource_id, m.title, m.score, m.confidence, m.why, m.shipped, j.basis) for m in j.suggested
    )
