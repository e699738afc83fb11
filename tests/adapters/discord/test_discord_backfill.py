"""What no event told is read up on: all of it, in order, at a pace that Discord never has to limit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.discord.backfill import AT_ONCE, Backfill
from adapters.discord.backfill_plan import EPOCH, PAGE, Kind, Look, Room, Talk, id_at, read, without
from adapters.storage.memory import MemoryStore
from bot.events import Member, MessageDeleted, MessageEdited, MessagePosted, Place, PlatformEvent
from bot.policy import Mode
from tests.adapters.discord.discord_line import Line
from tests.fakes.clock import MovableClock
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_payloads import ALICE, BEN, BOT, GENERAL, GUILD, QUESTIONS
from tests.fakes.discord_server import DiscordServer, discord_server
from tests.fakes.slack_faults import Status
from tests.fakes.values import DAY, NOON

HISTORY = "GET /channels/{channel_id}/messages"


def placed(channel: str, message: str, thread: str = "") -> Place:
    return Place("discord", GUILD, channel, message, thread or message)


class Reader:
    def __init__(self, discord: DiscordServer, line: Line, clock: MovableClock) -> None:
        self.discord, self.line, self.clock = discord, line, clock
        self.store = MemoryStore()
        self.facts: list[PlatformEvent] = []
        self.broken = 0
        self.missed = 0
        self.backfill = self.started()

    def started(self) -> Backfill:
        return Backfill(
            self.line.api,
            self.line.guilds.ids,
            self.posted,
            self.store,
            self.receive,
            self.clock,
            Mode.THREAD,
            on_missed=self.on_missed,
        )

    def posted(self, message: Mapping[str, Any], thread: str) -> MessagePosted | None:
        if message["author"]["id"] == BOT:
            return None
        own, channel = message["id"], message["channel_id"]
        room = self.discord.realm.channels[channel]
        place = placed(room["parent_id"], own, channel) if "thread_metadata" in room else placed(channel, own, thread)
        at = EPOCH + timedelta(milliseconds=int(own) >> 22)
        return MessagePosted(place, Member("discord", GUILD, message["author"]["id"]), message["content"], at)

    async def receive(self, facts: Sequence[PlatformEvent]) -> None:
        if self.broken:
            self.broken -= 1
            raise OSError("the store is away")
        self.facts += facts

    def on_missed(self) -> None:
        self.missed += 1

    def texts(self) -> list[str]:
        return [f.text for f in self.facts if isinstance(f, MessagePosted)]

    async def round(self) -> int:
        """Until there is nothing left to read; how many steps of half a second it took."""
        for steps in range(1000):
            await self.backfill.step()
            if self.backfill.idle:
                return steps
            self.clock.move(timedelta(seconds=0.5))
        raise AssertionError("no end")

    async def away(self) -> None:
        """Known, and then left for an hour."""
        await self.round()
        self.clock.move(timedelta(hours=1))
        self.backfill = self.started()


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    clock = MovableClock()
    async with discord_server(lambda: clock.now().timestamp()) as discord:
        line = Line(discord)
        await line.supervisor.open()
        yield Reader(discord, line, clock)
        await line.supervisor.close()


async def test_what_was_said_before_the_bot_came_is_left_alone(reader: Reader) -> None:
    reader.discord.people_say(ALICE, "long ago")
    reader.clock.move(timedelta(minutes=1))
    await reader.away()
    reader.discord.people_say(ALICE, "meanwhile")
    await reader.round()
    assert reader.texts() == ["meanwhile"]


async def test_all_is_read_once_and_in_order(reader: Reader) -> None:
    await reader.away()
    asked = reader.discord.people_say(ALICE, "Pool?")["id"]
    thread = reader.discord.realm.start_thread(GENERAL, "Pool?", on=asked)
    reader.discord.people_say(BEN, "Yes", thread["id"])
    post = reader.discord.ask_in_forum(ALICE, "School", "A letter?")
    reader.discord.people_say(BEN, "I have one", post["channel_id"])
    for n in range(2 * PAGE + 5):
        reader.discord.people_say(ALICE, f"{n}")
    reader.clock.move(timedelta(minutes=1))
    assert await reader.round() >= 6  # half seconds: three pages and a thread, one a second
    texts = reader.texts()
    assert sorted(texts) == sorted(["Pool?", "Yes", "A letter?", "I have one", *(f"{n}" for n in range(2 * PAGE + 5))])
    assert texts.index("Pool?") < texts.index("Yes")
    assert texts.index("A letter?") < texts.index("I have one")
    assert [t for t in texts if t.isdigit()] == [f"{n}" for n in range(2 * PAGE + 5)]
    reader.facts.clear()
    reader.clock.move(timedelta(minutes=11))
    await reader.round()
    assert reader.facts == []


async def test_a_post_that_was_put_away_meanwhile_is_read(reader: Reader) -> None:
    await reader.away()
    post = reader.discord.ask_in_forum(ALICE, "School", "A letter?")
    reader.discord.realm.channels[QUESTIONS]["last_message_id"] = post["id"]
    reader.discord.realm.change_thread(post["channel_id"], archived=True)
    await reader.round()
    assert reader.texts() == ["A letter?"]


async def test_a_page_that_is_not_taken_is_read_again(reader: Reader) -> None:
    await reader.away()
    reader.discord.people_say(ALICE, "Pool?")
    reader.broken = 1
    with pytest.raises(OSError, match="away"):
        await reader.round()
    reader.clock.move(timedelta(seconds=2))
    await reader.round()
    assert reader.texts() == ["Pool?"]


async def test_a_server_in_trouble_is_asked_again_later(reader: Reader) -> None:
    await reader.away()
    reader.discord.people_say(ALICE, "Pool?")
    reader.discord.fail(HISTORY, Status(503))
    await reader.round()
    assert reader.texts() == ["Pool?"]


async def test_what_may_not_be_read_yet_is_read_when_it_may(reader: Reader) -> None:
    await reader.away()
    reader.discord.people_say(ALICE, "Pool?")
    reader.clock.move(timedelta(minutes=1))
    reader.discord.fail(HISTORY, Refused(50001))
    await reader.round()
    assert reader.texts() == []
    reader.clock.move(timedelta(minutes=11))
    await reader.round()
    assert reader.texts() == ["Pool?"]


async def test_an_event_that_never_came_is_noticed(reader: Reader) -> None:
    await reader.round()
    reader.clock.move(timedelta(minutes=1))
    reader.discord.people_say(ALICE, "unheard")
    reader.clock.move(timedelta(minutes=10))
    await reader.round()
    assert (reader.texts(), reader.missed) == (["unheard"], 1)


async def test_five_thousand_messages_in_fifty_channels(reader: Reader) -> None:
    rooms = [str(int(GENERAL) + 100 + n) for n in range(50)]
    for room in rooms:
        reader.discord.realm.open_channel(room, f"room-{room[-2:]}")
    await reader.away()
    for n in range(100):
        for room in rooms:
            reader.discord.realm.post(room, ALICE, {"content": f"{room} {n}"}, heard=False)
    reader.clock.move(timedelta(minutes=1))
    seen, asked = len(reader.discord.calls), list[str]()
    for steps in range(200):  # noqa: B007 -- asked for below
        await reader.backfill.step()
        calls = [c.ids["channel_id"] for c in reader.discord.calls[seen:] if c.call == HISTORY]
        seen = len(reader.discord.calls)
        asked += calls
        assert len(calls) == len(set(calls)) <= AT_ONCE
        if reader.backfill.idle:
            break
        reader.clock.move(timedelta(seconds=0.5))
    assert len(reader.texts()) == len(set(reader.texts())) == 5000
    assert steps * 0.5 < 30
    assert set(asked[:50]) == set(rooms)  # nobody's second page before everybody's first
    assert [c for c in reader.discord.calls if c.status == 429] == []


# --- pages, without a server ---------------------------------------------------------------------------------


def said(message: str, text: str = "x", **more: Any) -> dict[str, Any]:
    return {"id": message, "content": text, "author": {"id": ALICE}, **more}


def posted(message: Mapping[str, Any], thread: str) -> MessagePosted:
    return MessagePosted(placed("7", message["id"], thread), Member("discord", GUILD, ALICE), message["content"], NOON)


ROOM, POSTS = Room(GUILD, "7", "1"), Room(GUILD, "7", "1", forum=True)
TALK = Talk(placed("7", "10"), NOON, (placed("7", "11", "10"), placed("7", "12", "10")))


def test_a_reply_belongs_to_what_it_answers() -> None:
    def to(message: str) -> dict[str, Any]:
        return {"message_reference": {"message_id": message}}

    page = [said("20"), said("21", **to("20")), said("22", **to("21")), said("23", **to("10")), said("24", **to("5"))]
    found = read(Look(Kind.CHANNEL, ROOM, "7", "1"), page, posted, {"10"}, NOON)
    threads = [f.place.thread for f in found.facts if isinstance(f, MessagePosted)]
    assert threads == ["20", "20", "20", "10", "24"]


def test_an_edit_is_a_fact_of_its_own() -> None:
    edited = said("20", edited_timestamp="2026-03-01T10:00:00+00:00")
    found = read(Look(Kind.CHANNEL, ROOM, "7", "1"), [edited], posted, (), NOON)
    assert [type(f) for f in found.facts] == [MessagePosted, MessageEdited]
    assert found.facts[1].key.endswith(datetime(2026, 3, 1, 10, tzinfo=UTC).isoformat())


def test_what_is_missing_in_a_post_is_deleted() -> None:
    look = Look(Kind.THREAD, POSTS, "10", talk=TALK)
    found = read(look, [said("10"), said("12")], posted, (), NOON)
    assert found.facts[-1] == MessageDeleted(placed("7", "11", "10"), NOON)
    assert [f.place.message for f in without(look, NOON).facts] == ["10", "11", "12"]


def test_an_answer_outside_the_thread_is_looked_for_before_it_is_called_deleted() -> None:
    look = Look(Kind.THREAD, ROOM, "10", talk=TALK)
    found = read(look, [said("12")], posted, (), NOON)
    assert not any(isinstance(f, MessageDeleted) for f in found.facts)
    assert [(n.kind, n.source, n.place) for n in found.then] == [(Kind.ONE, "7", TALK.answers[0])]
    assert without(found.then[0], NOON).facts == (MessageDeleted(TALK.answers[0], NOON),)


def test_ids_say_when() -> None:
    assert EPOCH + timedelta(milliseconds=int(id_at(NOON)) >> 22) == NOON


async def test_a_clock_that_is_set_back_a_day_holds_up_no_reading(reader: Reader) -> None:
    await reader.round()
    reader.clock.move(timedelta(minutes=1))
    reader.discord.people_say(ALICE, "meanwhile")
    reader.clock.move(timedelta(minutes=2))
    right = reader.clock
    reader.backfill._clock = MovableClock(right.now() - DAY)
    for _ in range(20):
        await reader.backfill.step()
        reader.backfill._clock.move(timedelta(seconds=0.5))
    assert reader.texts() == ["meanwhile"]
