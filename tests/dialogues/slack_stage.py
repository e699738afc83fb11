"""Slack: the whole adapter over Socket Mode, against a Slack of our own; only the model is a toy, and time is moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from adapters.slack.connection import SlackConnection, connected
from adapters.storage.memory import MemoryStore
from bot.community import MemberRecord, Role, VolunteerSettings
from bot.helpdesk import HelpDesk, House, Outside
from bot.judging import Judge
from bot.librarian import Librarian
from bot.lookups import Lookups
from bot.policy import Mode, Policy
from bot.routing import Kind
from bot.surfaces.house import House as SlackHouse
from knowledge.search import Library
from tests.dialogues.core_stage import _nights, _resource
from tests.dialogues.stage import Person, Seen, Setting
from tests.fakes.clock import MovableClock
from tests.fakes.mind import DIMENSION, ToyConfidence, ToyEar, ToyModel, ToyTriage
from tests.fakes.slack_reading import filled, words_of
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer, buttons, slack_server
from tests.fakes.slack_workspace import BOT, TEAM

CHANNEL = "C01GEN"
TICK = timedelta(minutes=5)

Json = dict[str, Any]


class SlackStage:
    """See Stage."""

    slack: SlackServer
    connection: SlackConnection
    desk: HelpDesk
    triage: Any = ToyTriage()
    model = ToyModel()

    async def open(self, setting: Setting) -> None:
        self._stack = AsyncExitStack()
        self.clock = MovableClock()
        self.store = MemoryStore()
        self._mode = Mode(setting.mode)
        self.slack = await self._stack.enter_async_context(slack_server(lambda: self.clock.now().timestamp()))
        for person in setting.people:
            await self._enter(person)
        self.slack.workspace.open_channel(CHANNEL, "general")
        resources = [_resource(row) for row in setting.library]
        async with self.store.begin() as tx:
            await tx.resources.put(resources, self.clock.now())
        await self._start()

    async def close(self) -> None:
        await self._stop()
        await self._stack.aclose()

    async def post(self, who: str, text: str, thread: str = "", *, private: bool = False) -> str:
        channel = self.slack.workspace.direct(user(who)).id if private else self._channel_of(thread)
        message = await self.slack.people_say(user(who), text, channel, thread)
        return await self._settled(message["ts"])

    async def edit(self, who: str, message: str, text: str) -> None:
        self.clock.move(timedelta(seconds=1))
        await self.slack.edit(self._channel_of(message), message, text)
        await self._settled()

    async def delete(self, who: str, message: str) -> None:
        await self.slack.delete(self._channel_of(message), message)
        await self._settled()

    async def press(self, who: str, label: str) -> None:
        message = self.showing(who, label)
        await self.slack.press(user(who), message["channel"], message["ts"], label)
        await self._settled()

    async def save(self, who: str, message: str, values: Mapping[str, str]) -> None:
        await self.slack.shortcut(user(who), "save_as_resource", self._channel_of(message), message)
        await self.submit(who, values)

    async def answer(self, who: str, text: str) -> None:
        await self.press(who, "Write an answer")
        await self.submit(who, {"text": text})

    async def ask(self, who: str, text: str, *, nameless: bool) -> str:
        before = {m["ts"] for m in self.slack.posts(CHANNEL)}
        await self.command(who, "/ask", text)
        await self.submit(who, {"how": "anonymous" if nameless else "private"})
        new = [m["ts"] for m in self.slack.posts(CHANNEL) if m["ts"] not in before and "thread_ts" not in m]
        return new[0] if new else ""

    async def write_back(self, who: str, text: str) -> None:
        await self.press(who, "Write back")
        await self.submit(who, {"text": text})

    async def hand_over(self, who: str, to: str) -> None:
        await self.press(who, "Hand it to somebody")
        await self.submit(who, {"to": user(to)})

    async def invite(self, by: str) -> None:
        self.clock.move(timedelta(seconds=1))
        joined = {"user": BOT, "channel": CHANNEL, "inviter": user(by), "team": TEAM}
        await self._happened({"type": "member_joined_channel", **joined})

    async def deactivate(self, who: str) -> None:
        self.clock.move(timedelta(seconds=1))
        self.slack.workspace.people[user(who)]["deleted"] = True
        await self._happened({"type": "user_change", "user": self.slack.workspace.people[user(who)]})

    async def _happened(self, event: Json) -> None:
        await self.slack.deliver(self.slack.event({**event, "event_ts": self.slack.workspace.ts()}))
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
        return [self._seen(message, who) for message in self.messages_of(who)]

    # --- besides what every stage does --------------------------------------------------------------------

    async def command(self, who: str, command: str, text: str = "") -> Json | None:
        answer = await self.slack.command(user(who), CHANNEL, command, text)
        return await self._settled(answer)

    async def submit(self, who: str, values: Mapping[str, str]) -> Json | None:
        """The modal that was opened last, with these values typed."""
        view = self.modal()
        answer = await self.slack.submit(user(who), view, filled(view, values))
        return await self._settled(answer)

    def modal(self) -> Json:
        views = [v for v in self.slack.workspace.views.values() if v["type"] == "modal"]
        assert views, "no form was opened"
        return views[-1]

    def messages_of(self, who: str) -> list[Json]:
        """What the person sees of the bot, what was shown or changed last at the end."""
        seen = [m for m in self.slack.posts() if self._visible(m, who)]
        return sorted(seen, key=lambda m: m.get("edited", m)["ts"])

    def showing(self, who: str, label: str) -> Json:
        """The newest message that shows this button to the person."""
        found = [m for m in self.messages_of(who) if label in buttons(m)]
        assert found, f"{who} sees no button “{label}”"
        return found[-1]

    # --- how ----------------------------------------------------------------------------------------------

    async def _settled(self, given: Any = None) -> Any:
        await self.desk.settle()
        return given

    def _channel_of(self, message: str) -> str:
        channels = self.slack.workspace.channels.values()
        return next((c.id for c in channels if message and c.find(message)), CHANNEL)

    def _visible(self, message: Json, who: str) -> bool:
        if "ephemeral_to" in message:
            return bool(message["ephemeral_to"] == user(who))
        room = self.slack.workspace.channels[message["channel"]]
        return room.direct in ("", user(who))

    def _seen(self, message: Json, who: str) -> Seen:
        room = self.slack.workspace.channels[message["channel"]]
        alone = "ephemeral_to" in message or room.direct == user(who)
        return Seen(words_of(message["blocks"]), tuple(buttons(message)), alone=alone)

    async def _start(self) -> None:
        self.connection = await connected(self.slack.api_url, BOT_TOKEN, None, self.clock)
        library = Library(DIMENSION, ToyConfidence())  # type: ignore[arg-type]  # a fake of the same shape
        model, triage, policy = self.model, self.triage, Policy()
        librarian = Librarian(library, model, "toy", self.store)
        judge = Judge(triage, librarian, model, policy, ToyEar())  # type: ignore[arg-type]
        mouths = {"slack": self.connection.messenger}
        directories = {"slack": self.connection.directory}
        outside = Outside(
            self.store,
            self.clock,
            mouths,
            triage,  # type: ignore[arg-type]
            judge,
            librarian,
            (),
            directories=directories,
            readers={"slack": self.connection.reader},
        )
        self.desk = HelpDesk(outside, House(policy, self._mode, community="home"))
        await librarian.open()
        await self.desk.open()
        await self.connection.greet()
        lookups = Lookups(self.store, librarian, judge, self.clock, policy, (), self.desk.receive, (), self._mode)
        house = SlackHouse(self.store, lookups, self.clock, lambda: (), self._mode, "https://pages.example.org")
        self.connection.listen(self.desk.receive, house)
        await self.connection.open_socket(APP_TOKEN)

    async def _stop(self) -> None:
        await self.connection.close()
        await self.desk.close()

    async def _enter(self, person: Person) -> None:
        profile = {"display_name": person.name.title(), "real_name": person.name.title()}
        self.slack.workspace.enter(user(person.name), person.name, profile=profile, tz="UTC", locale=person.language)
        record = MemberRecord(key(person.name), f"p-{person.name}", person.name.title())
        settings = None
        if person.volunteer:
            settings = VolunteerSettings(
                key(person.name),
                Kind(person.volunteer),
                frozenset(person.topics),
                frozenset({person.language}),
                quiet=_nights(person.quiet),
                weekly_cap=person.cap,
            )
        async with self.store.begin() as tx:
            roles = frozenset(Role(role) for role in person.roles)
            known = MemberRecord(record.key, record.person, record.name, roles, language=person.language)
            await tx.members.save(known)
            if settings is not None:
                await tx.volunteers.save(settings)


def user(name: str) -> str:
    return f"U{name.upper()}"


def key(name: str) -> str:
    return f"slack:{TEAM}:{user(name)}"
