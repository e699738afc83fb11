"""Discord as somebody else has written it: the whole adapter on simcord's world, its people and its clock.

simcord checks what a person could do (a button that is there, a field that is not too long, a command that is
registered) and what the bot may do and send. The model is a toy, as on every stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

from simcord import InteractionResult
from simcord.backend.models import Message, Overwrite

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
from tests.fakes.discord_interactions import buttons
from tests.fakes.discord_reading import entered, words_of
from tests.fakes.mind import DIMENSION, ToyConfidence, ToyEar, ToyModel, ToyTriage
from tests.fakes.simcord_world import SimcordClock, SimcordWorld, simcord_world
from tests.fakes.values import greeted

TICK = timedelta(minutes=5)
VIEW = 1 << 10
HASTY = Patience(0.01, 0.05, settled=0.5, deaf=5.0, lost=5.0, identify=0.01, goodbye=0.2)

Json = dict[str, Any]


class SimcordStage:
    """See Stage."""

    world: SimcordWorld
    connection: DiscordConnection
    desk: HelpDesk
    topics: Sequence[Topic] = ()

    def __init__(self, *, content: bool = True) -> None:
        """`content`: whether the bot may have the Message Content Intent."""
        self._content = content

    async def open(self, setting: Setting) -> None:
        self._mode = Mode(setting.mode)
        self._stack = AsyncExitStack()
        self.world = await self._stack.enter_async_context(simcord_world(content=self._content))
        self.clock = SimcordClock(self.world.env)
        self.store = MemoryStore()
        self._last: InteractionResult | None = None
        self._hidden = False
        for person in setting.people:
            await self.enter(person)
        async with self.store.begin() as tx:
            await tx.resources.put([_resource(row) for row in setting.library], self.clock.now())
            for channel in greeted(f"discord:{self.guild}:{self.world.channel.id}"):
                await tx.channels.save(replace(channel, mode=self._mode))
        await self.start()

    async def close(self) -> None:
        try:
            await self.stop()
        finally:
            await self._stack.aclose()

    # --- what people do ---------------------------------------------------------------------------------------

    async def post(self, who: str, text: str, thread: str = "", *, private: bool = False) -> str:
        """In the thread of a message where there is one; else in answer to it."""
        person, more = self.world.people[who], {}
        if private:
            message = await person.send_dm(text)
            return await self.settled(str(message.id))
        channel = self.world.channel
        if thread and int(thread) in self.world.backend.channels:
            channel = self.world.place(int(thread))
        elif thread:
            found = self.world.message(int(thread))
            channel, more = self.world.place(found.channel_id), {"reply_to": self.world.handle(found)}
        if channel.guild is None:
            made = self.world.backend.create_message(channel.id, person.id, text, reference=_answering(found))
            return await self.settled(str(made.id))
        message = await person.send(channel, text, **more)
        return await self.settled(str(message.id))

    async def edit(self, who: str, message: str, text: str) -> None:
        await self.world.env.advance_time(1)
        found = self.world.message(int(message))
        await self.world.who(who, found.channel_id).edit(self.world.handle(found), text)
        await self.settled()

    async def delete(self, who: str, message: str) -> None:
        found = self.world.message(int(message))
        await self.world.who(who, found.channel_id).delete(self.world.handle(found))
        await self.settled()

    async def press(self, who: str, label: str) -> None:
        shown = self.showing(who, label)
        pressed = await self.world.who(who, shown.channel_id).click(self.world.handle(shown), label=label)
        await self._began(pressed)

    async def save(self, who: str, message: str, values: Mapping[str, str]) -> None:
        await self.context(who, message, "Save as resource")
        await self.submit(who, values)

    async def answer(self, who: str, text: str) -> None:
        await self.press(who, "Write an answer")
        await self.submit(who, {"text": text})

    async def ask(self, who: str, text: str, *, nameless: bool) -> str:
        before = set(self.world.backend.messages[self.world.channel.id])
        await self.command(who, "ask", question=text)
        await self.submit(who, {"how": "anonymous" if nameless else "private"})
        said = self.world.backend.messages[self.world.channel.id]
        new = [m for m in said if m not in before and not said[m].is_ephemeral and said[m].type == 0]
        return str(new[0]) if new else ""

    async def write_back(self, who: str, text: str) -> None:
        await self.press(who, "Write back")
        await self.submit(who, {"text": text})

    async def hand_over(self, who: str, to: str) -> None:
        await self.press(who, "Hand it to somebody")
        await self.submit(who, {"to": str(self.world.people[to].id)})

    async def invite(self, by: str) -> None:
        """The bot is let in where it was shut out; where it is in already, nothing changes."""
        await self.world.env.advance_time(1)
        for deny in (0,) if self._hidden else (VIEW, 0):
            self.world.backend.set_overwrite(self.world.channel.id, Overwrite(self.world.guild.id, 0, deny=deny))
            await self.settled()
        self._hidden = True

    async def deactivate(self, who: str) -> None:
        """They leave the server."""
        await self.world.env.advance_time(1)
        self.world.guild.remove_member(self.world.people[who])
        await self.settled()

    async def wait(self, how_long: timedelta) -> None:
        left = how_long
        while left > timedelta(0):
            step = min(left, TICK)
            await self.world.env.advance_time(step / timedelta(seconds=1))
            left -= step
            await self.desk.settle()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def sees(self, who: str) -> Sequence[Seen]:
        there = set(self.world.guild.member_ids())
        if self.world.people[who].id in there:
            return [self._seen(message) for message in self.world.shown_to(who)]
        others = (name for name, person in self.world.people.items() if person.id in there)
        return [seen for seen in await self.sees(next(others)) if not seen.alone]  # a scenario counts them in

    # --- besides what every stage does ------------------------------------------------------------------------

    @property
    def guild(self) -> str:
        return str(self.world.guild.id)

    def key(self, name: str) -> str:
        return f"discord:{self.guild}:{self.world.people[name].id}"

    async def command(self, who: str, name: str, **options: str) -> InteractionResult:
        return await self._began(await self.world.people[who].slash(self.world.channel, name, **options))

    async def context(self, who: str, message: str, name: str) -> InteractionResult:
        """A command of the menu on a message."""
        found = self.world.message(int(message))
        channel, target = self.world.place(found.channel_id), self.world.handle(found)
        return await self._began(await self.world.people[who].context_menu(channel, name, target))

    async def submit(self, who: str, values: Mapping[str, str]) -> InteractionResult:
        """The form that was opened last, with these values typed."""
        assert self._last is not None, "nothing was pressed"
        assert self._last.modal is not None, f"no form was opened, but {self._last}"
        everybody = {str(person.id): person for person in self.world.people.values()}
        by = self.world.who(who, self._last._interaction.channel_id)
        sent = entered(self._last.modal, values, everybody)
        return await self._began(await by.submit_modal(self._last, sent))

    def offers(self, who: str) -> bool:
        """Whether they are asked to take a question."""
        return any("Accept" in buttons({"components": m.components}) for m in self.world.shown_to(who))

    def showing(self, who: str, label: str) -> Message:
        """The newest message that shows this button to the person."""
        found = [m for m in self.world.shown_to(who) if label in buttons({"components": m.components})]
        assert found, f"{who} sees no button “{label}”"
        return found[-1]

    # --- how --------------------------------------------------------------------------------------------------

    async def _began(self, interaction: InteractionResult) -> InteractionResult:
        await self.settled()
        assert interaction.acknowledged, "nothing was answered"
        self._last = interaction
        return interaction

    async def settled(self, given: Any = None) -> Any:
        """Until everything that happened has been heard, and nothing is left to do."""
        while True:
            await self._all_heard()
            before = len(self.world.env.http_requests)
            await self.desk.settle()
            await self._all_heard()
            if len(self.world.env.http_requests) == before:
                return given

    async def _all_heard(self) -> None:
        line, listener = self.connection._line, self.connection._listener
        assert line is not None
        assert listener is not None
        await self.world.env.settle()
        await line._hearing.finish(5.0)
        await listener.close()

    def _seen(self, message: Message) -> Seen:
        shown = {"content": message.content, "embeds": message.embeds, "components": message.components}
        direct = self.world.backend.get_channel(message.channel_id).guild_id is None
        return Seen(words_of(shown), tuple(buttons(shown)), alone=direct or message.is_ephemeral)

    async def start(self) -> None:
        self.connection = DiscordConnection("token", self.clock, patience=HASTY)
        library = Library(DIMENSION, ToyConfidence())  # type: ignore[arg-type]  # a fake of the same shape
        model, triage, policy = ToyModel(), ToyTriage(), Policy()
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
        house = DiscordHouse(self.store, lookups, self.clock, lambda: self.topics, self._mode)
        self.connection.listen(self.desk.receive, house)
        await self.connection.open()
        await self.world.up()
        await self.settled()

    async def stop(self) -> None:
        await self.connection.close()
        await self.desk.close()

    async def enter(self, person: Person) -> None:
        name = person.name
        self.world.enter(name, language=person.language)
        settings = None
        if person.volunteer:
            settings = VolunteerSettings(
                self.key(name),
                Kind(person.volunteer),
                frozenset(person.topics),
                frozenset({person.language}),
                quiet=_nights(person.quiet),
                weekly_cap=person.cap,
            )
        async with self.store.begin() as tx:
            roles = frozenset(Role(role) for role in person.roles)
            record = MemberRecord(self.key(name), f"p-{name}", name.title(), roles, language=person.language)
            await tx.members.save(record)
            if settings is not None:
                await tx.volunteers.save(settings)


def _answering(message: Message) -> Json:
    return {"channel_id": str(message.channel_id), "message_id": str(message.id)}
