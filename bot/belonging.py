"""Which questions a message is a part of, or begins, by what is known around it: a plan that bot.joining has judged.

Rules this file keeps:
- What the asker writes shortly after in the same place (bot.several), or in its thread, belongs to the open question.
- What was said just before a question, and was none, is its beginning.
- An edit or a deletion of one message changes the question by that message.
- Nothing is put together with what opens a question without a name, with what opted-out people write among others, or
  with what people look after (bot.around).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot import listening
from bot.around import UNSETTLED, Context, Judged, Whole, is_near
from bot.community import Part
from bot.events import MessageDeleted, MessageEdited, MessagePosted, Place
from bot.judging import Judgement
from bot.never_mind import settles
from bot.question import Question
from bot.several import MOST, PARTS, again, goes_on, is_aside, joined, leads, leans, needs_in, says_nothing, shared
from bot.which_need import next_number, paired

Message = MessagePosted | MessageEdited

IN_THREAD = timedelta(hours=1)  # after its last words, what the asker writes under a question still belongs to it


@dataclass(frozen=True, slots=True)
class Plan:
    """`first`, where all that begins in it turns out to ask something; else `otherwise`."""

    first: tuple[Whole, ...]
    otherwise: tuple[Whole, ...] = ()

    @property
    def wholes(self) -> tuple[Whole, ...]:
        return (*self.first, *self.otherwise)


NOTHING = Plan(())


def plan(one: Judged) -> Plan:
    event, context = one.row.arrival.event, one.context
    if context is None or one.row.arrival.crisis:
        return NOTHING
    if isinstance(event, MessageDeleted):
        return Plan(tuple(w for q in context.here if (w := _without(q, context, event.place))))
    if not isinstance(event, MessagePosted | MessageEdited) or event.by_bot or _reread(event):
        return NOTHING
    theirs = tuple(q for q in context.here if q.asker == event.author.key)
    if theirs and event.place.opens_thread:
        return _said_anew(event, theirs, context) if one.judgement is not None else NOTHING
    if theirs:
        return _in_thread(event, theirs, context)
    if context.here or not event.place.opens_thread or one.judgement is None:
        return NOTHING
    return _beginning(event, one.judgement, context)


def _reread(event: Message) -> bool:
    return isinstance(event, MessagePosted) and bool(event.again)


# --- what was said, edited or deleted -----------------------------------------------------------------------------


def _said_anew(event: Message, theirs: Sequence[Question], context: Context) -> Plan:
    """An edit of a message that opened a question, or was added to one in the channel; or the same fact once more."""
    root = [q for q in theirs if q.place == event.place]
    if not root:
        return Plan(tuple(_with(q, context, event) for q in theirs if _has(context, q, event.place)))
    texts = needs_in(event.text) if event.text.strip() else ()
    if not texts and isinstance(event, MessagePosted):
        return NOTHING  # it comes once more, and is not read
    if len(root) == len(texts) == 1 and not _has(context, root[0], event.place):
        return NOTHING  # one message, one question
    alive = {q.id: q for q in root if q.text}  # what has lost its words stays without them
    if not alive:
        return NOTHING
    found = paired(alive, texts, {q.id: _words(q, context, event.place) for q in alive.values()})
    gone = [q for q in alive.values() if q not in found.values()]
    known = [_with(q, context, replace(event, text=texts[n])) for n, q in sorted(found.items())]
    known += [_with(q, context, replace(event, text="")) for q in gone]
    if isinstance(event, MessagePosted) and len(alive) < len(root):
        return Plan(tuple(known))  # the same fact once more: what was taken out of it meanwhile stays out
    new = [text for n, text in enumerate(texts) if n not in found]
    begin = [Whole(None, text, number=number) for number, text in enumerate(new, next_number(root))]
    otherwise = (_with(root[0], context, event),) if len(root) == 1 else tuple(known)
    return Plan((*known, *begin), otherwise)


def _words(q: Question, context: Context, place: Place) -> str:
    """What it says in that message."""
    return next((p.text for p in context.parts.get(q.id, ()) if p.place == place), q.text)


def _with(q: Question, context: Context, event: Message) -> Whole:
    """The question with the message as it says now; with nothing, where that was all of it."""
    parts = context.parts.get(q.id, ())
    if not parts:
        return Whole(q, event.text)
    changed = (replace(p, text=event.text) if p.place == event.place else p for p in parts)
    return _of(q, tuple(p for p in changed if p.text.strip()))


def _without(q: Question, context: Context, place: Place) -> Whole | None:
    parts = context.parts.get(q.id, ())
    left = tuple(p for p in parts if p.place != place)
    if len(left) == len(parts) or (place == q.place and q.status not in UNSETTLED):
        return None
    return _of(q, left)


def _of(q: Question | None, parts: tuple[Part, ...]) -> Whole:
    ordered = tuple(sorted(parts, key=lambda p: (p.at, p.place.key)))
    return Whole(q, joined(p.text for p in ordered), parts=ordered)


def _has(context: Context, q: Question, place: Place) -> bool:
    return any(p.place == place for p in context.parts.get(q.id, ()))


# --- what a reply is about -------------------------------------------------------------------------------------


def answered(here: Sequence[Question], author: str, text: str, answers: Mapping[str, float], needed: float) -> Question:
    """Of several that were asked in one message the one that a reply is about: what its author has in hand comes first,
    then what shares most of its words. One reply ends one search; a search too many is the smaller mistake."""
    likely = [q for q in here if answers.get(q.id, 0.0) >= needed] or here

    def fit(q: Question) -> tuple[bool, bool, int, float]:
        return author == q.claimed_by, author == q.offered_to, shared(text, q.text, q.language), answers.get(q.id, 0.0)

    return max(likely, key=fit)


# --- what is added ------------------------------------------------------------------------------------------------


def _in_thread(event: Message, theirs: Sequence[Question], context: Context) -> Plan:
    """What the asker writes under their own question. (What they say there in their own name about one without a name
    must not show whose it is.)"""
    known = [q for q in theirs if _has(context, q, event.place)]
    if known:
        return Plan(tuple(_with(q, context, event) for q in known))
    if isinstance(event, MessageEdited) or _settled_or_aside(event.text) or says_nothing(event.text):
        return NOTHING
    if context.author is not None and context.author.opted_out and not event.direct:
        return NOTHING
    growing = [
        q
        for q in theirs
        if q.status in UNSETTLED
        and q.text
        and not (q.nameless and not event.direct)
        and is_near(q, context.parts.get(q.id, ()), event.at, IN_THREAD)
    ]
    added = _added(event, growing, context)
    return Plan((added,)) if added else NOTHING


def _settled_or_aside(text: str) -> bool:
    """What says "sorted" and asks on belongs to the question."""
    return is_aside(text) and (settles(text) or not listening.withdraws(text))


def _beginning(event: Message, j: Judgement, context: Context) -> Plan:
    if not event.text.strip():
        return NOTHING
    near = [q for q in context.near if _belongs(event, j, q)]
    if added := _added(event, near, context):
        return Plan((added,))
    if not j.is_question:
        return NOTHING
    lead = tuple(Part("", s.place, s.text, s.at) for s in context.lead if leads(s.text))
    texts = needs_in(event.text)
    all_of_it = (_led(event, event.text, lead),) if lead else ()
    if len(texts) == 1:
        return Plan(all_of_it)
    several = (replace(_led(event, text, lead), number=n) for n, text in enumerate(texts))
    return Plan(tuple(several), all_of_it)


def _led(event: Message, text: str, lead: tuple[Part, ...]) -> Whole:
    return _of(None, (*lead, Part("", event.place, text, event.at))) if lead else Whole(None, text)


def _belongs(event: Message, j: Judgement, q: Question) -> bool:
    """A statement belongs to the question before it, unless it is said to others; what asks something only if it leans
    on it, or says the same again."""
    if is_aside(event.text):
        return False
    if not j.is_question:
        return isinstance(event, MessagePosted)
    if again(event.text, q.text):
        return True
    if event.at < q.asked_at:  # handled later, said before
        return leans(q.text, event.text, j.language)
    finds_its_own = any(m.resource_id not in q.suggested for m in j.suggested)
    return leans(event.text, q.text, j.language) and (goes_on(event.text) or not finds_its_own)


def _added(event: Message, growing: Sequence[Question], context: Context) -> Whole | None:
    """To which of them it says most; of equals to the newest, and of those of one message to the first."""
    if not growing:
        return None
    q = max(growing, key=lambda q: (shared(event.text, q.text, q.language), q.asked_at, not q.beside))
    parts = context.parts.get(q.id, ()) or (Part(q.id, q.place, q.text, q.asked_at),)
    whole = _of(q, (*parts, Part(q.id, event.place, event.text, event.at)))
    return whole if len(whole.parts) <= PARTS and len(whole.text) <= MOST else None
