"""Members who opted out: whether a crisis is still looked for in what they write is the community's to say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.storage.memory import MemoryStore
from bot.cards import Action, Form
from bot.events import MessageEdited, PlatformEvent
from bot.ports import StoreAway
from tests.fakes.community import Community, peopled
from tests.fakes.mind import CANARY

CRISIS = f"I want to die, {CANARY}."
PRIVATE = f"Write to {CANARY}@example.org, what helps at school?"
WAYS = ("a message", "a reply", "an edit", "passed on", "read up on")


async def community(*, scan_opted_out: bool) -> Community:
    made = await peopled(Community(scan_opted_out=scan_opted_out))
    await made.open()
    return made


@pytest.fixture(params=[True, False], ids=["read", "left alone"])
async def home(request) -> AsyncIterator[Community]:
    found = await community(scan_opted_out=request.param)
    await found.force("dana", Action.OPT_OUT, "me")
    yield found
    await found.close()


async def alerts(home: Community) -> int:
    async with home.store.read() as tx:
        return len(await tx.alerts.open())


async def written(home: Community, way: str, text: str) -> None:
    """By Dana, who has opted out."""
    event: PlatformEvent
    match way:
        case "a reply":
            asked = await home.say("olu", "What helps at school?")
            event = home.posted("dana", text, asked.place.thread)
        case "an edit":
            said = home.posted("dana", "Good morning.")
            await home.receive(said)
            event = MessageEdited(said.place, said.author, text, said.at + timedelta(seconds=9))
        case "passed on":
            event = replace(home.posted("dana", ""), beside=text)
        case "read up on":
            event = replace(home.posted("dana", text), at=home.clock.now() - timedelta(hours=2))
        case _:
            event = home.posted("dana", text)
    await home.receive(event)


@pytest.mark.parametrize("way", WAYS)
async def test_a_crisis_is_seen_where_the_community_wants_it_and_kept_nowhere_in_either_case(home: Community, way: str):
    await written(home, way, CRISIS)
    assert await alerts(home) == (1 if home.scan_opted_out else 0)
    assert isinstance(home.store, MemoryStore)
    assert CANARY not in repr(home.store._committed)


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_left_alone_is_answered_by_nobody_and_kept_nowhere(home: Community, way: str):
    before = len(home.messenger.shown)
    await written(home, way, PRIVATE)
    shown = home.messenger.shown[before:]
    assert not [s for s in shown if CANARY in s.words]
    assert home.scan_opted_out or not [s for s in shown if "dana" in str(s.to)]
    assert isinstance(home.store, MemoryStore)
    assert home.scan_opted_out or CANARY not in repr(home.store._committed)


async def test_what_is_said_to_the_bot_itself_is_read(home: Community):
    await home.receive(replace(home.posted("dana", CRISIS), mentions_bot=True))
    await home.say("dana", CRISIS, direct=True)
    await home.submit("dana", Form.ASK, "", {"text": CRISIS, "how": "private"})
    assert await alerts(home) >= 1
    assert home.last("dana").startswith("I am glad you said it. You matter")


async def test_everybody_else_is_read(home: Community):
    await home.say("olu", CRISIS)
    assert await alerts(home) == 1


async def test_who_cannot_be_looked_up_is_read(monkeypatch):
    home = await community(scan_opted_out=False)
    await home.force("dana", Action.OPT_OUT, "me")

    def away() -> None:
        raise StoreAway

    with monkeypatch.context() as patched:
        patched.setattr(home.desk._reception._store, "read", away)
        (arrival,) = await home.desk._reception._read(home.posted("dana", CRISIS))
    assert arrival.crisis
    await home.close()


async def test_a_question_from_before_is_not_touched_by_an_edit_that_is_not_read():
    home = await community(scan_opted_out=False)
    asked = await home.say("dana", "What helps at school?")
    before = await home.question(asked)
    await home.force("dana", Action.OPT_OUT, "me")
    await home.edit(asked, "What helps at school, or at camp?")
    after = await home.question(asked)
    assert (after.status, after.id) == (before.status, before.id)
    await home.close()
