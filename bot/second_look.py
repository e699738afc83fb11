"""What came in before the sentence model was loaded is read once more as soon as it is.

Until then the rules and the letters alone have read it (bot.safety.both). What turns out to be a crisis comes in again
as an edit of the same message, so that its words are taken out and people are paged; nothing else happens twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from bot.events import FormSubmitted, MessageEdited, MessagePosted, Place, PlatformEvent
from bot.judging import Judge
from bot.ports import Clock
from bot.safety.triage import is_crisis

MOST = 2_000  # texts kept; what is older was read by the rules, and is handled
LOOK = 0.5  # seconds between two looks whether the model is there
PATIENCE = 1_200  # looks: after ten minutes it will not come

Written = MessagePosted | MessageEdited | FormSubmitted


class SecondLook:
    """`receive` is the door of Reception."""

    def __init__(
        self, judge: Judge, clock: Clock, receive: Callable[[Sequence[PlatformEvent]], Awaitable[None]]
    ) -> None:
        self._judge = judge
        self._clock = clock
        self._receive = receive
        self._kept: deque[tuple[Written, str]] = deque(maxlen=MOST)
        self._task: asyncio.Task[None] | None = None

    def later(self, event: Written, text: str) -> None:
        """Keep it in memory until the model is there."""
        self._kept.append((event, text))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._read(), name="winwin-rereading")

    async def _read(self) -> None:
        for _ in range(PATIENCE):
            if self._judge.ready:
                break
            await asyncio.sleep(LOOK)
        else:
            self._kept.clear()
            return
        while self._kept:
            event, text = self._kept.popleft()
            if is_crisis((await self._judge.read(text)).findings):
                await self._receive([self._again(event, text)])

    def _again(self, event: Written, text: str) -> PlatformEvent:
        """The same words as an edit; what was typed into a form as if it were written to the bot alone."""
        now = self._clock.now()
        if isinstance(event, FormSubmitted):
            message = f"reread:{event.key}"
            place = Place(event.by.platform, event.by.space, "", message, message)
            return MessagePosted(place, event.by, text, now, direct=True)
        return MessageEdited(event.place, event.author, text, now, direct=event.direct)
