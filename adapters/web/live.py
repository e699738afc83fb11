"""Wakes the open pages when something in the chat has changed. What has changed they read themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Viewers:
    """The open pages of this process. Nothing is queued: a page that is slow misses a wake, but no change."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def wake(self) -> None:
        for event in self._waiting:
            event.set()

    @contextmanager
    def watching(self) -> Iterator[asyncio.Event]:
        """An event that is set when there may be something new; the page clears it before it looks."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            yield event
        finally:
            self._waiting.discard(event)
