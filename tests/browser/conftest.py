"""A real `winwin demo` process and a real Chromium, for the tests that click."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 90.0  # seconds for a start: the first one embeds the samples


class Demo:
    """The program as a newcomer starts it; it can be killed and started again on what it left behind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = (folder / "demo.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.kills = 0

    def start(self, *more: str) -> None:
        winwin = str(Path(sys.executable).with_name("winwin"))
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("WINWIN_", "DATABASE_", "SLACK_"))}
        self._process = subprocess.Popen(
            [winwin, "demo", "--no-browser", "--database", str(self._folder / "demo.db"), *more],
            env={**environment, "WINWIN_PORT": str(self.port), "HF_HUB_OFFLINE": "1"},
            stdout=self._log,
            stderr=self._log,
            cwd=self._folder,
        )
        self._until_ready()

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
        self.start()

    def stop(self) -> None:
        self._log.close()
        if self._process is not None:
            self._process.terminate()
            assert self._process.wait(20) == 0, self.log()

    def log(self) -> str:
        return (self._folder / "demo.log").read_text(errors="replace")[-4000:]


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration's database on which the first start, which embeds the samples, is over."""
    folder = tmp_path_factory.mktemp("first-start")
    program = Demo(folder)
    try:
        program.start()
    finally:
        program.stop()
    return folder / "demo.db"


@pytest.fixture
def demo(tmp_path: Path, embedded: Path) -> Iterator[Demo]:
    shutil.copy(embedded, tmp_path / "demo.db")
    program = Demo(tmp_path)
    try:
        program.start()
        yield program
    finally:
        program.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file: while Playwright runs, its event loop lets no other test in the same process have one."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: on Debian, apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()
