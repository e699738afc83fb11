"""A community at work: the desk, the ticks, and what is loaded in the background."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from adapters.scheduler import Scheduler, Tick
from adapters.wiring.community import Community
from bot.helpdesk import HelpDesk

_log = structlog.get_logger("winwin.app")

KEPT = timedelta(seconds=5)  # a lease is at least a minute; a process that is gone is noticed after this

Progress = Callable[[int, int], None]


def desk_ticks(desk: HelpDesk) -> tuple[Tick, ...]:
    """What finds what was left behind, and lets deadlines pass."""
    return (
        Tick("inbox", desk.handle_one, timedelta(seconds=2)),
        Tick("leases", desk.keep_hold, KEPT),
        Tick("deadlines", desk.fire_deadline, timedelta(seconds=1)),
        Tick("volunteers", desk.remember, timedelta(minutes=1)),
        Tick("outbox", desk.deliver_one, timedelta(seconds=1)),
        Tick("retention", desk.retain, timedelta(hours=1)),
    )


@asynccontextmanager
async def running(c: Community, progress: Progress | None = None) -> AsyncIterator[asyncio.Task[None]]:
    """The desk at work and the ticks ticking. The task given ends when the library is loaded: until then facts are
    received and kept safe, and handled afterwards."""
    reading_up = []
    if c.slack is not None:
        reading_up.append(Tick("backfill", c.slack.catch_up, timedelta(seconds=2)))
    if c.discord is not None:
        reading_up.append(Tick("backfill of Discord", c.discord.catch_up, timedelta(seconds=0.5)))
    scheduler = Scheduler(
        [
            *reading_up,
            *desk_ticks(c.desk),
            Tick("library", c.librarian.refresh, timedelta(seconds=10)),
            Tick("followers", c.following.tell_one, timedelta(minutes=1)),
            Tick("thanks", c.thanking.thank_one, timedelta(hours=1)),
            Tick("digest", c.digests.digest_one, timedelta(minutes=1)),
            Tick("people on watch", c.manning.look_one, timedelta(hours=1)),
            *([Tick("drills", c.drills.drill_one, timedelta(minutes=1))] if c.drills is not None else []),
        ]
    )

    def hear(word: str) -> None:
        """What another process has changed."""
        if word == "chat":
            c.viewers.wake()
        else:
            scheduler.nudge(word)

    c.store.on_news = hear

    async def warm_up() -> None:
        c.triage.start()
        c.model.start()
        await c.librarian.open(progress, c.watch.step)
        await c.triage.loaded()
        with c.watch.step("memory given back"):
            _give_back_memory()
        with c.watch.step("volunteers read"):
            await c.desk.remember()
        gc.collect()
        gc.freeze()  # what is loaded stays: looking through it for garbage again and again would stop everything
        with c.watch.step("desk opened"):
            await c.desk.open()
            scheduler.start()
        try:
            await c.model.embedder()
        except Exception:  # crises, buttons and people are served without it all the same
            _log.exception("model_not_loaded")
        else:
            _log.info("ready", resources=len(c.library), steps=c.watch.told())

    async def heat() -> None:
        await asyncio.wait([warming])
        await asyncio.to_thread(c.judge.warm_up)

    warming = asyncio.create_task(warm_up(), name="winwin-warm-up")
    heating = asyncio.create_task(heat(), name="winwin-heat-up")
    try:
        yield warming
    finally:
        warming.cancel()
        heating.cancel()
        await asyncio.gather(warming, heating, return_exceptions=True)
        await scheduler.stop()
        await c.desk.close()
        gc.unfreeze()


def _give_back_memory() -> None:
    """Loading leaves holes that glibc keeps for itself: some 80 MB after 10,000 resources. Elsewhere: nothing."""
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):
        return
