"""`MemoryStore`: transactions over dicts, one writer at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any

from adapters.storage.memory.follows import Follows, Links
from adapters.storage.memory.inbox import Inbox
from adapters.storage.memory.knowledge import Drafts, Resources, Vectors
from adapters.storage.memory.logs import Alerts, AuditLog, Journal, Log
from adapters.storage.memory.outbox import Outbox
from adapters.storage.memory.people import Channels, Members, Volunteers
from adapters.storage.memory.questions import Answers, Letters, Questions, Suggestions
from adapters.storage.memory.state import State
from bot import ports


class MemoryTransaction:
    """See bot.ports.Transaction. A step needs few of its tables: each is made when it is first asked for."""

    def __init__(self, state: State) -> None:
        self._state = state

    @cached_property
    def inbox(self) -> ports.InboxStore:
        return Inbox(self._state)

    @cached_property
    def outbox(self) -> ports.OutboxStore:
        return Outbox(self._state)

    @cached_property
    def questions(self) -> ports.QuestionStore:
        return Questions(self._state)

    @cached_property
    def answers(self) -> ports.AnswerStore:
        return Answers(self._state)

    @cached_property
    def letters(self) -> ports.LetterStore:
        return Letters(self._state)

    @cached_property
    def suggestions(self) -> ports.SuggestionStore:
        return Suggestions(self._state)

    @cached_property
    def members(self) -> ports.MemberStore:
        return Members(self._state)

    @cached_property
    def volunteers(self) -> ports.VolunteerStore:
        return Volunteers(self._state)

    @cached_property
    def channels(self) -> ports.ChannelStore:
        return Channels(self._state)

    @cached_property
    def resources(self) -> ports.ResourceStore:
        return Resources(self._state)

    @cached_property
    def drafts(self) -> ports.DraftStore:
        return Drafts(self._state)

    @cached_property
    def alerts(self) -> ports.AlertStore:
        return Alerts(self._state)

    @cached_property
    def engagement(self) -> ports.EngagementStore:
        return Log(self._state)

    @cached_property
    def journal(self) -> ports.JournalStore:
        return Journal(self._state)

    @cached_property
    def audit(self) -> ports.AuditStore:
        return AuditLog(self._state)

    @cached_property
    def vectors(self) -> ports.VectorStore:
        return Vectors(self._state)

    @cached_property
    def follows(self) -> ports.FollowStore:
        return Follows(self._state)

    @cached_property
    def links(self) -> ports.LinkStore:
        return Links(self._state)


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

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ports.Transaction]:
        """See Store."""
        yield MemoryTransaction(State(self._committed, writable=False))
