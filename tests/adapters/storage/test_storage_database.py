"""Opening, refusing, copying and closing the SQLite file."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.storage import migrations
from adapters.storage.database import Database
from adapters.storage.errors import StorageError
from bot.community import Audit
from bot.events import Member

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
ANA = Member("web", "home", "ana")


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(url(tmp_path / "winwin.db"), busy_seconds=0.2)
    yield opened
    await opened.close()


async def refusal(path: Path | str) -> str:
    with pytest.raises(StorageError) as refused:
        await Database.open(path if isinstance(path, str) else url(path), busy_seconds=0.1)
    assert "\n" not in str(refused.value)
    return str(refused.value)


async def test_a_new_database_is_made_with_its_tables_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "50 % off" / "wïn win.db"
    path.parent.mkdir()
    for expected in ([], [ANA.key]):
        database = await Database.open(url(path))
        async with database.begin() as tx:
            assert [m.key for m in await tx.members.all()] == expected
            await tx.members.seen([(ANA, "Ana")], NOW)
        assert await database.revision() == migrations.known()[-1]
        assert await database.faults() == []
        await database.close()


async def test_several_that_open_a_new_file_at_once_all_get_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "winwin.db"
    opened = await asyncio.gather(*(Database.open(url(path)) for _ in range(5)))
    for database in opened:
        async with database.begin() as tx:
            await tx.members.seen([(ANA, "Ana")], NOW)
        await database.close()


async def test_a_file_is_kept_the_careful_way(database: Database) -> None:
    async with database.begin() as tx:
        for pragma, wanted in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)):
            assert await tx.connection.scalar(text(f"PRAGMA {pragma}")) == wanted


async def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    await database.close()
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = database.path.read_bytes()
    assert "made by a newer winwin (its version is 9999" in await refusal(database.path)
    assert database.path.read_bytes() == before


async def test_what_is_not_a_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("shopping list\n" * 1000)
    assert "is not a database: check DATABASE_URL" in await refusal(path)
    assert path.read_text() == "shopping list\n" * 1000


async def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmark (id)")
    before = path.read_bytes()
    assert "is the database of another program" in await refusal(path)
    assert path.read_bytes() == before


async def test_a_damaged_database_is_refused_or_found_out(database: Database) -> None:
    async with database.begin() as tx:
        await tx.members.seen([(Member("web", "home", f"m{n}"), "x" * 500) for n in range(500)], NOW)
    await database.close()
    whole = database.path.read_bytes()
    database.path.write_bytes(whole[:5000])
    assert "is damaged: put back the latest backup" in await refusal(database.path)
    database.path.write_bytes(whole[:-200_000] + b"\x07" * 200_000)
    damaged = await Database.open(url(database.path))
    assert await damaged.faults()
    with pytest.raises(StorageError, match="is damaged"):
        async with damaged.begin() as tx:
            await tx.members.seen([(Member("web", "home", f"m{n}"), "y") for n in range(500)], NOW)
    await damaged.close()


async def test_a_missing_folder_a_folder_and_a_forbidden_place_are_refused(tmp_path: Path) -> None:
    assert "does not exist: create it" in await refusal(tmp_path / "nowhere" / "winwin.db")
    assert not (tmp_path / "nowhere").exists()
    assert "is a folder: name a file" in await refusal(tmp_path)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that nobody can write to")
async def test_a_place_that_cannot_be_written_is_refused() -> None:
    assert "cannot be written: give this user write access" in await refusal(Path("/proc/winwin.db"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_file_is_refused(database: Database) -> None:
    await database.close()
    database.path.chmod(0o444)
    assert "cannot be written: give this user write access" in await refusal(database.path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("winwin.db", "is not understood"),
        ("", "is not understood"),
        ("mysql://localhost/x", "is not understood"),
        ("sqlite+aiosqlite://winwin.db", "is not understood"),
        ("sqlite+aiosqlite://", "would keep nothing"),
        ("sqlite+aiosqlite:///:memory:", "would keep nothing"),
    ],
)
async def test_an_address_that_cannot_be_is_refused(given: str, said: str) -> None:
    assert said in await refusal(given)


async def test_a_password_in_a_wrong_address_is_not_repeated() -> None:
    assert "geheim" not in await refusal("postgresql://winwin:geheim@db/winwin")


async def test_a_database_that_somebody_else_keeps_locked_is_refused_after_a_while(database: Database) -> None:
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked for more than 0.1 s" in await refusal(database.path)
        with pytest.raises(StorageError, match="Another program has kept"):
            async with database.begin() as tx:
                await tx.members.seen([(ANA, "Ana")], NOW)
        async with database.read() as tx:
            assert await tx.members.all() == []
    async with database.begin() as tx:
        await tx.members.seen([(ANA, "Ana")], NOW)


async def test_a_full_disk_says_so_and_half_writes_nothing(database: Database) -> None:
    async with database.begin() as tx:  # its connection stays open
        await tx.connection.exec_driver_sql("PRAGMA max_page_count = 100")

    many = [(Member("web", "home", f"m{n}"), "x" * 1000) for n in range(1000)]

    async def fill() -> None:
        async with database.begin() as tx:
            await tx.members.seen([(ANA, "Ana")], NOW)
            await tx.members.seen(many, NOW)

    with pytest.raises(StorageError, match="is full: make room"):
        await fill()
    async with database.begin() as tx:
        assert await tx.members.all() == []
        await tx.members.seen([(ANA, "Ana")], NOW)


async def test_a_complaint_of_the_database_never_shows_what_was_being_stored(database: Database) -> None:
    async def store_twice() -> None:
        async with database.begin() as tx:
            for _ in range(2):
                row = {"m": "model", "h": "my secret words", "v": b""}
                await tx.connection.execute(text("INSERT INTO embedding VALUES (:m, :h, :v)"), row)

    with pytest.raises(StorageError) as refused:
        await store_twice()
    error: BaseException | None = refused.value
    while error is not None:
        assert "secret" not in str(error)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE id = 3", 3),
        ("UPDATE audit SET at = '2025-03-03 09:31:00.000000' WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("UPDATE audit SET id = id + 10 WHERE id = 4", 4),
        ("UPDATE audit SET hash = 'x' WHERE id = 5", 5),
    ],
)
async def test_a_changed_audit_row_is_found_and_so_is_a_missing_one(
    database: Database, change: str, first: int
) -> None:
    async with database.begin() as tx:
        await tx.audit.append([Audit(NOW, "ana", "role", f"m{n}") for n in range(5)])
    async with database.begin() as tx:
        assert await tx.audit.verify() is None
        for when in ("UPDATE", "DELETE"):  # whoever can write to the file can do this too
            await tx.connection.exec_driver_sql(f"DROP TRIGGER audit_kept_{when}")
        await tx.connection.exec_driver_sql(change)
    async with database.read() as tx:
        assert await tx.audit.verify() == first


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit WHERE id = 5"])
async def test_the_database_itself_lets_nobody_change_the_audit_log(database: Database, change: str) -> None:
    async with database.begin() as tx:
        await tx.audit.append([Audit(NOW, "ana", "role", f"m{n}") for n in range(5)])
    with pytest.raises(StorageError):
        async with database.begin() as tx:
            await tx.connection.exec_driver_sql(change)
    async with database.read() as tx:
        assert len(await tx.audit.all()) == 5
        assert await tx.audit.verify() is None


# --- copies -----------------------------------------------------------------------------------------------


async def test_a_backup_is_whole_also_while_somebody_writes(database: Database, tmp_path: Path) -> None:
    async with database.begin() as tx:
        await tx.members.seen([(ANA, "Ana")], NOW)
    async with database.begin() as tx:
        await tx.members.seen([(Member("web", "home", "ben"), "Ben")], NOW)
        await database.backup(tmp_path / "copy.db")
    copy = await Database.open(url(tmp_path / "copy.db"))
    async with copy.read() as tx:
        assert [m.name for m in await tx.members.all()] == ["Ana"]
    await copy.close()


async def test_a_backup_overwrites_nothing_and_leaves_nothing_unfinished(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(StorageError, match="exists already"):
        await database.backup(target)
    with pytest.raises(StorageError, match="does not exist: create it"):
        await database.backup(tmp_path / "nowhere" / "copy.db")
    assert target.read_text() == "precious"
    assert not [name for name in os.listdir(tmp_path) if "unfinished" in name]  # noqa: PTH208 -- hidden ones too


async def test_scrubbing_makes_the_file_small_again(database: Database) -> None:
    async with database.begin() as tx:
        await tx.members.seen([(Member("web", "home", f"m{n}"), "x" * 1000) for n in range(2000)], NOW)
        await tx.connection.execute(text("DELETE FROM member"))
    await database.scrub()
    assert database.path.stat().st_size < 1_000_000
    assert not database.path.with_name("winwin.db-wal").stat().st_size


# --- a process that is killed -----------------------------------------------------------------------------

_WRITER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from adapters.storage.database import Database
from bot.events import Member, MessagePosted, Place
from bot.post import Arrival

async def main():
    database = await Database.open(sys.argv[1])
    now = datetime.now(UTC)
    for n in range(100_000):
        place = Place("web", "home", "help", str(n), str(n))
        async with database.begin() as tx:
            await tx.inbox.add([Arrival(MessagePosted(place, Member("web", "home", "ana"), "hello", now))], now, now)
        print(n, flush=True)

asyncio.run(main())
"""


def killed_writer(address: str) -> int:
    """The number of the last row that a process had acknowledged when it was killed."""
    process = subprocess.Popen([sys.executable, "-c", _WRITER, address], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while int(process.stdout.readline()) < 50:
        pass
    process.kill()
    rest = process.stdout.read().split()
    process.stdout.close()
    process.wait()
    return int(rest[-1]) if rest else 50


async def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    address = url(tmp_path / "winwin.db")
    acknowledged = await asyncio.to_thread(killed_writer, address)
    database = await Database.open(address)
    async with database.begin() as tx:
        now = datetime.now(UTC) + timedelta(hours=1)
        rows = await tx.inbox.claim(100_000, now, now)
    await database.close()
    assert [int(r.arrival.event.place.message) for r in rows][: acknowledged + 1] == list(range(acknowledged + 1))
    assert len(rows) <= acknowledged + 2
