"""`winwin drill` on a database beside which nothing runs, and its figures."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.commands.drilling import Course, inject, summary
from adapters.settings import read_settings
from adapters.storage.database import Database
from adapters.wiring.community import community
from bot.drills import NOBODY, drill
from bot.safety.alerts import Alert, AlertState
from tests.fakes.tables import tables
from tests.fakes.values import NOON

pytestmark = pytest.mark.model


def test_figures_are_of_all_that_were_begun():
    courses = [Course(1.0, 2, 10.0 * n) for n in range(1, 10)] + [Course(None, 0, None)]
    assert summary(courses) == {
        "drills": 10,
        "paged": 9,
        "people_paged": 2,
        "acknowledged": 9,
        "unacknowledged": 1,
        "seconds_to_page": {"p50": 1.0, "p90": 1.0, "max": 1.0},
        "seconds_to_acknowledge": {"p50": 50.0, "p90": 90.0, "max": 90.0},
    }
    assert summary([])["seconds_to_page"] is None


async def test_drills_lie_in_the_inbox_without_their_words_and_wait_for_whoever_runs(tmp_path):
    url = f"sqlite+aiosqlite:///{tables(tmp_path / 'winwin.db')}"
    async with community(read_settings(None, database_url=url)) as c:
        c.triage.start()
        await c.triage.loaded()
        events = await inject(c, 3)
        async with c.store.post() as tx:
            rows = await tx.inbox.claim(9, c.clock.now(), c.clock.now() + timedelta(minutes=1))
    assert [row.arrival.event.key for row in rows] == [event.key for event in events]
    assert {(row.arrival.event.text, row.arrival.crisis) for row in rows} == {("", True)}


def test_nobody_there_ends_with_1_and_says_so(winwin, tmp_path):
    tables(tmp_path / "winwin.db")
    result = winwin("drill", "--wait", "0", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["unacknowledged"] == 1


def test_how_those_before_went_is_told_without_a_new_one(winwin, tmp_path):
    path = tables(tmp_path / "winwin.db")
    asyncio.run(_kept(path))
    result = winwin("drill", "--results")
    assert result.exit_code == 0
    assert result.stdout == (
        "2 drills: 0 paged (to 0 people), 1 acknowledged, 1 not.\nuntil somebody had it: p50 4.0 min, p90 4.0 min, "
        "slowest 4.0 min\n"
    )


def test_without_a_database_there_is_nothing_to_rehearse(winwin, tmp_path):
    assert winwin("drill").exit_code == 1
    assert list(tmp_path.glob("*.db")) == []


async def _kept(path) -> None:
    begun = Alert("a1", drill("one", NOON).place, NOBODY.key, "C1", "self", ("r",), NOON, drill=True)
    over, four = replace(begun, state=AlertState.RESOLVED), NOON + timedelta(minutes=4)
    store = await Database.open(f"sqlite+aiosqlite:///{path}")
    async with store.begin() as tx:
        await tx.alerts.save(over)
        await tx.alerts.save(replace(over, id="a2", taken_by="web:local:sol", taken_at=four, ended_at=four))
    await store.close()
