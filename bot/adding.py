"""What is added to a question, changed in it or taken out of it, inside the transaction that handles the message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.alarming import alarm
from bot.around import UNSETTLED, Context, Message, Whole, follows
from bot.community import Part
from bot.events import MessageDeleted, Place, Reworded, Withdrawn
from bot.listening import quick_need
from bot.phrasing import take_back
from bot.piecing import in_pieces, says_enough
from bot.ports import Conflict
from bot.question import Question
from bot.safety.findings import Finding
from bot.several import joined
from bot.steps import Steps


async def asked_at(place: Place, steps: Steps) -> tuple[Question, ...]:
    return (await steps.tx.questions.all_in([place.thread_key])).get(place.thread_key, ())


async def as_judged(event: Message | MessageDeleted, context: Context | None, steps: Steps) -> tuple[Question, ...]:
    """What was asked where the message stands. Raises Conflict where that says something else than when the message was
    judged: an edit or a deletion would change what was added meanwhile. Then all is judged once more."""
    here = await asked_at(event.place, steps)
    if context is None or (context.here and not follows(event, context)):
        return here
    then = {q.id: (q.text, q.place, _said(context.parts.get(q.id, ()))) for q in context.here}
    parts = await steps.tx.parts.of([q.id for q in here]) if here else []
    now = {q.id: (q.text, q.place, _said(p for p in parts if p.question == q.id)) for q in here}
    if now != then:
        raise Conflict(f"what was asked at {event.place.key} says something else by now")
    return here


def _said(parts: Iterable[Part]) -> frozenset[tuple[str, str]]:
    return frozenset((part.place.key, part.text) for part in parts)


async def take_out(question: Question, steps: Steps) -> None:
    """It is taken back, and its words go: its message was deleted, or it is a crisis."""
    closed = await steps.befall(question, Withdrawn(question.asker), question.asker)
    await steps.tx.suggestions.put(question.id, ())
    await steps.tx.parts.drop(question.id)
    await take_back(question.id, steps)
    for letter in await steps.tx.letters.of(question.id):
        if letter.member == question.asker:
            await steps.tx.letters.remove(letter.id)
    if closed.text or closed.suggested:
        await steps.tx.questions.save(replace(closed, text="", suggested=(), version=closed.version + 1))


async def as_it_stands(whole: Whole, event: Message | MessageDeleted, steps: Steps) -> Question | None:
    """The question that was judged together with others' words, as it is now; None where nothing is added to it any
    more, or its words are gone. Raises Conflict where it says something else by now: then all is judged once more."""
    assert whole.question is not None
    now = await steps.tx.questions.get(whole.question.id)
    if now is None or not now.text:
        return None
    if now.text != whole.question.text or now.place != whole.question.place:
        raise Conflict(f"question {now.id} says something else by now")
    parts = await steps.tx.parts.of([now.id])
    adds = event.place != now.place and all(part.place != event.place for part in parts)
    return None if adds and now.status not in UNSETTLED else now


async def keep_parts(question: Question, parts: Sequence[Part], steps: Steps) -> None:
    """One message that the question stands in needs no row of its own."""
    before = {part.place.key: part for part in await steps.tx.parts.of([question.id])}
    if len(parts) < 2 and all(part.place == question.place for part in parts):
        if before:
            await steps.tx.parts.drop(question.id)
        return
    for part in parts:
        own = replace(part, question=question.id)
        if before.pop(part.place.key, None) != own:
            await steps.tx.parts.put(own)
    for gone in before:
        await steps.tx.parts.remove(question.id, gone)


def stands_at(question: Question, parts: Sequence[Part]) -> Place:
    """Where the question stands when the message that opened it is gone: with the message that asks most."""
    if not parts or any(part.place == question.place for part in parts):
        return question.place
    return max((part for part in parts), key=lambda part: quick_need(part.text)).place


async def _parts(question: Question, steps: Steps) -> list[Part]:
    alone = Part(question.id, question.place, question.text, question.asked_at)
    return await steps.tx.parts.of([question.id]) or [alone]


async def cut_out(question: Question, gone: Sequence[Place], steps: Steps) -> None:
    """These messages are no part of it any more, and nothing is judged anew: they were a cry for help, or led to one.
    With the last of them the question goes."""
    parts = await _parts(question, steps)
    left = [part for part in parts if part.place not in gone]
    if len(left) == len(parts):
        return
    if not left:
        await take_out(question, steps)
        return
    text, place = joined(part.text for part in left), stands_at(question, left)
    steps.known.vectors.drop(question.id)
    await take_back(question.id, steps)
    as_judged = Reworded(question.topics, question.medical, question.suggested, question.earlier)
    changed = await steps.befall(question, as_judged, question.asker)
    changed = replace(changed, text=text, place=place, version=changed.version + 1)
    await steps.tx.questions.save(changed)
    await keep_parts(changed, left, steps)


async def cried(whole: Whole, event: Message | MessageDeleted, findings: Sequence[Finding], steps: Steps) -> None:
    """What several messages say together is a cry for help: people are paged. What was said before the last of them and
    does not stand by itself belongs to it; a question that does is not lost (bot.piecing), nor is one that people have
    said is no cry: it stays as it was. The same where they say it because one of them was deleted."""
    deleted = isinstance(event, MessageDeleted)
    author, place, private = _by(whole, event)
    await alarm(place, author, in_pieces(findings), event.key, steps, private=private)
    steps.known.lead.take(author, place)
    now = await steps.tx.questions.get(whole.question.id) if whole.question else None
    if now is None or not now.text or (whole.cleared and not deleted):
        return
    parts = [] if whole.cleared else await _parts(now, steps)
    gone = [part.place for part in parts if not says_enough(part.text, part.place)]
    await cut_out(now, [event.place, *gone], steps)


def _by(whole: Whole, event: Message | MessageDeleted) -> tuple[str, Place, bool]:
    """Who said it, where it can be read, and whether to the bot alone. A deletion leaves the newest of what is left."""
    if not isinstance(event, MessageDeleted):
        return event.author.key, event.place, event.direct
    assert whole.question is not None
    return whole.question.asker, whole.parts[-1].place, whole.question.private
