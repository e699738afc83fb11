"""The web server, wired: the local community's site, and serving it."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from adapters.clock import DemoClock
from adapters.settings import Settings
from adapters.web.chat import PLATFORM, SPACE
from adapters.web.people import Person
from adapters.web.server import create_app
from adapters.web.services import Services
from adapters.wiring.community import Community, lookups_of
from bot.community import Channel, Topic
from bot.ports import Clock
from bot.report import Report
from bot.reporting import make_report


@dataclass(frozen=True, slots=True)
class Site:
    """What the local web community shows and who may be there."""

    people: tuple[Person, ...]
    topics: tuple[Topic, ...]
    questions: tuple[str, ...]
    demo: bool
    key_file: Path


def web_app(c: Community, site: Site, ready: Callable[[], bool]) -> FastAPI:
    """The local web community's site on this community."""

    async def report() -> Report:
        now = c.clock.now()
        return await make_report(c.store, c.model, now, now - timedelta(days=90), c.policy, show_all=site.demo)

    services = Services(
        store=c.store,
        chat=c.chat,
        clock=c.clock if isinstance(c.clock, DemoClock) else StillClock(c.clock),
        receive=c.desk.receive,
        settle=c.desk.settle,
        ready=ready,
        report=report,
        lookups=lookups_of(c, site.topics),
        topics=site.topics,
        people=site.people,
        sample_questions=site.questions,
        secret_key=secret_key(c.settings, site.key_file),
        version=version("winwin"),
        viewers=c.viewers,
        metrics=c.metrics,
        hosts=_hosts(c.settings),
        demo=site.demo,
        api_token=c.settings.winwin_api_token.get_secret_value() if c.settings.winwin_api_token else "",
    )
    return create_app(services)


async def told_who_reads(c: Community) -> None:
    """Everybody of the local community may read its channels; the core is told so once of each."""
    rooms = await c.chat.channels()
    async with c.store.begin() as tx:
        for room in rooms:
            key = f"{PLATFORM}:{SPACE}:{room.id}"
            known = await tx.channels.get(key) or Channel(key, room.name, c.settings.winwin_default_mode, room.purpose)
            if not known.public:
                await tx.channels.save(replace(known, public=True))


def secret_key(settings: Settings, beside: Path) -> str:
    """The key that signs cookies: the one that was set, or one made once and kept in a file only its owner can read."""
    if settings.winwin_secret_key is not None:
        return settings.winwin_secret_key.get_secret_value()
    if not beside.exists():
        beside.parent.mkdir(parents=True, exist_ok=True)
        mine = beside.with_name(f"{beside.name}.{os.getpid()}")
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_hex(32), encoding="utf-8")
        with suppress(FileExistsError):  # two processes that start at once have one key
            os.link(mine, beside)
        mine.unlink()
    return beside.read_text(encoding="utf-8").strip()


class StillClock:
    """A clock that nobody moves."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def advance(self, by: timedelta) -> datetime:  # noqa: ARG002 -- the port's argument
        raise ValueError("only the demonstration's clock can be moved")


def _hosts(settings: Settings) -> tuple[str, ...]:
    name = urlsplit(settings.winwin_public_url).hostname
    return (name,) if name else ()


class Server(uvicorn.Server):
    """uvicorn on a socket that is bound already, leaving signals to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: FastAPI, listening: socket.socket, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; open pages get two seconds to end."""
    # Pages are told of news by plain HTTP; looking for libraries that speak WebSocket would take a tenth of a second.
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=2
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="winwin-web")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
