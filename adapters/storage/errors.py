"""What can go wrong with a database, in one clear line that says what to do."""

from __future__ import annotations


class StorageError(Exception):
    """The database cannot be used (any more). The message is one line for the person who runs the bot."""


class UnreadableRecord(StorageError):  # noqa: N818 -- says what it is about
    """A stored value of an unknown kind or in broken JSON."""


FULL = "The disk with the database {place} is full: make room, then start again. Nothing was half-written."
LOCKED = (
    "Another program has kept the database {place} locked for more than {seconds:g} s: "
    "stop it (a second winwin, a backup, a database browser), then try again."
)
CORRUPT = (
    "The database {place} is damaged: put back the latest backup (`winwin backup` makes them), "
    "or try to save what is left with `sqlite3 {place} .recover`."
)
NOT_A_DATABASE = "{place} is not a database: check DATABASE_URL, or move that file away to begin with an empty one."
FOREIGN = "{place} is the database of another program: give winwin a file of its own in DATABASE_URL."
NEWER = (
    "The database {place} was made by a newer winwin (its version is {found}, this program knows up to {head}): "
    "update winwin, or put back a backup."
)
NO_FOLDER = "The folder {folder} for the database does not exist: create it, or correct DATABASE_URL."
IS_FOLDER = "{place} is a folder: name a file in DATABASE_URL, for example sqlite+aiosqlite:///winwin.db"
READ_ONLY = (
    "The database {place} cannot be written: give this user write access to the file and to its folder, "
    "or choose another place in DATABASE_URL."
)
BAD_URL = (
    "DATABASE_URL {url!r} is not understood: use sqlite+aiosqlite:///winwin.db "
    "(three slashes: beside where winwin is started; four: from the root)."
)
IN_MEMORY = "DATABASE_URL {url!r} would keep nothing: name a file, for example sqlite+aiosqlite:///winwin.db"
READING = "This is a look at the database {place}: it cannot write. Use begin() to change something."
OTHER = "The database {place} refused: {reason}."

# What SQLite says, and what we say. The first that is found in its message counts.
_SAID = (
    ("database or disk is full", FULL),
    ("database is locked", LOCKED),
    ("database table is locked", LOCKED),
    ("malformed", CORRUPT),
    ("disk i/o error", CORRUPT),
    ("file is not a database", NOT_A_DATABASE),
    ("unable to open database file", READ_ONLY),
    ("readonly database", READ_ONLY),
    ("no such table", CORRUPT),
)


def in_words(error: BaseException, place: str, seconds: float = 0.0) -> StorageError:
    """The database's own complaint as a StorageError; it never holds what was being stored."""
    original = getattr(error, "orig", None) or error
    said = str(original).lower()
    line = next((line for sign, line in _SAID if sign in said), OTHER)
    return StorageError(line.format(place=place, seconds=seconds, reason=str(original).splitlines()[0][:200]))
