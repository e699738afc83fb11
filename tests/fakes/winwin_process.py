"""A real `winwin run`: started as whoever runs the bot starts it, or forked from one that has loaded its parts."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import BinaryIO

import aiohttp

from tests.fakes import warm
from tests.fakes.command_line import PROGRAM

PATIENCE = 60.0  # seconds for a start
OURS = ("WINWIN_", "DATABASE_", "SLACK_", "DISCORD_")


class Winwin:
    """`program`: how it is started; the tests' own one when a patience has to be shorter than people's.
    `cold`: by a Python of its own that imports everything; see tests/fakes/warm.py."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        program: Sequence[str] = PROGRAM,
        *,
        local: bool = False,
        cold: bool = False,
    ) -> None:
        self._order = (*program, "run", *(["--local"] if local else []))
        self._folder = folder
        self._settings = dict(settings)
        self._cold = cold or warm.COLD or program is not PROGRAM  # what another one changes must not be loaded yet
        self._process: subprocess.Popen[bytes] | warm.Forked | None = None
        self._said = b""
        self._reading: asyncio.Task[None] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self._said.decode(errors="replace")

    async def start(self) -> None:
        around = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        database = f"sqlite+aiosqlite:///{self._folder / 'winwin.db'}"
        own = {"WINWIN_PORT": str(self.port), "DATABASE_URL": database, "HF_HUB_OFFLINE": "1"}
        environment = {**around, **own, **self._settings}
        said, says = pipe()
        self._process = await asyncio.to_thread(self._started, environment, says)
        self._reading = asyncio.create_task(self._read(said))
        async with asyncio.timeout(PATIENCE):
            while not await self._ready():
                assert self._process.poll() is None, self.said
                await asyncio.sleep(0.05)

    def _started(self, environment: Mapping[str, str], says: BinaryIO) -> subprocess.Popen[bytes] | warm.Forked:
        with says:
            if not self._cold:
                return warm.start(self._order, environment, self._folder, says)
            return subprocess.Popen(self._order, env=environment, cwd=self._folder, stdout=says, stderr=says)

    async def kill(self) -> None:
        """kill -9, in the middle of whatever it was doing."""
        assert self._process is not None
        self._process.kill()
        await self._ended()

    async def stop(self, *, calm: bool = True) -> None:
        """`calm`: nothing may have broken."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        await self._ended()
        assert not calm or "Traceback" not in self.said, self.said

    async def _ended(self) -> None:
        assert self._process is not None
        assert self._reading is not None
        await asyncio.to_thread(self._process.wait, PATIENCE)
        await self._reading

    async def _read(self, said: BinaryIO) -> None:
        lines = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(lines)
        reading, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, said)
        with closing(reading):
            while some := await lines.read(65_536):
                self._said += some

    async def _ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{self.address}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def pipe() -> tuple[BinaryIO, BinaryIO]:
    """The end that is read, and the one that is written to."""
    read, write = os.pipe()
    return os.fdopen(read, "rb"), os.fdopen(write, "wb")


@asynccontextmanager
async def winwin_run(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[Winwin]:
    program = Winwin(folder, settings)
    try:
        await program.start()
        yield program
    finally:
        await program.stop()
