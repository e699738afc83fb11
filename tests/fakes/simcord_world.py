"""A Discord that somebody else has written: simcord's, with the project's own connection on it.

The client is the one that `make_client` makes, and the supervisor brings it up; only its two ends are simcord's: what
it sends over HTTP goes to simcord's routes with their checks, and events come from simcord's gateway. What simcord does
not have is bridged in simcord_bridges and nowhere else. A body that Discord would not take ends the test, whatever the
bot makes of the refusal.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import simcord
from simcord.backend.access import can_access_message
from simcord.backend.models import Message, Overwrite
from simcord.enums import OverwriteType
from simcord.http import FakeHTTPClient

from adapters.discord import supervisor
from adapters.discord.client import CLOSED_TO_US
from adapters.discord.gateway import Ears, Patience, Wish, make_client
from adapters.discord.invite import BITS
from tests.fakes.simcord_bridges import bridge
from tests.fakes.values import NOON

Json = dict[str, Any]
Someone = simcord.MemberActor | simcord.UserHandle

INVALID = 50035  # Discord's number for a body that it does not take


class SimcordWorld:
    """One server with one text channel, on which the bot may do what its invite link asks for and nothing else."""

    def __init__(self, env: simcord.Env) -> None:
        self.env = env
        self.backend = env.backend
        self.guild = env.create_guild("home")
        self.channel = self.guild.create_text_channel("general")
        self.people: dict[str, simcord.MemberActor] = {}
        self.locales: dict[int, str] = {}
        self.clients: list[discord.Client] = []
        self.objections: list[str] = []  # to what was sent
        self.content = True  # whether the bot may have the Message Content Intent
        self._cut, self._up = asyncio.Event(), asyncio.Event()
        own = self.backend.guilds[self.guild.id].members[self.backend.bot_user.id]
        (role,) = own.role_ids
        self.backend.guilds[self.guild.id].roles[role].permissions = BITS

    @property
    def bot(self) -> int:
        return self.backend.bot_user.id

    def enter(self, name: str, *, language: str = "en") -> simcord.MemberActor:
        user = self.env.create_user(name, global_name=name.title())
        self.people[name] = self.guild.add_member(user)
        self.locales[user.id] = "es-ES" if language == "es" else "en-US"
        return self.people[name]

    def who(self, name: str, channel: int) -> Someone:
        """As they act there: in a private conversation nobody is a member of anything."""
        person = self.people[name]
        return person.user if self.backend.get_channel(channel).guild_id is None else person

    # --- what is there ----------------------------------------------------------------------------------------

    def message(self, message: int) -> Message:
        return next(said[message] for said in self.backend.messages.values() if message in said)

    def shown_to(self, name: str) -> list[Message]:
        """What somebody sees of the bot, what was shown or changed last at the end."""
        seen = [m for said in self.backend.messages.values() for m in said.values() if self._sees(name, m)]
        return sorted(seen, key=lambda m: (m.edited_timestamp or m.timestamp, m.id))

    def _sees(self, name: str, message: Message) -> bool:
        if message.author_id != self.bot or message.system_metadata is not None:
            return False
        return can_access_message(self.env, message.channel_id, message, self.who(name, message.channel_id))

    def handle(self, message: Message) -> simcord.ResponseMessage:
        """By which people act on a message."""
        return simcord.ResponseMessage(self.env, message)

    def place(self, channel: int) -> simcord.ChannelHandle:
        found = self.backend.get_channel(channel)
        return simcord.ChannelHandle(self.env, self.guild if found.guild_id is not None else None, found)

    def calls(self, method: str, ending: str) -> list[simcord.HttpLogEntry]:
        return [one for one in self.env.http_requests if one.method == method and one.path.endswith(ending)]

    def posts_in_forum(self, name: str, forum: simcord.ChannelHandle, title: str, text: str, *tags: str) -> Message:
        """A member's own post: a thread, and its first message, which bears the same id."""
        known = {tag["name"]: int(tag["id"]) for tag in forum._channel.available_tags}
        by = self.people[name].id
        self.backend.require_permissions(self.guild.id, by, forum.id, "send_messages")
        thread = self.backend.create_thread(
            forum.id, title, by, applied_tags=[known[tag] for tag in tags], broadcast=False
        )
        first = self.backend.prepare_message(thread.id, by, text)
        first.id = thread.id
        self.backend.announce_thread_create(thread)
        return self.backend.commit_message(first)

    def forum(self, name: str, *tags: str) -> simcord.ChannelHandle:
        made = self.guild.create_forum_channel(name)
        plain = {"moderated": False, "emoji_id": None, "emoji_name": None}
        rows = [{"id": str(self.backend.snowflake()), "name": tag, **plain} for tag in tags]
        self.backend.edit_channel(made.id, {"available_tags": rows})
        return made

    def may(self, channel: simcord.ChannelHandle, *, deny: int) -> None:
        """What the bot may not do in a channel, by an overwrite of its own."""
        self.backend.set_overwrite(channel.id, Overwrite(self.bot, OverwriteType.MEMBER, deny=deny))

    def closed(self, name: str) -> None:
        """They take no private messages from the bot."""
        words = {"status": 403, "code": CLOSED_TO_US, "message": "Cannot send messages to this user", "times": None}
        path = f"/channels/{self.people[name].user.dm_channel.id}/messages"
        self.backend.faults.append({"method": "POST", "path": path, **words})

    # --- how the bot comes on ---------------------------------------------------------------------------------

    def client(self, wish: Wish, ears: Ears, patience: Patience) -> discord.Client:
        """The product's own client, with simcord at both ends."""
        made = make_client(wish, _apart(ears), patience)
        loop = asyncio.get_running_loop()
        made.http = made._connection.http = FakeHTTPClient(self.backend, loop)  # what logs in before it is attached
        self.clients.append(made)
        self._cut.clear()
        self._up.clear()

        async def connect(*, reconnect: bool = True) -> None:
            if made.intents.message_content and not self.content:
                raise discord.PrivilegedIntentsRequired(shard_id=None)
            await self.env.restart_bot(made)
            self._watch(made.http)
            self._up.set()
            await self._cut.wait()

        made.connect = connect  # type: ignore[method-assign,assignment]
        return made

    async def up(self) -> None:
        """The bot has its line, and was told what there is."""
        async with asyncio.timeout(5):
            await self._up.wait()

    def cut(self) -> None:
        """The line to the bot is gone; what happens until it is back is not told."""
        self.clients[-1].ws.open = False  # type: ignore[attr-defined]  # simcord's own
        self._up.clear()
        self._cut.set()

    def _watch(self, http: Any) -> None:
        ask = http.request

        async def asked(route: Any, **given: Any) -> Any:
            await asyncio.sleep(0)  # nothing is answered at once
            try:
                return await ask(route, **given)
            except discord.HTTPException as refused:
                if refused.code == INVALID:
                    self.objections.append(f"{route.method} {route.path}: {refused.text}")
                raise
            except Exception as unknown:  # a route or a field that simcord does not know
                self.objections.append(f"{route.method} {route.url}: {unknown!r}")
                raise

        http.request = asked


