"""The sentence model as the core sees it (bot.ports.Model): loaded in the background, run off the event loop, and
texts that come in while it is busy share the next batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge.embedding import Embedder

TOGETHER = 64  # texts in one batch at most

Texts = Sequence[str] | Sequence[str | tuple[str, str]]
Waiting = tuple[str, Texts, asyncio.Future[NDArray[np.float32]]]  # what is asked: embed or read

_log = structlog.get_logger("winwin.model")


class BackgroundModel:
    """`load` is called once, in the model's own thread. `embed` and `read` wait for it; when it failed, they raise what
    it raised, and so does `embedder`."""

    def __init__(self, load: Callable[[], Embedder]) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="winwin-model")
        self._load = load
        self._embedder: asyncio.Task[Embedder] | None = None
        self._waiting: list[Waiting] = []
        self._busy = False  # a batch is with the model, or waits for it to be loaded

    def start(self) -> None:
        """Begin to load; returns at once."""
        if self._embedder is None:
            self._embedder = asyncio.create_task(self._loaded(), name="winwin-model-load")

    async def _loaded(self) -> Embedder:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._load)

    async def embedder(self) -> Embedder:
        """The engine, once it is loaded."""
        self.start()
        assert self._embedder is not None
        return await asyncio.shield(self._embedder)

    @property
    def ready(self) -> bool:
        task = self._embedder
        return task is not None and task.done() and not task.cancelled() and task.exception() is None

    def embed(self, texts: Sequence[str]) -> asyncio.Future[NDArray[np.float32]]:
        """Shape (n, d), unit rows. The model begins before this returns, if it is loaded and at rest."""
        return self._ask("embed", texts)

    def read(self, texts: Sequence[str | tuple[str, str]]) -> asyncio.Future[NDArray[np.float32]]:
        """See bot.ports.Model. Raises AttributeError for an engine that is no reader."""
        return self._ask("read", texts)

    def _ask(self, what: str, texts: Texts) -> asyncio.Future[NDArray[np.float32]]:
        future: asyncio.Future[NDArray[np.float32]] = asyncio.get_running_loop().create_future()
        self._waiting.append((what, texts, future))
        if not self._busy:
            self._next()
        return future

    def _next(self) -> None:
        """The next batch goes to the model's thread; once it is loaded, the first one does."""
        self._busy = bool(self._waiting)
        if not self._busy:
            return
        self.start()
        assert self._embedder is not None
        if not self._embedder.done():
            self._embedder.add_done_callback(lambda _: self._next())
            return
        batch = self._take()
        try:
            engine = getattr(self._embedder.result(), batch[0][0])
            running = self._thread.submit(engine, [text for _, part, _ in batch for text in part])
        except BaseException as error:  # it could not be loaded, or we are closing; the next batch is tried anew
            self._failed(batch, error)
            self._next()
            return
        loop = asyncio.get_running_loop()
        running.add_done_callback(lambda done: _unless_closed(loop, partial(self._embedded, batch, done)))

    def _embedded(self, batch: Sequence[Waiting], done: Future[NDArray[np.float32]]) -> None:
        if done.cancelled():
            self._failed(batch, asyncio.CancelledError())
        elif (error := done.exception()) is not None:
            self._failed(batch, error)
        else:
            vectors, start = done.result(), 0
            for _, part, future in batch:
                if not future.done():
                    future.set_result(vectors[start : start + len(part)])
                start += len(part)
        self._next()

    def _failed(self, batch: Sequence[Waiting], error: BaseException) -> None:
        """Each caller is told."""
        for *_, future in batch:
            if future.done():
                continue
            if isinstance(error, asyncio.CancelledError):
                future.cancel()
            else:
                future.set_exception(error)

    def _take(self) -> list[Waiting]:
        """Callers in order who ask the same, up to a batch; a caller with more texts than that has one of its own."""
        taken, count = 0, 0
        for what, texts, _ in self._waiting:
            if taken and (count + len(texts) > TOGETHER or what != self._waiting[0][0]):
                break
            taken, count = taken + 1, count + len(texts)
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return batch

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _unless_closed(loop: asyncio.AbstractEventLoop, step: Callable[[], None]) -> None:
    """From the model's thread; a loop that has ended meanwhile has nobody waiting."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(step)
