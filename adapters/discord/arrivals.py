"""Being on a server: which of its channels the bot is in now, as facts.

On Discord a bot is let into a whole server, so on arrival it introduces itself in one channel only; it hears all that
it may. Afterwards every channel that it is let into is an invitation, and every one it is shut out of a removal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.discord.identity import PLATFORM, channel_key
from adapters.discord.inbound_guilds import AccessChanged, Arrived, Left, access_facts
from adapters.discord.known_town import KnownTown
from bot.community import Channel
from bot.events import BotRemoved, ChannelFact, ChannelRenamed
from bot.ports import Clock, Store


class Arrivals:
    def __init__(self, town: KnownTown, store: Store, clock: Clock) -> None:
        self._town = town
        self._store = store
        self._clock = clock
        self._seen: dict[str, frozenset[str]] = {}  # by server, the channels at the last look
        self._open: dict[str, dict[str, bool]] = {}  # and whether everybody might read them

    async def facts(self, what: Arrived | Left | AccessChanged) -> Sequence[ChannelFact]:
        match what:
            case Arrived():
                return await self._arrived(what)
            case Left(guild):
                self._seen.pop(guild, None)
                self._open.pop(guild, None)
                known = await self._known(guild)
                now = self._clock.now()
                return [BotRemoved(channel_key(guild, c), now) for c, record in known.items() if not record.gone]
            case AccessChanged(guild):
                return self._looked(guild)

    async def _arrived(self, what: Arrived) -> Sequence[ChannelFact]:
        """What changed while nobody listened. A channel that was never spoken of is heard without a word."""
        rooms = self._town.rooms(what.guild)
        self._seen[what.guild] = frozenset(rooms)
        known = await self._known(what.guild)
        here = {c for c, record in known.items() if not record.gone}
        greeted = any(record.welcomed and not record.gone for record in known.values())
        first = what.greet if what.greet in rooms else next(iter(rooms), "")
        won = {c for c in rooms if c in known and known[c].gone} | ({first} - {""} if not greeted else set())
        before = (here | set(rooms)) - won
        now, open_ = self._clock.now(), self._town.open_to_all(what.guild)
        self._open[what.guild] = open_
        named = [
            ChannelRenamed(channel_key(what.guild, c), name, now, open_[c])
            for c, name in rooms.items()
            if (c not in known or (known[c].name, known[c].public) != (name or known[c].name, open_[c]))
        ]
        return [*access_facts(what.guild, before, rooms, rooms, now), *named]

    def _looked(self, guild: str) -> Sequence[ChannelFact]:
        before = self._seen.get(guild)
        rooms, open_, now = self._town.rooms(guild), self._town.open_to_all(guild), self._clock.now()
        was = self._open.get(guild, {})
        self._seen[guild], self._open[guild] = frozenset(rooms), open_
        said = [ChannelRenamed(channel_key(guild, c), "", now, o) for c, o in open_.items() if was.get(c) != o]
        return [*access_facts(guild, before, rooms, rooms, now), *said] if before is not None else said

    async def _known(self, guild: str) -> Mapping[str, Channel]:
        """The channels of a server that are stored, by their ids."""
        start = f"{PLATFORM}:{guild}:"
        async with self._store.read() as tx:
            return {c.key.removeprefix(start): c for c in await tx.channels.all() if c.key.startswith(start)}
