"""Who has a role of a server that the community trusts, kept up with what Discord says.

Events tell it, and every message and every press on the server; for a press in private Discord is asked. What nobody
told (while the bot was away, or before a role was trusted) is read from the list of the server's members. Only roles
that are trusted are ever handed on.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from adapters.discord.client import DiscordApi
from adapters.discord.identity import id_of, member_of, part, parts
from adapters.discord.roles import Worn, changes, roles_in, space_of, worn
from adapters.discord.wanted import Whence
from bot.community import MemberRecord, Trust
from bot.events import Member, PlatformEvent, RoleChanged, RolesHeld
from bot.ports import Clock, DeliveryError, Store
from bot.trusting import badges_of

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]

FRESH = 5.0  # seconds for which a message need not look which roles are trusted
REMEMBERED = 20_000  # people of whom is remembered what was handed on
LOOKED, PATIENCE = 0.02, 0.6  # seconds: between two looks, and until a press is to be made again
ASKED = 0.5  # seconds that Discord has to say somebody's roles: with COMMITTED of the listener less than three
PAGE, PAGES = 1_000, 200  # members read at once, and pages at most
AGAIN = timedelta(minutes=1)  # until the members are read again that could not be

_log = structlog.get_logger("winwin.discord")


class Holders:
    """`receive` returns when the facts are committed."""

    def __init__(self, api: DiscordApi, store: Store, receive: Receive, clock: Clock) -> None:
        self._api = api
        self._store = store
        self._receive = receive
        self._clock = clock
        self._trusts: tuple[Trust, ...] = ()
        self._looked_at = float("-inf")  # by the event loop's clock
        self._said: OrderedDict[str, frozenset[str]] = OrderedDict()  # by member, the trusted roles handed on
        self._unread: dict[str, datetime] = {}  # servers whose members are to be read, and from when on

    # --- what events tell -------------------------------------------------------------------------------------

    async def facts(self, name: str, data: Mapping[str, Any]) -> Sequence[RolesHeld | RoleChanged]:
        """What follows from an event for trusted roles and for those who have them."""
        told = worn(name, data)
        if told is not None:
            held = self._news(told, await self._known())
            return [held] if held is not None else []
        if name == "GUILD_MEMBER_REMOVE":  # they may come back with the same roles
            user = id_of(part(data.get("user")).get("id"))
            self._said.pop(member_of(user, id_of(data.get("guild_id"))).key, None)
        if name == "GUILD_CREATE" and not data.get("unavailable"):
            self.gap([id_of(data.get("id"))])
        if name.startswith(("GUILD_ROLE_", "GUILD_CREATE", "GUILD_DELETE")):
            return changes(name, data, await self._known(fresh=True), self._clock.now())
        return []

    def _news(self, told: Worn, trusts: Sequence[Trust]) -> RolesHeld | None:
        """None where nothing is new, or nothing counts on that server."""
        trusted = {t.key for t in trusts if t.space == space_of(told.guild)}
        member = member_of(told.user, told.guild)
        roles = frozenset(trusted.intersection(told.roles))
        if not trusted or self._said.get(member.key) == roles:
            return None
        return self._held(member, roles)

    def _held(self, member: Member, roles: frozenset[str] | set[str]) -> RolesHeld:
        self._said[member.key] = frozenset(roles)
        self._said.move_to_end(member.key)
        while len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        return RolesHeld(member, tuple(sorted(roles)), self._clock.now())

    async def _known(self, *, fresh: bool = False) -> tuple[Trust, ...]:
        now = asyncio.get_running_loop().time()
        if fresh or now - self._looked_at > FRESH:
            async with self._store.read() as tx:
                self._note(await tx.trusts.all())
        return self._trusts

    def _note(self, trusts: tuple[Trust, ...]) -> None:
        self._looked_at = asyncio.get_running_loop().time()
        if {(t.key, t.role) for t in trusts} != {(t.key, t.role) for t in self._trusts}:
            self._said.clear()
        self._trusts = trusts

    # --- at the press -----------------------------------------------------------------------------------------

    async def as_now(self, whence: Whence) -> bool:
        """See to it that somebody who presses may do what their roles say now. False: it could not be had in time."""
        member = whence.member
        async with self._store.read() as tx:
            self._note(await tx.trusts.all())
            record = (await tx.members.get([member.key])).get(member.key)
        trusts = [t for t in self._trusts if t.space == space_of(member.space)]
        badges = record.badges if record is not None else frozenset()
        if not trusts and not badges:
            return True
        roles = whence.roles if whence.roles is not None else await self._asked(member, record)
        if roles is None or badges_of(trusts, roles) == badges:
            return True
        if record is not None and (record.bot or record.deactivated):
            return True  # they wear none
        held = self._held(member, {t.key for t in trusts}.intersection(roles))
        await self._receive([held])
        return await self._handled(held, trusts)

    async def _asked(self, member: Member, record: MemberRecord | None) -> Sequence[str] | None:
        """In private Discord does not say it with the press, and is asked where it counts. None: it does not say."""
        if record is None or not record.badges:
            return None
        path = "/guilds/{guild_id}/members/{user_id}"
        asking = self._api.call("GET", path, guild_id=member.space, user_id=member.id)
        try:
            found = await asyncio.wait_for(asking, ASKED)
        except (DeliveryError, TimeoutError) as error:
            gone = isinstance(error, DeliveryError) and error.permanent
            return () if gone else None
        return roles_in(part(found), member.space)

    async def _handled(self, held: RolesHeld, trusts: Sequence[Trust]) -> bool:
        until, wanted = asyncio.get_running_loop().time() + PATIENCE, badges_of(trusts, held.roles)
        while asyncio.get_running_loop().time() < until:
            async with self._store.read() as tx:
                record = (await tx.members.get([held.member.key])).get(held.member.key)
            if record is not None and record.badges == wanted:
                return True
            await asyncio.sleep(LOOKED)
        return False

    # --- what nobody told -------------------------------------------------------------------------------------

    def gap(self, guilds: Sequence[str]) -> None:
        """Something may have been missed there."""
        for guild in filter(None, guilds):
            self._unread[guild] = self._clock.now()

    async def step(self) -> bool:
        """Read the members of one server where that is due. Returns whether there was anything to do."""
        now = self._clock.now()
        guild = next((guild for guild, at in self._unread.items() if at <= now), "")
        if not guild:
            return False
        del self._unread[guild]
        try:
            await self.read(guild)
        except DeliveryError as error:
            _log.info("roles_not_read", guild=guild, error=str(error))
            self._unread[guild] = now + AGAIN
        return True

    async def read(self, guild: str) -> None:
        """Who has a trusted role on this server, and who has none any more. Raises DeliveryError."""
        space = space_of(guild)
        async with self._store.read() as tx:
            self._note(await tx.trusts.all())
            wearing = {m.key: m for m in await tx.members.with_badges() if m.key.startswith(f"{space}:")}
        trusted = {t.key for t in self._trusts if t.space == space}
        if not trusted and not wearing:
            return
        try:
            held = await self._listed(guild, trusted)
        except DeliveryError as error:
            if not error.permanent:
                raise
            held = await self._asked_one_by_one(wearing, trusted)  # the list is not for us: no Server Members Intent
        facts = [self._held(Member.from_key(key), roles) for key, roles in held.items() if roles or key in wearing]
        if facts:
            await self._receive(facts)

    async def _listed(self, guild: str, trusted: set[str]) -> dict[str, set[str]]:
        """By member key, for everybody there."""
        held: dict[str, set[str]] = {}
        after = "0"
        for _ in range(PAGES):
            params = {"limit": PAGE, "after": after}
            page = parts(await self._api.call("GET", "/guilds/{guild_id}/members", params=params, guild_id=guild))
            for row in page:
                user = part(row.get("user"))
                after = id_of(user.get("id")) or after
                if not user.get("bot") and id_of(user.get("id")):
                    held[member_of(after, guild).key] = trusted.intersection(roles_in(row, guild) or ())
            if len(page) < PAGE:
                break
        return held

    async def _asked_one_by_one(self, wearing: Mapping[str, MemberRecord], trusted: set[str]) -> dict[str, set[str]]:
        found = {}
        for key, record in wearing.items():
            roles = await self._asked(Member.from_key(key), record)
            if roles is not None:
                found[key] = trusted.intersection(roles)
        return found