class SimcordClock:
    """See bot.ports.Clock. It is simcord's."""

    def __init__(self, env: simcord.Env) -> None:
        self._env = env

    def now(self) -> datetime:
        return self._env.now().astimezone(UTC)


def _apart(ears: Ears) -> Ears:
    """What the bot does with an event is its own work and takes real time. In simcord's scope its pauses would wait for
    simcord's clock, which stands still."""

    def event(name: str, data: Json) -> None:
        Context().run(ears.event, name, data)

    return replace(ears, event=event)


@asynccontextmanager
async def simcord_world(*, content: bool = True) -> AsyncIterator[SimcordWorld]:
    """It is noon, see Setting. Nobody is there yet, and the bot has no line."""
    nobody = discord.Client(intents=discord.Intents(guilds=True))
    env = simcord.Env(nobody)
    await env.start()
    try:
        await env.advance_time((NOON - env.now()) / timedelta(seconds=1))
        world = SimcordWorld(env)
        world.content = content
        bridge(world.backend, world.locales)
        with brought_up_by(world.client):
            yield world
    finally:
        await env.shutdown()
    env.raise_errors()
    assert not world.objections, world.objections


@contextmanager
def brought_up_by(make: Callable[[Wish, Ears, Patience], discord.Client]) -> Iterator[None]:
    theirs = supervisor.make_client
    supervisor.make_client = make
    try:
        yield
    finally:
        supervisor.make_client = theirs
