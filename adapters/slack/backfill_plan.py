"""What to read next of what was missed, and what a page of a history says. Pure.

Histories are read on from a channel's mark: with `oldest` as its only bound Slack pages forward, each page newest
first. A server that pages back instead is read to the end before the mark moves, so nothing is skipped either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from adapters.slack.identity import Workspace, part, word
from adapters.slack.inbound import place_of, posted, when
from bot.events import MessageDeleted, MessageEdited, MessagePosted, Place, PlatformEvent

HISTORY, REPLIES = "conversations.history", "conversations.replies"
ENOUGH = 60.0  # seconds between two calls, at most, however often Slack refuses


@dataclass(frozen=True, slots=True)
class Room:
    """A channel the bot is in. `mark`: read up to here; empty: never read."""

    channel: str
    direct: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """The thread of a question: its place, and the messages in it that the community's store holds as answers."""

    place: Place
    asked_at: datetime
    direct: bool = False
    answers: tuple[Place, ...] = ()
    by_bot: bool = False  # the first message is the bot's own: asked without a name


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to read, and how far it has come. `newest`: the newest message of the pages before this one."""

    room: Room
    talk: Talk | None = None  # its replies; without one, the channel's history
    cursor: str = ""
    newest: str = ""
    seen: frozenset[str] = frozenset()  # messages of the thread that stood on earlier pages

    @property
    def method(self) -> str:
        return HISTORY if self.talk is None else REPLIES


@dataclass(frozen=True, slots=True)
class Found:
    """What a page says. `mark`: how far the channel is read once `facts` are safe; `next`: what to read on with."""

    facts: tuple[PlatformEvent, ...] = ()
    mark: str = ""
    next: Look | None = None
    talks: tuple[Talk, ...] = ()  # threads that grew while nobody listened


def looks(rooms: Iterable[Room], talks: Iterable[Talk]) -> tuple[Look, ...]:
    """Where somebody wrote lately comes first; then the threads, the newest question first."""
    read = sorted((r for r in rooms if r.mark), key=lambda r: float(r.mark), reverse=True)
    threads = sorted(talks, key=lambda t: t.asked_at, reverse=True)
    return (
        *(Look(room) for room in read),
        *(Look(Room(t.place.channel, t.direct), t) for t in threads),
    )


def read(look: Look, messages: Sequence[Mapping[str, Any]], cursor: str, here: Workspace, now: datetime) -> Found:
    """What a page of the look says."""
    if look.talk is None:
        return _of_history(look, messages, cursor, here)
    return _of_thread(look, look.talk, messages, cursor, here, now)


def _of_history(look: Look, messages: Sequence[Mapping[str, Any]], cursor: str, here: Workspace) -> Found:
    room = look.room
    fresh = [m for m in messages if _later(word(m.get("ts")), room.mark)]
    facts = [fact for m in reversed(fresh) for fact in facts_of(m, room.channel, here, direct=room.direct)]
    stamps = sorted((word(m.get("ts")) for m in fresh), key=float)
    newest = max(filter(None, (look.newest, *stamps[-1:])), key=float, default="")
    forward = bool(look.newest and stamps and _later(stamps[0], look.newest))
    mark = newest if newest and (not cursor or forward) else ""
    following = replace(look, cursor=cursor, newest=newest) if cursor else None
    talks = tuple(t for m in fresh if (t := _grown(m, room, here)) is not None)
    return Found(tuple(facts), mark, following, talks)


def _grown(message: Mapping[str, Any], room: Room, here: Workspace) -> Talk | None:
    """A thread under a message that was missed itself."""
    ts, at = word(message.get("ts")), when(message.get("ts"))
    if at is None or not _later(word(message.get("latest_reply")), room.mark):
        return None
    return Talk(place_of(room.channel, ts, "", here), at, room.direct)


def _of_thread(
    look: Look, talk: Talk, messages: Sequence[Mapping[str, Any]], cursor: str, here: Workspace, now: datetime
) -> Found:
    root = talk.place.message
    first = next((m for m in messages if word(m.get("ts")) == root), None)
    if first is not None and word(first.get("subtype")) == "tombstone":
        facts: tuple[PlatformEvent, ...] = () if talk.by_bot else (MessageDeleted(talk.place, now),)
        return Found(facts)
    said = [f for m in messages for f in facts_of(m, look.room.channel, here, direct=look.room.direct, thread=root)]
    seen = look.seen | {word(m.get("ts")) for m in messages}
    if cursor:
        return Found(tuple(said), next=replace(look, cursor=cursor, seen=seen))
    whole = root in seen  # a list without its head is no proof that anything is gone
    gone = [MessageDeleted(p, now) for p in talk.answers if whole and p.message not in seen]
    return Found((*said, *gone))


def vanished(talk: Talk, now: datetime) -> tuple[PlatformEvent, ...]:
    """Slack has said that there is no such thread."""
    return () if talk.by_bot else (MessageDeleted(talk.place, now),)


def facts_of(
    message: Mapping[str, Any], channel: str, here: Workspace, *, direct: bool, thread: str = ""
) -> Iterable[PlatformEvent]:
    """The facts that events would have brought, with the same keys: that it was posted, and its last edit."""
    said = posted(message, channel, here, direct=direct)
    if said is None or (thread and said.place.thread != thread):
        return
    yield said
    edited = when(part(message.get("edited")).get("ts"))
    if edited is not None:
        yield MessageEdited(said.place, said.author, said.text, edited, direct=said.direct)


def missed(facts: Iterable[PlatformEvent], heard: Mapping[str, object], since: datetime, until: datetime) -> int:
    """How many messages of a time when somebody listened were not heard."""
    return sum(isinstance(f, MessagePosted) and since < f.at < until and f.key not in heard for f in facts)


def _later(ts: str, mark: str) -> bool:
    return when(ts) is not None and (not mark or float(ts) > float(mark))


@dataclass(slots=True)
class Pace:
    """How often a method may be called: as often as one likes until Slack says otherwise, then as often as it takes."""

    _spacing: float = 0.0
    _free_at: float = field(default=0.0)
    _well: int = 0

    def wait(self, now: float) -> float:
        return max(0.0, self._free_at - now)

    def went(self, now: float) -> None:
        """A call went through. After twenty in a row the distance is halved: limits are lifted, too."""
        self._well += 1
        if self._well >= 20:
            self._spacing, self._well = self._spacing / 2 if self._spacing > 1 else 0.0, 0
        self._free_at = now + self._spacing

    def refused(self, retry_after: float, now: float) -> None:
        self._well = 0
        self._spacing = min(self._spacing + retry_after, ENOUGH)
        self._free_at = now + retry_after

    def later(self, seconds: float, now: float) -> None:
        """Slack did not answer."""
        self._free_at = now + seconds
