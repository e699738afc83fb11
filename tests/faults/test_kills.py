"""kill -9 of the whole `winwin demo` at random moments while people write: what was acknowledged is never lost, and
nothing is said twice. Each start takes seconds; how kills meet more of a question's life is in test_crash_kills.py."""

from __future__ import annotations

import os
import random
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.winwin_demo import Demo
from tests.reliability import Reached

pytestmark = [pytest.mark.soak, pytest.mark.process]

KILLS = int(os.environ.get("WINWIN_KILLS", "40"))
PEOPLE = ("dana", "marcus", "noor", "grace")
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    program = Demo(tmp_path)
    try:
        program.start()
        yield program
    finally:
        program.stop()


class Writer:
    """Somebody who writes questions through the form, as fast as they are acknowledged."""

    def __init__(self, address: str, person: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=5.0)
        self._person = person
        self._csrf = ""

    def write(self, text: str) -> bool:
        """Whether the program said that it has it."""
        try:
            if not self._csrf:
                self._csrf = self._token("/people")
                self._client.post("/become", data={"csrf": self._csrf, "person": self._person, "back": "/"})
                self._csrf = self._token("/c/hospital-days")
            press = f"soak{random.getrandbits(64):016x}"
            fields = {"csrf": self._csrf, "press": press, "channel": "hospital-days", "thread": "", "text": text}
            return self._client.post("/say", data=fields).status_code == 303
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        self._client.close()

    def _token(self, path: str) -> str:
        found = _CSRF.search(self._client.get(path).text)
        return found[1] if found else ""


def test_no_acknowledged_question_is_lost(demo: Demo, tmp_path: Path, seed: int, reached: Reached) -> None:
    chance = random.Random(seed)
    acknowledged: list[str] = []
    stop = threading.Event()

    def write() -> None:
        writer = Writer(demo.address, chance.choice(PEOPLE))
        number = 0
        while not stop.is_set():
            number += 1
            text = f"How do you keep a child busy during infusion number {number}?"
            if writer.write(text):
                acknowledged.append(text)
            else:
                time.sleep(0.05)
        writer.close()

    writing = threading.Thread(target=write)
    writing.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 1.0))
        demo.kill()
    stop.set()
    writing.join()
    time.sleep(10)

    with sqlite3.connect(tmp_path / "demo.db") as database:
        asked = Counter(text for (text,) in database.execute("SELECT text FROM question"))
        unhandled = database.execute("SELECT count(*) FROM inbox WHERE handled_at IS NULL").fetchone()[0]
        cards = Counter(
            database.execute("SELECT channel, thread, card FROM chat_post WHERE author = 'winwin'").fetchall()
        )
    database.close()
    assert [text for text in acknowledged if asked[text] != 1] == []
    assert unhandled == 0
    assert [post for post, times in cards.items() if times > 1] == []
    said = f"{KILLS} kills, {len(acknowledged):,} acknowledged, {sum(asked.values()):,} questions: 0 lost, 0 twice"
    reached("crash: kill -9", "winwin demo, SQLite", f"{KILLS} kills: none lost, nothing twice", said)
