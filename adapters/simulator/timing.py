"""Time in the simulation: a clock that jumps, and an event loop in which waiting takes no time."""

from __future__ import annotations

import asyncio
import selectors
from datetime import UTC, datetime, timedelta

START = datetime(2026, 2, 2, tzinfo=UTC)  # a Monday; clocks change on the way in both hemispheres
HOUR, DAY = 3600.0, 86400.0


class JumpingClock:
    """Stands still while the core works. Times of the simulation are seconds after START; fits bot.ports.Clock."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        """Aware UTC."""
        return at(self.seconds)

    def jump(self, seconds: float) -> None:
        """Never back."""
        self.seconds = max(self.seconds, seconds)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seconds_of(moment: datetime) -> float:
    return (moment - START).total_seconds()


class _NoWaiting(selectors.SelectSelector):
    """Looks whether anything is ready and, when not, lets the loop's time pass instead of waiting."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:  # nothing is planned: somebody outside has to wake the loop
            return super().select(None)
        self.passed += max(timeout, 0.0)
        return super().select(0)


class TimelessLoop(asyncio.SelectorEventLoop):
    """The core gathers what arrives together for some milliseconds; here they cost none. The order stays the same."""

    def __init__(self) -> None:
        self._no_waiting = _NoWaiting()
        super().__init__(self._no_waiting)

    def time(self) -> float:
        return self._no_waiting.passed
