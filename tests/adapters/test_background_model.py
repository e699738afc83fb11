"""The sentence model beside the event loop: it begins at once, shares batches, and tells every caller how it ended."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray

from adapters.model import TOGETHER, BackgroundModel

PATIENCE = 5.0  # seconds


class Slow:
    """An engine that waits until it is let go; a text's vector is its length."""

    name = "slow"
    dimension = 1

    def __init__(self) -> None:
        self.begun = Event()
        self.go = Event()
        self.batches: list[list[str]] = []
        self.failure: Exception | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(list(texts))
        self.begun.set()
        assert self.go.wait(PATIENCE)
        if self.failure is not None:
            raise self.failure
        return np.array([[len(text)] for text in texts], np.float32)


@asynccontextmanager
async def model_of(load: Callable[[], Slow]) -> AsyncIterator[BackgroundModel]:
    model = BackgroundModel(load)
    try:
        yield model
    finally:
        model.close()


async def test_the_model_begins_before_anybody_waits_for_it() -> None:
    engine = Slow()
    async with model_of(lambda: engine) as model:
        await model.embedder()
        vectors = model.embed(["one"])
        assert engine.begun.wait(PATIENCE), "nothing began until the event loop turned"
        engine.go.set()
        assert (await vectors).tolist() == [[3]]


async def test_texts_that_come_while_it_is_busy_share_the_next_batch() -> None:
    engine = Slow()
    async with model_of(lambda: engine) as model:
        await model.embedder()
        first, *others = [model.embed([text]) for text in ("a", "bb", "ccc")]
        many = model.embed(["dddd"] * TOGETHER)
        engine.go.set()
        assert [(await one).tolist() for one in (first, *others)] == [[[1]], [[2]], [[3]]]
        assert (await many).shape == (TOGETHER, 1)
    assert engine.batches == [["a"], ["bb", "ccc"], ["dddd"] * TOGETHER]


async def test_what_comes_before_it_is_loaded_waits_for_it() -> None:
    engine, loading = Slow(), Event()
    engine.go.set()

    def load() -> Slow:
        assert loading.wait(PATIENCE)
        return engine

    async with model_of(load) as model:
        early = [model.embed([text]) for text in ("a", "bb")]
        assert not model.ready
        loading.set()
        assert [(await one).tolist() for one in early] == [[[1]], [[2]]]
        assert model.ready


async def test_a_failure_is_told_to_all_of_its_batch_and_the_next_batch_is_tried() -> None:
    engine = Slow()
    async with model_of(lambda: engine) as model:
        await model.embedder()
        engine.failure = ValueError("no")
        engine.go.set()
        with pytest.raises(ValueError, match="no"):
            await model.embed(["a"])
        engine.failure = None
        assert (await model.embed(["bb"])).tolist() == [[2]]


async def test_a_model_that_cannot_be_loaded_says_so_to_everybody() -> None:
    def load() -> Slow:
        raise OSError("no such file")

    async with model_of(load) as model:
        told = await asyncio.gather(model.embed(["a"]), model.embed(["b"]), return_exceptions=True)
        assert [str(one) for one in told] == ["no such file"] * 2
        with pytest.raises(OSError, match="no such file"):
            await model.embed(["later"])


async def test_somebody_who_stops_waiting_takes_nothing_from_the_others() -> None:
    engine = Slow()
    async with model_of(lambda: engine) as model:
        await model.embedder()
        first, given_up, last = (model.embed([text]) for text in ("a", "bb", "ccc"))
        given_up.cancel()
        engine.go.set()
        assert (await first).tolist() == [[1]]
        assert (await last).tolist() == [[3]]


async def test_closing_lets_go_of_those_who_wait() -> None:
    engine = Slow()
    async with model_of(lambda: engine) as model:
        await model.embedder()
        first, second = model.embed(["a"]), model.embed(["b"])
        assert engine.begun.wait(PATIENCE)
        model.close()
        engine.go.set()
        assert (await first).tolist() == [[1]]
        with pytest.raises((RuntimeError, asyncio.CancelledError)):
            await second


async def test_what_a_message_is_does_not_wait_for_what_it_means() -> None:
    class Both(Slow):
        def read(self, texts: Sequence[str | tuple[str, str]]) -> NDArray[np.float32]:
            self.batches.append([f"read {text}" for text in texts])
            return np.array([[-len(text)] for text in texts], np.float32)

    engine = Both()
    async with model_of(lambda: engine) as model:
        await model.embedder()
        asked = [model.embed(["a"]), model.embed(["bb"]), model.read(["ccc"]), model.read(["d"]), model.embed(["e"])]
        assert [(await one).tolist() for one in asked[2:4]] == [[[-3]], [[-1]]]
        assert not asked[0].done()
        engine.go.set()
        assert [(await one).tolist() for one in asked] == [[[1]], [[2]], [[-3]], [[-1]], [[1]]]
    assert sorted(engine.batches[:2]) == [["a"], ["read ccc"]]
    assert engine.batches[2:] == [["read d"], ["bb", "e"]]


async def test_an_engine_that_is_no_reader_says_so_to_whoever_asks_it() -> None:
    engine = Slow()
    engine.go.set()
    async with model_of(lambda: engine) as model:
        with pytest.raises(AttributeError):
            await model.read(["a"])
        assert (await model.embed(["bb"])).tolist() == [[2]]
