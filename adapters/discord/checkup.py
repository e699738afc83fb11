"""Is Discord set up as the bot needs it? Asked of the live API; each fault comes with the clicks that mend it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket

from adapters.discord.application import described
from adapters.discord.client import DiscordApi, DiscordRefusal, point_to
from adapters.discord.commands import commands
from adapters.discord.gateway import PRIVILEGED, Ears, Patience, Wish, make_client
from adapters.discord.identity import id_of, part, parts, word
from adapters.discord.invite import ASKED_IN, VIEW, Permission, invite_link, missing, standing
from bot.ports import DeliveryError

APP = "discord.com/developers/applications > your application"
NEW_TOKEN = f"{APP} > Bot > Reset Token; copy the new one into DISCORD_TOKEN."
CODE_GRANT = f"{APP} > Bot > Requires OAuth2 Code Grant: switch it off, or nobody can put the bot into a server."
ENDPOINT = f"{APP} > General Information > Interactions Endpoint URL: empty it, and Save Changes."
PUBLIC = f"{APP} > Installation > Install Link: None; then Bot > Public Bot: switch it off."
WITHOUT = {  # what is not heard without an intent
    "message_content": "only messages that mention the bot have words, and no crisis is seen in others",
    "members": "nobody is told who has left the server or goes by another name",
}
NAMED = 5  # servers or channels that are named
SERVERS = 20  # that are looked through
PATIENCE = 20.0  # seconds for one step, with everything that discord.py tries again


@dataclass(frozen=True, slots=True)
class DiscordSetup:
    """What the settings say. The token stays out of what is printed. `privileged`: the intents the bot asks for."""

    address: str
    gateway: str
    token: str
    privileged: frozenset[str] = frozenset({"message_content", "members"})

    def __repr__(self) -> str:
        return f"DiscordSetup({self.address!r})"


@dataclass(frozen=True, slots=True)
class Finding:
    """`fault` needs mending; without one, `do` is a hint."""

    check: str
    says: str
    do: str = ""
    fault: bool = False


async def check_up(setup: DiscordSetup) -> list[Finding]:
    """Everything that can be looked at; what needs something that is broken is left out."""
    point_to(setup.address, setup.gateway)
    api = DiscordApi()
    client = make_client(Wish(frozenset()), Ears(_unheard, _unheard, _unheard, _unheard), Patience())
    try:
        token = await _token(client, setup)
        if token.fault:
            return [token]
        api.use(client)
        return [
            token,
            *await _application(api, setup),
            await _commands(api, setup),
            *await _servers(api, setup, str(client.user.id) if client.user is not None else ""),
            await _gateway(client, setup),
        ]
    finally:
        await client.http.close()


def _unheard(*_said: object) -> None:
    """Nothing is listened to: no session begins."""


async def _token(client: discord.Client, setup: DiscordSetup) -> Finding:
    name = "discord token"
    try:
        async with asyncio.timeout(PATIENCE):
            await client.login(setup.token)
    except discord.LoginFailure:
        return Finding(name, "Discord does not know it", NEW_TOKEN, fault=True)
    except (discord.DiscordException, OSError, TimeoutError, aiohttp.ClientError) as error:
        return _unreachable(name, setup, type(error).__name__)
    return Finding(name, client.user.name if client.user is not None else "known")


def _unreachable(name: str, setup: DiscordSetup, error: object) -> Finding:
    do = f"Check the line to {setup.address}, and DISCORD_API_URL if you have set it."
    return Finding(name, f"Discord did not answer ({error})", do, fault=True)


async def _asked(api: DiscordApi, path: str, server: str = "", user: str = "") -> Any:
    """Raises DeliveryError, also when it takes too long altogether."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await api.call("GET", path, application_id=api.application, guild_id=server, user_id=user)
    except TimeoutError as error:
        raise DeliveryError(f"GET {path}: no answer", permanent=False) from error


# --- the application ------------------------------------------------------------------------------------------


async def _application(api: DiscordApi, setup: DiscordSetup) -> list[Finding]:
    try:
        found = part(await described(lambda path: _asked(api, path)))
    except DeliveryError as error:
        return [_unreachable("discord application", setup, error)]
    flags = found.get("flags")
    return [
        *(_intent(name, flags) for name in sorted(setup.privileged)),
        *_settings(found),
    ]


def _intent(name: str, flags: object) -> Finding:
    """A large application is granted an intent in full; one in fewer than a hundred servers switches it on itself."""
    portal, (full, limited) = PRIVILEGED[name]
    check = "discord intents"
    if not isinstance(flags, int):
        return Finding(check, f"this server does not say whether it grants the {portal}")
    granted = discord.ApplicationFlags._from_value(flags)
    if getattr(granted, full):
        return Finding(check, f"{portal} granted for any number of servers")
    if getattr(granted, limited):
        return Finding(check, f"{portal} switched on, for up to 100 servers")
    clicks = f"{APP} > Bot > Privileged Gateway Intents > {portal}: switch it on, Save Changes"
    do = f"{clicks}; then start winwin again. Until then {WITHOUT[name]}."
    return Finding(check, f"{portal} switched off", do, fault=name == "message_content")


