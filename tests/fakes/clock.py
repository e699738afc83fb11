"""A clock that stands still until it is moved."""

from datetime import datetime, timedelta

from tests.fakes.values import NOON


class MovableClock:
    """See bot.ports.Clock."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        self._now += by
