"""How many calls of one kind Discord takes now, and who has to wait for the next.

discord.py's own bucket refuses a call when its window is long, though calls are left in it: a thread that was started
would keep the next one waiting for five minutes. And the answer that used up a window it hands out only when the window
is over. Here a call waits when none is left, and for nothing else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

import discord
from discord.http import Ratelimit

if TYPE_CHECKING:
    import aiohttp


AT_MOST, SECOND = 45, 1.05  # calls in about a second: Discord takes fifty of a bot, whatever they are
FREE = "/interactions/"  # answers to interactions are not counted among them


class Pace:
    """How many calls go out, all together."""

    def __init__(self) -> None:
        self._begun: deque[float] = deque(maxlen=AT_MOST)

    async def turn(self) -> None:
        now = asyncio.get_running_loop().time
        while len(self._begun) == AT_MOST and (early := self._begun[0] + SECOND - now()) > 0:  # noqa: ASYNC110 -- until a time that is known
            await asyncio.sleep(early)
        self._begun.append(now())


class Bucket(Ratelimit):
    """One of Discord's buckets. Calls get their turn in the order in which they came."""

    def __init__(self, longest_wait: float, pace: Pace | None) -> None:
        super().__init__(longest_wait)
        self._pace = pace
        self._longest_wait = longest_wait
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()

    async def acquire(self) -> None:
        """Raises discord.RateLimited when the next window is further away than anybody should wait."""
        self._last_request = self._loop.time()
        async with self._turn:
            while not self._has_room():
                self._changed.clear()
                await self._wait()
            if self._pace is not None:
                await self._pace.turn()
            self.remaining -= 1
            self.outgoing += 1

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        self.outgoing -= 1
        if isinstance(error, discord.RateLimited):
            self.remaining, self.expires = 0, self._loop.time() + error.retry_after
        elif self.expires is None:  # whoever answered knows no buckets: one call after the other
            self.reset()  # type: ignore[no-untyped-call]
        self._changed.set()

    def update(self, response: aiohttp.ClientResponse, *, use_clock: bool = False) -> None:
        super().update(response, use_clock=use_clock)
        left = int(response.headers.get("X-Ratelimit-Remaining", 0))
        self.remaining = max(0, left - (self.outgoing - 1))  # the others on the way may not have been counted yet
        self._changed.set()

    def _has_room(self) -> bool:
        if self.is_expired():
            self.reset()  # type: ignore[no-untyped-call]
        return self.remaining > 0

    async def _wait(self) -> None:
        """Until an answer has come, or the window is over."""
        left = self.expires - self._loop.time() if self.expires is not None else None
        if left is not None and left > self._longest_wait and not self.outgoing:
            raise discord.RateLimited(left)
        try:
            async with asyncio.timeout(left):
                await self._changed.wait()
        except TimeoutError:
            return


def use_buckets(client: discord.Client, longest_wait: float) -> None:
    """The client's calls go through these buckets."""
    http, pace = client.http, Pace()

    def bucket(key: str) -> Ratelimit:
        found = http._buckets.get(key)
        if found is None:
            found = http._buckets[key] = Bucket(longest_wait, None if FREE in key else pace)
            http._try_clear_expired_ratelimits()
        return found

    http.get_ratelimit = bucket  # type: ignore[method-assign]
