"""What a model makes of a text, begun before it is asked for, and once for all who ask within a few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]  # shape (texts, what the model says of one)

MOST = 4  # texts begun ahead; with more under way nothing is gained, they wait for their batch
FORGET = 10.0  # seconds after which what was begun for a text that nobody asked for is dropped


class Ahead:
    """`ask` is the model's; a row of what it gives belongs to a text."""

    def __init__(self, ask: Callable[[Sequence[str]], Awaitable[Rows]]) -> None:
        self._ask = ask
        self._begun: dict[str, asyncio.Future[Rows]] = {}

    @property
    def idle(self) -> bool:
        """Whether one more may begin ahead."""
        return len(self._begun) < MOST

    def begin(self, text: str) -> asyncio.Future[Rows]:
        """One row; begun now unless it is under way."""
        begun = self._begun.get(text)
        if begun is None:
            begun = self._begun[text] = asyncio.ensure_future(self._ask([text]))
            asyncio.get_running_loop().call_later(FORGET, self._begun.pop, text, None)
        return begun

    async def row(self, text: str) -> NDArray[np.float32]:
        """Kept for whoever asks again soon; one who stops waiting does not stop it."""
        return np.asarray((await asyncio.shield(self.begin(text)))[0], np.float32)

    def take(self, texts: Sequence[str]) -> Awaitable[list[NDArray[np.float32]]]:
        """A row a text; what was not begun goes to the model in one batch, now."""
        begun = [self._begun.pop(text, None) for text in texts]
        rest = [text for text, known in zip(texts, begun, strict=True) if known is None]
        batch = asyncio.ensure_future(self._ask(rest)) if rest else None
        return _rows(begun, batch)


async def _rows(
    begun: Sequence[asyncio.Future[Rows] | None], batch: asyncio.Future[Rows] | None
) -> list[NDArray[np.float32]]:
    fresh = iter(await batch) if batch is not None else iter(())
    return [next(fresh) if known is None else (await known)[0] for known in begun]
