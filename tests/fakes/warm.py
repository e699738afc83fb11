"""A real `winwin` that starts in a moment: one process has everything loaded and forks the others, each with its own
arguments, environment, folder and output. They are processes of their own, and kill -9 is what it is.

What a start does before it has its parts together is tried by those that are started cold (WINWIN_COLD=1: all are).

Run as a program it takes one order a connection, and tells there which process that is and, later, how it ended.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import IO, BinaryIO, NoReturn

ROOT = Path(__file__).parents[2]
COLD = os.environ.get("WINWIN_COLD") == "1" or not hasattr(os, "fork")
AT_FIRST = (  # what winwin loads when it is first needed
    *("adapters.cli", "adapters.app", "adapters.web.server", "adapters.embedders", "onnxruntime", "tokenizers"),
    *("adapters.slack.connection", "adapters.slack.socket", "adapters.slack.oauth", "adapters.storage.slack_installs"),
    *("adapters.discord.connection", "adapters.discord.figures", "adapters.slack.figures"),
    *("adapters.storage.postgres_database", "adapters.storage.sqlite_database", "aiosqlite", "asyncpg"),
    *("uvloop", "apscheduler.schedulers.asyncio", "uvicorn.lifespan.on", "uvicorn.protocols.http.auto"),
)
_ONE_AT_A_TIME = Lock()  # who starts several at once waits for one nest


class Forked:
    """One of them, seen from the test: as much of subprocess.Popen as a test needs."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told.makefile("rb", buffering=0)  # or select would not see what is read ahead
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("winwin", timeout or 0)
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def send_signal(self, sign: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sign)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def told(order: Sequence[str], environment: Mapping[str, str], folder: Path) -> str:
    """What a command prints that ends well; one that ends otherwise is no answer."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        ended = start(order, environment, folder, output, errors).wait(60)
        for written in (output, errors):
            written.seek(0)
        assert ended == 0, errors.read().decode()
        return output.read().decode()


def start(
    order: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    output: BinaryIO | IO[bytes],
    errors: BinaryIO | IO[bytes] | None = None,
) -> Forked:
    """`order` as for a process: this Python, `-c`, what it runs, and the arguments; `output` takes all that is said
    unless there is a place for `errors`."""
    python, dash, code, *arguments = order
    assert (python, dash) == (sys.executable, "-c")
    with _ONE_AT_A_TIME:
        address = _nest()
    with socket.socket(socket.AF_UNIX) as told:
        told.connect(address)
        wanted = {"code": code, "arguments": arguments, "environment": dict(environment), "folder": str(folder)}
        socket.send_fds(told, [b"x"], [output.fileno(), (errors or output).fileno()])
        told.sendall(json.dumps(wanted).encode() + b"\n")
        return Forked(told)


@cache
def _nest() -> str:
    """The address of this test process's own, which ends with it."""
    folder = tempfile.TemporaryDirectory(prefix="warm-")
    address = f"{folder.name}/orders"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment |= {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"warm\n"

    def end() -> None:
        process.communicate()  # its input ends, and so does it
        folder.cleanup()

    atexit.register(end)
    return address


# --- in the process that forks ----------------------------------------------------------------------------------


def _main(address: str) -> None:
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # as adapters.cli does before it loads anything
    for module in AT_FIRST:
        import_module(module)
    _models()
    gc.collect()
    gc.freeze()
    woken, wakes = socket.socketpair()
    for end in (woken, wakes):
        end.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever stops the tests stops this by ending its input
    young: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as orders, selectors.DefaultSelector() as waiting:
        orders.bind(address)
        orders.listen()
        for what in (orders, woken, sys.stdin.buffer):
            waiting.register(what, selectors.EVENT_READ)
        os.write(1, b"warm\n")
        os.dup2(2, 1)
        while not any(key.fileobj is sys.stdin.buffer for key, _ in waiting.select()):
            with contextlib.suppress(BlockingIOError):
                while woken.recv(4096):
                    pass
            _told_how_they_ended(young)
            orders.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                _forked(orders.accept()[0], young, waiting, [orders, woken, wakes])
    for pid in young:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _models() -> None:
    """What of the models can be inherited: no thread belongs to it."""
    from adapters.embedders.e5 import loaded_pieces
    from adapters.embedders.export import PIECES, find_export

    if (folder := find_export()) is not None:
        loaded_pieces(folder / PIECES)


def _forked(
    told: socket.socket, young: dict[int, socket.socket], waiting: selectors.BaseSelector, ours: list[socket.socket]
) -> None:
    told.setblocking(True)
    _, outputs, _, _ = socket.recv_fds(told, 1, 2)
    with told.makefile("rb") as asked:
        wanted = json.loads(asked.readline())
    pid = os.fork()
    if pid == 0:
        waiting.close()
        for other in (*ours, *young.values(), told):
            other.close()
        _live(*outputs, **wanted)
    for output in outputs:
        os.close(output)
    young[pid] = told
    told.sendall(f"{pid}\n".encode())


def _told_how_they_ended(young: dict[int, socket.socket]) -> None:
    while young:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with young.pop(pid) as told, contextlib.suppress(BrokenPipeError):
            told.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _live(
    output: int, errors: int, code: str, arguments: list[str], environment: dict[str, str], folder: str
) -> NoReturn:
    """As a Python that was started so would."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, end in enumerate((nothing, output, errors)):
        os.dup2(end, number)
    for end in (nothing, output, errors):
        os.close(end)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["-c", *arguments]
    ended = 1
    try:
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
        ended = 0
    except SystemExit as left:
        ended = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(ended)


if __name__ == "__main__":
    _main(sys.argv[1])
