"""Discord: the whole adapter on a Discord of our own; only the model is a toy, and time is moved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

from discord import AutoShardedClient

from adapters.discord.client import point_to
from adapters.discord.connection import DiscordConnection
from adapters.discord.gateway import Patience
from adapters.storage.memory import MemoryStore
from bot.community import MemberRecord, Role, Topic, VolunteerSettings
from bot.helpdesk import HelpDesk, House, Outside
from bot.judging import Judge
from bot.librarian import Librarian
from bot.lookups import Lookups
from bot.policy import Mode, Policy
from bot.routing import Kind
from bot.surfaces.house import House as DiscordHouse
from knowledge.search import Library
from tests.dialogues.core_stage import _nights, _resource
from tests.dialogues.stage import Person, Seen, Setting
from tests.fakes.clock import MovableClock
from tests.fakes.discord_interactions import Interaction, buttons
from tests.fakes.discord_payloads import DM, GENERAL, GUILD
from tests.fakes.discord_reading import filled, words_of
from tests.fakes.discord_server import TOKEN, DiscordServer, discord_server
from tests.fakes.mind import DIMENSION, ToyConfidence, ToyEar, ToyModel, ToyTriage
from tests.fakes.values import greeted

TICK = timedelta(minutes=5)
CHANNEL = GENERAL
VIEW = 1 << 10
HASTY = Patience(0.01, 0.05, settled=0.5, deaf=5.0, lost=5.0, identify=0.01, goodbye=0.2)

Json = dict[str, Any]


class DiscordStage:
    """See Stage."""

    discord: DiscordServer
    connection: DiscordConnection
    desk: HelpDesk
    triage: Any = ToyTriage()
    model = ToyModel()
    topics: Sequence[Topic] = ()
    sharded = False

    async def open(self, setting: Setting) -> None:
        self._stack = AsyncExitStack()
        self.clock = MovableClock()
        self.store = MemoryStore()
        self._mode = Mode(setting.mode)
        self._last: Interaction | None = None
        self._heard = 0
        self.discord = await self._stack.enter_async_context(discord_server(lambda: self.clock.now().timestamp()))
        for person in setting.people:
            await self._enter(person)
        async with self.store.begin() as tx:
            await tx.resources.put([_resource(row) for row in setting.library], self.clock.now())
            for channel in greeted(f"discord:{GUILD}:{CHANNEL}"):
                await tx.channels.save(replace(channel, mode=self._mode))
        await self._start()

    async def close(self) -> None:
        await self._stop()
        await self._stack.aclose()

    # --- what people do ---------------------------------------------------------------------------------------

    async def post(self, who: str, text: str, thread: str = "", *, private: bool = False) -> str:
        """In the thread of a message where there is one; else in answer to it."""
        more: Json = {}
        channel = self.discord.realm.direct(user(who))["id"] if private else CHANNEL
        if thread in self.discord.realm.channels:
            channel = thread
        elif thread:
            channel, more = self._channel_of(thread), {"reply_to": thread}
        message = self.discord.people_say(user(who), text, channel, **more)
        return await self._settled(str(message["id"]))

    async def edit(self, who: str, message: str, text: str) -> None:
        self.clock.move(timedelta(seconds=1))
        self.discord.edit(self._channel_of(message), message, text)
        await self._settled()

    async def delete(self, who: str, message: str) -> None:
        self.discord.delete(self._channel_of(message), message)
        await self._settled()

    async def press(self, who: str, label: str) -> None:
        await self._began(await self.discord.press(user(who), self.showing(who, label), label))

    async def save(self, who: str, message: str, values: Mapping[str, str]) -> None:
        found = self.discord.realm.message(self._channel_of(message), message)
        await self._began(await self.discord.context(user(who), found, "Save as resource"))
        await self.submit(values)

    async def answer(self, who: str, text: str) -> None:
        await self.press(who, "Write an answer")
        await self.submit({"text": text})

    async def ask(self, who: str, text: str, *, nameless: bool) -> str:
        before = {m["id"] for m in self.discord.posts(CHANNEL)}
        await self.command(who, "ask", question=text)
        await self.submit({"how": "anonymous" if nameless else "private"})
        new = [m["id"] for m in self.discord.posts(CHANNEL) if m["id"] not in before]
        return str(new[0]) if new else ""

    async def write_back(self, who: str, text: str) -> None:
        await self.press(who, "Write back")
        await self.submit({"text": text})

    async def hand_over(self, who: str, to: str) -> None:
        await self.press(who, "Hand it to somebody")
        await self.submit({"to": user(to)})

    async def invite(self, by: str) -> None:
        """The bot is let in where it was shut out; where it is in already, nothing changes."""
        self.clock.move(timedelta(seconds=1))
        room = self.discord.realm.channels[CHANNEL]
        steps = (str(VIEW), "0") if "denied_before" not in room else ("0",)
        for deny in steps:
            room["permission_overwrites"] = [{"id": GUILD, "type": 0, "allow": "0", "deny": deny}]
            self.discord.realm.emit("CHANNEL_UPDATE", room)
            await self._settled()
        room["denied_before"] = True

    async def deactivate(self, who: str) -> None:
        """They leave the server."""
        self.clock.move(timedelta(seconds=1))
        gone = self.discord.realm.members.pop(user(who))
        self.discord.realm.emit("GUILD_MEMBER_REMOVE", {"guild_id": GUILD, "user": gone["user"]})
        await self._settled()

    async def wait(self, how_long: timedelta) -> None:
        left = how_long
        while left > timedelta(0):
            step = min(left, TICK)
            self.clock.move(step)
            left -= step
            await self.desk.settle()

    async def restart(self) -> None:
        await self._stop()
        await self._start()

    async def read_up(self) -> None:
        """As after a gap: the platform is asked for all that no event may have told."""
        self.connection._gap()
        for _ in range(100):
            if not await self.connection.catch_up():
                break
        await self._settled()

    async def sees(self, who: str) -> Sequence[Seen]:
        return [self._seen(message) for message in self.messages_of(who)]

    # --- besides what every stage does --------------------------------------------------------------------

    async def command(self, who: str, name: str, **options: str) -> Interaction:
        return await self._began(await self.discord.command(user(who), CHANNEL, name, **options))

    async def submit(self, values: Mapping[str, str]) -> Interaction:
        """The form that was opened last, with these values typed."""
        opened = self._last
        assert opened is not None, "nothing was pressed"
        assert opened.modal is not None, f"no form was opened, but {[words_of(m) for m in opened.shown]}"
        return await self._began(await self.discord.submit(opened, filled(opened.modal, values)))

    def messages_of(self, who: str) -> list[Json]:
        """What the person sees of the bot, what was shown or changed last at the end."""
        seen = [m for m in self.discord.posts() if self._visible(m, who)]
        seen += [m for i in self.discord.interactions.all if i.user == user(who) for m in i.alone]
        return sorted(seen, key=lambda m: (m["edited_timestamp"] or m["timestamp"], int(m["id"])))

    def showing(self, who: str, label: str) -> Json:
        """The newest message that shows this button to the person."""
        found = [m for m in self.messages_of(who) if label in buttons(m)]
        assert found, f"{who} sees no button “{label}”"
        return found[-1]

    # --- how ----------------------------------------------------------------------------------------------

    async def _began(self, interaction: Interaction) -> Interaction:
        assert interaction.answer, "nothing was answered"
        self._last = interaction
        return await self._settled(interaction)

    async def _settled(self, given: Any = None) -> Any:
        """Until everything that happened has been heard, and nothing is left to do."""
        while True:
            await self._all_heard()
            before = len(self.discord.calls)
            await self.desk.settle()
            await self._all_heard()
            if len(self.discord.calls) == before:
                return given

    async def _all_heard(self) -> None:
        """Nothing is on its way to the bot, and nothing that it began is under way."""
        gateway, line = self.discord.gateway, self.connection._line
        assert line is not None
        await self.discord.until(
            lambda: (
                not gateway._waiting
                and all(self._taken(s.shard[0]) >= len(s.log) for line in gateway.lines if (s := line.session))
            )
        )
        await line._hearing.finish(5.0)
        assert self.connection._listener is not None
        await self.connection._listener.close()

    def _taken(self, shard: int) -> int:
        client = self.connection.guilds._client
        if isinstance(client, AutoShardedClient):
            one = client.get_shard(shard)
            socket = one._parent.ws if one is not None else None
        else:
            socket = client.ws if client is not None else None
        return int((socket.sequence if socket is not None else 0) or 0)

    def _channel_of(self, message: str) -> str:
        found = (c for c, said in self.discord.realm.messages.items() if any(m["id"] == message for m in said))
        return next(found, CHANNEL)

    def _visible(self, message: Json, who: str) -> bool:
        room = self.discord.realm.channels[message["channel_id"]]
        return room["type"] != DM or room["recipients"][0]["id"] == user(who)

    def _seen(self, message: Json) -> Seen:
        room = self.discord.realm.channels[message["channel_id"]]
        alone = room["type"] == DM or bool(message["flags"] & 64)
        return Seen(words_of(message), tuple(buttons(message)), alone=alone)

    async def _start(self) -> None:
        point_to(self.discord.api_url, self.discord.gateway_url)
        self.connection = DiscordConnection(TOKEN, self.clock, patience=HASTY, sharded=self.sharded)
        library = Library(DIMENSION, ToyConfidence())  # type: ignore[arg-type]  # a fake of the same shape
        model, triage, policy = self.model, self.triage, Policy()
        librarian = Librarian(library, model, "toy", self.store)
        judge = Judge(triage, librarian, model, policy, ToyEar())  # type: ignore[arg-type]
        outside = Outside(
            self.store,
            self.clock,
            {"discord": self.connection.messenger},
            triage,  # type: ignore[arg-type]
            judge,
            librarian,
            (),
            directories={"discord": self.connection.directory},
            readers={"discord": self.connection.reader},
        )
        self.desk = HelpDesk(outside, House(policy, self._mode, community="home"))
        await librarian.open()
        await self.desk.open()
        lookups = Lookups(self.store, librarian, judge, self.clock, policy, (), self.desk.receive, (), self._mode)
        pages = "https://pages.example.org"
        house = DiscordHouse(self.store, lookups, self.clock, lambda: self.topics, self._mode, pages, replies=True)
        self.connection.listen(self.desk.receive, house)
        await self.connection.open()
        await self._settled()

    async def _stop(self) -> None:
        await self.connection.close()
        await self.desk.close()

    async def _enter(self, person: Person) -> None:
        name = person.name
        self.discord.realm.enter(user(name), name)
        self.discord.realm.locales[user(name)] = "es-ES" if person.language == "es" else "en-US"
        settings = None
        if person.volunteer:
            settings = VolunteerSettings(
                key(name),
                Kind(person.volunteer),
                frozenset(person.topics),
                frozenset({person.language}),
                quiet=_nights(person.quiet),
                weekly_cap=person.cap,
            )
        async with self.store.begin() as tx:
            roles = frozenset(Role(role) for role in person.roles)
            await tx.members.save(MemberRecord(key(name), f"p-{name}", name.title(), roles, language=person.language))
            if settings is not None:
                await tx.volunteers.save(settings)


def user(name: str) -> str:
    """An id of Discord's for a name."""
    return str(10**17 + int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))


def key(name: str) -> str:
    return f"discord:{GUILD}:{user(name)}"
