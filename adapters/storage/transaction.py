"""Every repository on one connection: what `Database.begin` and `Database.read` give."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.answers import Answers, Suggestions
from adapters.storage.calibrations import Calibrations
from adapters.storage.follows import Follows, Links
from adapters.storage.forget import Forget
from adapters.storage.inbox import Inbox
from adapters.storage.letters import Letters
from adapters.storage.logs import Alerts, AuditLog, Journal, Log
from adapters.storage.members import Members
from adapters.storage.outbox import Outbox
from adapters.storage.questions import Questions
from adapters.storage.resources import Drafts, Resources, Vectors
from adapters.storage.rights import Appointments, Unmaskings
from adapters.storage.sign_ins import SignIns
from adapters.storage.trusts import Trusts
from adapters.storage.volunteers import Channels, Volunteers
from adapters.storage.wire import Wire
from bot import ports


class SqlTransaction:
    """See bot.ports.Transaction. `connection` is for tables of other adapters' own (chat.py). A repository is made when
    it is first asked for: a step needs two or three of them. `holder` has the rows that are leased here, `speaks` says
    for which platforms wishes are. `news`: what other processes, if there are any, are told after the commit."""

    def __init__(
        self,
        connection: AsyncConnection,
        wire: Wire,
        erased: Callable[[], None],
        holder: int = 0,
        speaks: Collection[str] | None = None,
    ) -> None:
        self.connection = connection
        self.news: set[str] = set()
        self._wire = wire
        self._erased = erased
        self._holder = holder
        self._speaks = speaks

    def told(self) -> str:
        """The news as statements."""
        return "; ".join(f"NOTIFY winwin, '{word}'" for word in sorted(self.news))

    @cached_property
    def inbox(self) -> ports.InboxStore:
        return Inbox(self.connection, self._wire, self._erased, self._holder)

    @cached_property
    def outbox(self) -> ports.OutboxStore:
        return Outbox(self.connection, self._wire, self._holder, self._speaks, self.news)

    @cached_property
    def questions(self) -> ports.QuestionStore:
        return Questions(self.connection, self._erased, self._holder)

    @cached_property
    def answers(self) -> ports.AnswerStore:
        return Answers(self.connection)

    @cached_property
    def suggestions(self) -> ports.SuggestionStore:
        return Suggestions(self.connection)

    @cached_property
    def members(self) -> ports.MemberStore:
        return Members(self.connection, Forget(self.connection, self._wire, self._erased, self.news))

    @cached_property
    def volunteers(self) -> ports.VolunteerStore:
        return Volunteers(self.connection)

    @cached_property
    def channels(self) -> ports.ChannelStore:
        return Channels(self.connection)

    @cached_property
    def resources(self) -> ports.ResourceStore:
        return Resources(self.connection, self._wire, self.news)

    @cached_property
    def drafts(self) -> ports.DraftStore:
        return Drafts(self.connection, self._wire)

    @cached_property
    def alerts(self) -> ports.AlertStore:
        return Alerts(self.connection, self._wire)

    @cached_property
    def engagement(self) -> ports.EngagementStore:
        return Log(self.connection)

    @cached_property
    def journal(self) -> ports.JournalStore:
        return Journal(self.connection)

    @cached_property
    def audit(self) -> ports.AuditStore:
        return AuditLog(self.connection)

    @cached_property
    def vectors(self) -> ports.VectorStore:
        return Vectors(self.connection)

    @cached_property
    def letters(self) -> ports.LetterStore:
        return Letters(self.connection)

    @cached_property
    def follows(self) -> ports.FollowStore:
        return Follows(self.connection)

    @cached_property
    def links(self) -> ports.LinkStore:
        return Links(self.connection)

    @cached_property
    def sign_ins(self) -> ports.SignInStore:
        return SignIns(self.connection)

    @cached_property
    def trusts(self) -> ports.TrustStore:
        return Trusts(self.connection)

    @cached_property
    def appointments(self) -> ports.AppointmentStore:
        return Appointments(self.connection)

    @cached_property
    def unmaskings(self) -> ports.UnmaskingStore:
        return Unmaskings(self.connection)

    @cached_property
    def calibrations(self) -> ports.CalibrationStore:
        return Calibrations(self.connection, self.news)
