"""After forget-me no file holds a word of the member: not the database, not its log, not a backup made later."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from storage_life import CANARY, live
from storage_values import ANA, DAY, LEASE, NOW, arrival, question

from adapters.storage.chat import Chat
from adapters.storage.database import Database
from adapters.storage.schema import metadata
from adapters.storage.words import WORDS
from tests.fakes.tables import tables


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(f"sqlite+aiosqlite:///{tables(tmp_path / 'winwin.db')}")
    yield opened
    await opened.close()


def files_with(folder: Path, word: str) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if word.encode() in file.read_bytes())


def columns_with(path: Path, word: str) -> set[tuple[str, str]]:
    found = set()
    with closing(sqlite3.connect(path)) as connection:
        for table in metadata.tables.values():
            for column in table.c:
                query = f'SELECT count(*) FROM {table.name} WHERE instr(CAST("{column.name}" AS TEXT), ?)'
                if connection.execute(query, (word,)).fetchone()[0]:
                    found.add((table.name, column.name))
    return found


async def test_words_stand_only_in_the_columns_that_say_so(database: Database) -> None:
    async with database.begin() as tx:
        await live(tx)
    assert columns_with(database.path, CANARY) == set(WORDS)


async def test_the_canary_is_in_no_file_afterwards(database: Database, tmp_path: Path) -> None:
    async with database.begin() as tx:
        await live(tx)
        for n in range(200):  # several pages of it, so that pages are freed and split
            await tx.questions.add(question(f"x{n}", text=f"{CANARY} " * n))
    assert files_with(tmp_path, CANARY)
    async with database.begin() as tx:
        await tx.members.forget(ANA.key, NOW)
    assert files_with(tmp_path, CANARY) == []
    await database.scrub()
    await database.backup(tmp_path / "copy.db")
    assert files_with(tmp_path, CANARY) == []
    assert columns_with(database.path, CANARY) == set()


async def test_somebody_who_reads_meanwhile_does_not_keep_the_words_alive(database: Database, tmp_path: Path) -> None:
    async with database.begin() as tx:
        await live(tx)
    async with database.read() as look:
        assert await look.members.all()
        async with database.begin() as tx:
            await tx.members.forget(ANA.key, NOW)
    async with database.begin() as tx:
        await tx.members.all()
    assert files_with(tmp_path, CANARY) == []


async def test_words_dropped_by_retention_are_in_no_file_either(database: Database, tmp_path: Path) -> None:
    async with database.begin() as tx:
        await tx.questions.add(question("q1", text=CANARY, closed_at=NOW))
    async with database.begin() as tx:
        assert await tx.questions.drop_texts(NOW.replace(year=NOW.year + 1)) == 1
    assert files_with(tmp_path, CANARY) == []


async def test_a_handled_message_leaves_its_key_and_not_its_words(database: Database) -> None:
    async with database.begin() as tx:
        (row,) = await tx.inbox.add([arrival("m1", text=CANARY)], NOW, LEASE)
    assert columns_with(database.path, CANARY) == {("inbox", "payload")}
    async with database.begin() as tx:
        await tx.inbox.finish([row.id], NOW)
    assert columns_with(database.path, CANARY) == set()
    assert ("inbox", "key") in columns_with(database.path, "m1")


async def test_a_parked_message_goes_with_its_words_when_it_is_old(database: Database) -> None:
    async with database.begin() as tx:
        (row,) = await tx.inbox.add([arrival("m1", text=CANARY)], NOW, LEASE)
        await tx.inbox.park(row.id, NOW, "broken")
    async with database.begin() as tx:
        assert await tx.inbox.forget_keys(NOW + DAY) == 1
    assert files_with(database.path.parent, CANARY) == []


async def test_words_of_handled_messages_leave_the_log_with_the_daily_retention(database: Database) -> None:
    async with database.begin() as tx:
        (row,) = await tx.inbox.add([arrival("m1", text=CANARY)], NOW, LEASE)
        await tx.inbox.finish([row.id], NOW)
    async with database.begin() as tx:
        assert await tx.inbox.forget_keys(NOW) == 0
    assert files_with(database.path.parent, CANARY) == []


async def test_what_they_wrote_in_the_local_community_goes_too_wherever_they_asked(database: Database) -> None:
    """Somebody on Slack whose accounts are linked presses it there: no page of the local community hears of it."""
    chat = Chat(database)
    await chat.add(channel="school", author="ana", at=NOW, text=CANARY)
    await chat.add(channel="dm-ana", author="winwin", at=NOW, card=CANARY)
    await chat.add(channel="school", author="ben", at=NOW, text="stays")
    async with database.begin() as tx:
        await tx.members.forget("web:local:ana", NOW)
    left = await chat.changed(0, "ana")
    assert [p.text or p.card for p in left if p.deleted_at is None] == ["stays"]
