"""What time it is: for real, and on a clock that a visitor of the demonstration can move forward."""

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The computer's clock. Fits bot.ports.Clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


class DemoClock:
    """The computer's clock plus what it was moved forward by. Fits bot.ports.Clock."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self._ahead = ahead

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of the computer's clock."""
        return self._ahead

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> datetime:
        """Move it forward; the new time. Raises ValueError for a step back: what has happened stays happened."""
        if by < timedelta(0):
            raise ValueError("the clock of the demonstration only moves forward")
        self._ahead += by
        return self.now()
