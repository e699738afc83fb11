import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from adapters.commands.keeping import matching
from adapters.commands.outcome import Refusal
from adapters.storage.database import Database
from bot.community import Answer, MemberRecord
from bot.events import Member, Place
from tests.fakes.command_line import one_line
from tests.fakes.tables import tables

NOW = datetime(2025, 3, 1, tzinfo=UTC)
ANA, BEN = Member("web", "local", "ana"), Member("web", "local", "ben")
CANARY = "zanzibarcanary"


async def _fill(path) -> None:
    store = await Database.open(f"sqlite+aiosqlite:///{path}")
    async with store.begin() as tx:
        await tx.members.seen([(ANA, f"Ana {CANARY}"), (BEN, "Ben")], NOW)
        place = Place("web", "local", "general", "1", "1")
        await tx.answers.put(Answer(place, "q1", ANA.key, f"said {CANARY}", 0.9, NOW))
        await tx.answers.put(Answer(Place("web", "local", "general", "2", "1"), "q1", BEN.key, "stays", 0.9, NOW))
    await store.close()


@pytest.fixture
def known(winwin, tmp_path):
    asyncio.run(_fill(tables(tmp_path / "winwin.db")))
    return winwin


def test_migrate_makes_and_names_the_version(winwin, tmp_path):
    first, again = winwin("migrate"), winwin("migrate")
    assert first.exit_code == 0
    assert first.stdout == again.stdout
    assert "is at version 0" in first.stdout


def test_migrate_does_not_show_a_password(winwin, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://bot:hush@db/winwin")
    result = winwin("migrate")
    assert result.exit_code == 1
    assert "hush" not in result.output


def test_a_backup_is_whole_and_never_overwrites(known, tmp_path):
    assert known("backup", "copy.db").exit_code == 0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("SELECT count(*) FROM answer").fetchone() == (2,)
    before = (tmp_path / "copy.db").read_bytes()
    result = known("backup", "copy.db")
    assert (result.exit_code, "exists already" in one_line(result)) == (1, True)
    assert (tmp_path / "copy.db").read_bytes() == before
    assert "does not exist" in one_line(known("backup", "no/such/copy.db"))


def test_without_a_database_there_is_nothing_to_back_up(winwin, tmp_path):
    assert "there is no database" in one_line(winwin("backup", "copy.db"))
    assert list(tmp_path.iterdir()) == []


def test_forgetting_takes_the_words_out_of_every_file(known, tmp_path):
    assert CANARY.encode() in b"".join(p.read_bytes() for p in tmp_path.iterdir())
    result = known("forget", ANA.key, "--yes")
    assert result.stdout == "Forgotten: 1 account. If the bot is running, restart it.\n"
    assert CANARY.encode() not in b"".join(p.read_bytes() for p in tmp_path.iterdir())
    with closing(sqlite3.connect(tmp_path / "winwin.db")) as connection:
        assert ("stays",) in connection.execute("SELECT text FROM answer").fetchall()
        assert connection.execute("SELECT actor, action FROM audit").fetchall() == [("command line", "forget_me")]


def test_forgetting_wants_a_yes(known, tmp_path):
    result = known("forget", "Ben")
    assert (result.exit_code, one_line(result)) == (
        1,
        "winwin: this cannot be undone; add --yes to do it without being asked",
    )
    assert known("forget", "nobody at all", "--yes").exit_code == 1


def test_a_person_is_found_with_all_their_accounts_by_key_or_full_name():
    members = [
        MemberRecord("web:local:ana", "p1", "Ana"),
        MemberRecord("slack:t:u1", "p1", "Ana R"),
        MemberRecord("web:local:ben", "p2", "Ben"),
        MemberRecord("web:local:ben2", "p3", "ben"),
    ]
    assert matching(members, "slack:t:u1") == matching(members, "ana") == ["slack:t:u1", "web:local:ana"]
    with pytest.raises(Refusal, match="2 people have that name"):
        matching(members, "Ben")
    with pytest.raises(Refusal, match="nobody"):
        matching(members, "An")
