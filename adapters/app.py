"""The composition root: puts every adapter together into a running community (adapters/wiring has the parts)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import structlog
from fastapi import FastAPI

from adapters.clock import DemoClock, SystemClock
from adapters.model import BackgroundModel
from adapters.samples import load_samples, settle_in
from adapters.settings import Settings, data_folder
from adapters.stopwatch import Stopwatch
from adapters.web.desk import catch_up
from adapters.web.people import Person
from adapters.wiring.apart import Apart, apart
from adapters.wiring.community import Community, community, lookups_of, topics_of
from adapters.wiring.demo import KeptClock, play_day
from adapters.wiring.discord import open_discord
from adapters.wiring.letting_in import PlatformError
from adapters.wiring.pages import pages_address, platform_app
from adapters.wiring.running import running
from adapters.wiring.slack import open_slack, slack_connection
from adapters.wiring.standing_by import line_came, rounds
from adapters.wiring.web import Site, serve, told_who_reads, web_app
from bot.ports import Clock
from knowledge.embedding import Embedder

__all__ = [
    "Apart",
    "Community",
    "PlatformError",
    "apart",
    "community",
    "run_local",
    "run_platforms",
    "running",
    "slack_connection",
]


CAUGHT_UP_EVERY = 5.0  # seconds between two looks for posts the desk has not heard of

_log = structlog.get_logger("winwin.app")


async def run_local(
    settings: Settings,
    listening: socket.socket,
    *,
    demo: bool,
    stop: asyncio.Event,
    opened: Callable[[Sequence[str]], None],
    left_out: Callable[[str], None] = lambda _: None,
    day: bool = False,
    watch: Stopwatch | None = None,
    load: Callable[[], Embedder] | None = None,
) -> None:
    """The local web community, until `stop`, and every platform that is set beside it; alone, with the samples and a
    clock to move, when it is a demonstration. `left_out` is told why a platform is not there that the rest can do
    without."""
    begin = partial(_local, settings, demo=demo, opened=opened, left_out=left_out, day=day, load=load)
    await rounds(partial(begin, watch=watch or Stopwatch()), listening, stop)


async def _local(
    settings: Settings,
    listening: socket.socket,
    stop: asyncio.Event,
    *,
    demo: bool,
    opened: Callable[[Sequence[str]], None],
    left_out: Callable[[str], None],
    day: bool,
    watch: Stopwatch,
    load: Callable[[], Embedder] | None,
) -> bool:
    """One round of it."""
    with watch.step("sample people"):
        samples = load_samples()
    beside = settings.database_file or data_folder() / "winwin"
    clock: Clock = KeptClock(beside.with_suffix(".clock")) if demo else SystemClock()
    topics = frozenset(t.id for t in samples.topics)
    async with community(
        settings, clock=clock, topics=topics, show_all=demo, connect=not demo, watch=watch, load=load
    ) as c:
        if demo:
            await settle_in(c.store, samples, clock.now())
        if demo or not await c.chat.channels():
            for channel in samples.channels:
                await c.chat.open_channel(channel.key.rsplit(":", 1)[-1], channel.name, channel.purpose)
        await told_who_reads(c)
        people = tuple(Person(p.id, p.record.name, p.role, p.about) for p in samples.people)
        site = Site(people, samples.topics, samples.questions, demo, beside.with_suffix(".key"))
        async with running(c) as warming:
            with watch.step("pages"):
                app = web_app(c, site, lambda: _succeeded(warming) and c.model.ready)
            opened_there = partial(opened, await _open(c, app, left_out, alone=False))
            warming.add_done_callback(partial(_warmed, c.model, opened_there, stop))
            if day and isinstance(clock, DemoClock):
                playing = asyncio.create_task(_play_when_ready(c, clock, warming))
            caught_up = asyncio.create_task(_catch_up(c, stop))
            waiting = asyncio.create_task(line_came(c, stop))
            await serve(app, listening, stop)
            await caught_up
            if day and not playing.done():
                playing.cancel()
            if warming.done() and not warming.cancelled():
                warming.result()  # raises what made us stop
            return await waiting


def _warmed(model: BackgroundModel, opened: Callable[[], None], stop: asyncio.Event, task: asyncio.Task[None]) -> None:
    """Say that it is open; without its library or its rules the program ends."""
    if not _succeeded(task):
        stop.set()
    elif model.ready:
        opened()


def _succeeded(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


async def run_platforms(
    settings: Settings,
    listening: socket.socket,
    *,
    stop: asyncio.Event,
    opened: Callable[[Sequence[str]], None],
    left_out: Callable[[str], None] = lambda _: None,
    load: Callable[[], Embedder] | None = None,
) -> None:
    """Every platform that is set, and a web server for machines, until `stop`. `opened` is told where we are when the
    bot can answer; what comes before that is kept safe and answered then. `left_out`: see run_local."""
    await rounds(partial(_platforms, settings, opened=opened, left_out=left_out, load=load), listening, stop)


async def _platforms(
    settings: Settings,
    listening: socket.socket,
    stop: asyncio.Event,
    *,
    opened: Callable[[Sequence[str]], None],
    left_out: Callable[[str], None],
    load: Callable[[], Embedder] | None,
) -> bool:
    """One round of it."""
    async with community(settings, connect=True, load=load) as c, running(c) as warming:
        app = platform_app(c, lambda: _succeeded(warming) and not c.stands_by)
        pages = pages_address(settings)
        places = await _open(c, app, left_out, alone=c.slack is None, pages=pages)
        waiting = asyncio.create_task(line_came(c, stop))
        serving = asyncio.create_task(serve(app, listening, stop))
        await asyncio.wait({warming, serving}, return_when=asyncio.FIRST_COMPLETED)
        if warming.done() and not stop.is_set():
            if (problem := warming.exception()) is not None:
                stop.set()
                await serving
                raise problem
            opened(places)
        await serving
        return await waiting


async def _open(
    c: Community, app: FastAPI, left_out: Callable[[str], None], *, alone: bool, pages: str = ""
) -> list[str]:
    """Every platform that is set, listened to. Returns where we are. Raises PlatformError; but where Discord alone does
    not let us in and is not all there is (`alone`), whoever writes elsewhere is not to wait for a new token."""
    lookups, topics, places = lookups_of(c, ()), partial(topics_of, c), list[str]()
    if c.slack is not None:
        places += await open_slack(c, c.slack, app, lookups, topics, pages)
    if c.discord is not None:
        try:
            places += await open_discord(c, c.discord, lookups, topics, pages)
        except PlatformError as error:
            if alone:
                raise
            left_out(str(error))
    return places


async def _play_when_ready(c: Community, clock: DemoClock, warming: asyncio.Task[None]) -> None:
    await asyncio.wait([warming])
    if _succeeded(warming):
        count = await play_day(c, clock)
        _log.info("day_played", messages=count)


async def _catch_up(c: Community, stop: asyncio.Event) -> None:
    """Posts that the chat has and the desk has not heard of: at the start, and every few seconds."""
    while not stop.is_set():
        try:
            await catch_up(c.chat, c.desk.receive)
        except Exception:  # the next look finds what this one did not
            _log.exception("catch_up_broke")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), CAUGHT_UP_EVERY)
