"""What the core needs from outside, as small Protocols in its own words. Adapters fit them; nothing inherits."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.cards import Address, Card, Posted
from bot.chart import Chart
from bot.community import (
    Answer,
    Audit,
    Channel,
    Engagement,
    JournalEntry,
    Letter,
    MemberRecord,
    QuestionFilter,
    Suggestion,
    VolunteerSettings,
)
from bot.curation import Draft
from bot.events import Member, MemberChanged, Place
from bot.post import Arrival, InboxRow, OutboxRow, Wish
from bot.question import Question
from bot.routing import Volunteer
from bot.safety.alerts import Alert
from knowledge.resources import Resource


class DeliveryError(Exception):
    """A platform did not take what was sent. `permanent` means trying again is of no use."""

    def __init__(self, reason: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after  # seconds the platform asked us to wait


class Conflict(Exception):  # noqa: N818 -- reads as what happened
    """Somebody else saved this question in between: load it again and decide anew."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class Messenger(Protocol):
    """One platform's mouth. All of them raise DeliveryError and nothing else."""

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        """`key` is the same when the same wish is sent again: the platform's help against posting twice. `tried`: how
        often it was tried before, also by a process that was killed; any of these tries may have gone through."""
        ...

    async def send_picture(self, to: Address, card: Card, png: bytes, alt: str, key: str, *, tried: int = 0) -> Posted:
        """Like `send`, with a picture under the card; `alt` says in words what there is to see."""
        ...

    async def revise(self, posted: Posted, card: Card) -> None: ...

    def link(self, place: Place) -> str:
        """An address a person can open to see the message."""
        ...


class Directory(Protocol):
    """One platform's word on who people and channels are. Raises DeliveryError."""

    async def person(self, member: Member, space: str) -> MemberChanged | None:
        """`space`: where they were seen, which need not be their own. None: the platform does not say."""
        ...

    async def channel(self, place: Place) -> str:
        """The channel's name; empty where the platform does not say."""
        ...


class Painter(Protocol):
    """Draws charts, off the event loop."""

    async def paint(self, chart: Chart) -> bytes:
        """A PNG of at most 1,000 by 1,000 pixels."""
        ...


class Model(Protocol):
    """The sentence model, off the event loop and in batches."""

    def embed(self, texts: Sequence[str]) -> Awaitable[NDArray[np.float32]]:
        """Shape (n, d), unit rows."""
        ...


class InboxStore(Protocol):
    async def add(self, arrivals: Sequence[Arrival], now: datetime, leased_until: datetime) -> list[InboxRow]:
        """Store what is new and lease it to the caller. Left out of what comes back: a repeat (same key), and what
        has to wait for an earlier row of its thread that nobody holds just now (claim gives it after that one)."""
        ...

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[InboxRow]:
        """Lease the oldest unhandled rows, crises first, at most one of a thread, none behind an unfinished row of
        its thread (a crisis waits only for an earlier crisis). Two callers never get the same row."""
        ...

    async def finish(self, ids: Sequence[int], now: datetime) -> None:
        """Handled: the words are emptied, the key stays to end repeats."""
        ...

    async def retry(self, row_id: int, due_at: datetime, error: str) -> None: ...

    async def park(self, row_id: int, now: datetime, error: str) -> None:
        """Out of the way of its neighbours; a moderator is told. Its words are emptied with retention."""
        ...

    async def waiting(self) -> int: ...

    async def release(self) -> None:
        """Let go of every lease: at the start of the only process there is."""
        ...

    async def by(self, author: str) -> list[InboxRow]:
        """What a member has sent and nobody has handled yet, parked rows too, oldest first."""
        ...

    async def forget_keys(self, before: datetime) -> int:
        """Drop rows that were handled or parked before that moment, with all they hold; returns how many."""
        ...


class OutboxStore(Protocol):
    async def add(self, wishes: Sequence[Wish], now: datetime, leased_until: datetime) -> list[OutboxRow]:
        """Store and lease to the caller those that may be delivered at once (no earlier undelivered row in their
        lane); the others wait. A wish with a known key is left out."""
        ...

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[OutboxRow]:
        """Lease due rows, oldest first, at most one of a lane, none behind an undelivered row of its lane. Adds one
        to `attempts`."""
        ...

    async def delivered(self, row_id: int, now: datetime, posted: Posted | None) -> None: ...

    async def retry(self, row_id: int, due_at: datetime, error: str) -> None: ...

    async def park(self, row_id: int, now: datetime, error: str) -> None: ...

    async def drop(self, row_id: int, now: datetime, reason: str) -> None:
        """Not sent, because it is no longer true."""
        ...

    async def posted(self, kind: str, about: str, to: str = "") -> Posted | None:
        """Where the latest delivered card of this kind went."""
        ...

    async def of(self, about: str) -> list[OutboxRow]:
        """Everything wished about a question, draft or alert, oldest first."""
        ...

    async def by_message(self, platform: str, channel: str, message: str) -> OutboxRow | None:
        """The wish behind a message of the bot."""
        ...

    async def to(self, member: str) -> list[OutboxRow]:
        """Everything wished for one member, oldest first."""
        ...

    async def waiting(self) -> int: ...

    async def parked(self) -> list[OutboxRow]: ...

    async def release(self) -> None:
        """Let go of every lease: at the start of the only process there is."""
        ...


