"""What the connection knows of guilds, channels and threads, and what the bot may do there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import discord

from adapters.discord.invite import lacking


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a channel or thread belongs. `kind` is Discord's number for the type of channel."""

    guild: str
    parent: str  # of a thread: its channel; of a channel: its category; empty: none
    kind: int
    name: str = ""


class Guilds:
    """What the connection knows of guilds, channels and threads that are not archived."""

    def __init__(self) -> None:
        self._client: discord.Client | None = None

    def use(self, client: discord.Client) -> None:
        self._client = client

    @property
    def bot(self) -> str:
        return str(self._client.user.id) if self._client is not None and self._client.user is not None else ""

    def ids(self) -> tuple[str, ...]:
        return tuple(str(guild.id) for guild in self._client.guilds) if self._client is not None else ()

    def names(self) -> tuple[str, ...]:
        """Of the guilds; empty where Discord has not told it yet."""
        return tuple(guild.name or "" for guild in self._client.guilds) if self._client is not None else ()

    def where(self, channel: str) -> Whereabouts | None:
        """None for what is not known: a direct message, an archived thread."""
        found = self._client.get_channel(int(channel)) if self._client is not None and channel.isdigit() else None
        if found is None or isinstance(found, discord.abc.PrivateChannel):
            return None
        parent = found.parent_id if isinstance(found, discord.Thread) else found.category_id
        return Whereabouts(str(found.guild.id), str(parent or ""), found.type.value, found.name)

    def corner(self, guild: str) -> str:
        """The topmost text channel that everybody on the server can view, and where the bot may begin a private
        thread; empty: none."""
        found = self._guild(guild)
        for channel in found.text_channels if found is not None else ():
            may, everybody = _may(channel), channel.permissions_for(channel.guild.default_role).view_channel
            if everybody and may.view_channel and may.create_private_threads and may.send_messages_in_threads:
                return str(channel.id)
        return ""

    def threads_in(self, channel: str) -> bool:
        """Whether the bot may speak in the threads of a channel, as far as is known."""
        found = self._channel(channel)
        return not isinstance(found, discord.TextChannel) or _may(found).send_messages_in_threads

    def sees(self, channel: str) -> bool:
        """Whether the bot may view the channel; what is not known is not hidden."""
        found = self._client.get_channel(int(channel)) if self._client is not None and channel.isdigit() else None
        if found is None or isinstance(found, discord.Thread | discord.abc.PrivateChannel) or found.guild.me is None:
            return True
        return found.permissions_for(found.guild.me).view_channel

    def may_speak(self, channel: str) -> bool:
        """Whether the bot sees the channel and may write there; a time-out passes and changes nothing."""
        found = self._channel(channel)
        may = _may(found) if found is not None else discord.Permissions.none()
        return may.view_channel and may.send_messages

    def open_to_all(self, channel: str) -> bool:
        """Whether everybody on the server may read the channel."""
        found = self._channel(channel)
        return found is not None and found.permissions_for(found.guild.default_role).view_channel

    def lacking(self, channel: str) -> tuple[str, ...]:
        """What the bot needs in a channel and does not have, as the channel's settings call it; a channel that it
        cannot view is left alone on purpose."""
        found = self._channel(channel)
        if found is None or not _may(found).view_channel:
            return ()
        kind = found.type.value
        return tuple(p.named(kind) for p in lacking(_may(found).value, kind))

    def timed_out_until(self, guild: str) -> datetime | None:
        """Until when the bot may say nothing on a server; None when it may."""
        found = self._guild(guild)
        return found.me.timed_out_until if found is not None and found.me and found.me.is_timed_out() else None

    def _guild(self, guild: str) -> discord.Guild | None:
        return self._client.get_guild(int(guild)) if self._client is not None and guild.isdigit() else None

    def _channel(self, channel: str) -> discord.abc.GuildChannel | None:
        found = self._client.get_channel(int(channel)) if self._client is not None and channel.isdigit() else None
        return found if isinstance(found, discord.abc.GuildChannel) else None


def _may(channel: discord.abc.GuildChannel) -> discord.Permissions:
    """What the bot may do there when it has no time-out."""
    me = channel.guild.me
    if me.is_timed_out():
        me = discord.Member._copy(me)
        me.timed_out_until = None
    return channel.permissions_for(me)
