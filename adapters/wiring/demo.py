"""What a demonstration has of its own: a clock that is kept, and a day that is played."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from adapters.clock import DemoClock
from adapters.samples import load_day
from adapters.web.desk import hand_over
from adapters.wiring.community import Community


class KeptClock(DemoClock):
    """The demonstration's clock, which goes on from where it was when the program was stopped or killed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        super().__init__(timedelta(seconds=_number_in(file)))

    def advance(self, by: timedelta) -> datetime:
        now = super().advance(by)
        fresh = self._file.with_suffix(".clock-new")
        fresh.write_text(str(self.ahead.total_seconds()), encoding="utf-8")
        fresh.replace(self._file)
        return now


def _number_in(file: Path) -> float:
    try:
        return max(0.0, float(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return 0.0


async def play_day(c: Community, clock: DemoClock) -> int:
    """The sample day through the bot, on the demonstration's clock, into a chat where nobody has written yet. Returns
    how many messages were written."""
    if await c.chat.latest():
        return 0
    written: dict[str, str] = {}  # a message's key in the samples -> its id in the chat
    for message in load_day():
        now = clock.advance(message.after)
        root = written.get(message.thread, "")
        post = await c.chat.add(channel=message.channel, author=message.author, at=now, text=message.text, thread=root)
        written[message.key] = post.id
        await hand_over(post, c.chat, c.desk.receive, c.viewers)
        await c.desk.settle()
    return len(written)
