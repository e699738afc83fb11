"""A real `winwin run`, started as whoever runs the bot starts it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.fakes.command_line import PROGRAM

PATIENCE = 60.0  # seconds for a start
OURS = ("WINWIN_", "DATABASE_", "SLACK_", "DISCORD_")


class Winwin:
    """`program`: how it is started; the tests' own one when a patience has to be shorter than people's."""

    def __init__(
        self, folder: Path, settings: Mapping[str, str], program: Sequence[str] = PROGRAM, *, local: bool = False
    ) -> None:
        self._order = (*program, "run", *(["--local"] if local else []))
        self._folder = folder
        self._settings = dict(settings)
        self._process: Process | None = None
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
        self._process = await asyncio.create_subprocess_exec(
            *self._order, env=environment, cwd=self._folder, stdout=PIPE, stderr=STDOUT
        )
        self._reading = asyncio.create_task(self._read(self._process))
        async with asyncio.timeout(PATIENCE):
            while not await self._ready():
                assert self._process.returncode is None, self.said
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """kill -9, in the middle of whatever it was doing."""
        assert self._process is not None
        self._process.kill()
        await self._ended()

    async def stop(self, *, calm: bool = True) -> None:
        """`calm`: nothing may have broken."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            await self._ended()
        assert not calm or "Traceback" not in self.said, self.said

    async def _ended(self) -> None:
        assert self._process is not None
        assert self._reading is not None
        await self._process.wait()
        await self._reading

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self._said += line

    async def _ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{self.address}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def winwin_run(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[Winwin]:
    program = Winwin(folder, settings)
    try:
        await program.start()
        yield program
    finally:
        await program.stop()
