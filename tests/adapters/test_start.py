"""A start serves pages first, goes on without a model, and ends without its rules."""

import asyncio
import urllib.request
from datetime import UTC, datetime
from threading import Event
from urllib.error import HTTPError

import pytest
from structlog.testing import capture_logs

from adapters import app
from adapters.commands.serving import free_port
from adapters.embedders import ModelError
from adapters.settings import read_settings
from adapters.triage import BackgroundTriage
from adapters.wiring import community as wired
from bot.events import Member, MessagePosted, Place
from bot.safety.rules import RuleError
from bot.safety.triage import Triage
from knowledge.text import Words

pytestmark = pytest.mark.timeout(60)


def settings(tmp_path):
    return read_settings(None, database_url=f"sqlite+aiosqlite:///{tmp_path / 'w.db'}")


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


async def until_served(port: int) -> None:
    for _ in range(200):
        try:
            await asyncio.to_thread(status, port, "/healthz")
        except OSError:
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("no page within ten seconds")


def broken_model(*_args, **_options):
    raise ModelError("the model cannot be used")


async def test_the_page_answers_while_the_rules_are_being_read(tmp_path, monkeypatch):
    monkeypatch.setattr(wired, "load_embedder", broken_model)
    go, load, stop = Event(), Triage.load, asyncio.Event()
    monkeypatch.setattr(wired.Triage, "load", lambda: go.wait(20) and load())
    with free_port("127.0.0.1", 8470, 50) as listening:
        port = listening.getsockname()[1]
        running = asyncio.create_task(
            app.run_local(settings(tmp_path), listening, demo=False, stop=stop, opened=lambda _: None)
        )
        await until_served(port)
        assert await asyncio.to_thread(status, port, "/readyz") == 503
        go.set()
        stop.set()
        await asyncio.wait_for(running, 20)


async def test_without_rules_the_program_ends_and_says_why(tmp_path, monkeypatch):
    def broken() -> Triage:
        raise RuleError("Rule x: no")

    monkeypatch.setattr(wired.Triage, "load", broken)
    monkeypatch.setattr(wired, "load_embedder", broken_model)
    with free_port("127.0.0.1", 8470, 50) as listening, pytest.raises(RuleError, match="Rule x"):
        await asyncio.wait_for(
            app.run_local(settings(tmp_path), listening, demo=False, stop=asyncio.Event(), opened=lambda _: None), 20
        )


async def test_without_its_model_the_desk_still_hears_a_crisis_and_is_never_called_ready(tmp_path, monkeypatch):
    monkeypatch.setattr(wired, "load_embedder", broken_model)
    async with app.community(settings(tmp_path)) as c, app.running(c) as warming:
        await asyncio.wait_for(warming, 20)
        place = Place("web", "local", "c", "1", "1")
        words = "I am going to kill myself tonight"
        await c.desk.receive([MessagePosted(place, Member("web", "local", "ana"), words, datetime.now(UTC))])
        await asyncio.wait_for(c.desk.settle(), 20)
        async with c.store.read() as tx:
            assert len(await tx.alerts.open()) == 1
        assert not c.model.ready
        assert isinstance(c.triage, BackgroundTriage)


async def test_a_glossary_with_a_fault_is_told_and_the_rest_of_it_counts(tmp_path):
    (tmp_path / "glossary.yaml").write_text("shake weeks: [EEN]\nformula: [the]\n")
    with capture_logs() as told:
        async with wired.community(settings(tmp_path)) as community:
            assert community.librarian.library.meant("EEN?") == Words().stems("shake weeks")
    faults = [line["fault"] for line in told if line["event"] == "glossary_line_left_out"]
    assert [fault.partition(":")[0] for fault in faults] == ["glossary.yaml, line 2"]


async def test_a_glossary_that_is_named_and_not_there_stops_nothing(tmp_path):
    named = read_settings(None, database_url=f"sqlite+aiosqlite:///{tmp_path / 'w.db'}", winwin_glossary="none.yaml")
    async with wired.community(named) as community:
        assert community.librarian.library.meant("EEN?") == Words().stems("exclusive enteral nutrition")
