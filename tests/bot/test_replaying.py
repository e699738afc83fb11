"""Talk that is over, through the door, the ear and the library: what would have become of it, beside what did."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clock import SystemClock
from adapters.storage.memory import MemoryStore
from bot import replaying
from bot.events import Member, MessagePosted, Place
from bot.judging import Judge
from bot.librarian import Librarian
from bot.policy import Policy
from bot.reception import Reception
from bot.replayed import Replay, Verdict
from bot.replaying import Replaying, Said
from bot.safety.both import FAILED, Heed
from knowledge.resources import Resource
from knowledge.search import Library
from tests.fakes.mind import CANARY, DIMENSION, ToyConfidence, ToyEar, ToyModel, ToyTriage

SCHOOL = Resource("r1", "Infusion days and school", "Ask for excused days.", topics=("school",))
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
KNOWN, UNKNOWN = "infusion days and school?", "who has a spare tent by the sea?"
ANSWER = "we asked the clinic for a letter"
PRIVATE = "my number is 555-867-5309, "


def said(number: int, by: str, text: str, under: int | None = None, refers: tuple[int, ...] = (), beside="") -> Said:
    """Message `number`, that many minutes after the start."""
    place = Place("chat", "home", "general", str(number), str(number if under is None else under))
    event = MessagePosted(place, Member("chat", "home", by), text, START + timedelta(minutes=number), beside=beside)
    return Said(event, tuple(f"chat:home:general:{one}" for one in refers))


class SlowAtFirst(Judge):
    """Whose model keeps the first look at a text waiting for too long."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self.seen: list[str] = []

    async def read(self, text: str) -> Heed:
        self.seen.append(text)
        return Heed((FAILED,)) if self.seen.count(text) == 1 else await super().read(text)


async def replayed(*talk: Said, kind: type[Judge] = Judge, told: list[tuple[int, int]] | None = None) -> Replay:
    store = MemoryStore()
    librarian = Librarian(Library(DIMENSION, ToyConfidence()), ToyModel(), "toy", store)
    await librarian.put([SCHOOL])
    judge = kind(ToyTriage(), librarian, ToyModel(), Policy(), ToyEar())
    door = Reception(store, SystemClock(), ToyTriage(), judge, asyncio.Queue())
    progress = (lambda *step: told.append(step)) if told is not None else (lambda *_: None)
    return await Replaying(judge, door.at_the_door, Policy()).replay(talk, progress)


async def test_a_question_that_the_library_has_and_one_for_people():
    found = await replayed(said(0, "ana", KNOWN), said(1, "ben", UNKNOWN), said(2, "cleo", "Good morning"))
    known, unknown = found.decisions
    assert (known.verdict, [m.resource_id for m in known.shown]) == (Verdict.SUGGESTED, ["r1"])
    assert (unknown.verdict, unknown.shown) == (Verdict.ROUTED, ())
    assert (known.missed, unknown.missed) == (False, True)
    assert (found.messages, found.people, found.usual_wait) == (3, 3, None)


async def test_the_first_real_answer_by_somebody_else_counts():
    found = await replayed(
        said(0, "ana", UNKNOWN),
        said(2, "ana", "I mean one for the whole family", under=0),
        said(3, "ben", "same here, following along with you all", under=0),
        said(9, "cleo", ANSWER, under=0),
        said(12, "ben", "you can have the one of ours", under=0),
    )
    [decision] = found.decisions
    assert (decision.answered.by, decision.answered.text) == ("chat:home:cleo", ANSWER)
    assert decision.waited == timedelta(minutes=9)
    assert not decision.missed


async def test_talk_of_a_cure_is_no_answer():
    found = await replayed(said(0, "ana", UNKNOWN), said(1, "ben", "this miracle cure has helped us a lot", under=0))
    assert found.decisions[0].answered is None


async def test_a_question_that_its_author_took_back_is_not_missed():
    found = await replayed(said(0, "ana", UNKNOWN), said(5, "ana", "never mind, found it", under=0))
    assert found.decisions[0].withdrawn_at == START + timedelta(minutes=5)
    assert not found.decisions[0].left
    assert not found.missed
    left = await replayed(said(0, "ana", UNKNOWN), said(5, "ana", "one for the whole family", under=0))
    assert (left.decisions[0].withdrawn_at, len(left.missed)) == (None, 1)


