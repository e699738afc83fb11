"""The front door: what arrives together shares a commit, and nobody is told that we have it before we do."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from adapters.storage.memory import MemoryStore
from bot import second_look
from bot.cards import Form
from bot.events import FormSubmitted, MemberJoined, MessageDeleted, MessageEdited, MessagePosted, Place
from bot.post import Arrival
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


class LateJudge(RecordingJudge):
    """A model that is not there yet: the first reading says so and finds nothing."""

    ready = False

    async def read(self, text):
        return Heed(ToyTriage().check(text)) if self.ready else Heed((), again=True)


def said(text: str, number: int, **how) -> MessagePosted:
    place = Place("web", "home", "general", str(number), str(number))
    return MessagePosted(place, member("dana"), text, NOON + timedelta(seconds=number), **how)


def arrivals(fresh: asyncio.Queue) -> list[Arrival]:
    return [row.arrival for _ in range(fresh.qsize()) for row in fresh.get_nowait()]


async def test_a_cry_for_help_in_several_short_messages_is_one():
    desk, fresh = reception(CountingStore())
    for number, text in enumerate(["honestly", "I want", "to die"]):
        await desk.receive([said(text, number)])
    await desk.receive([said("to die", 500)])  # minutes later it is a word without the others
    found = [(type(a.event).__name__, a.crisis, getattr(a.event, "text", "")) for a in arrivals(fresh)]
    assert found == [
        ("MessagePosted", False, "honestly"),
        ("MessagePosted", False, "I want"),
        ("MessagePosted", True, ""),
        ("MessageDeleted", False, ""),  # what came before goes with it
        ("MessageDeleted", False, ""),
        ("MessagePosted", False, "to die"),
    ]


async def test_words_passed_on_are_read_and_never_kept():
    desk, fresh = reception(CountingStore())
    await desk.receive([said("look", 1, beside="I want to die"), said("", 2, beside="I want to die")])
    await desk.receive([said("look", 3, beside="a recipe"), said("", 4, beside="a recipe")])
    found = arrivals(fresh)
    assert [a.crisis for a in found] == [True, True, False]
    assert not any(a.event.beside for a in found)


@pytest.mark.parametrize("form", list(Form))
async def test_what_is_typed_into_any_field_of_any_form_is_read(form: Form):
    desk, fresh = reception(CountingStore())
    values = {"title": "x", "asked_as": "I want to die"}
    await desk.receive([FormSubmitted("f1", form, "s", values, member("dana"), NOON)])
    (arrival,) = arrivals(fresh)
    assert (arrival.crisis, arrival.event.values) == (True, {})


async def test_what_came_before_the_model_was_there_is_read_again_and_comes_in_as_an_edit(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(second_look, "LOOK", 0.001)
    desk, fresh = reception(CountingStore())
    desk._judge = desk._second_look._judge = judge = LateJudge()  # type: ignore[assignment]
    await desk.receive([said("I want to die", 1)])
    judge.ready = True
    async with asyncio.timeout(5):
        first = (await fresh.get())[0].arrival
        second = (await fresh.get())[0].arrival
    assert (first.crisis, second.crisis, type(second.event), second.event.text) == (False, True, MessageEdited, "")


class HeldJudge(RecordingJudge):
    """Reads what is slow only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()

    async def read(self, text: str):
        if "slow" in text:
            await self.let.wait()
        return await super().read(text)


async def test_a_crisis_waits_for_no_reading_before_it_and_the_others_keep_their_order():
    desk, fresh = reception(CountingStore())
    desk._judge = judge = HeldJudge()  # type: ignore[assignment]
    slow = asyncio.create_task(desk.receive([said("slow?", 1)]))
    quick = asyncio.create_task(desk.receive([said("quick?", 2)]))
    await asyncio.sleep(0)  # both stand in line
    async with asyncio.timeout(5):
        await desk.receive([said("I want to die", 3)])
    assert [a.crisis for a in arrivals(fresh)] == [True]
    assert not slow.done()
    assert not quick.done()
    judge.let.set()
    async with asyncio.timeout(5):
        await asyncio.gather(slow, quick)
    assert [a.event.text for a in arrivals(fresh)] == ["slow?", "quick?"]


async def test_what_led_to_a_crisis_is_taken_back_in_order_or_never_kept_however_late_it_is_read():
    desk, fresh = reception(CountingStore())
    desk._judge = judge = HeldJudge()  # type: ignore[assignment]
    earlier = [asyncio.create_task(desk.receive([said(text, number)])) for number, text in enumerate(("slow", "quick"))]
    await asyncio.sleep(0)
    crisis = asyncio.create_task(desk.receive([said("I want to die", 3)]))
    async with asyncio.timeout(5):
        (first,) = await fresh.get()
    assert first.arrival.crisis
    for _ in range(10):  # whoever is told would be told by now
        await asyncio.sleep(0)
    assert not crisis.done(), "what it takes back is not safe yet"
    judge.let.set()
    async with asyncio.timeout(5):
        await asyncio.gather(crisis, *earlier)
    slow, quick, back = (arrival.event for arrival in arrivals(fresh))
    assert (slow.text, quick.text) == ("", "quick")
    assert back == MessageDeleted(quick.place, said("", 3).at)
