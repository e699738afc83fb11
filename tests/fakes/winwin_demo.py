"""A real `winwin demo`, started as a newcomer starts it, and again where it was killed (by tests/fakes/warm.py)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.fakes import warm
from tests.fakes.command_line import PROGRAM
from tests.fakes.winwin_process import OURS

PATIENCE = 180.0  # seconds for a start: the first one embeds the samples


class Demo:
    """The program as a newcomer starts it; it can be killed and started again on what it left behind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = (folder / "demo.log").open("ab")
        self._process: subprocess.Popen[bytes] | warm.Forked | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.kills = 0

    def start(self, *more: str) -> None:
        self._process = self._started(*more, cold=True)
        self._until_ready()

    def _started(self, *more: str, cold: bool) -> subprocess.Popen[bytes] | warm.Forked:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        environment |= {"WINWIN_PORT": str(self.port), "HF_HUB_OFFLINE": "1"}
        order = ["demo", "--no-browser", "--database", str(self._folder / "demo.db"), *more]
        if not cold and not warm.COLD:
            return warm.start([*PROGRAM, *order], environment, self._folder, self._log)
        winwin = str(Path(sys.executable).with_name("winwin"))
        said = {"stdout": self._log, "stderr": self._log}
        return subprocess.Popen([winwin, *order], env=environment, cwd=self._folder, **said)

    def _until_ready(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self._process is not None
            assert self._process.poll() is None, f"winwin demo ended: {self.log()}"
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"winwin demo was not ready in time: {self.log()}")

    def kill(self) -> None:
        """kill -9, in the middle of whatever it was doing, and start again."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.kills += 1
        self._process = self._started(cold=False)
        self._until_ready()

    def stop(self) -> None:
        self._log.close()
        if self._process is not None:
            self._process.terminate()
            assert self._process.wait(20) == 0, self.log()

    def log(self) -> str:
        return (self._folder / "demo.log").read_text(errors="replace")[-4000:]
