"""What comes from Slack: committed first, acknowledged then, and no event waits for a call to Slack. Forms are opened
at once, because a trigger is short-lived; what takes longer than an acknowledgement may goes on in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog

from adapters.slack import inbound
from adapters.slack.at_home import AtHomeOnSlack
from adapters.slack.inbound import HomeOpened, Uninstalled
from adapters.slack.inbound_interactions import interaction
from adapters.slack.installations import Installations
from adapters.slack.messenger import SlackMessenger
from adapters.slack.opening import Opening
from adapters.slack.orders import Orders
from adapters.slack.wanted import Interaction, LookAtBoard
from bot.events import FormSubmitted, PlatformEvent
from bot.ports import Clock
from bot.surfaces.wanted import Ordered

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]
Answer = Mapping[str, Any] | None

OPENED = 1.0  # seconds that an acknowledgement waits for a form to be open: Slack wants it within three

_log = structlog.get_logger("winwin.slack")


class Listener:
    """`receive` returns when the facts are committed; until then Slack is told nothing."""

    def __init__(
        self,
        receive: Receive,
        installations: Installations,
        messenger: SlackMessenger,
        opening: Opening,
        orders: Orders,
        home: AtHomeOnSlack,
        clock: Clock,
    ) -> None:
        self._receive = receive
        self._installations = installations
        self._messenger = messenger
        self._opening = opening
        self._orders = orders
        self._home = home
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()

    async def take(self, payload: Mapping[str, Any], bot_user: str) -> Answer:
        """One payload of any kind. What it returns is the body of the acknowledgement."""
        if "event" in payload:
            await self._event(payload, bot_user)
            return None
        wanted = interaction(payload, self._clock.now(), bot_user)
        return await self._interaction(wanted) if wanted is not None else None

    async def close(self) -> None:
        """Let what is under way end."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _event(self, payload: Mapping[str, Any], bot_user: str) -> None:
        fact = inbound.heard(payload, bot_user)
        match fact:
            case None:
                return
            case HomeOpened():
                self._later(self._home.opened(fact.member, fact.workspace))
            case Uninstalled():
                _log.warning("uninstalled", space=fact.workspace.space)
                await self._installations.removed(fact.workspace)
            case _:
                await self._receive([fact])

    async def _interaction(self, wanted: Interaction) -> Answer:
        whence = wanted.whence
        if whence.alone and whence.response_url and whence.message:
            self._messenger.answer_through(whence.response_url, whence.channel, whence.message)
        for fact in wanted.facts:
            if isinstance(fact, FormSubmitted) and (problems := await self._opening.problems(fact)):
                return {"response_action": "errors", "errors": problems}
        if wanted.facts:
            await self._receive(wanted.facts)
            self._later(self._home.changed(whence.member))
        match wanted.opens:
            case None:
                pass
            case LookAtBoard(looking):
                self._later(self._home.looked(whence.member, whence.workspace, looking))
            case Ordered() as order:
                self._later(self._orders.carry_out(order, whence))
            case opens:
                await asyncio.wait([self._later(self._opening.open(opens, whence))], timeout=OPENED)
        return None

    def _later(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(_recorded(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task


async def _recorded(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # nobody waits for it: what was committed stays, and they can ask again
        _log.exception("slack_work_broke")
