"""The composition root: the only file that knows every adapter, and puts them together into a running community."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from adapters.clock import SystemClock
from adapters.embedders import load_embedder
from adapters.embedders.serving import DIMENSION, NAME
from adapters.model import BackgroundModel
from adapters.scheduler import Scheduler, Tick
from adapters.settings import Settings
from adapters.storage.chat import Chat
from adapters.storage.database import Database
from adapters.web.client import WebMessenger
from adapters.web.live import Viewers
from bot.helpdesk import HelpDesk, House, Outside
from bot.judging import Judge
from bot.librarian import Librarian
from bot.policy import Policy
from bot.ports import Clock, Messenger
from bot.safety.helplines import load_helplines
from bot.safety.triage import Triage
from knowledge.search import Library

_log = structlog.get_logger("winwin.app")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Community:
    """Everything that runs for one community."""

    settings: Settings
    store: Database
    clock: Clock
    model: BackgroundModel
    librarian: Librarian
    judge: Judge
    desk: HelpDesk
    policy: Policy
    chat: Chat
    viewers: Viewers
    metrics: CollectorRegistry

    @property
    def library(self) -> Library:
        return self.librarian.library


@asynccontextmanager
async def community(
    settings: Settings, *, clock: Clock | None = None, policy: Policy | None = None, topics: frozenset[str] = frozenset()
) -> AsyncIterator[Community]:
    """A community on its database, with nothing running yet: what the commands work with. The model is loaded when it
    is first needed. Raises StorageError and ModelError with one clear line."""
    clock, policy = clock or SystemClock(), policy or Policy()
    async with AsyncExitStack() as stack:
        store = await Database.open(settings.database_url)
        stack.push_async_callback(store.close)
        model = BackgroundModel(lambda: load_embedder(settings.winwin_model or None))
        stack.callback(model.close)
        name, dimension = await _identity(model, settings)
        librarian = Librarian(Library(dimension), model, name, store)
        triage = await asyncio.to_thread(Triage.load)
        judge = Judge(triage, librarian, model, policy)
        chat, viewers = Chat(store), Viewers()
        mouths: dict[str, Messenger] = {"web": WebMessenger(chat, viewers, clock, settings.winwin_public_url)}
        outside = Outside(store, clock, mouths, triage, judge, librarian, load_helplines())
        desk = HelpDesk(outside, House(policy, settings.winwin_default_mode, topics))
        yield Community(
            settings, store, clock, model, librarian, judge, desk, policy, chat, viewers, CollectorRegistry()
        )


async def _identity(model: BackgroundModel, settings: Settings) -> tuple[str, int]:
    """Name and dimension of the model; known without loading it where it is the default one."""
    if not settings.winwin_model:
        return NAME, DIMENSION
    embedder = await model.embedder()
    return embedder.name, embedder.dimension


@asynccontextmanager
async def running(c: Community, progress: Progress | None = None) -> AsyncIterator[asyncio.Task[None]]:
    """The desk at work and the ticks ticking. The task given ends when the library is loaded: until then facts are
    received and kept safe, and handled afterwards."""
    c.model.start()
    scheduler = Scheduler(
        [
            Tick("inbox", c.desk.handle_one, timedelta(seconds=2)),
            Tick("deadlines", c.desk.fire_deadline, timedelta(seconds=1)),
            Tick("outbox", c.desk.deliver_one, timedelta(seconds=1)),
            Tick("retention", c.desk.retain, timedelta(hours=1)),
        ]
    )

    async def warm_up() -> None:
        await c.librarian.open(progress)
        await c.desk.open()
        scheduler.start()
        _log.info("ready", resources=len(c.library))

    warming = asyncio.create_task(warm_up(), name="winwin-warm-up")
    try:
        yield warming
    finally:
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)
        await scheduler.stop()
        await c.desk.close()


def secret_key(settings: Settings, beside: Path) -> str:
    """The key that signs cookies: the one that was set, or one made once and kept in a file only its owner can read."""
    if settings.winwin_secret_key is not None:
        return settings.winwin_secret_key.get_secret_value()
    if not beside.exists():
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.touch(mode=0o600)
        beside.write_text(secrets.token_hex(32), encoding="utf-8")
    return beside.read_text(encoding="utf-8").strip()
