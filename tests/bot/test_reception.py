"""The front door: what arrives together shares a commit, and nobody is told that we have it before we do."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from adapters.storage.memory import MemoryStore
from bot.events import MemberJoined, MessagePosted, Place
from bot.reception import Reception
from bot.safety.both import Heed
from tests.fakes.clock import MovableClock
from tests.fakes.mind import ToyTriage
from tests.fakes.values import NOON, member


class CountingStore(MemoryStore):
    """Counts commits, and refuses while it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.commits = 0
        self.refuses = False

    @asynccontextmanager
    async def begin(self):
        if self.refuses:
            raise OSError("the disk is full")
        async with super().begin() as tx:
            await asyncio.sleep(0)
            yield tx
        self.commits += 1


class RecordingJudge:
    """Notes what it is told to look at ahead of time."""

    def __init__(self) -> None:
        self.ahead: list[str] = []

    def look_ahead(self, heard) -> None:
        self.ahead.append(heard.text)

    async def read(self, text):
        return Heed(ToyTriage().check(text))


def joined(number: int) -> MemberJoined:
    return MemberJoined(member(f"m{number}"), "", "web:home:general", NOON)


def reception(store: CountingStore) -> tuple[Reception, asyncio.Queue]:
    fresh: asyncio.Queue = asyncio.Queue()
    return Reception(store, MovableClock(), ToyTriage(), RecordingJudge(), fresh), fresh  # type: ignore[arg-type]


async def test_what_arrives_together_shares_a_commit():
    store = CountingStore()
    desk, fresh = reception(store)
    await asyncio.gather(*(desk.receive([joined(n)]) for n in range(300)))
    assert store.commits <= 2
    rows = [row for _ in range(fresh.qsize()) for row in fresh.get_nowait()]
    assert [row.arrival.event for row in rows] == [joined(n) for n in range(300)]


async def test_a_fact_that_could_not_be_stored_is_not_acknowledged_and_the_next_ones_are_taken():
    store = CountingStore()
    desk, fresh = reception(store)
    store.refuses = True
    with pytest.raises(OSError, match="full"):
        await desk.receive([joined(1), joined(2)])
    store.refuses = False
    await desk.receive([joined(1)])
    assert [row.arrival.event for row in fresh.get_nowait()] == [joined(1)]


async def test_a_repeat_is_acknowledged_and_not_handed_on():
    desk, fresh = reception(CountingStore())
    await desk.receive([joined(1)])
    await desk.receive([joined(1)])
    assert fresh.qsize() == 1


async def test_the_model_may_begin_with_a_message_but_never_with_a_crisis():
    desk, _ = reception(CountingStore())
    for number, text in enumerate(["Who knows a pool?", "I want to die"]):
        place = Place("web", "home", "general", str(number), str(number))
        await desk.receive([MessagePosted(place, member("dana"), text, NOON)])
    assert desk._judge.ahead == ["Who knows a pool?"]
