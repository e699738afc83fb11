"""One connection to Discord's gateway, by discord.py: what it asks for, what comes, and how it ended.

discord.py resumes after a cut and keeps what it knows of guilds and channels. Around it: its reading of an event may
fail without ending anything, connections that do not last are not made without end, and a line that is deaf is let go.
"""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import aiohttp
import discord
import structlog

from adapters.discord.application import use_application
from adapters.discord.buckets import use_buckets
from adapters.discord.client import Json

HEARD = frozenset(
    {
        *("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK", "INTERACTION_CREATE"),
        *("THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_LIST_SYNC"),
        *("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"),
        *("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"),
        *("GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE"),
        *("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"),
    }
)
PRIVILEGED = {  # by our name: as the Developer Portal calls it, and the application's flags that say it is granted
    "message_content": ("Message Content Intent", ("gateway_message_content", "gateway_message_content_limited")),
    "members": ("Server Members Intent", ("gateway_guild_members", "gateway_guild_members_limited")),
}
RESTLESS = 8  # connections in a row that did not last, until the client is made anew
LONGEST_WAIT = 30.0  # discord.py gives a connection sixty seconds to be made

_log = structlog.get_logger("winwin.discord")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. A line is `settled` when it has lasted so long, and `deaf` when nothing was heard for so long; one that
    was gone for `lost` cannot be resumed any more. `identify` is what Discord wants between two new sessions."""

    first_pause: float = 1.0
    longest_pause: float = 60.0
    settled: float = 10.0
    deaf: float = 60.0
    lost: float = 90.0
    identify: float = 5.0
    goodbye: float = 5.0  # for one that is not answered


class Ending(Enum):
    """Why a client came to its end."""

    CUT = auto()
    BAD_TOKEN = auto()
    INTENTS = auto()
    SHARDS = auto()


class Restless(Exception):  # noqa: N818 -- reads as what happened
    """Connections are made and do not last."""


def pause(tries: int, patience: Patience, chance: float) -> float:
    """Seconds before the next try: twice as long each time, and up to half of it left to chance (0 to 1)."""
    full = min(patience.first_pause * 2.0 ** min(tries, 16), patience.longest_pause)
    return full * (1 - chance / 2)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client is to be: which privileged intents (of PRIVILEGED), in shards or not."""

    privileged: frozenset[str]
    sharded: bool = False


@dataclass(slots=True)
class Ears:
    """Who is told what: an event that matters, and of which shard a session began, went on, or lost its line."""

    event: Callable[[str, Json], None]
    began: Callable[[int], None]
    resumed: Callable[[int], None]
    lost: Callable[[int], None]


def make_client(wish: Wish, ears: Ears, patience: Patience) -> discord.Client:
    kind = discord.AutoShardedClient if wish.sharded else discord.Client
    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    intents.message_content = "message_content" in wish.privileged
    intents.members = "members" in wish.privileged
    client = kind(
        intents=intents,
        allowed_mentions=discord.AllowedMentions.none(),
        max_messages=None,  # nobody's words are kept here
        member_cache_flags=discord.MemberCacheFlags.none(),
        chunk_guilds_at_startup=False,
        heartbeat_timeout=patience.deaf,
        max_ratelimit_timeout=LONGEST_WAIT,
    )
    _guard(client, ears)
    _pace(client, patience)
    use_buckets(client, LONGEST_WAIT)
    use_application(client)
    return client


def _guard(client: discord.Client, ears: Ears) -> None:
    """discord.py reads an event first, and then we do; neither's failure is the end of the line."""
    parsers = client._connection.parsers
    for name in {*parsers, *HEARD, "READY", "RESUMED"}:
        parsers[name] = _guarded(name, parsers.get(name), ears)

    async def on_disconnect() -> None:
        ears.lost(0)

    async def on_shard_disconnect(shard: int) -> None:
        ears.lost(shard)

    if isinstance(client, discord.AutoShardedClient):
        client.event(on_shard_disconnect)
    else:
        client.event(on_disconnect)


def _guarded(name: str, theirs: Callable[[Any], None] | None, ears: Ears) -> Callable[[Any], None]:
    def read(data: Any) -> None:
        ours = copy.deepcopy(data) if name in HEARD else None  # theirs may change it
        try:
            if theirs is not None:
                theirs(data)
        except Exception as error:
            _log.warning("unreadable_event", event_name=name, error=type(error).__name__)
        if name == "READY":
            ears.began(_shard_of(data))
        elif name == "RESUMED":
            ears.resumed(_shard_of(data))
        elif isinstance(ours, dict):
            ears.event(name, ours)

    return read


def _shard_of(data: Any) -> int:
    """READY says it itself; to RESUMED, discord.py writes it."""
    found = data if isinstance(data, dict) else {}
    shard = found.get("shard")
    return int(shard[0] if isinstance(shard, list) and shard else found.get("__shard_id__") or 0)


def _pace(client: discord.Client, patience: Patience) -> None:
    """discord.py connects again at once, and without end, when a line is cut as soon as it is made."""
    connect, last, tries = client.http.ws_connect, 0.0, 0

    async def paced(url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        nonlocal last, tries
        now = asyncio.get_running_loop().time()
        tries = 0 if now - last > patience.settled else tries + 1
        many = client.shard_count or 1
        if tries > RESTLESS * many:
            raise Restless
        if last and tries >= many:
            wait = pause(tries - many, patience, random.random())  # noqa: S311 -- only spreads the bots
            await asyncio.sleep(min(wait, LONGEST_WAIT))
        last = asyncio.get_running_loop().time()
        socket = await connect(url, compress=compress)
        socket._timeout = aiohttp.ClientWSTimeout(ws_close=patience.goodbye)  # discord.py's is half a minute
        return socket

    async def before_identify(_shard: int | None, *, initial: bool = False) -> None:
        if not initial:
            await asyncio.sleep(patience.identify)

    client.http.ws_connect = paced  # type: ignore[method-assign]
    client.before_identify_hook = before_identify  # type: ignore[method-assign,assignment]


async def log_in(client: discord.Client, token: str) -> tuple[int, float]:
    """How many shards Discord advises, and for how many seconds no new session may begin. Raises what discord.py
    raises: `ending` says what it means."""
    await client.login(token)
    found = await client.http.request(discord.http.Route("GET", "/gateway/bot"))
    limit = found.get("session_start_limit") or {}
    spent = int(limit.get("remaining", 1)) <= 0
    return int(found.get("shards") or 1), float(limit.get("reset_after") or 0) / 1000 if spent else 0.0


def ending(error: BaseException | None) -> Ending:
    if isinstance(error, discord.LoginFailure):
        return Ending.BAD_TOKEN
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return Ending.INTENTS
    if isinstance(error, discord.ConnectionClosed):
        codes = {4004: Ending.BAD_TOKEN, 4013: Ending.INTENTS, 4014: Ending.INTENTS}
        return (codes | {4010: Ending.SHARDS, 4011: Ending.SHARDS}).get(error.code, Ending.CUT)
    return Ending.CUT


def not_granted(client: discord.Client, wanted: frozenset[str]) -> frozenset[str]:
    """Which of the privileged intents the application's own page has switched off; all, when it does not say."""
    flags = client.application_flags
    off = {name for name in wanted if flags and not any(getattr(flags, flag) for flag in PRIVILEGED[name][1])}
    return frozenset(off) or wanted
