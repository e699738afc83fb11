"""What the core needs from outside, as small Protocols in its own words. Adapters fit them; nothing inherits.

The Protocols stand by subject in ports_*.py; everybody takes them from here.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.ports_outside import Clock, DeliveryError, Directory, Messenger, Model, Painter, Reader
from bot.ports_people import ChannelStore, FollowStore, LinkStore, MemberStore, TrustStore, VolunteerStore
from bot.ports_post import InboxStore, OutboxStore
from bot.ports_questions import AnswerStore, LetterStore, QuestionStore, SuggestionStore
from bot.ports_records import (
    AlertStore,
    AuditStore,
    CalibrationStore,
    DraftStore,
    EngagementStore,
    JournalStore,
    ResourceStore,
    VectorStore,
)
from bot.ports_rights import AppointmentStore, SignInStore, UnmaskingStore

__all__ = [
    "AlertStore",
    "AnswerStore",
    "AppointmentStore",
    "AuditStore",
    "CalibrationStore",
    "ChannelStore",
    "Clock",
    "Conflict",
    "DeliveryError",
    "Directory",
    "DraftStore",
    "EngagementStore",
    "FollowStore",
    "InboxStore",
    "JournalStore",
    "LetterStore",
    "LinkStore",
    "MemberStore",
    "Messenger",
    "Model",
    "OutboxStore",
    "Painter",
    "QuestionStore",
    "Reader",
    "ResourceStore",
    "SignInStore",
    "Store",
    "StoreAway",
    "SuggestionStore",
    "Transaction",
    "TrustStore",
    "UnmaskingStore",
    "VectorStore",
    "VolunteerStore",
]


class Conflict(Exception):  # noqa: N818 -- reads as what happened
    """Somebody else saved this question in between: load it again and decide anew."""


class StoreAway(Exception):  # noqa: N818 -- reads as what happened
    """The store can not be reached or written just now. It says nothing about what was to be done: that is tried again,
    and never given up for it."""


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
    @property
    def sign_ins(self) -> SignInStore: ...
    @property
    def trusts(self) -> TrustStore: ...
    @property
    def appointments(self) -> AppointmentStore: ...
    @property
    def unmaskings(self) -> UnmaskingStore: ...
    @property
    def calibrations(self) -> CalibrationStore: ...


class Store(Protocol):
    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """To decide and change: one such transaction at a time, in all processes together."""
        ...

    def post(self) -> AbstractAsyncContextManager[Transaction]:
        """What arrives, claims, notes on single rows of inbox and outbox. Does not wait for those that decide where the
        database allows that."""
        ...

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent look without the writer's lock; writing through it is an error."""
        ...
