import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from adapters.clock import DemoClock, SystemClock
from adapters.scheduler import Scheduler, Tick

FAST, RARELY = timedelta(milliseconds=20), timedelta(hours=1)


class Work:
    """A pile of work; a step takes one off."""

    def __init__(self, pile: int, fails: int = 0) -> None:
        self.pile, self.fails, self.calls = pile, fails, 0

    async def step(self) -> bool:
        self.calls += 1
        if self.fails:
            self.fails -= 1
            raise RuntimeError("broken")
        self.pile = max(0, self.pile - 1)
        return self.pile > 0


async def until(condition, seconds: float = 3.0) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it did not happen in time"
        await asyncio.sleep(0.005)


async def test_a_tick_works_until_there_is_nothing_left_and_begins_at_once():
    work = Work(50)
    scheduler = Scheduler([Tick("inbox", work.step, RARELY)])
    scheduler.start()
    await until(lambda: work.pile == 0)
    await scheduler.stop()
    assert work.calls == 50


async def test_one_tick_is_bounded_and_the_next_goes_on():
    work = Work(10)
    scheduler = Scheduler([Tick("inbox", work.step, RARELY)], at_most=4)
    await scheduler.wake("inbox")
    assert work.pile == 6
    await scheduler.wake("inbox")
    assert work.pile == 2


async def test_a_step_that_raises_is_logged_and_neither_stops_its_ticks_nor_its_neighbours():
    broken, fine = Work(1, fails=2), Work(1)
    scheduler = Scheduler([Tick("broken", broken.step, FAST), Tick("fine", fine.step, FAST)])
    with capture_logs() as logs:
        scheduler.start()
        await until(lambda: broken.calls >= 4 and fine.calls >= 4)
        await scheduler.stop()
    failed = [entry for entry in logs if entry["event"] == "tick.failed"]
    assert [entry["tick"] for entry in failed] == ["broken", "broken"]


async def test_a_long_step_is_not_started_twice_and_may_end_when_stopped():
    entered, ended = 0, 0

    async def step() -> bool:
        nonlocal entered, ended
        entered += 1
        await asyncio.sleep(0.2)
        ended += 1
        return True

    scheduler = Scheduler([Tick("slow", step, FAST)])
    scheduler.start()
    await until(lambda: entered == 1)
    await scheduler.wake("slow")
    await asyncio.sleep(0.1)
    assert entered == 1
    await scheduler.stop()
    assert (entered, ended) == (1, 1)
    await asyncio.sleep(0.05)
    assert entered == 1


def test_the_system_clock_is_aware_and_now():
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_the_clock_of_the_demonstration_moves_forward_only():
    clock = DemoClock(timedelta(hours=1))
    assert clock.advance(timedelta(hours=2)) - datetime.now(UTC) > timedelta(hours=2, minutes=59)
    assert clock.ahead == timedelta(hours=3)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(timedelta(seconds=-1))


async def test_a_clock_that_is_set_back_a_day_stops_no_tick(monkeypatch):
    class Wall(datetime):
        behind = timedelta(0)

        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - cls.behind

    for module in ("adapters.scheduler", "apscheduler.schedulers.base", "apscheduler.triggers.interval"):
        monkeypatch.setattr(f"{module}.datetime", Wall)
    monkeypatch.setattr("adapters.scheduler.LOOK", 0.02)
    work = Work(1)
    scheduler = Scheduler([Tick("deadlines", work.step, FAST)])
    scheduler.start()
    await until(lambda: work.calls >= 2)
    Wall.behind = timedelta(days=1)
    calls = work.calls
    await until(lambda: work.calls >= calls + 4)
    await scheduler.stop()
