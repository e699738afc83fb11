"""Somebody with a browser at a running winwin: reads pages, sends forms, listens for news."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Visitor:
    def __init__(self, address: str, person: str) -> None:
        self._http = httpx.AsyncClient(base_url=address, timeout=20.0)
        self._person = person
        self._csrf = ""

    async def close(self) -> None:
        await self._http.aclose()

    async def page(self, path: str) -> str:
        await self._become()
        answer = await self._http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer.text

    async def send(self, path: str, **values: str) -> httpx.Response:
        await self._become()
        data = {"csrf": self._csrf, "press": f"press{uuid4().hex[:16]}", **values}
        return await self._http.post(path, data=data)

    async def says(self, text: str, channel: str = "hospital-days", thread: str = "") -> bool:
        """Whether the program said that it has it."""
        try:
            sent = await self.send("/say", channel=channel, thread=thread, text=text)
        except (httpx.HTTPError, AssertionError):
            return False
        return sent.status_code == 303

    async def presses(self, action: str, subject: str) -> bool:
        """A button on a card."""
        try:
            return (await self.send("/press", action=action, subject=subject)).status_code == 303
        except (httpx.HTTPError, AssertionError):
            return False

    @asynccontextmanager
    async def listening(self, channel: str, since: int) -> AsyncIterator[asyncio.Queue[str]]:
        """The lines that an open page of the channel is sent."""
        await self._become()
        lines: asyncio.Queue[str] = asyncio.Queue()

        async def listen() -> None:
            address = f"/live?channel={channel}&since={since}"
            async with self._http.stream("GET", address, timeout=None) as answer:
                async for line in answer.aiter_lines():
                    lines.put_nowait(line)

        task = asyncio.create_task(listen())
        try:
            yield lines
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _become(self) -> None:
        if not self._csrf:
            found = _CSRF.search((await self._http.get("/people")).text)
            assert found
            await self._http.post("/become", data={"csrf": found[1], "person": self._person, "back": "/"})
            found = _CSRF.search((await self._http.get("/people")).text)
            assert found
            self._csrf = found[1]
