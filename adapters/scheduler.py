"""The ticks: APScheduler calls the steps again and again and knows nothing of what they do.

No state of ours is in here: a timer is a column, so a tick that is missed, late or cut off loses nothing. A step that
raises is logged and called again at the next tick.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

Step = Callable[[], Awaitable[bool]]  # does one piece of work; answers: was there any?

AT_MOST = 1_000  # pieces of work in one tick; what is left waits for the next
GRACE = 5.0  # seconds that running steps are given to end when the scheduler stops
LOOK = 1.0  # seconds between two looks whether the clock was set back

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """`step` is repeated while there is work, every `every`. `name` is for the log."""

    name: str
    step: Step
    every: timedelta


class Scheduler:
    """Ticks from `start` to `stop`. One tick of a name at a time; missed ones are made up for by one."""

    def __init__(self, ticks: Sequence[Tick], at_most: int = AT_MOST) -> None:
        self._ticks = {tick.name: tick for tick in ticks}
        self._at_most = at_most
        self._scheduler: AsyncIOScheduler | None = None
        self._stopping = False
        self._running: dict[str, asyncio.Task[object]] = {}
        self._again: set[str] = set()
        self._nudged: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to tick on the running event loop, each step for the first time at once."""
        from apscheduler.schedulers.asyncio import AsyncIOScheduler  # not before a page can be served

        quiet = logging.getLogger("apscheduler.quiet")
        quiet.setLevel(logging.ERROR)  # that a long tick makes the next one skip is as it should be
        self._scheduler = AsyncIOScheduler(timezone=UTC, logger=quiet)
        for tick in self._ticks.values():
            self._scheduler.add_job(
                self._run,
                "interval",
                args=[tick],
                seconds=tick.every.total_seconds(),
                id=tick.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,  # a late tick is still of use
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()
        self._watching = asyncio.get_running_loop().create_task(self._watch_clock(), name="winwin-clock")

    async def wake(self, name: str) -> None:
        """Tick this one now, for example after the clock was moved. Returns at once when it is running already."""
        await self._run(self._ticks[name])

    def nudge(self, name: str) -> None:
        """Tick this one soon; when it is running just now, once more after that. Before `start` it does nothing."""
        if self._scheduler is None or self._stopping:
            return
        if name in self._running:
            self._again.add(name)
            return
        task = asyncio.get_running_loop().create_task(self._run(self._ticks[name]))
        self._nudged.add(task)
        task.add_done_callback(self._nudged.discard)

    async def stop(self) -> None:
        """No more ticks; steps under way may end, for a few seconds."""
        self._stopping = True
        if self._watching is not None:
            self._watching.cancel()
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.pause()
        under_way = set(self._running.values()) - {asyncio.current_task()}
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=GRACE)
            for task in late:
                task.cancel()
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _watch_clock(self) -> None:
        """APScheduler waits for a time of day: when the clock is set back a day, nothing would tick for a day."""
        while self._scheduler is not None:
            before = datetime.now(UTC)
            await asyncio.sleep(LOOK)
            now = datetime.now(UTC)
            if now < before:
                log.warning("clock.set_back", seconds=round((before - now).total_seconds()))
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=now)

    async def _run(self, tick: Tick) -> None:
        task = asyncio.current_task()
        if tick.name in self._running or self._stopping or task is None:
            return
        self._running[tick.name] = task
        try:
            for _ in range(self._at_most):
                if not await tick.step() or self._stopping:
                    return
        except Exception:
            log.exception("tick.failed", tick=tick.name)
        finally:
            del self._running[tick.name]
            if tick.name in self._again:
                self._again.discard(tick.name)
                self.nudge(tick.name)
