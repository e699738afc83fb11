"""Who people and channels are: what Slack says of them, asked once and then followed through its events."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

from adapters.slack.client import SlackApi
from adapters.slack.identity import Workspace, part, word
from adapters.slack.inbound import member_changed
from adapters.slack.installations import Installations
from bot.events import (
    BotInvited,
    ButtonPressed,
    FormSubmitted,
    Member,
    MemberChanged,
    MemberJoined,
    MessagePosted,
    PlatformEvent,
)
from bot.ports import Clock, DeliveryError

AT_ONCE = 0.2  # seconds a fact may wait for its author's name: the acknowledgement must not be late
KNOWN = 20_000  # people remembered at most

_log = structlog.get_logger("winwin.slack")


class Directory:
    """`later` is told what comes too late to be committed together with the fact it belongs to."""

    def __init__(
        self,
        api: SlackApi,
        installations: Installations,
        clock: Clock,
        later: Callable[[Sequence[PlatformEvent]], Awaitable[None]],
    ) -> None:
        self._api = api
        self._installations = installations
        self._clock = clock
        self._later = later
        self._known: OrderedDict[str, None] = OrderedDict()
        self._under_way: set[asyncio.Task[None]] = set()

    async def with_names(self, fact: PlatformEvent, workspace: Workspace) -> list[PlatformEvent]:
        """The fact, and before it what Slack says of a person who is new to this process."""
        if isinstance(fact, MemberChanged):
            self._note(fact.member)
            return [fact]
        if isinstance(fact, BotInvited):
            return [replace(fact, name=await self._channel_name(fact.place.channel, workspace))]
        who = _who(fact)
        if who is None or who.key in self._known:
            return [fact]
        self._note(who)
        asking = asyncio.create_task(self._said(who, workspace))
        done, _ = await asyncio.wait({asking}, timeout=AT_ONCE)
        if done:
            said = asking.result()
            return [said, fact] if said is not None else [fact]
        task = asyncio.create_task(self._follow(asking))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return [fact]

    async def close(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _follow(self, asking: asyncio.Task[MemberChanged | None]) -> None:
        try:
            said = await asking
            if said is not None:
                await self._later([said])
        except Exception:  # a name that is missing is asked for again at the next start
            _log.exception("name_not_kept")

    async def _said(self, who: Member, workspace: Workspace) -> MemberChanged | None:
        """None when Slack does not say, or says it of somebody else's account."""
        try:
            installed = await self._installations.at(workspace.team, workspace.enterprise)
            if installed is None:
                return None
            answer = await self._api.ask("users.info", installed.token, user=who.id, include_locale=True)
        except DeliveryError as error:
            if not error.permanent:
                self._known.pop(who.key, None)
            return None
        said = member_changed(part(answer.get("user")), workspace, self._clock.now())
        return replace(said, member=who) if said is not None and said.member.id == who.id else None

    async def _channel_name(self, channel: str, workspace: Workspace) -> str:
        try:
            installed = await self._installations.at(workspace.team, workspace.enterprise)
            if installed is None:
                return ""
            answer = await self._api.ask("conversations.info", installed.token, channel=channel)
        except DeliveryError:
            return ""
        return word(part(answer.get("channel")).get("name"))

    def _note(self, member: Member) -> None:
        self._known[member.key] = None
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)


def _who(fact: PlatformEvent) -> Member | None:
    match fact:
        case MessagePosted():
            return fact.author
        case ButtonPressed() | FormSubmitted():
            return fact.by
        case MemberJoined():
            return fact.member
        case _:
            return None
