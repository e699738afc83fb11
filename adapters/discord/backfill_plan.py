"""What to read next of what was missed, and what a page of a history says. Pure.

A channel is read forward from its mark, then the threads in it that grew, then the threads of questions that are alive,
from their beginning: what was changed or deleted there is seen. The mark moves when all of a channel is read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.events import MessageDeleted, MessageEdited, MessagePosted, Place, PlatformEvent

Json = Mapping[str, Any]
Posted = Callable[[Json, str], MessagePosted | None]  # a message, and the thread it belongs to by reference

PAGE = 100
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)  # an id says how many milliseconds after it was made
TEXT, FORUM = frozenset({0, 5}), frozenset({15, 16})


class Kind(StrEnum):
    CHANNEL = "channel"
    THREAD = "thread"
    ONE = "one"  # a single message: is it still there, and as it was?


@dataclass(frozen=True, slots=True)
class Room:
    """A channel the bot hears. `mark`: read up to this id."""

    guild: str
    channel: str
    mark: str
    forum: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """A question that is alive, and its answers that the community's store holds."""

    place: Place
    asked_at: datetime
    answers: tuple[Place, ...] = ()
    by_bot: bool = False  # the first message is the bot's own: asked without a name


@dataclass(frozen=True, slots=True)
class Look:
    """One page to read. `source`: the channel or thread it stands in; `seen`: the messages of the pages before."""

    kind: Kind
    room: Room
    source: str
    after: str = "0"
    talk: Talk | None = None
    place: Place | None = None  # of ONE
    seen: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Found:
    """What a page says, and what to read after it."""

    facts: tuple[PlatformEvent, ...] = ()
    then: tuple[Look, ...] = ()


def id_at(moment: datetime) -> str:
    """The id of what would have been written at that moment."""
    return str(max(0, int((moment - EPOCH) / timedelta(milliseconds=1))) << 22)


def looks(room: Room, channel: Json, threads: Iterable[Json], talks: Iterable[Talk]) -> tuple[Look, ...]:
    """What there is to read of a channel. `threads`: those that Discord names, of any channel."""
    found: list[Look] = []
    if not room.forum and later(channel.get("last_message_id"), room.mark):
        found.append(Look(Kind.CHANNEL, room, room.channel, room.mark))
    mine = sorted((t for t in talks if t.place.channel == room.channel), key=lambda t: t.asked_at, reverse=True)
    whole = {talk.place.thread for talk in mine}
    for thread in threads:
        own = str(thread.get("id") or "")
        grown = str(thread.get("parent_id")) == room.channel and later(thread.get("last_message_id"), room.mark)
        missed = not room.forum and later(own, room.mark)  # then it hangs on a message that the channel's pages bring
        if grown and own not in whole and not missed:
            found.append(Look(Kind.THREAD, room, own, room.mark))
    for talk in mine:
        if not room.forum:
            found.append(Look(Kind.ONE, room, room.channel, talk=talk, place=talk.place))
        found.append(Look(Kind.THREAD, room, talk.place.thread, talk=talk))
    return tuple(found)


def read(look: Look, messages: Sequence[Json], posted: Posted, known: Collection[str], now: datetime) -> Found:
    """What a page says, oldest first. `known`: ids of messages that are questions."""
    page = sorted((m for m in messages if _number(m.get("id"))), key=lambda m: int(str(m["id"])))
    facts = [fact for m in page for fact in _facts(m, posted, _thread(m, page, known, look))]
    if look.kind is Kind.ONE:
        return Found(tuple(facts))
    seen = look.seen | {str(m["id"]) for m in page} if look.talk is not None else look.seen
    then: list[Look] = []
    if look.kind is Kind.CHANNEL:
        then += [Look(Kind.THREAD, look.room, str(m["id"])) for m in page if isinstance(m.get("thread"), dict)]
    if len(page) >= PAGE:
        return Found(tuple(facts), (replace(look, after=str(page[-1]["id"]), seen=seen), *then))
    return Found((*facts, *_gone(look, seen, now)), (*then, *_doubtful(look, seen)))


def without(look: Look, now: datetime) -> Found:
    """Discord has said that there is no such message, or no such thread."""
    if look.kind is Kind.ONE and look.place is not None:
        ours = look.talk is not None and look.talk.by_bot and look.place == look.talk.place
        return Found(() if ours else (MessageDeleted(look.place, now),))
    return Found(_gone(look, frozenset(), now), _doubtful(look, frozenset()))


def _gone(look: Look, seen: frozenset[str], now: datetime) -> tuple[PlatformEvent, ...]:
    """In a forum everything of a question stands in its thread, the question first."""
    talk = look.talk
    if talk is None or look.kind is not Kind.THREAD or not look.room.forum:
        return ()
    root = () if talk.by_bot or talk.place.message in seen else (talk.place,)
    return tuple(MessageDeleted(p, now) for p in (*root, *talk.answers) if p.message not in seen)


def _doubtful(look: Look, seen: frozenset[str]) -> tuple[Look, ...]:
    """In a text channel an answer may stand outside the thread, by reference."""
    talk = look.talk
    if talk is None or look.kind is not Kind.THREAD or look.room.forum:
        return ()
    absent = [p for p in talk.answers if p.message not in seen]
    return tuple(Look(Kind.ONE, look.room, look.room.channel, talk=talk, place=p) for p in absent)


def _thread(message: Json, page: Sequence[Json], known: Collection[str], look: Look) -> str:
    """The question that a message answers by reference, where it is known or stands on the same page."""
    if look.place is not None:
        return look.place.thread
    if look.kind is not Kind.CHANNEL:
        return ""
    on_page = {str(m["id"]): m for m in page}
    root, at = "", message
    for _ in range(3):  # an answer to an answer, and no ring
        reference = at.get("message_reference")
        to = str(reference.get("message_id") or "") if isinstance(reference, dict) else ""
        if to in known:
            return to
        if to not in on_page:
            return root
        root, at = to, on_page[to]
    return root


def _facts(message: Json, posted: Posted, thread: str) -> Iterable[PlatformEvent]:
    """The facts that events would have brought, with the same keys: that it was posted, and its last edit."""
    said = posted(message, thread)
    if said is None:
        return
    yield said
    try:
        edited = datetime.fromisoformat(str(message.get("edited_timestamp")))
    except ValueError:
        return
    if edited.tzinfo is not None:
        at = edited.astimezone(UTC)
        yield MessageEdited(said.place, said.author, said.text, at, direct=said.direct, about=said.about)


def later(one: object, mark: str) -> bool:
    return _number(one) > _number(mark)


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else 0
