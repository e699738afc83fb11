"""Staying connected to Discord, for ever: a client that came to its end is followed by another.

discord.py resumes a session after a cut, and then nothing is missed. Where a session began anew, `gap` is called: what
happened meanwhile has to be read up on. What only people can put right is said in one line with what to do; a bot whose
token is refused stops, one that may not read messages goes on with those that mention it. When the program ends, the
session ends with it: the next one has no memory of it that could be resumed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

import discord
import structlog

from adapters.discord.client import DiscordApi, DiscordRefusal, DiscordSilence
from adapters.discord.figures import Figures
from adapters.discord.gateway import (
    PRIVILEGED,
    Ears,
    Ending,
    Patience,
    Wish,
    ending,
    log_in,
    make_client,
    not_granted,
    pause,
)
from adapters.discord.guilds import Guilds
from adapters.discord.hearing import Hearing, Take

PORTAL = "discord.com/developers/applications > your application > Bot"
NEW_TOKEN = f"{PORTAL} > Reset Token; put the new one into DISCORD_TOKEN and start winwin again"
SHARDING = "set DISCORD_SHARDED=true and start winwin again"
GREETED_WITHIN = 30.0  # seconds that a start waits for Discord; then it goes on without
LOGGED_IN_WITHIN = 60.0
LEAVING = 5.0  # seconds to end what was begun
THREADS = frozenset({10, 11, 12})  # Discord's numbers: in an announcement channel, public, private
USUAL = Patience()

_log = structlog.get_logger("winwin.discord")


class Supervisor:
    def __init__(
        self,
        token: str,
        api: DiscordApi,
        guilds: Guilds,
        take: Take,
        *,
        gap: Callable[[], None] = lambda: None,
        figures: Figures | None = None,
        privileged: frozenset[str] = frozenset({"message_content"}),
        sharded: bool = False,
        patience: Patience = USUAL,
    ) -> None:
        self._token = token
        self._api = api
        self._guilds = guilds
        self._gap = gap
        self._figures = figures or Figures()
        self._wish = Wish(privileged, sharded)
        self._patience = patience
        self._hearing = Hearing(take, gap, self._parent_of)
        self._ears = Ears(self._hearing.put, self._began, self._resumed, self._lost)
        self._greeted: set[int] = set()  # shards that have had a session
        self._away: dict[int, float] = {}  # shards without a line, and since when
        self._first = asyncio.Event()
        self._refused = ""
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return self._first.is_set() and not self._away and not self._refused

    @property
    def hears_words(self) -> bool:
        """Whether messages come with their text. Otherwise only those that mention the bot, or are for it alone."""
        return "message_content" in self._wish.privileged

    async def open(self, within: float = GREETED_WITHIN) -> None:
        """Raises DeliveryError when Discord does not know the token. When it cannot be reached, it will be later."""
        self._task = asyncio.create_task(self._run(), name="winwin-discord")
        first = asyncio.create_task(self._first.wait())
        await asyncio.wait({self._task, first}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        first.cancel()
        if self._refused:
            raise DiscordRefusal(401, self._refused, permanent=True)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            _, late = await asyncio.wait({self._task}, timeout=LEAVING)  # a shard that is not there yet can hang
            if late:
                _log.warning("line_not_closed")
        await self._hearing.finish(LEAVING)

    # --- one client after the other ---------------------------------------------------------------------------

    async def _run(self) -> None:
        tries = 0
        while True:
            began = asyncio.get_running_loop().time()
            ended = await self._live()
            lasted = asyncio.get_running_loop().time() - began
            tries = 0 if lasted > self._patience.settled else tries + 1
            if ended is Ending.BAD_TOKEN:
                self._refused = f"Discord does not know the token: {NEW_TOKEN}"
                _log.error("token_refused", do=NEW_TOKEN)
                return
            wait = self._patience.identify
            if ended is Ending.CUT or tries > 2:
                wait = max(wait, pause(tries, self._patience, random.random()))  # noqa: S311 -- spreads the bots
            _log.warning("client_replaced", why=ended.name.lower(), again_in=round(wait, 1))
            await asyncio.sleep(wait)

    async def _live(self) -> Ending:
        """A client from its login to its end."""
        client = make_client(self._wish, self._ears, self._patience)
        try:
            async with asyncio.timeout(LOGGED_IN_WITHIN):
                shards, closed_for = await log_in(client, self._token)
            self._api.use(client)
            self._guilds.use(client)
            if closed_for:
                _log.error("no_new_session", reason="too many were begun today", again_in=round(closed_for))
                await asyncio.sleep(closed_for)
            if self._wish.sharded:
                client.shard_count = shards
            await self._listen(client)
        except Exception as error:
            return self._ended(client, error)
        finally:
            self._api.use(None)
            await _goodbye(client, self._patience.goodbye)
        return Ending.CUT

    async def _listen(self, client: discord.Client) -> None:
        """Until the client gives up, or has been away for too long to resume what it had."""
        now = asyncio.get_running_loop().time
        self._away = {0: now()}
        connection = asyncio.create_task(client.connect(), name="winwin-discord-client")
        try:
            while not connection.done():
                await asyncio.wait({connection}, timeout=self._patience.lost / 10)
                if self._away and now() - min(self._away.values()) > self._patience.lost:
                    raise DiscordSilence("no line to Discord")
            await connection
        finally:
            connection.cancel()
            await asyncio.gather(connection, return_exceptions=True)

    def _ended(self, client: discord.Client, error: Exception) -> Ending:
        why = ending(error)
        match why:
            case Ending.INTENTS:
                missing = not_granted(client, self._wish.privileged)
                names = ", ".join(sorted(PRIVILEGED[name][0] for name in missing))
                _log.error(
                    "intents_missing",
                    do=f"{PORTAL} > Privileged Gateway Intents > switch on: {names}; then start winwin again",
                    meanwhile="only messages that mention the bot are heard" if "message_content" in missing else "",
                )
                self._wish = Wish(self._wish.privileged - missing, self._wish.sharded)
            case Ending.SHARDS:
                _log.error("sharding_required", do=SHARDING, meanwhile="as many shards as Discord advises")
                self._wish = Wish(self._wish.privileged, True)
            case Ending.CUT:
                _log.warning("client_ended", error=type(error).__name__)
        return why

    # --- what the client says ---------------------------------------------------------------------------------

    def _began(self, shard: int) -> None:
        self._away.pop(shard, None)
        self._first.set()
        if shard in self._greeted:
            self._figures.gaps.inc()
            _log.info("session_begun_anew", shard=shard)
            self._gap()
        self._greeted.add(shard)

    def _resumed(self, shard: int) -> None:
        self._away.pop(shard, None)
        self._figures.resumed.inc()

    def _lost(self, shard: int) -> None:
        self._away.setdefault(shard, asyncio.get_running_loop().time())

    def _parent_of(self, channel: str) -> str:
        """Of a thread, its channel; a channel is its own."""
        found = self._guilds.where(channel)
        return found.parent if found is not None and found.kind in THREADS else ""


async def _goodbye(client: discord.Client, within: float) -> None:
    with suppress(Exception):
        async with asyncio.timeout(within):
            await client.close()
    with suppress(Exception):
        await client.http.close()
