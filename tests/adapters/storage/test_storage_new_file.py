"""A new file is switched to its journal once, also when several processes open it at the same moment."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.storage import sqlite_file


class InUse(sqlite3.Connection):
    """Refuses the switch at once a few times, as SQLite does while somebody else has the file for themselves."""

    refusals = 2

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
        if "journal_mode" in statement and self.refusals:
            self.refusals -= 1
            raise sqlite3.OperationalError("database is locked")
        return super().execute(statement, *values)


def test_a_switch_that_is_refused_at_once_is_tried_again(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", factory=InUse)) as connection:
        sqlite_file.to_wal(connection, 5.0)
        assert connection.refusals == 0
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_it_is_tried_no_longer_than_one_may_wait(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", factory=InUse)) as connection:
        connection.refusals = 1_000_000
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            sqlite_file.to_wal(connection, 0.02)
