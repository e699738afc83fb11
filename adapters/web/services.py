"""What the web community is given by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from prometheus_client import CollectorRegistry

from adapters.web.chat import ChatStore
from adapters.web.client import path_of
from adapters.web.live import Viewers
from adapters.web.people import Person
from bot.community import Topic
from bot.events import Place, PlatformEvent
from bot.lookups import Lookups
from bot.ports import Store
from bot.report import Report


class CommunityClock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def advance(self, by: timedelta) -> datetime:
        """Move the community's time forward, and say what it is then; only called when `Services.demo` is true."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """`receive` returns when the facts are committed; what the bot does about them comes through the messenger.

    `settle` returns when the desk has nothing left to do at the present time of the clock. `report` gives it as it may
    be shown: what is too small to show is taken out before (bot.small_cells).
    """

    store: Store
    chat: ChatStore
    clock: CommunityClock
    receive: Callable[[Sequence[PlatformEvent]], Awaitable[None]]
    settle: Callable[[], Awaitable[None]]
    ready: Callable[[], bool]
    report: Callable[[], Awaitable[Report]]
    lookups: Lookups
    topics: Sequence[Topic]
    people: Sequence[Person]
    sample_questions: Sequence[str]
    secret_key: str  # signs the cookies
    version: str
    viewers: Viewers = field(default_factory=Viewers)  # the messenger wakes the same ones
    metrics: CollectorRegistry = field(default_factory=CollectorRegistry)
    hosts: Sequence[str] = ()  # host names to answer to, besides this machine's own
    demo: bool = True  # the clock can be moved
    local: bool = True  # a community of its own, in which anybody can be anyone; else the pages of members elsewhere
    secure: bool = False  # reached over https alone
    api_token: str = ""  # what programs show; without one, only those of this machine are known
    address: Callable[[Place], str] = path_of  # where people open what stands in a chat; empty where there is no way
