"""What the bot was not let do: moderators are told once what to switch on and where, and a time-out is waited for."""

from __future__ import annotations

from collections.abc import Callable

from adapters.discord.client import NO_ACCESS, NO_PERMISSION, DiscordRefusal
from adapters.discord.guilds import Guilds
from adapters.discord.identity import channel_key
from adapters.discord.roles import space_of
from bot.events import BotSilenced, PermissionsMissing, PlatformEvent
from bot.ports import Clock

LONGEST = 300.0  # seconds until it is tried again: somebody may end a time-out early


class Barred:
    """`tell` hands a fact on; whoever listens sets it."""

    def __init__(self, guilds: Guilds, clock: Clock) -> None:
        self._guilds = guilds
        self._clock = clock
        self.tell: Callable[[PlatformEvent], None] = lambda _: None

    def noticed(self, refused: DiscordRefusal, guild: str, channel: str) -> DiscordRefusal:
        """The same refusal; or one that passes, while the bot has a time-out. `channel` is never a thread."""
        if refused.code not in (NO_ACCESS, NO_PERMISSION) or self._guilds.where(channel) is None:
            return refused
        now, until = self._clock.now(), self._guilds.timed_out_until(guild)
        if until is not None and refused.code == NO_PERMISSION:
            self.tell(BotSilenced(space_of(guild), until, now))
            wait = min(max((until - now).total_seconds(), 1.0), LONGEST)
            return DiscordRefusal(refused.code, f"has a time-out: {refused}", permanent=False, retry_after=wait)
        lacks = self._guilds.lacking(channel)
        if refused.needs and refused.code == NO_PERMISSION and not lacks:
            lacks = (refused.needs,)
        if lacks:
            self.tell(PermissionsMissing(channel_key(guild, channel), lacks, now))
        return refused
