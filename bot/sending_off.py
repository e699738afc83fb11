"""Deliveries under way: so many abreast, a crisis in front, and after each what waited behind it in its lane."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence

import structlog

from bot.delivery import Delivery
from bot.ports import Conflict
from bot.post import OutboxRow
from bot.showing.scene import Scene

PRESSING = frozenset({"AnswerCrisis", "PageSafety", "ClosePage", "FoldPage"})  # wishes of a crisis
ABREAST = 16  # deliveries under way at once
IN_FRONT = 64  # and of a crisis, beside them

_log = structlog.get_logger("winwin.desk")


class SendingOff:
    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self.sending: set[int] = set()  # outbox rows in hand: a lease may run out while they wait for their turn
        self.under_way: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(ABREAST)
        self._front = asyncio.Semaphore(IN_FRONT)  # what is said in a crisis stands in no line behind other things

    def send_off(self, rows: Sequence[OutboxRow], fresh: Mapping[str, Scene] | None = None) -> None:
        """`fresh`: what was committed just now, by question; of no use to a row that has to wait for its turn."""
        for row in rows:
            if row.id in self.sending:
                continue
            self.sending.add(row.id)
            scene = None if fresh is None or self._room.locked() else fresh.get(row.wish.about)
            self.in_background(self._deliver(row, scene), f"winwin-deliver-{row.id}")

    def in_background(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def _deliver(self, row: OutboxRow, scene: Scene | None) -> None:
        """One row, and then what waited behind it in its lane."""
        async with self._front if row.wish.kind in PRESSING else self._room:
            try:
                more = await self._delivery.deliver(row, scene)
            except Conflict:
                more = []  # the lease ends and the row is looked at again
            except Exception:
                _log.exception("delivery_step_broke", row=row.id)
                more = []
            finally:
                self.sending.discard(row.id)
        self.send_off(more)

    async def landed(self) -> None:
        while self.under_way:
            await asyncio.gather(*self.under_way, return_exceptions=True)
