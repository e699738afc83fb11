"""Who people and channels are: their platform is asked when a fact of theirs is handled, committed and acknowledged
long before. Whoever is new to this process is waited for, but only a moment: the fact counts, the name follows."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import structlog

from bot.events import (
    BotInvited,
    ButtonPressed,
    ChannelRenamed,
    FormSubmitted,
    Member,
    MemberChanged,
    MemberJoined,
    MessagePosted,
    Place,
    PlatformEvent,
)
from bot.ports import DeliveryError, Directory

AT_ONCE = 0.3  # seconds that the first fact of somebody waits for their name and language
KNOWN = 20_000  # people and channels remembered at most
ABREAST = 64  # questions to platforms under way at once; who comes on top of that is asked with their next fact

Said = MemberChanged | ChannelRenamed

_log = structlog.get_logger("winwin.introducing")


class Introducing:
    """`later` is told what a platform says too late to be known when the fact is handled."""

    def __init__(
        self, directories: Mapping[str, Directory], later: Callable[[Sequence[PlatformEvent]], Awaitable[None]]
    ) -> None:
        self._directories = directories
        self._later = later
        self._known: OrderedDict[str, None] = OrderedDict()
        self._under_way: set[asyncio.Task[Said | None]] = set()

    async def of(self, events: Iterable[PlatformEvent]) -> list[Said]:
        """What platforms say at once of those among `events` who are new. While one of them does not answer, nobody
        waits for the next."""
        patience = 0.0 if self._under_way else AT_ONCE
        asked = [task for event in events if (task := self._asked(event)) is not None]
        if not asked:
            return []
        done, late = await asyncio.wait(asked, timeout=patience)
        for task in late:
            task.add_done_callback(self._follow)
        return [said for task in asked if task in done and (said := task.result()) is not None]

    async def close(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _asked(self, event: PlatformEvent) -> asyncio.Task[Said | None] | None:
        if isinstance(event, MemberChanged):
            self._note(event.member.key)
            return None
        about = _about(event)
        if about is None or len(self._under_way) >= ABREAST:
            return None
        who, space = about
        key = who.key if isinstance(who, Member) else who.channel_key
        directory = self._directories.get(who.platform)
        if directory is None or (key in self._known and isinstance(who, Member)):
            return None
        self._note(key)
        task = asyncio.create_task(self._ask(directory, who, space))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _ask(self, directory: Directory, who: Member | Place, space: str) -> Said | None:
        try:
            if isinstance(who, Member):
                return await directory.person(who, space)
            return await directory.channel(who)
        except DeliveryError as error:
            _log.info("not_introduced", error=str(error))
            if error.permanent:
                return None  # a platform that does not say it now will not say it for every message
        except Exception:  # a name must not hold up what somebody wrote
            _log.exception("introducing_broke")
        if isinstance(who, Member):
            self._known.pop(who.key, None)  # asked again with their next fact
        return None

    def _follow(self, task: asyncio.Task[Said | None]) -> None:
        if task.cancelled() or (said := task.result()) is None:
            return
        following = asyncio.create_task(self._handed_on(said))
        self._under_way.add(following)
        following.add_done_callback(self._under_way.discard)

    async def _handed_on(self, said: Said) -> None:
        try:
            await self._later([said])
        except Exception:  # asked for again at the next start
            _log.exception("name_not_kept")

    def _note(self, key: str) -> None:
        self._known[key] = None
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)


def _about(event: PlatformEvent) -> tuple[Member | Place, str] | None:
    """The person or channel to be introduced, and the space where they were seen."""
    match event:
        case MessagePosted() if not event.by_bot:
            return event.author, event.place.space
        case ButtonPressed() | FormSubmitted():
            return event.by, event.by.space
        case MemberJoined():
            return event.member, event.channel.split(":")[1] if event.channel.count(":") > 1 else event.member.space
        case BotInvited() if not event.name:
            return event.place, event.place.space
        case _:
            return None
