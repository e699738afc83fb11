"""What can go wrong with a database, in one clear line that says what to do."""

from __future__ import annotations

from bot.ports import StoreAway


class StorageError(Exception):
    """The database cannot be used (any more). The message is one line for the person who runs the bot."""


class Away(StorageError, StoreAway):  # noqa: N818 -- says what happened
    """It is not there, full, or kept locked; nothing is wrong with what was asked of it."""


class NotToBeHad(Exception):  # noqa: N818 -- says what it is
    """This database can hold no index. The message says why and what to do, in words."""


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
    "(three slashes: beside where winwin is started; four: from the root) or postgresql+asyncpg://user@host/name."
)
IN_MEMORY = "DATABASE_URL {url!r} would keep nothing: name a file, for example sqlite+aiosqlite:///winwin.db"
READING = "This is a look at the database {place}: it cannot write. Use begin() to change something."
OTHER = "The database {place} refused: {reason}."

NO_SERVER = (
    "The database {place} does not answer ({reason}): start PostgreSQL there, or correct the address in DATABASE_URL."
)
NO_ENTRY = "The database {place} does not let this user in: check user and password in DATABASE_URL."
NO_DATABASE = "There is no database {place} on that server: make it (`createdb`), or correct DATABASE_URL."
NOT_ALLOWED = (
    "This user may not do that in the database {place}: make them its owner (ALTER DATABASE … OWNER TO …), because "
    "winwin makes and changes its own tables."
)
OUT_OF_TURN = (
    "The database {place} kept us waiting for more than {seconds:g} s: another process has it locked. Look who does in "
    "pg_stat_activity; a session that is idle in a transaction ends by itself after ten seconds."
)
CUT = "The connection to the database {place} was cut ({reason}). What was not committed is undone; it is tried again."

# What PostgreSQL says, by the beginning of its code (SQLSTATE).
_CODES = (
    ("28", NO_ENTRY),
    ("3D000", NO_DATABASE),
    ("42501", NOT_ALLOWED),
    ("25006", READING),
    ("55P03", OUT_OF_TURN),
    ("53100", FULL),
    ("42P01", "The tables in the database {place} are not all there: put back the latest backup."),
    ("57P", CUT),
    ("25P03", CUT),
    ("08", CUT),
)

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


_AWAY = frozenset({FULL, LOCKED, NO_SERVER, NO_ENTRY, OUT_OF_TURN, CUT})


def in_words(error: BaseException, place: str, seconds: float = 0.0) -> StorageError:
    """The database's own complaint as a StorageError; it never holds what was being stored."""
    original = getattr(error, "orig", None) or error
    said = str(original).lower()
    reason = (str(original).splitlines() or [type(original).__name__])[0][:200]
    line = _of_postgresql(original) or next((line for sign, line in _SAID if sign in said), OTHER)
    kind = Away if line in _AWAY else StorageError
    return kind(line.format(place=place, seconds=seconds, reason=reason))


def _of_postgresql(original: BaseException) -> str | None:
    """None when it is not PostgreSQL that complains."""
    code = getattr(original, "sqlstate", None)
    if code:
        return next((line for sign, line in _CODES if str(code).startswith(sign)), None)
    if isinstance(original, (ConnectionError, TimeoutError)) or "connection is closed" in str(original):
        return CUT if "closed" in str(original) else NO_SERVER
    return NO_SERVER if isinstance(original, OSError) else None
