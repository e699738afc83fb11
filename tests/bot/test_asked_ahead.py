"""A text goes through the model once, however many ask for it, and in one batch with the others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from bot.ahead import MOST, Ahead


class Lengths:
    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    async def ask(self, texts: Sequence[str]) -> np.ndarray:
        self.batches.append(list(texts))
        await asyncio.sleep(0)
        return np.array([[len(text)] for text in texts], np.float32)


async def test_what_was_begun_is_not_asked_again_and_the_rest_shares_a_batch():
    model = Lengths()
    ahead = Ahead(model.ask)
    ahead.begin("bb")
    assert (await ahead.row("bb")).tolist() == [2]
    rows = await ahead.take(["a", "bb", "ccc"])
    assert [row.tolist() for row in rows] == [[1], [2], [3]]
    assert model.batches == [["bb"], ["a", "ccc"]]


async def test_one_who_stops_waiting_stops_nobody_else():
    model = Lengths()
    ahead = Ahead(model.ask)
    first = asyncio.create_task(ahead.row("a"))
    await asyncio.sleep(0)
    first.cancel()
    assert [row.tolist() for row in await ahead.take(["a"])] == [[1]]
    assert model.batches == [["a"]]


async def test_only_a_few_begin_ahead():
    ahead = Ahead(Lengths().ask)
    for number in range(MOST):
        assert ahead.idle
        ahead.begin(str(number))
    assert not ahead.idle
