"""The sentence model as the core sees it (bot.ports.Model): loaded in the background, run off the event loop, and
texts that come in while it is busy share the next batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge.embedding import Embedder

TOGETHER = 64  # texts in one batch at most

_log = structlog.get_logger("winwin.model")


class BackgroundModel:
    """`load` is called once, in the model's own thread. `embed` waits for it; when it failed, `embed` raises what it
    raised, and so does `embedder`."""

    def __init__(self, load: Callable[[], Embedder]) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="winwin-model")
        self._load = load
        self._embedder: asyncio.Task[Embedder] | None = None
        self._waiting: list[tuple[Sequence[str], asyncio.Future[NDArray[np.float32]]]] = []
        self._runner: asyncio.Task[None] | None = None

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

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (n, d), unit rows."""
        future: asyncio.Future[NDArray[np.float32]] = asyncio.get_running_loop().create_future()
        self._waiting.append((texts, future))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run(), name="winwin-model-run")
        return await future

    async def _run(self) -> None:
        while self._waiting:
            batch = self._take()
            try:
                embedder = await self.embedder()
                texts = [text for part, _ in batch for text in part]
                vectors = await asyncio.get_running_loop().run_in_executor(self._thread, embedder.embed, texts)
            except Exception as error:  # each caller is told; the next batch is tried anew
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            start = 0
            for part, future in batch:
                if not future.done():
                    future.set_result(vectors[start : start + len(part)])
                start += len(part)

    def _take(self) -> list[tuple[Sequence[str], asyncio.Future[NDArray[np.float32]]]]:
        """Callers in order, up to a batch; a caller with more texts than that has one of its own."""
        taken, count = 0, 0
        for texts, _ in self._waiting:
            if taken and count + len(texts) > TOGETHER:
                break
            taken, count = taken + 1, count + len(texts)
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return batch

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
