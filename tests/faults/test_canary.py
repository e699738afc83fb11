"""Somebody who asked, answered, was quoted in the library, followed, linked, and lies in parked rows is forgotten by a
real program: afterwards no file and no line of its log holds their word, and what is counted is as before."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.samples import load_samples, settle_in
from adapters.storage.database import Database
from tests.fakes import warm
from tests.fakes.command_line import PROGRAM
from tests.fakes.visitor import Visitor
from tests.fakes.winwin_process import Winwin

pytestmark = [pytest.mark.process, pytest.mark.model]

CANARY = "zanzibarcanary"
ME = "web:local:dana"
SETTINGS = {"WINWIN_SECRET_KEY": "0123456789abcdef" * 4}


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "winwin.db", timeout=10)) as database:
        return database.execute(query).fetchall()


def holding(folder: Path) -> list[str]:
    word = CANARY.encode()
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file() and word in f.read_bytes())


def where(folder: Path) -> list[str]:
    """The columns in which the word still stands."""
    found = []
    with closing(sqlite3.connect(folder / "winwin.db", timeout=10)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for _, column, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                query = f'SELECT "{column}" FROM {table} WHERE instr(CAST("{column}" AS TEXT), ?)'
                found += [f"{table}.{column}: {row[0]}" for row in database.execute(query, (CANARY,)).fetchall()]
    return found


def told(folder: Path, *order: str) -> str:
    """What a command of the program prints, on the running program's database."""
    environment = {**SETTINGS, "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'winwin.db'}", "PATH": "/usr/bin:/bin"}
    return warm.told([*PROGRAM, *order], environment, folder)


async def until(folder: Path, query: str) -> list[tuple[Any, ...]]:
    async with asyncio.timeout(20):
        while not (found := rows(folder, query)):  # noqa: ASYNC110 -- it waits for another process
            await asyncio.sleep(0.05)
    return found


async def test_no_file_holds_a_word_of_who_was_forgotten(folder: Path):
    samples = load_samples()
    store = await Database.open(f"sqlite+aiosqlite:///{folder / 'winwin.db'}")
    await settle_in(store, replace(samples, resources=samples.resources[:3]), datetime.now(UTC))
    await store.close()
    program = Winwin(folder, SETTINGS, local=True)
    await program.start()
    try:
        await a_life(program, folder)
        assert "winwin.db" in " ".join(holding(folder))
        before = await asyncio.to_thread(counted, folder)
        dana = Visitor(program.address, "dana")
        assert (await dana.send("/me", action="forget_me")).status_code == 303
        await until(folder, f"SELECT 1 FROM audit WHERE action = 'forget_me' AND subject = '{ME}'")
        await dana.close()
        await asyncio.to_thread(told, folder, "backup", "later.db")
        await asyncio.to_thread(told, folder, "export", "out")
        assert where(folder) == []
        assert holding(folder) == []
        assert await asyncio.to_thread(counted, folder) == before
    finally:
        await program.stop()
    assert CANARY not in program.said
    assert holding(folder) == []


def counted(folder: Path) -> dict[str, Any]:
    """What people did, as the report counts it. What is open just now does change: questions are taken back."""
    report = json.loads(told(folder, "report", "--json"))
    moving = ("now", "baseline_at", "statuses", "outcomes", "volunteer_totals", "volunteers", "gaps")
    return {name: value for name, value in report.items() if name not in moving}


async def a_life(program: Winwin, folder: Path) -> None:
    """Everything in which words of a member may come to stand."""
    dana, tess, sol = (Visitor(program.address, person) for person in ("dana", "tess", "sol"))
    assert await dana.says(f"How do you pack the {CANARY} cool bag for a long infusion day?")
    await until(folder, "SELECT 1 FROM question WHERE asker = 'web:local:dana'")
    assert await dana.says(f"it is the blue {CANARY} one that we have")
    await until(folder, f"SELECT 1 FROM part WHERE text LIKE '%{CANARY} one%'")
    await dana.send("/ask", text=f"Does anybody else's {CANARY} hurt after the scan?", how="private")
    assert await tess.says("How do you get a child to drink the prep the evening before?")
    await until(folder, "SELECT 1 FROM question WHERE asker = 'web:local:tess'")
    [(thread,)] = rows(folder, "SELECT message FROM question WHERE asker = 'web:local:tess'")
    answer = f"We mixed it with {CANARY} juice, half a cup every ten minutes, and let her choose the straw."
    assert await dana.says(answer, thread=thread)
    [(place, _)] = await until(folder, f"SELECT message, 1 FROM answer WHERE member = '{ME}'")
    saved = await sol.send(
        f"/save/{place}", title=f"Prep with {CANARY} juice", text=answer, topics="school", publish_at_once="yes"
    )
    assert saved.status_code == 303, saved.text[-500:]
    [(draft,)] = await until(folder, "SELECT id FROM draft WHERE state = 'awaiting_consent'")
    assert await dana.presses("consent", draft)
    await until(folder, f"SELECT 1 FROM resource WHERE payload LIKE '%{CANARY}%'")
    await dana.send("/me/link", code="")
    await dana.send("/follow", topic="school", on="yes")
    parked(folder)
    for visitor in (dana, tess, sol):
        await visitor.close()


def parked(folder: Path) -> None:
    """What could not be handled: it lies there with its words."""
    with closing(sqlite3.connect(folder / "winwin.db", timeout=10)) as database, database:
        names = [name for _, name, *_ in database.execute("PRAGMA table_info(inbox)") if name != "id"]
        kept = {"key": "'parked:1'", "payload": f"'{CANARY}'", "author": f"'{ME}'", "due_at": "NULL"}
        kept |= {"parked_at": "received_at", "error": f"'{CANARY}'", "handled_at": "NULL"}
        values = ", ".join(kept.get(name, name) for name in names)
        database.execute(f"INSERT INTO inbox ({', '.join(names)}) SELECT {values} FROM inbox LIMIT 1")
