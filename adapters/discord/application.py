"""What a server says of the application. Discord has two addresses for it; one that speaks its API may have either, or
none, and say less: a bot that knows its own name and its token can do without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import discord
from discord.http import Route

from adapters.discord.client import DiscordRefusal
from adapters.discord.identity import id_of, part

ADDRESSES = ("/oauth2/applications/@me", "/applications/@me")
NOT_THERE = frozenset({404, 405})


@dataclass(frozen=True, slots=True)
class About:
    """As much of the application as discord.py asks for."""

    id: int
    flags: discord.ApplicationFlags
    interactions_endpoint_url: str | None = None


async def described(ask: Callable[[str], Awaitable[Any]]) -> Mapping[str, Any]:
    """Empty where the server has no such address. Raises what `ask` raises for everything else."""
    for path in ADDRESSES:
        try:
            return part(await ask(path))
        except discord.HTTPException as error:
            if error.status not in NOT_THERE:
                raise
        except DiscordRefusal as refused:
            if refused.code not in NOT_THERE:
                raise
    return {}


def use_application(client: discord.Client) -> None:
    """The client logs in without what a server leaves out. An application's bot has had its id for years."""

    async def about() -> About:
        found = await described(lambda path: client.http.request(Route("GET", path)))
        own, flags = client.user.id if client.user is not None else 0, found.get("flags")
        known = discord.ApplicationFlags._from_value(flags if isinstance(flags, int) else 0)
        return About(int(id_of(found.get("id")) or own), known, found.get("interactions_endpoint_url"))

    client.application_info = about  # type: ignore[method-assign,assignment]
