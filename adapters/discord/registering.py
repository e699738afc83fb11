"""The commands that Discord shows: registered at the start, and only when what Discord has is something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from adapters.discord.application import NOT_THERE
from adapters.discord.client import DiscordApi, DiscordRefusal
from adapters.discord.commands import Json, commands, fingerprint
from adapters.discord.identity import parts

PATH = "/applications/{application_id}/commands"

_log = structlog.get_logger("winwin.discord")


async def register(api: DiscordApi) -> bool:
    """Returns whether anything had to be registered. Raises DeliveryError."""
    ours, application = commands(), api.application
    has = await _known(api)
    if fingerprint(as_ours(parts(has), ours)) == fingerprint(_sorted(ours)):
        return False
    await api.call("PUT", PATH, json=ours, application_id=application)
    _log.info("commands_registered", count=len(ours), fingerprint=fingerprint(ours)[:12])
    return True


async def _known(api: DiscordApi) -> Any:
    """What is registered; nothing where the server does not tell, which some that speak Discord's API do not."""
    try:
        return await api.call("GET", PATH, params={"with_localizations": "true"}, application_id=api.application)
    except DiscordRefusal as refused:
        if refused.code not in NOT_THERE:
            raise
        return None


def as_ours(has: Sequence[Any], ours: Sequence[Json]) -> list[Json]:
    """What Discord has, without what it adds by itself: its ids, and what is said by leaving it out."""
    wanted = {(one.get("type", 1), one["name"]): one for one in ours}
    found = [dict(_picked(one, wanted.get((one.get("type", 1), one.get("name")), one))) for one in has]
    return _sorted(found)


def _picked(theirs: Any, like: Any) -> Any:
    if isinstance(like, dict) and isinstance(theirs, dict):
        return {key: _picked(theirs.get(key), value) for key, value in like.items()}
    if isinstance(like, list) and isinstance(theirs, list) and len(like) == len(theirs):
        if all(isinstance(one, dict) for one in like):
            return [_picked(one, wanted) for one, wanted in zip(theirs, like, strict=True)]
        return sorted(theirs, key=str) if sorted(theirs, key=str) != sorted(like, key=str) else like
    return like if not theirs and not like else theirs


def _sorted(made: Sequence[Json]) -> list[Json]:
    return sorted(made, key=lambda one: (int(one.get("type") or 1), str(one.get("name"))))