def _settings(application: Mapping[str, Any]) -> list[Finding]:
    """What an application can be set to that keeps the bot from working, or from staying among its own."""
    name, found = "discord application", []
    if word(application.get("interactions_endpoint_url")):
        says = "buttons and commands are sent to a web address, so the bot never hears of them"
        found.append(Finding(name, says, ENDPOINT, fault=True))
    if application.get("bot_require_code_grant") is True:
        found.append(Finding(name, "its invite link asks for a code grant", CODE_GRANT, fault=True))
    if application.get("bot_public") is True:
        found.append(Finding(name, "anybody can put this bot into a server of theirs", PUBLIC))
    return found


async def _commands(api: DiscordApi, setup: DiscordSetup) -> Finding:
    name = "discord commands"
    try:
        there = parts(await _asked(api, "/applications/{application_id}/commands"))
    except DeliveryError as error:
        return _unreachable(name, setup, error)
    known = {word(command.get("name")) for command in there}
    lacking = [command["name"] for command in commands() if command["name"] not in known]
    if lacking:
        return Finding(name, f"not registered yet: {', '.join(lacking)}", "`winwin run` registers them when it starts.")
    return Finding(name, f"all {len(commands())} registered")


# --- servers and channels -------------------------------------------------------------------------------------


async def _servers(api: DiscordApi, setup: DiscordSetup, bot: str) -> list[Finding]:
    name = "discord servers"
    try:
        there = parts(await _asked(api, "/users/@me/guilds"))
    except DeliveryError as error:
        return [_unreachable(name, setup, error)]
    if not there:
        do = f"Open this as somebody who may manage the server: {invite_link(api.application)}"
        return [Finding(name, "the bot is in no server, so it hears nothing", do, fault=True)]
    found = [Finding(name, f"in {_named([word(server.get('name')) for server in there])}")]
    for server in there[:SERVERS]:
        found += await _channels(api, setup, server, bot)
    return found


async def _channels(api: DiscordApi, setup: DiscordSetup, server: Mapping[str, Any], bot: str) -> list[Finding]:
    """One finding for a server that is as it should be, else one for each channel that lacks something."""
    name, own = f"discord channels of {word(server.get('name')) or 'a server'}", id_of(server.get("id"))
    try:
        guild = part(await _asked(api, "/guilds/{guild_id}", own))
        member = part(await _asked(api, "/guilds/{guild_id}/members/{user_id}", own, bot))
        rows = parts(await _asked(api, "/guilds/{guild_id}/channels", own))
    except DiscordRefusal as refused:
        return [Finding(name, f"cannot be looked at: {refused}", invite_link(api.application), fault=True)]
    except DeliveryError as error:
        return [_unreachable(name, setup, error)]
    who = standing(guild, member, datetime.now(UTC))
    asked = [(row, missing(who, row)) for row in rows if row.get("type") in ASKED_IN]
    heard = [(row, lacks) for row, lacks in asked if VIEW not in lacks]
    if not heard:
        view = VIEW.named(None)
        do = f"Server Settings > Roles > winwin, or in the channel's settings > Permissions: switch on {view}."
        return [Finding(name, "the bot can view none, so it hears nothing", do, fault=True)]
    if who.timed_out:
        do = "In the list of members: the bot > Remove Timeout."
        return [Finding(name, "the bot is timed out: it can read and say nothing", do, fault=True)]
    faults = _faults(name, heard)
    return faults or [Finding(name, f"listens in {_named([_hash(row) for row, _ in heard])}")]


def _faults(name: str, heard: Sequence[tuple[Mapping[str, Any], Sequence[Permission]]]) -> list[Finding]:
    """Channels that lack the same are told together: mostly it is the role that lacks it."""
    alike: dict[str, list[str]] = {}
    for row, lacks in heard:
        if lacks:
            alike.setdefault(", ".join(permission.named(row.get("type")) for permission in lacks), []).append(
                _hash(row)
            )
    return [
        Finding(
            name,
            f"missing in {_named(channels)}: {lacks}",
            f"In each of them: Edit Channel > Permissions > the role winwin (or Server Settings > Roles > winwin > "
            f"Permissions, for all): allow {lacks}.",
            fault=True,
        )
        for lacks, channels in alike.items()
    ]


def _hash(row: Mapping[str, Any]) -> str:
    return f"#{word(row.get('name'))}"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


# --- the gateway ----------------------------------------------------------------------------------------------


async def _gateway(client: discord.Client, setup: DiscordSetup) -> Finding:
    """A line is opened and greeted; no session begins, so nothing is taken from the day's number of them."""
    name = "discord gateway"
    address = str(DiscordWebSocket.DEFAULT_GATEWAY.with_query(v="10", encoding="json"))
    try:
        async with asyncio.timeout(PATIENCE):
            socket = await client.http.ws_connect(address)
            hello = part(json.loads((await socket.receive()).data))
            await socket.close()
    except (OSError, TimeoutError, TypeError, ValueError, aiohttp.ClientError) as error:
        do = f"Check the line to {setup.gateway}, and DISCORD_GATEWAY_URL if you have set it."
        return Finding(name, f"cannot be reached ({type(error).__name__})", do, fault=True)
    return Finding(name, "greets us" if hello.get("op") == 10 else "answers")
