"""A stream of lines in, an answer for each line out: in order, at once when lines come slowly, in batches when fast.

A line is `{"id", "text"}` in JSON. A line that is none gets an answer with an `error`, and the stream goes on.
"""

import asyncio
import json
import math
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

import structlog

Answer = dict[str, object]
Decide = Callable[[Sequence[str]], Awaitable[list[Answer]]]

TOGETHER = 64  # lines answered at once, when they come in fast
AHEAD = 4 * TOGETHER  # lines read ahead at most
CHUNK = 64 * 1024  # bytes read at once
MAX_LINE = 1024 * 1024  # bytes: ten times the longest message any platform takes


@dataclass(frozen=True, slots=True)
class Line:
    """A line of input: its id and text, or what is wrong with it."""

    id: str | int | float | None
    text: str = ""
    fault: str = ""


async def answers(stream: BinaryIO, decide: Decide) -> AsyncIterator[list[Answer]]:
    """Batches of answers, one for each line; `decide` answers texts, the id is put in here.

    While one batch is handed out the next ones are being decided.
    """
    reader = _Reader(stream, asyncio.get_running_loop())
    begun: asyncio.Queue[asyncio.Task[list[Answer]] | None] = asyncio.Queue(maxsize=1)

    async def begin() -> None:
        while batch := await reader.next_batch():
            await begun.put(asyncio.create_task(_answered(batch, decide)))
        await begun.put(None)

    beginning = asyncio.create_task(begin())
    try:
        while (task := await begun.get()) is not None:
            yield await task
    finally:
        beginning.cancel()


async def _answered(batch: Sequence[Line], decide: Decide) -> list[Answer]:
    decided = iter(await _decided([line.text for line in batch if not line.fault], decide))
    return [{"id": line.id, "error": line.fault} if line.fault else {**next(decided), "id": line.id} for line in batch]


async def _decided(texts: Sequence[str], decide: Decide) -> list[Answer]:
    """Together; when that fails one by one, so that one text does not take its neighbours with it."""
    if not texts:
        return []
    try:
        return await decide(texts)
    except Exception as error:
        structlog.get_logger(__name__).warning("explain.failed", lines=len(texts), error=type(error).__name__)
        if len(texts) == 1:
            return [{"error": "this text could not be judged; please report it"}]
        return [answer for text in texts for answer in await _decided([text], decide)]


class _Reader:
    """Reads in a thread of its own, which nobody waits for at the end: stdin may stay open for ever."""

    def __init__(self, stream: BinaryIO, loop: asyncio.AbstractEventLoop) -> None:
        self._stream = stream
        self._loop = loop
        self._lines: deque[Line] = deque()
        self._ended = False
        self._news = asyncio.Event()
        self._room = threading.Semaphore(AHEAD)
        threading.Thread(target=self._read, name="winwin-stdin", daemon=True).start()

    async def next_batch(self) -> list[Line]:
        """What has come in, at least one line; nothing when the stream has ended."""
        while not self._lines and not self._ended:
            self._news.clear()
            if not self._lines and not self._ended:
                await self._news.wait()
        batch = [self._lines.popleft() for _ in range(min(TOGETHER, len(self._lines)))]
        for _ in batch:
            self._room.release()
        return batch

    def _read(self) -> None:
        try:
            for number, raw in enumerate(_lines(self._stream), 1):
                self._room.acquire()
                self._lines.append(parsed(number, raw))
                self._loop.call_soon_threadsafe(self._news.set)
        except (OSError, ValueError, RuntimeError):  # stdin was closed under us, or the program is ending
            return
        finally:
            self._ended = True
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._news.set)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends; of one that is too long only its beginning, which is still too long.

    Reads past Python's own buffer: its lock may not be held when the program ends while stdin is still open.
    """
    read = getattr(stream, "raw", stream).read
    rest = b""
    while chunk := read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        rest = rest[: MAX_LINE + 1]
    if rest:
        yield rest


def parsed(number: int, raw: bytes) -> Line:
    """A line of input as it was read; never raises."""
    if len(raw) > MAX_LINE:
        return Line(None, fault=f"line {number} is longer than {MAX_LINE // 1024} kB; shorten it")
    try:
        found = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return Line(None, fault=f'line {number} is not JSON in UTF-8; write {{"id": "1", "text": "…"}}')
    if not isinstance(found, dict):
        return Line(None, fault=f'line {number} is not an object; write {{"id": "1", "text": "…"}}')
    identity, text = found.get("id"), found.get("text")
    if not isinstance(identity, str | int | float | None) or (
        isinstance(identity, float) and not math.isfinite(identity)
    ):
        return Line(None, fault=f"line {number}: 'id' is neither text nor a number")
    if not isinstance(text, str) or not text.strip():
        return Line(identity, fault=f"line {number}: 'text' is missing or empty")
    return Line(identity, text)
