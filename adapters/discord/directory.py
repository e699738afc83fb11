"""Discord's word on who people and channels are, where no event has told it yet."""

from __future__ import annotations

from adapters.discord.client import CHANNEL_GONE, NO_ACCESS, DiscordApi, DiscordRefusal
from adapters.discord.identity import part
from adapters.discord.inbound_guilds import member_changed
from adapters.discord.refusals import SEND, explained
from adapters.discord.threads import CHANNEL
from adapters.discord.town import Kind, site_of
from bot.events import ChannelRenamed, Member, MemberChanged, Place
from bot.ports import Clock

NOBODY = frozenset({10004, 10007, 10013, NO_ACCESS})  # no such server, member or account, or none that we may see


class DiscordDirectory:
    """See bot.ports.Directory."""

    def __init__(self, api: DiscordApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def person(self, member: Member, space: str) -> MemberChanged | None:
        """On Discord everybody is a member of the server they write on; who has left it is not told of."""
        path = "/guilds/{guild_id}/members/{user_id}"
        try:
            found = await self._api.call("GET", path, guild_id=member.space or space, user_id=member.id)
        except DiscordRefusal as refused:
            if refused.code in NOBODY:
                return None
            raise
        said = member_changed(part(found), member.space or space, self._clock.now())
        return said if said is not None and said.member == member else None

    async def channel(self, place: Place) -> ChannelRenamed | None:
        """See Directory. A private conversation has no name; who may read a channel is told by events (arrivals)."""
        try:
            found = part(await self._api.call("GET", CHANNEL, channel_id=place.channel))
        except DiscordRefusal as refused:
            if refused.code == CHANNEL_GONE:
                return None
            raise explained(refused, place.channel, SEND) from refused
        asked = site_of(found, "")
        if asked is None or asked.kind is Kind.DIRECT or not asked.name:
            return None
        return ChannelRenamed(place.channel_key, asked.name, self._clock.now())
