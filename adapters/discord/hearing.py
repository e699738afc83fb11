"""What comes from the gateway, handed on in order: one after the other in a channel with its threads, side by side in
different ones. A press waits for no message, because its answer has three seconds.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from adapters.discord.client import Json

Take = Callable[[str, Json], Awaitable[None]]

_log = structlog.get_logger("winwin.discord")


class Hearing:
    """`take` gets each event. When it fails, `missed` is told: what was said can be read up on, a press is made again
    by whoever pressed. `parent_of`: of a thread, its channel."""

    def __init__(self, take: Take, missed: Callable[[], None], parent_of: Callable[[str], str]) -> None:
        self._take = take
        self._missed = missed
        self._parent_of = parent_of
        self._lanes: dict[str, deque[tuple[str, Json]]] = {}
        self._busy: set[asyncio.Task[None]] = set()

    def put(self, name: str, data: Json) -> None:
        lane = lane_of(name, data, self._parent_of)
        if lane in self._lanes:
            self._lanes[lane].append((name, data))
            return
        self._lanes[lane] = deque([(name, data)])
        task = asyncio.create_task(self._work(lane), name="winwin-discord-hearing")
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _work(self, lane: str) -> None:
        waiting = self._lanes[lane]
        while waiting:
            name, data = waiting[0]
            try:
                await self._take(name, data)
            except Exception as error:
                _log.warning("event_not_taken", event_name=name, error=type(error).__name__)
                self._missed()
            waiting.popleft()
        del self._lanes[lane]

    async def finish(self, within: float) -> None:
        """What was heard is taken, as far as there is time."""
        if self._busy:
            _, late = await asyncio.wait(set(self._busy), timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def lane_of(name: str, data: Json, parent_of: Callable[[str], str]) -> str:
    if name == "INTERACTION_CREATE":
        return f"press:{data.get('id')}"
    if name.startswith("THREAD_"):
        return str(data.get("parent_id") or parent_of(str(data.get("id"))) or data.get("guild_id"))
    if name.startswith("CHANNEL_"):
        return str(data.get("id"))
    channel = str(data.get("channel_id") or "")
    return parent_of(channel) or channel or str(data.get("guild_id") or data.get("id"))
