"""The members' pages, wired: what people of Slack and Discord see in the browser."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import overload
from urllib.parse import urlsplit

from fastapi import FastAPI

from adapters.settings import Settings, data_folder
from adapters.web.server import machines_app, members_app
from adapters.web.services import Services
from adapters.wiring.community import Community, address_of, lookups_of, topics_of
from adapters.wiring.web import StillClock, secret_key
from bot.community import Topic
from bot.ports import Messenger
from bot.report import Report
from bot.reporting import make_report

PATIENCE = 2.0  # seconds that a page waits for what comes of a press


def pages_address(settings: Settings) -> str:
    """Where the members' pages are, without a slash at the end; empty where nobody has said how they are reached."""
    parts = urlsplit(settings.winwin_public_url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def platform_app(c: Community, ready: Callable[[], bool]) -> FastAPI:
    """The web server of a bot whose people are elsewhere, with their pages where it is known how they are reached."""
    token = c.settings.winwin_api_token.get_secret_value() if c.settings.winwin_api_token else ""
    if not pages_address(c.settings):
        return machines_app(c.store, ready, c.metrics, version("winwin"), token)

    async def report() -> Report:
        now = c.clock.now()
        return await make_report(c.store, c.model, now, now - timedelta(days=90), c.policy)

    parts = urlsplit(c.settings.winwin_public_url)
    platforms = {"slack": c.slack, "discord": c.discord}
    mouths: dict[str, Messenger] = {name: one.messenger for name, one in platforms.items() if one is not None}
    return members_app(
        Services(
            store=c.store,
            chat=c.chat,
            clock=StillClock(c.clock),
            receive=c.desk.receive,
            settle=Patience(c).settle,
            ready=ready,
            report=report,
            lookups=lookups_of(c, ()),
            topics=TopicsNow(c),
            people=(),
            sample_questions=(),
            secret_key=_key(c.settings),
            version=version("winwin"),
            metrics=c.metrics,
            hosts=(parts.hostname or "",),
            demo=False,
            local=False,
            secure=parts.scheme.lower() == "https",
            api_token=token,
            address=partial(address_of, mouths),
        )
    )


def _key(settings: Settings) -> str:
    """Where no file can be kept, everybody signs in anew after a restart."""
    try:
        return secret_key(settings, (settings.database_file or data_folder() / "winwin").with_suffix(".key"))
    except OSError:
        return secrets.token_hex(32)


class Patience:
    """A page shows what came of a press, but does not wait for a backlog: the desk goes on without it."""

    def __init__(self, c: Community) -> None:
        self._c = c
        self._under_way: set[asyncio.Task[None]] = set()

    async def settle(self) -> None:
        task = asyncio.create_task(self._c.desk.settle())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.wait({task}, timeout=PATIENCE)


class TopicsNow(Sequence[Topic]):
    """The topics of the library as it is now: it is loaded later than the pages, and it grows."""

    def __init__(self, c: Community) -> None:
        self._c = c

    def __len__(self) -> int:
        return len(topics_of(self._c))

    @overload
    def __getitem__(self, index: int) -> Topic: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Topic]: ...
    def __getitem__(self, index: int | slice) -> Topic | Sequence[Topic]:
        return topics_of(self._c)[index]