async def test_what_people_answered_and_the_bot_had_not_heard(monkeypatch):
    """The ear hears question marks alone; of what lies near, a real answer by somebody makes a question."""
    monkeypatch.setattr(replaying, "PERHAPS", 0.01)
    text = "I am looking for help with infusion days and school"
    found = await replayed(said(0, "ana", text), said(4, "ben", ANSWER, under=0), said(5, "cleo", text))
    [decision] = found.decisions
    assert (decision.verdict, decision.missed) == (Verdict.UNHEARD, True)
    assert [m.resource_id for m in decision.shown] == ["r1"]
    assert found.questions == ()


async def test_talk_with_replies_is_talk():
    found = await replayed(said(0, "ana", "Good morning"), said(1, "ben", "and a good morning to you", under=0))
    assert found.decisions == ()


# --- crises ---------------------------------------------------------------------------------------------------

CRY = f"{CANARY} I want to die"


async def test_a_crisis_is_a_place_a_time_and_a_code_and_what_stands_under_it_is_not_looked_at():
    found = await replayed(
        said(0, "ana", CRY), said(1, "ben", f"you wrote {CANARY}, what do you mean?", under=0), said(2, "ben", KNOWN)
    )
    [cry] = found.cries
    assert (cry.code, cry.at, cry.place.message) == ("C1", START, "0")
    assert found.beside == 1
    assert len(found.decisions) == 1
    assert CANARY not in repr(found)


async def test_what_led_to_a_crisis_goes_with_it():
    found = await replayed(
        Said(said(0, "ana", f"{CANARY}, how do infusion days count? I want to").posted), said(1, "ana", "die")
    )
    assert (len(found.cries), found.decisions, found.beside) == (1, (), 1)
    assert CANARY not in repr(found)


async def test_after_a_crisis_in_a_thread_no_reply_of_it_is_shown():
    found = await replayed(
        said(0, "ana", KNOWN), said(1, "ben", CRY, under=0), said(2, "cleo", f"{CANARY}, I am calling you now", under=0)
    )
    assert found.decisions[0].answered.text == ""
    assert CANARY not in repr(found)


async def test_words_passed_on_are_read_for_a_crisis_and_for_nothing_else():
    found = await replayed(said(0, "ana", "", beside=CRY), said(1, "ben", "", beside=KNOWN))
    assert (len(found.cries), found.decisions, found.beside) == (1, (), 0)


async def test_a_model_that_is_slow_is_no_crisis():
    found = await replayed(said(0, "ana", KNOWN), kind=SlowAtFirst)
    assert (found.cries, len(found.decisions)) == ((), 1)


# --- replies by reference -------------------------------------------------------------------------------------


async def test_a_reply_in_the_channel_belongs_to_the_question_it_refers_to_however_far():
    found = await replayed(
        said(0, "ana", UNKNOWN),
        said(1, "ben", "which sea do you mean?", refers=(0,)),
        said(2, "cleo", ANSWER, refers=(1, 0)),
        said(3, "dan", "and the one by the big lake?", refers=(2, 1)),
    )
    [decision] = found.decisions
    assert (decision.text, decision.answered.at) == (UNKNOWN, START + timedelta(minutes=1))


async def test_what_refers_to_talk_stands_for_itself():
    found = await replayed(said(0, "ana", "Good morning"), said(1, "ben", UNKNOWN, refers=(0,)))
    assert [d.text for d in found.decisions] == [UNKNOWN]


# --- the rest -------------------------------------------------------------------------------------------------


async def test_private_details_are_gone_where_they_would_be():
    found = await replayed(said(0, "ana", f"write to me@example.org, {KNOWN}"))
    assert "me@example.org" not in repr(found)


@pytest.mark.parametrize("size", [1, 3])
async def test_batches_change_nothing_and_progress_ends_where_it_says(monkeypatch, size):
    talk = [said(n, "ana", f"{KNOWN} {n}") for n in range(5)] + [said(9, "ben", ANSWER, under=2)]
    whole = await replayed(*talk)
    monkeypatch.setattr(replaying, "TOGETHER", size)
    monkeypatch.setattr(replaying, "AT_THE_DOOR", size)
    told: list[tuple[int, int]] = []
    assert await replayed(*talk, told=told) == whole
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (12, 12)
