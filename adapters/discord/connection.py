"""Discord as a whole, for the composition root: a mouth, an ear, and the line between them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from adapters.discord.at_home import AtHomeOnDiscord
from adapters.discord.backfill import Backfill
from adapters.discord.barred import Barred
from adapters.discord.beside import Beside
from adapters.discord.client import DiscordApi
from adapters.discord.directory import DiscordDirectory
from adapters.discord.figures import Figures
from adapters.discord.gateway import Patience
from adapters.discord.guilds import Guilds
from adapters.discord.holders import Holders
from adapters.discord.inbound import posted
from adapters.discord.known_town import Asking, KnownTown
from adapters.discord.listener import Listener, Receive
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.opening import Opening
from adapters.discord.orders import Orders
from adapters.discord.reading import DiscordReader
from adapters.discord.registering import register
from adapters.discord.solved import Solved
from adapters.discord.supervisor import USUAL, Supervisor
from adapters.discord.telling import Telling
from bot.events import MessagePosted
from bot.ports import Clock, DeliveryError
from bot.surfaces.house import House

PRIVILEGED = frozenset({"message_content", "members"})
TOLD = 5.0  # seconds that a start waits to be told which servers the bot is on
AGAIN = timedelta(minutes=1)  # until commands are registered again that could not be

_log = structlog.get_logger("winwin.discord")


class DiscordConnection:
    """`messenger` speaks and `directory` knows people as soon as there is a line; `listen` says who hears; then the
    line is opened."""

    def __init__(
        self,
        token: str,
        clock: Clock,
        figures: Figures | None = None,
        *,
        sharded: bool = False,
        patience: Patience = USUAL,
    ) -> None:
        self.api = DiscordApi()
        self.guilds = Guilds()
        self.town = KnownTown(self.guilds)
        self._figures = figures or Figures()
        self._barred = Barred(self.guilds, clock)
        self.messenger = DiscordMessenger(self.api, self.town, clock, self._figures, self._barred)
        self.messenger.corner, self.messenger.threads_in = self.guilds.corner, self.guilds.threads_in
        self.directory = DiscordDirectory(self.api, clock)
        self.reader = DiscordReader(self.api, self.town)
        self._token = token
        self._sharded = sharded
        self._patience = patience
        self._clock = clock
        self._backfill: Backfill | None = None
        self._holders: Holders | None = None
        self._solved: Solved | None = None
        self._listener: Listener | None = None
        self._line: Supervisor | None = None
        self._read_on: set[str] = set()
        self._register_at: datetime | None = None

    def listen(self, receive: Receive, house: House) -> Listener:
        """Events, and what backfill reads, go to `receive`."""
        asking = Asking(self.api, self.town, house.store)
        self._backfill = Backfill(
            self.api,
            self.guilds.ids,
            self._posted,
            house.store,
            receive,
            self._clock,
            house.default_mode,
            figures=self._figures,
            on_missed=self._gap,
            learn=self.town.note_row,
            met=asking.site,
            befriend=self.town.befriend,
            sees=self.guilds.sees,
            barred=self._barred.noticed,
        )
        self._holders = Holders(self.api, house.store, self._backfill.heard, self._clock)
        self._solved = Solved(self.api, self.town, house.store, self._clock, self._barred.noticed)
        telling = Telling(self.api, self.messenger)
        home = AtHomeOnDiscord(house, telling, self.messenger)
        beside = Beside(self.api, self.messenger)
        self.messenger.beside = beside.said
        self._listener = Listener(
            self._backfill.heard,
            self.town,
            asking,
            house,
            telling,
            Opening(house, telling, self.messenger),
            Orders(house, telling, home, self.messenger),
            home,
            beside,
            self._holders,
            self._clock,
        )
        self._barred.tell = self._listener.report
        return self._listener

    async def open(self) -> list[str]:
        """Returns the names of the servers. Raises DeliveryError when Discord does not know the token."""
        assert self._listener is not None, "listen comes first"
        self._line = Supervisor(
            self._token,
            self.api,
            self.guilds,
            self._listener.take,
            gap=self._gap,
            figures=self._figures,
            privileged=PRIVILEGED,
            sharded=self._sharded,
            patience=self._patience,
        )
        await self._line.open()
        await self._register()
        until = asyncio.get_running_loop().time() + TOLD
        while self._line.connected and asyncio.get_running_loop().time() < until:
            if all(names := self.guilds.names()):
                return list(names)
            await asyncio.sleep(0.05)
        return [name for name in self.guilds.names() if name]

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()
        if self._listener is not None:
            await self._listener.close()

    async def catch_up(self) -> bool:
        """One step of reading up on what no event told. Returns whether there was anything to do."""
        if self._line is not None and self._register_at is not None and self._clock.now() >= self._register_at:
            await self._register()
        if self._backfill is None:
            return False
        new = set(self.guilds.ids()) - self._read_on
        if new and self._read_on:  # another part of the connection, or another server
            self._backfill.gap()
        self._read_on |= new
        tagged = await self._solved.step() if self._solved is not None else False
        read = await self._holders.step() if self._holders is not None else False
        return await self._backfill.step() or tagged or read

    async def _register(self) -> None:
        """What could not be registered is tried again later."""
        self._register_at = self._clock.now() + AGAIN
        if not self.api.ready:
            return
        try:
            await register(self.api)
        except DeliveryError as error:
            _log.warning("commands_not_registered", error=str(error))
        else:
            self._register_at = None

    def _posted(self, message: Mapping[str, Any], thread: str) -> MessagePosted | None:
        """A channel's history does not say whose it is: what is unknown is nobody's private conversation."""
        known = self.town.site(str(message.get("channel_id"))) is not None
        return posted(message, self.town, thread) if known else None

    def _gap(self) -> None:
        if self._backfill is not None:
            self._backfill.gap()
        if self._holders is not None:
            self._holders.gap(self.guilds.ids())