class QuestionStore(Protocol):
    async def add(self, question: Question) -> None: ...

    async def save(self, question: Question) -> None:
        """Raises Conflict unless the stored version is one less than `question.version`."""
        ...

    async def get(self, question_id: str) -> Question | None: ...

    async def in_threads(self, threads: Sequence[str]) -> dict[str, Question]:
        """By thread key (Place.thread_key)."""
        ...

    async def due(self, now: datetime, limit: int) -> list[tuple[str, datetime]]:
        """(id, deadline) of questions whose deadline has come, oldest first."""
        ...

    async def find(self, wanted: QuestionFilter) -> list[Question]:
        """Oldest first."""
        ...

    async def drop_texts(self, closed_before: datetime) -> int:
        """Empty the words of questions closed before that moment, of their answers and of their letters."""
        ...


class AnswerStore(Protocol):
    async def put(self, answer: Answer) -> None:
        """Add, or replace the one at the same place."""
        ...

    async def at(self, place_key: str) -> Answer | None: ...

    async def of(self, question_id: str) -> list[Answer]: ...

    async def by(self, member: str) -> list[Answer]:
        """Oldest first."""
        ...

    async def remove(self, place_key: str) -> None: ...


class LetterStore(Protocol):
    """What people of one question write to each other through the bot."""

    async def put(self, letter: Letter) -> None:
        """Add, or replace the one with the same id."""
        ...

    async def get(self, letter_id: str) -> Letter | None: ...

    async def of(self, question_id: str) -> list[Letter]:
        """Oldest first."""
        ...

    async def remove(self, letter_id: str) -> None: ...


class SuggestionStore(Protocol):
    async def put(self, question_id: str, suggestions: Sequence[Suggestion]) -> None:
        """Replace what was suggested for the question."""
        ...

    async def of(self, question_id: str) -> list[Suggestion]:
        """Best first."""
        ...


class MemberStore(Protocol):
    async def seen(self, members: Iterable[tuple[Member, str]], now: datetime) -> None:
        """Add those not known yet, each their own person; a name that is given replaces the old one."""
        ...

    async def get(self, keys: Sequence[str]) -> dict[str, MemberRecord]: ...

    async def save(self, record: MemberRecord) -> None: ...

    async def with_role(self, role: str) -> list[MemberRecord]: ...

    async def all(self) -> list[MemberRecord]: ...

    async def forget(self, key: str, now: datetime) -> list[Resource]:
        """Erase the member's words and name everywhere in the store; counts stay under a pseudonym. Returns the
        resources that changed by it (most are retired), for the search index."""
        ...


class VolunteerStore(Protocol):
    async def save(self, settings: VolunteerSettings) -> None: ...

    async def get(self, member: str) -> VolunteerSettings | None: ...

    async def pool(self, now: datetime) -> tuple[Volunteer, ...]:
        """Everybody who volunteers, with how often they were asked in the last seven days and what they hold."""
        ...


class ChannelStore(Protocol):
    async def get(self, key: str) -> Channel | None: ...

    async def save(self, channel: Channel) -> None: ...

    async def all(self) -> list[Channel]: ...


class ResourceStore(Protocol):
    async def put(self, resources: Sequence[Resource], now: datetime) -> list[Resource]:
        """Add or replace; an unchanged one keeps its version, a changed one gets the next. Returns the changed ones."""
        ...

    async def get(self, ids: Sequence[str]) -> dict[str, Resource]: ...

    async def all(self) -> list[Resource]: ...

    async def versions(self) -> dict[str, int]:
        """The version of every resource, by id."""
        ...

    async def edits(self) -> tuple[int, int]:
        """How many resources there are, and the sum of their versions: any change of a resource changes it. A cheap
        look for what another process has done."""
        ...


class DraftStore(Protocol):
    async def save(self, draft: Draft) -> None: ...

    async def get(self, draft_id: str) -> Draft | None: ...

    async def all(self) -> list[Draft]:
        """Newest first."""
        ...


