"""Which private conversation is whose, and of what kind a channel is that no event told of: asked once."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

from adapters.discord.client import DiscordApi, DiscordRefusal
from adapters.discord.identity import id_of, part
from adapters.discord.invite import SEND
from adapters.discord.refusals import explained
from adapters.discord.threads import CHANNEL
from adapters.discord.town import Kind, Town, site_of
from bot.events import Member
from bot.ports import DeliveryError

REMEMBERED = 2_000  # of each, and of whatever else is kept by `keep`, at most

V = TypeVar("V")


class KnownRooms:
    def __init__(self, api: DiscordApi, town: Town) -> None:
        self._api = api
        self._town = town
        self._direct: OrderedDict[str, str] = OrderedDict()  # the private conversation with each user
        self._kinds: OrderedDict[str, Kind] = OrderedDict()  # of channels that the town does not know

    async def conversation(self, member: Member) -> str:
        """The private conversation with somebody. It is the same one, however often it is asked for."""
        if member.id in self._direct:
            return self._direct[member.id]
        body = {"recipient_id": member.id}
        try:
            found = id_of(part(await self._api.call("POST", "/users/@me/channels", json=body)).get("id"))
        except DiscordRefusal as refused:
            raise explained(refused, "of their own", SEND) from refused
        if not found:
            raise DeliveryError("Discord opened a private conversation and does not say which", permanent=False)
        keep(self._direct, member.id, found)
        return found

    def forget(self, member: Member) -> None:
        """Their conversation is gone: the next one is asked for."""
        self._direct.pop(member.id, None)

    async def kind(self, channel: str) -> Kind:
        site = self._town.site(channel)
        if site is not None:
            return site.kind
        if channel not in self._kinds:
            try:
                found = part(await self._api.call("GET", CHANNEL, channel_id=channel))
            except DiscordRefusal as refused:
                raise explained(refused, channel, SEND) from refused
            asked = site_of(found, "", self._town)
            keep(self._kinds, channel, asked.kind if asked is not None else Kind.OTHER)
        return self._kinds[channel]


def keep(where: OrderedDict[str, V], key: str, value: V) -> None:
    where[key] = value
    where.move_to_end(key)
    while len(where) > REMEMBERED:
        where.popitem(last=False)
