"""`MemoryStore`: transactions over dicts, one writer at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Generic, TypeVar

from adapters.storage.memory.calibrations import Calibrations
from adapters.storage.memory.follows import Follows, Links
from adapters.storage.memory.inbox import Inbox
from adapters.storage.memory.knowledge import Drafts, Resources, Vectors
from adapters.storage.memory.logs import Alerts, AuditLog, Journal, Log
from adapters.storage.memory.outbox import Outbox
from adapters.storage.memory.people import Channels, Members, Trusts, Volunteers
from adapters.storage.memory.questions import Answers, Letters, Questions, Suggestions
from adapters.storage.memory.rights import Appointments, Unmaskings
from adapters.storage.memory.sign_ins import SignIns
from adapters.storage.memory.state import State
from bot import ports

P = TypeVar("P")


class _Part(Generic[P]):
    """A part of a transaction, made when it is first asked for: a step needs few of them. As functools.cached_property,
    without its lock."""

    def __init__(self, make: Callable[[State], P]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, transaction: MemoryTransaction, owner: type) -> P:
        part = self._make(transaction.state)
        transaction.__dict__[self._name] = part
        return part


class MemoryTransaction:
    """See bot.ports.Transaction."""

    def __init__(self, state: State) -> None:
        self.state = state

    inbox = _Part[ports.InboxStore](Inbox)
    outbox = _Part[ports.OutboxStore](Outbox)
    questions = _Part[ports.QuestionStore](Questions)
    answers = _Part[ports.AnswerStore](Answers)
    letters = _Part[ports.LetterStore](Letters)
    suggestions = _Part[ports.SuggestionStore](Suggestions)
    members = _Part[ports.MemberStore](Members)
    volunteers = _Part[ports.VolunteerStore](Volunteers)
    channels = _Part[ports.ChannelStore](Channels)
    resources = _Part[ports.ResourceStore](Resources)
    drafts = _Part[ports.DraftStore](Drafts)
    alerts = _Part[ports.AlertStore](Alerts)
    engagement = _Part[ports.EngagementStore](Log)
    journal = _Part[ports.JournalStore](Journal)
    audit = _Part[ports.AuditStore](AuditLog)
    vectors = _Part[ports.VectorStore](Vectors)
    follows = _Part[ports.FollowStore](Follows)
    links = _Part[ports.LinkStore](Links)
    sign_ins = _Part[ports.SignInStore](SignIns)
    trusts = _Part[ports.TrustStore](Trusts)
    appointments = _Part[ports.AppointmentStore](Appointments)
    unmaskings = _Part[ports.UnmaskingStore](Unmaskings)
    calibrations = _Part[ports.CalibrationStore](Calibrations)


class MemoryStore:
    """See bot.ports.Store. Lives as long as the object."""

    def __init__(self) -> None:
        self._committed: dict[str, dict[Any, Any]] = {}
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[ports.Transaction]:
        """See Store."""
        async with self._writer:
            state = State(self._committed, writable=True)
            yield MemoryTransaction(state)
            self._committed = {**self._committed, **state.changes()}

    def post(self) -> AbstractAsyncContextManager[ports.Transaction]:
        """See Store."""
        return self.begin()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ports.Transaction]:
        """See Store."""
        yield MemoryTransaction(State(self._committed, writable=False))
