"""What is known of servers, channels and people, from the events themselves: see town.Town.

An event is read with the town as it was before it (`heard`), and only then it changes the town (`learn`). What no event
told (an archived thread, somebody who writes in private for the first time) Discord is asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from adapters.discord.client import DiscordApi
from adapters.discord.guilds import Guilds
from adapters.discord.identity import id_of, member_of, part
from adapters.discord.inbound_guilds import HEARD
from adapters.discord.town import Kind, Site, site_of, sites_in
from bot.ports import DeliveryError, Store

KNOWN = 50_000  # threads, private conversations and people remembered at most


class KnownTown:
    """See Town. `ids` are the servers the bot is on."""

    def __init__(self, guilds: Guilds) -> None:
        self._guilds = guilds
        self._channels: dict[str, Site] = {}
        self._others: OrderedDict[str, Site] = OrderedDict()  # threads and private conversations
        self._homes: OrderedDict[str, str] = OrderedDict()

    @property
    def bot(self) -> str:
        return self._guilds.bot

    def ids(self) -> tuple[str, ...]:
        return self._guilds.ids()

    def site(self, channel: str) -> Site | None:
        return self._channels.get(channel) or self._others.get(channel)

    def home(self, user: str) -> str:
        return self._homes.get(user, "")

    def rooms(self, guild: str) -> dict[str, str]:
        """The channels of a server in which people ask and the bot can speak, with their names."""
        return {
            site.id: site.name
            for site in self._channels.values()
            if site.guild == guild and site.kind in HEARD and self._guilds.may_speak(site.id)
        }

    def open_to_all(self, guild: str) -> dict[str, bool]:
        """The same channels, and whether everybody there may read them."""
        return {channel: self._guilds.open_to_all(channel) for channel in self.rooms(guild)}

    def lacking(self, channel: str) -> tuple[str, ...]:
        """See Guilds."""
        return self._guilds.lacking(channel)

    # --- what events tell -------------------------------------------------------------------------------------

    def learn(self, name: str, data: Mapping[str, Any]) -> None:
        """What an event changes here."""
        for site in sites_in(name, data, self):
            self.note(site)
        match name:
            case "CHANNEL_DELETE" | "THREAD_DELETE":
                gone = id_of(data.get("id"))
                self._forget(lambda site: gone in (site.id, site.parent))
            case "GUILD_DELETE" if not data.get("unavailable"):
                left = id_of(data.get("id"))
                self._forget(lambda site: site.guild == left)
            case "GUILD_MEMBER_REMOVE":
                user, guild = id_of(part(data.get("user")).get("id")), id_of(data.get("guild_id"))
                if self._homes.get(user) == guild:
                    del self._homes[user]
            case "MESSAGE_CREATE" | "INTERACTION_CREATE":
                self._seen(data)

    def note(self, site: Site) -> None:
        if site.is_thread or site.kind is Kind.DIRECT:
            self._others[site.id] = site
            _shorten(self._others)
        else:
            self._channels[site.id] = site

    def note_row(self, row: Mapping[str, Any], guild: str) -> None:
        """A channel or thread as Discord's answers describe it; one that is known by an event stays as it is."""
        site = site_of(row, guild, self)
        if site is not None and self.site(site.id) is None:
            self.note(site)

    def befriend(self, user: str, channel: str, guild: str) -> None:
        """A private conversation, and the server from which its person is known."""
        if self.site(channel) is None:
            self.note(Site(channel, "", Kind.DIRECT))
        self.lives_in(user, guild)

    def lives_in(self, user: str, guild: str) -> None:
        self._homes.setdefault(user, guild)
        self._homes.move_to_end(user)
        _shorten(self._homes)

    def _seen(self, data: Mapping[str, Any]) -> None:
        """Where somebody is, and that a conversation is a private one."""
        guild, channel = id_of(data.get("guild_id")), id_of(data.get("channel_id"))
        who = part(data.get("author")) or part(part(data.get("member")).get("user"))
        if guild and id_of(who.get("id")) and not who.get("bot"):
            self.lives_in(id_of(who.get("id")), guild)
        elif not guild and channel and self.site(channel) is None:
            self.note(Site(channel, "", Kind.DIRECT))

    def _forget(self, gone: Callable[[Site], bool]) -> None:
        for sites in (self._channels, self._others):
            for site in [site for site in sites.values() if gone(site)]:
                del sites[site.id]


class Asking:
    """Asks for what no event told: the store first, then Discord."""

    def __init__(self, api: DiscordApi, town: KnownTown, store: Store) -> None:
        self._api = api
        self._town = town
        self._store = store

    async def home(self, user: str) -> None:
        """The server through which somebody who writes in private is known: where we know them, or else where they
        are. Where there is none it stays unknown."""
        guilds = self._town.ids()
        if not user or not guilds or self._town.home(user):
            return
        keys = [member_of(user, guild).key for guild in guilds]
        async with self._store.read() as tx:
            known = await tx.members.get(keys)
        found = next((guild for guild, key in zip(guilds, keys, strict=True) if key in known), "")
        found = found or await self._first_with(user, guilds)
        if found:
            self._town.lives_in(user, found)

    async def _first_with(self, user: str, guilds: Iterable[str]) -> str:
        path = "/guilds/{guild_id}/members/{user_id}"
        for guild in guilds:
            try:
                await self._api.call("GET", path, guild_id=guild, user_id=user)
            except DeliveryError as error:
                if not error.permanent:
                    raise
                continue
            return guild
        return ""

    async def site(self, channel: str, guild: str) -> None:
        """A thread that was put away, or a channel that changed while nobody listened."""
        if not channel or self._town.site(channel) is not None:
            return
        try:
            row = await self._api.call("GET", "/channels/{channel_id}", channel_id=channel)
        except DeliveryError as error:
            if not error.permanent:
                raise
            return
        self._town.note_row(part(row), guild)


def _shorten(kept: OrderedDict[str, Any]) -> None:
    while len(kept) > KNOWN:
        kept.popitem(last=False)
