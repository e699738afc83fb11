"""A hundred drills at once, one of two processes on one PostgreSQL killed in the middle: all are paged, and all are
followed until a person has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.history import LEFT
from tests.fakes.postgres_server import Databases
from tests.fakes.rehearsal import ANSWERED, PAGED, rehearse
from tests.fakes.trio import trio
from tests.reliability import Reached

pytestmark = [pytest.mark.soak, pytest.mark.process, pytest.mark.model]

COUNT = 100


async def test_a_hundred_drills_are_paged_and_followed_though_a_process_dies(
    postgres: Databases, tmp_path: Path, reached: Reached
):
    async with trio(postgres, tmp_path, count=2) as here:
        figures = await rehearse(here, tmp_path, COUNT, kill=0, at=1, after=COUNT // 4)
        await here.until(LEFT, [(0, 0)])
        paged = len(await here.rows(PAGED))
        assert await here.rows(ANSWERED) == [(0,)]
    had, slowest = figures["acknowledged"], figures["seconds_to_page"]["max"]
    said = f"{paged} paged to two people or more, {had} acknowledged; paged after {slowest:.1f} s at most"
    reached("drill", "PostgreSQL, 2, one killed", f"{COUNT} of {COUNT} paged and followed", said)
    assert (paged, had, figures["unacknowledged"]) == (COUNT, COUNT, 0)
