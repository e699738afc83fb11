"""The SQLite file itself: what is told about it before it is used, a copy of it, wiping what was erased.

Plain sqlite3, to be run in a thread: it starts in a millisecond, and these steps stand outside transactions.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from adapters.storage import errors
from adapters.storage.errors import StorageError, in_words

PRAGMAS = (
    "PRAGMA synchronous=FULL",  # an acknowledged message survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is erased is overwritten with zeros
    "PRAGMA temp_store=MEMORY",  # nobody's words in temporary files
    "PRAGMA cache_size=-16000",  # 16 MB
)


def look(path: Path, seconds: float) -> str | None:
    """The version of the database there; None when the file is new or empty. Switches it to WAL."""
    if path.is_dir():
        raise StorageError(errors.IS_FOLDER.format(place=path))
    if not path.parent.is_dir():
        raise StorageError(errors.NO_FOLDER.format(folder=path.parent))
    with _connection(path, seconds) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and "alembic_version" not in tables:
            raise StorageError(errors.FOREIGN.format(place=path))
        to_wal(connection, seconds)
        connection.execute("BEGIN IMMEDIATE")  # may it be written at all?
        connection.execute("ROLLBACK")
        if not tables:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def to_wal(connection: sqlite3.Connection, seconds: float) -> None:
    """The switch needs the file for itself, and SQLite does not wait for that, whatever its timeout: somebody who
    opens the same new file at this moment would have it refused at once. So it is tried for as long as we may wait."""
    until = monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() >= until:
                raise
            sleep(0.005)
        else:
            return


def backup(path: Path, target: Path, seconds: float) -> None:
    """A whole, consistent copy, there all at once or not at all. Never overwrites."""
    if target.exists():
        raise StorageError(f"{target} exists already: name a file that is not there yet.")
    if not target.parent.is_dir():
        raise StorageError(f"The folder {target.parent} does not exist: create it first.")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        with _connection(path, seconds, also=target) as connection:
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        os.link(unfinished, target)  # unlike a rename this never replaces what somebody put there meanwhile
    except FileExistsError:
        raise StorageError(f"{target} exists already: name a file that is not there yet.") from None
    except OSError as error:
        raise StorageError(f"The backup {target} could not be written: {error.strerror}.") from None
    finally:
        unfinished.unlink(missing_ok=True)


def wipe(path: Path) -> bool:
    """Bring the write-ahead log into the file and cut it to nothing; False while somebody reads."""
    with _connection(path, 0.0) as connection, suppress(sqlite3.OperationalError):
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    return False


def scrub(path: Path, seconds: float) -> None:
    """Write the file anew, so that nothing of what was erased is left in it, and empty the write-ahead log."""
    with _connection(path, seconds) as connection:
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise errors.Away(errors.LOCKED.format(place=path, seconds=seconds))


def faults(path: Path, seconds: float) -> list[str]:
    """What SQLite's own check finds wrong; reads the whole file."""
    with _connection(path, seconds) as connection:
        found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
    return [] if found == ["ok"] else found


@contextmanager
def _connection(path: Path, seconds: float, also: Path | None = None) -> Iterator[sqlite3.Connection]:
    """Without transactions of its own; SQLite's complaints come out as StorageError."""
    try:
        with closing(sqlite3.connect(path, timeout=seconds, isolation_level=None)) as connection:
            for pragma in PRAGMAS:
                connection.execute(pragma)
            yield connection
    except sqlite3.Error as error:
        raise in_words(error, str(also or path), seconds) from error
