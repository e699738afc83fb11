"""The sentence model as the core sees it (bot.ports.Model): loaded in the background, run off the event loop, and
texts that come in while it is busy share the next batch. It reads and embeds side by side: what a message is need not
wait for what it means."""

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
Waiting = tuple[Texts, asyncio.Future[NDArray[np.float32]]]
ASKED = ("embed", "read")  # what a model is asked to do

_log = structlog.get_logger("winwin.model")


class BackgroundModel:
    """`load` is called once, in a thread of the model's own. `embed` and `read` wait for it; when it failed, they raise
    what it raised, and so does `embedder`."""

    def __init__(self, load: Callable[[], Embedder]) -> None:
        self._threads = ThreadPoolExecutor(max_workers=len(ASKED), thread_name_prefix="winwin-model")
        self._load = load
        self._embedder: asyncio.Task[Embedder] | None = None
        self._waiting: dict[str, list[Waiting]] = {what: [] for what in ASKED}
        self._busy = set[str]()  # what a batch of is with the model, or waits for it to be loaded

    def start(self) -> None:
        """Begin to load; returns at once."""
        if self._embedder is None:
            self._embedder = asyncio.create_task(self._loaded(), name="winwin-model-load")

    async def _loaded(self) -> Embedder:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._load)

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
        self._waiting[what].append((texts, future))
        if what not in self._busy:
            self._next(what)
        return future

    def _next(self, what: str) -> None:
        """The next batch goes to the model; once it is loaded, the first one does."""
        if not self._waiting[what]:
            self._busy.discard(what)
            return
        self._busy.add(what)
        self.start()
        assert self._embedder is not None
        if not self._embedder.done():
            self._embedder.add_done_callback(lambda _: self._next(what))
            return
        batch = self._take(what)
        try:
            engine = getattr(self._embedder.result(), what)
            running = self._threads.submit(engine, [text for part, _ in batch for text in part])
        except BaseException as error:  # it could not be loaded, or we are closing; the next batch is tried anew
            self._failed(batch, error)
            self._next(what)
            return
        loop = asyncio.get_running_loop()
        running.add_done_callback(lambda done: _unless_closed(loop, partial(self._answered, what, batch, done)))

    def _answered(self, what: str, batch: Sequence[Waiting], done: Future[NDArray[np.float32]]) -> None:
        if done.cancelled():
            self._failed(batch, asyncio.CancelledError())
        elif (error := done.exception()) is not None:
            self._failed(batch, error)
        else:
            rows, start = done.result(), 0
            for part, future in batch:
                if not future.done():
                    future.set_result(rows[start : start + len(part)])
                start += len(part)
        self._next(what)

    def _failed(self, batch: Sequence[Waiting], error: BaseException) -> None:
        """Each caller is told."""
        for _, future in batch:
            if future.done():
                continue
            if isinstance(error, asyncio.CancelledError):
                future.cancel()
            else:
                future.set_exception(error)

    def _take(self, what: str) -> list[Waiting]:
        """Callers in order, up to a batch; a caller with more texts than that has one of its own."""
        waiting, taken, count = self._waiting[what], 0, 0
        for texts, _ in waiting:
            if taken and count + len(texts) > TOGETHER:
                break
            taken, count = taken + 1, count + len(texts)
        batch, self._waiting[what] = waiting[:taken], waiting[taken:]
        return batch

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _unless_closed(loop: asyncio.AbstractEventLoop, step: Callable[[], None]) -> None:
    """From the model's thread; a loop that has ended meanwhile has nobody waiting."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(step)
