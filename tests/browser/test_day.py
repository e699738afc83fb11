"""The sample day, played through the bot on the demonstration's clock."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.winwin_demo import Demo

pytestmark = [pytest.mark.process, pytest.mark.timeout(200)]

MESSAGES = 81


def test_a_day_of_conversation_is_played_and_its_questions_find_answers(embedded: Path, tmp_path: Path) -> None:
    shutil.copy(embedded, tmp_path / "demo.db")
    program = Demo(tmp_path)
    try:
        program.start("--day")
        end = time.monotonic() + 90
        while _count(tmp_path, "SELECT count(*) FROM chat_post WHERE author <> 'winwin'") < MESSAGES:
            assert time.monotonic() < end, program.log()
            time.sleep(0.3)
    finally:
        program.stop()

    asked = _count(tmp_path, "SELECT count(*) FROM question")
    answered = _count(tmp_path, "SELECT count(*) FROM question WHERE status = 'answered'")
    shown = _count(tmp_path, "SELECT count(DISTINCT question) FROM suggestion")
    assert asked < MESSAGES / 3  # most of a day is chatter, answers and thanks
    assert answered >= asked * 2 / 3  # an answer that is not taken for one keeps the search going, no more
    assert shown >= 5


def _count(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(folder / "demo.db")) as database:
        found: int = database.execute(query).fetchone()[0]
    return found
