"""`MemoryStore`: transactions over dicts, one writer at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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
    """See bot.ports.Transaction."""

    def __init__(self, state: State) -> None:
        self.inbox: ports.InboxStore = Inbox(state)
        self.outbox: ports.OutboxStore = Outbox(state)
        self.questions: ports.QuestionStore = Questions(state)
        self.answers: ports.AnswerStore = Answers(state)
        self.letters: ports.LetterStore = Letters(state)
        self.suggestions: ports.SuggestionStore = Suggestions(state)
        self.members: ports.MemberStore = Members(state)
        self.volunteers: ports.VolunteerStore = Volunteers(state)
        self.channels: ports.ChannelStore = Channels(state)
        self.resources: ports.ResourceStore = Resources(state)
        self.drafts: ports.DraftStore = Drafts(state)
        self.alerts: ports.AlertStore = Alerts(state)
        self.engagement: ports.EngagementStore = Log(state)
        self.journal: ports.JournalStore = Journal(state)
        self.audit: ports.AuditStore = AuditLog(state)
        self.vectors: ports.VectorStore = Vectors(state)
        self.follows: ports.FollowStore = Follows(state)
        self.links: ports.LinkStore = Links(state)


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
