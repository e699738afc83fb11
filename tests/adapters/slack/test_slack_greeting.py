"""Invited while nobody listened: every channel is greeted once, after it was found out, and not all in one moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.community import Channel
from tests.adapters.slack.slack_town import CHANNEL, Town, town
from tests.fakes.slack_faults import CommitThenDrop
from tests.fakes.slack_reading import words_of
from tests.fakes.slack_workspace import BOT, TEAM

HELLO, ASKED = "Hello! I am winwin.", "You invited me to"
NEW = "C05NEW"


@pytest.fixture
async def home(tmp_path) -> AsyncIterator[Town]:
    async with town(tmp_path) as there:
        yield there


def welcomes(home: Town, channel: str = "") -> list[str]:
    """The channels where the bot has said hello, once for each time."""
    return [m["channel"] for m in home.slack.posts(channel) if m["channel"][0] in "CG" and "thread_ts" not in m]


async def channel(home: Town, name: str = NEW) -> Channel | None:
    async with home.store.read() as tx:
        return await tx.channels.get(f"slack:{TEAM}:{name}")


async def test_a_channel_it_was_invited_to_while_away_is_greeted_once(home: Town):
    await home.leave()
    home.slack.workspace.open_channel(NEW, "new-families")
    await home.come_back()
    known = await channel(home)
    assert known is not None
    assert (known.name, known.welcomed) == ("new-families", True)
    assert welcomes(home) == [NEW], "and no channel that was greeted before"
    assert "#new-families" in words_of(home.messages_of("moda")[-1]["blocks"])
    await home.leave()
    await home.come_back()
    home.clock.move(timedelta(minutes=11))
    await home.caught_up()
    assert welcomes(home) == [NEW]


async def test_who_may_read_a_channel_is_known_when_it_is_greeted_and_follows_what_slack_says(home: Town):
    await home.leave()
    closed = home.slack.workspace.open_channel("G05TEAM", "team", private=True)
    opened = home.slack.workspace.open_channel(NEW, "new-families")
    await home.come_back()
    found = [await channel(home, name) for name in (NEW, "G05TEAM")]
    assert [c.public for c in found if c is not None] == [True, False]
    opened.private, closed.private = True, False
    home.clock.move(timedelta(minutes=11))
    await home.caught_up()
    found = [await channel(home, name) for name in (NEW, "G05TEAM")]
    assert [(c.public, c.name) for c in found if c is not None] == [(False, "new-families"), (True, "team")]


async def test_many_channels_are_greeted_one_after_the_other(home: Town):
    await home.leave()
    rooms = [f"C1{n:02}" for n in range(12)]
    for room in rooms:
        home.slack.workspace.open_channel(room, room.lower())
    await home.come_back()
    assert sorted(welcomes(home)) == rooms
    said = [
        datetime.fromtimestamp(float(m["ts"]), tz=home.clock.now().tzinfo) for r in rooms for m in home.slack.posts(r)
    ]
    assert max(said) - min(said) >= timedelta(seconds=5) * (len(rooms) - 1)
    assert home.slack.posted_twice() == []


async def test_killed_in_between_the_rest_is_greeted_after_the_next_start(home: Town):
    await home.leave()
    rooms = [f"C1{n:02}" for n in range(4)]
    for room in rooms:
        home.slack.workspace.open_channel(room, room.lower())
    await home._start()
    while len(welcomes(home)) < 2:
        await home.connection.catch_up()
        home.clock.move(timedelta(seconds=5))
        await home.desk.settle()
    home.slack.fail("chat.postMessage", CommitThenDrop())
    await home.leave()
    await home.come_back()
    assert sorted(welcomes(home)) == rooms


async def test_an_invitation_that_an_event_tells_too_is_greeted_once(home: Town):
    home.slack.workspace.open_channel(NEW, "new-families")
    joined = {"type": "member_joined_channel", "user": BOT, "channel": NEW, "inviter": "UMODA", "team": TEAM}
    await home._happened(joined)
    home.clock.move(timedelta(minutes=11))
    await home.caught_up()
    assert welcomes(home) == [NEW]


async def test_removed_and_invited_again_while_away_it_says_hello_again(home: Town):
    await home._happened({"type": "member_left_channel", "user": BOT, "channel": CHANNEL, "team": TEAM})
    home.slack.workspace.channels[CHANNEL].members.discard(BOT)
    home.clock.move(timedelta(minutes=11))
    await home.caught_up()
    assert welcomes(home, CHANNEL) == []
    await home.leave()
    home.slack.workspace.channels[CHANNEL].members.add(BOT)
    await home.come_back()
    assert welcomes(home, CHANNEL) == [CHANNEL]
    known = await channel(home, CHANNEL)
    assert known is not None
    assert not known.gone


async def test_removed_before_its_turn_it_is_not_greeted(home: Town):
    await home.leave()
    for room in ("C06A", "C07B"):
        home.slack.workspace.open_channel(room, room.lower())
    await home._start()
    while not welcomes(home):
        await home.connection.catch_up()
        await home.desk.settle()
    await home._happened({"type": "member_left_channel", "user": BOT, "channel": "C07B", "team": TEAM})
    home.slack.workspace.channels["C07B"].members.discard(BOT)
    await home.caught_up()
    assert welcomes(home) == ["C06A"]
    assert await home.parked() == 0
