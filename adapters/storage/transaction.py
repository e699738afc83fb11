"""Every repository on one connection: what `Database.begin` and `Database.read` give."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.answers import Answers, Suggestions
from adapters.storage.follows import Follows, Links
from adapters.storage.forget import Forget
from adapters.storage.inbox import Inbox
from adapters.storage.letters import Letters
from adapters.storage.logs import Alerts, AuditLog, Journal, Log
from adapters.storage.members import Members
from adapters.storage.outbox import Outbox
from adapters.storage.questions import Questions
from adapters.storage.resources import Drafts, Resources, Vectors
from adapters.storage.volunteers import Channels, Volunteers
from adapters.storage.wire import Wire
from bot import ports


class SqlTransaction:
    """See bot.ports.Transaction. `connection` is for tables of other adapters' own (chat.py)."""

    def __init__(self, connection: AsyncConnection, wire: Wire, erased: Callable[[], None]) -> None:
        self.connection = connection
        self.inbox: ports.InboxStore = Inbox(connection, wire, erased)
        self.outbox: ports.OutboxStore = Outbox(connection, wire)
        self.questions: ports.QuestionStore = Questions(connection, erased)
        self.answers: ports.AnswerStore = Answers(connection)
        self.letters: ports.LetterStore = Letters(connection)
        self.suggestions: ports.SuggestionStore = Suggestions(connection)
        self.members: ports.MemberStore = Members(connection, Forget(connection, wire, erased))
        self.volunteers: ports.VolunteerStore = Volunteers(connection)
        self.channels: ports.ChannelStore = Channels(connection)
        self.resources: ports.ResourceStore = Resources(connection, wire)
        self.drafts: ports.DraftStore = Drafts(connection, wire)
        self.alerts: ports.AlertStore = Alerts(connection, wire)
        self.engagement: ports.EngagementStore = Log(connection)
        self.journal: ports.JournalStore = Journal(connection)
        self.audit: ports.AuditStore = AuditLog(connection)
        self.vectors: ports.VectorStore = Vectors(connection)
        self.follows: ports.FollowStore = Follows(connection)
        self.links: ports.LinkStore = Links(connection)
