"""What happens while a message is being judged: then it is judged by what is true now, a bounded number of times."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest
from structlog.testing import capture_logs

from bot.cards import Action
from bot.delivery import POISON
from bot.events import MessagePosted
from bot.judging import Heard, Judge, Judgement
from bot.question import Outcome, Status
from tests.bot.test_said_together import ASKS, MORE, questions
from tests.fakes.community import Community, peopled

DENIAL = "Has anyone appealed an insurance denial for infliximab?"
HURTS = "and does it hurt?"
LONG = 30  # seconds after which a test that waits for ever has failed
CLUBS = ("swimming", "chess", "climbing", "judo", "fencing", "rowing", "sailing", "archery", "choir", "drama", "yoga")


@dataclass
class Two:
    """Two processes on one store. `meanwhile`: what happens, one after the other, each time the first is judging."""

    slow: Community
    other: Community
    meanwhile: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    judged: int = 0

    async def hears(self, event: MessagePosted) -> None:
        async with asyncio.timeout(LONG):
            await self.slow.receive(event)

    def begins(self, clubs: Sequence[str]) -> None:
        """Each time another question of the same person, all said at this moment."""
        now = self.slow.clock.now()

        async def begin(club: str) -> None:
            asked = self.other.posted("dana", f"Who knows a good {club} class?")
            await self.other.receive(replace(asked, at=now))

        self.meanwhile.extend(partial(begin, club) for club in clubs)


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    class Interrupted(Judge):
        async def judge(self, heard: Sequence[Heard]) -> list[Judgement]:
            both.judged += 1
            if both.meanwhile:
                await both.meanwhile.pop(0)()
            return await super().judge(heard)

    slow = await peopled(Community(judge_class=Interrupted))
    both = Two(slow, Community(slow.store, slow.clock))
    both.other._count = 1000
    await slow.open()
    await both.other.open()
    yield both
    await slow.close()
    await both.other.close()


def after(event: MessagePosted, seconds: int = 20) -> MessagePosted:
    return replace(event, at=event.at + timedelta(seconds=seconds))


async def test_a_question_that_another_process_has_begun_is_seen_before_one_is_begun(two: Two):
    first, second = two.slow.posted("dana", ASKS), after(two.slow.posted("dana", HURTS))
    two.meanwhile.append(lambda: two.other.receive(first))
    await two.hears(second)
    assert not two.meanwhile
    assert await questions(two.slow) == [f"{ASKS}\n{HURTS}"]


async def test_who_is_too_late_again_and_again_tries_a_few_times_and_then_people_are_told(two: Two):
    """Each time another question has been begun. A row must neither hold up the others nor go in circles for ever."""
    two.begins(CLUBS)
    with capture_logs() as log:  # a traceback in colours takes seconds
        await two.hears(two.slow.posted("dana", DENIAL))
        assert two.judged == 2  # at once, and once more by itself; then it waits for its turn
        async with asyncio.timeout(LONG):
            for _ in range(12):
                two.slow.clock.move(timedelta(minutes=10))
                await two.slow.desk.settle()
    assert [line["event"] for line in log if line["event"] == "row_not_handled"] == ["row_not_handled"] * POISON
    assert two.judged == 2 * POISON
    assert any("could not handle" in words for words in two.slow.private("moda"))


async def test_who_is_too_late_a_few_times_asks_all_the_same(two: Two):
    two.begins(CLUBS[:3])
    asked = two.slow.posted("dana", DENIAL)
    with capture_logs():
        await two.hears(asked)
    two.slow.clock.move(timedelta(minutes=10))
    async with asyncio.timeout(LONG):
        await two.slow.desk.settle()
    assert (await two.slow.question(asked)).text == DENIAL


async def test_what_is_added_to_a_question_that_is_settled_meanwhile_is_a_question_of_its_own(two: Two):
    asked = await two.slow.say("dana", ASKS)
    known = await two.slow.question(asked)
    two.meanwhile.append(lambda: two.other.force("dana", Action.HELPED, known.id))
    added = after(two.slow.posted("dana", HURTS))
    await two.hears(added)
    assert await questions(two.slow) == [ASKS, HURTS]
    assert (await two.slow.question(asked)).outcome is Outcome.HELPED
    assert (await two.slow.question(added)).status is Status.OFFERED


async def test_a_statement_on_a_question_that_is_settled_meanwhile_is_left_alone(two: Two):
    asked = await two.slow.say("dana", ASKS)
    known = await two.slow.question(asked)
    two.meanwhile.append(lambda: two.other.force("dana", Action.HELPED, known.id))
    await two.hears(after(two.slow.posted("dana", MORE)))
    assert await questions(two.slow) == [ASKS]


async def test_what_was_edited_meanwhile_is_judged_with_its_new_words(two: Two):
    asked = await two.slow.say("dana", ASKS)
    two.meanwhile.append(lambda: two.other.edit(asked, "what should we pack?"))
    await two.hears(after(two.slow.posted("dana", MORE)))
    assert await questions(two.slow) == [f"what should we pack?\n{MORE}"]


async def test_nothing_is_added_to_what_is_forgotten_meanwhile(two: Two):
    asked = await two.slow.say("dana", ASKS)
    two.meanwhile.append(lambda: two.other.force("dana", Action.FORGET_ME, "me"))
    await two.hears(after(two.slow.posted("dana", MORE)))
    assert (await two.slow.question(asked)).text == ""
    async with two.slow.store.read() as tx:
        parts = await tx.parts.of([(await two.slow.question(asked)).id])
    assert [p.text for p in parts if p.text] == []
