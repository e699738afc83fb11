"""The line in which rows of the inbox stand that this process has in its hands: crises first, each in its turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence

from bot.post import InboxRow
from bot.turns import lanes_of

BATCH = 32  # messages judged together
AHEAD = 256  # rows that a batch may pass over, because they have to wait for others in it


class Line:
    """`arrived` is what was just committed; `held` are the ids of all rows in hand."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[list[InboxRow]] = asyncio.Queue()
        self.held: set[int] = set()
        self._fresh: deque[InboxRow] = deque()

    @property
    def empty(self) -> bool:
        return not self._fresh and self.arrived.empty()

    async def wait(self) -> None:
        """Until somebody stands in it, or has to look again."""
        if not self._fresh:
            self.take_in(await self.arrived.get())

    def take_in_all(self) -> None:
        while not self.arrived.empty():
            self.take_in(self.arrived.get_nowait())

    def take_in(self, rows: Iterable[InboxRow]) -> None:
        """Crises overtake the queue."""
        for row in rows:
            self.held.add(row.id)
            if row.arrival.crisis:
                self._fresh.appendleft(row)
            else:
                self._fresh.append(row)

    def next_batch(self) -> list[InboxRow]:
        """The next rows, at most one of a thread, and one of what one person writes into a channel: later ones wait for
        the batch after. Crises go by themselves: no model need be waited for then."""
        batch: list[InboxRow] = []
        later: list[InboxRow] = []
        taken: set[str] = set()
        dire = self._fresh[0].arrival.crisis if self._fresh else False
        while self._fresh and len(batch) < BATCH and len(later) < AHEAD and self._fresh[0].arrival.crisis == dire:
            row = self._fresh.popleft()
            lanes = lanes_of(row)
            (later if taken & lanes else batch).append(row)
            taken |= lanes
        self._fresh.extendleft(reversed(later))
        return batch

    def again(self, rows: Sequence[InboxRow]) -> None:
        """They come next once more."""
        self._fresh.extendleft(reversed(rows))
        self.arrived.put_nowait([])  # whoever waits for something to do looks again

    def let_go(self, rows: Sequence[InboxRow]) -> None:
        """Of what was handled; what stands in the line again stays in hand."""
        self.held -= {row.id for row in rows} - {row.id for row in self._fresh}
