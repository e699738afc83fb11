"""Processes of tests/fakes/lean.py that start in some milliseconds: one that has everything loaded forks the others.
They are real processes of their own, and kill -9 is what it is.

Run as a program it reads orders from its input, a line each: `start {seat}`, `kill pid`; each is answered with a line.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.lean import Seat

ROOT = Path(__file__).parents[2]
AT_FIRST = (  # what winwin loads when it is first needed
    "aiosqlite",
    "asyncpg",
    "uvloop",
    "apscheduler.schedulers.asyncio",
    "adapters.storage.postgres_database",
    "adapters.storage.sqlite_database",
)


class Nest:
    """The one that forks, seen from the test."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    def start(self, seat: Seat) -> int:
        """A new process there; returns its number at once, whether it is ready or not."""
        return int(self._order(f"start {json.dumps(asdict(seat))}"))

    def kill(self, pid: int) -> None:
        """kill -9, in the middle of whatever it was doing. Nothing else may have ended it before."""
        os.kill(pid, signal.SIGKILL)
        ended = int(self._order(f"kill {pid}"))
        assert ended == signal.SIGKILL, f"it had ended by itself: {self.log()}"

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-6000:]

    def _order(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, self.log()
        return answer


@contextmanager
def nest(folder: Path) -> Iterator[Nest]:
    log = folder / "nest.log"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", __name__]
    with (
        log.open("ab") as said,
        subprocess.Popen(command, stdin=-1, stdout=-1, stderr=said, cwd=ROOT, env=environment, text=True) as process,
    ):
        yield Nest(process, log)


# --- in the process that forks ----------------------------------------------------------------------------------


def _main() -> None:
    for module in AT_FIRST:
        import_module(module)
    from adapters.storage.drivers import POSTGRESQL, SQLITE
    from adapters.storage.prepared import Prepared
    from tests.fakes import lean

    for statement in [found for found in gc.get_objects() if isinstance(found, Prepared)]:
        for dialect in (SQLITE, POSTGRESQL):
            statement._compile(dialect)  # else each of them would, again and again
    young: set[int] = set()
    for line in sys.stdin:
        order, _, what = line.strip().partition(" ")
        if order == "start":
            pid = os.fork()
            if pid == 0:
                _live(lean.Seat(**json.loads(what)))
            young.add(pid)
            print(pid, flush=True)
        else:
            pid = int(what)
            _, status = os.waitpid(pid, 0)
            young.discard(pid)
            print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, flush=True)
    for pid in young:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _live(seat: Seat) -> None:
    import traceback

    from adapters import loop
    from adapters.logs import plain_logs
    from tests.fakes import lean

    plain_logs()
    os.dup2(2, 1)  # the answers to orders are the parent's alone
    try:
        loop.run(lean.work(seat))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    _main()
