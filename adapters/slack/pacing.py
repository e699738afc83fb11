"""When the next call may go: Slack's own limits, kept before it has to say so, and its Retry-After when it does. Pure.

Slack takes about one message a second in a channel, with short bursts (api.slack.com/docs/rate-limits). A wish that is
told to wait has its turn kept: it goes when it comes back, before what came later.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

SPACING = 1.0  # seconds between two messages in one channel, on average
BURST = 10  # messages that may go at once after a quiet while
KEPT = 5_000  # turns and limits remembered at most


class Pacing:
    """One installation's. `now` is seconds on a clock that never goes back; what is returned is seconds to wait."""

    def __init__(self, spacing: float = SPACING, burst: int = BURST) -> None:
        self._spacing = spacing
        self._ahead = spacing * (burst - 1)
        self._due: OrderedDict[str, float] = OrderedDict()  # by channel: when a channel without bursts would be free
        self._turns: OrderedDict[str, float] = OrderedDict()  # by wish
        self._closed: OrderedDict[tuple[str, str], float] = OrderedDict()  # by (method, channel): Slack said until when

    def turn(self, channel: str, wish: str, now: float) -> float:
        """How long this wish has to wait before it is posted there; 0: now."""
        turn = self._turns.get(wish)
        if turn is None:
            due = max(self._due.get(channel, now), now)
            _keep(self._due, channel, due + self._spacing)
            turn = due - self._ahead
        if turn > now:
            _keep(self._turns, wish, turn)
            return turn - now
        self._turns.pop(wish, None)
        return 0.0

    def closed(self, method: str, channel: str, now: float) -> float:
        """How long Slack wants no call of this method to this channel."""
        until = self._closed.get((method, channel), now)
        if until <= now:
            self._closed.pop((method, channel), None)
            return 0.0
        return until - now

    def refused(self, method: str, channel: str, retry_after: float, now: float) -> None:
        """Slack has said so. A shorter wait does not open what a longer one closed."""
        until = max(now + retry_after, self._closed.get((method, channel), now))
        _keep(self._closed, (method, channel), until)


def _keep(kept: OrderedDict[K, float], key: K, value: float) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)