class AlertStore(Protocol):
    async def save(self, alert: Alert) -> None: ...

    async def get(self, alert_id: str) -> Alert | None: ...

    async def due(self, now: datetime, limit: int) -> list[Alert]: ...

    async def open(self) -> list[Alert]: ...

    async def about(self, author: str) -> list[Alert]:
        """Every alert a member's message has raised, oldest first."""
        ...

    async def at(self, place: Place) -> list[Alert]:
        """Those that are not settled yet, about what stands at this place."""
        ...


class EngagementStore(Protocol):
    async def add(self, rows: Sequence[Engagement]) -> None:
        """Append; a row with a known key is left out."""
        ...

    async def all(self) -> list[Engagement]:
        """Oldest first, with the person each member is now."""
        ...


class JournalStore(Protocol):
    async def add(self, entries: Sequence[JournalEntry]) -> None: ...

    async def of(self, question_id: str) -> list[JournalEntry]: ...


class AuditStore(Protocol):
    async def append(self, entries: Sequence[Audit]) -> None:
        """Each row carries the hash of the row before it."""
        ...

    async def all(self) -> list[Audit]: ...

    async def verify(self) -> int | None:
        """The number of the first row whose hash does not fit, or None when the chain is whole."""
        ...


class FollowStore(Protocol):
    """Who follows which topic, and what each has not been told yet. A member who is forgotten follows nothing."""

    async def follow(self, member: str, topic: str, now: datetime) -> bool:
        """Returns whether that is new."""
        ...

    async def unfollow(self, member: str, topic: str) -> bool:
        """Returns whether they did. What they were to be told about the topic is looked at again when it is told."""
        ...

    async def of(self, member: str) -> tuple[str, ...]:
        """The topics they follow, in order of the alphabet."""
        ...

    async def followers(self, topics: Sequence[str]) -> tuple[str, ...]:
        """Whoever follows one of them, in order of the alphabet."""
        ...

    async def note(self, members: Sequence[str], resource: str, now: datetime) -> None:
        """They are to be told of the resource; noted twice, they are told once."""
        ...

    async def untold(self, told_before: datetime, limit: int) -> dict[str, tuple[str, ...]]:
        """By member the resources to tell of, first noted first; only members told nothing since `told_before`."""
        ...

    async def told(self, member: str, now: datetime) -> None:
        """Everything noted for the member has been put into words."""
        ...


class LinkStore(Protocol):
    """One-time codes that make two accounts one person, by their hash only, and the tries at them."""

    async def add(self, code_hash: str, member: str, until: datetime) -> None: ...

    async def maker(self, code_hash: str, now: datetime) -> str:
        """Whose code it is; empty when there is none, or its time is over."""
        ...

    async def spend(self, member: str) -> None:
        """No code of that member is of use any more."""
        ...

    async def tried(self, member: str, now: datetime) -> None: ...

    async def tries(self, member: str, since: datetime) -> int: ...

    async def clear(self, before: datetime) -> None:
        """Drop the codes whose time was over before that moment, and the tries from before it."""
        ...


class VectorStore(Protocol):
    async def load(self, model: str, hashes: Sequence[str] | None = None) -> dict[str, NDArray[np.float32]]:
        """Those of the hashes that are known; every vector of the model when none are named."""
        ...

    async def put(self, model: str, vectors: Mapping[str, NDArray[np.float32]]) -> None: ...


class Transaction(Protocol):
    """Everything in one transaction: it is committed when the block ends, rolled back when it raises."""

    @property
    def inbox(self) -> InboxStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def questions(self) -> QuestionStore: ...
    @property
    def answers(self) -> AnswerStore: ...
    @property
    def suggestions(self) -> SuggestionStore: ...
    @property
    def members(self) -> MemberStore: ...
    @property
    def volunteers(self) -> VolunteerStore: ...
    @property
    def channels(self) -> ChannelStore: ...
    @property
    def resources(self) -> ResourceStore: ...
    @property
    def drafts(self) -> DraftStore: ...
    @property
    def alerts(self) -> AlertStore: ...
    @property
    def engagement(self) -> EngagementStore: ...
    @property
    def journal(self) -> JournalStore: ...
    @property
    def audit(self) -> AuditStore: ...
    @property
    def vectors(self) -> VectorStore: ...
    @property
    def letters(self) -> LetterStore: ...
    @property
    def follows(self) -> FollowStore: ...
    @property
    def links(self) -> LinkStore: ...


class Store(Protocol):
    def begin(self) -> AbstractAsyncContextManager[Transaction]: ...

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent look without the writer's lock; writing through it is an error."""
        ...
