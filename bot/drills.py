"""Drills: a marked message that nobody wrote goes the way of a crisis, so that a community knows who wakes up.

It comes in like any message, is found by the same rules and paged by the same ladder; nobody is answered, and nothing
of it is counted. It says plainly that it is one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from bot.events import Member, MessagePosted, Place, PlatformEvent
from bot.ports import Clock, Store

DRILL = "drill"  # a platform on which nobody is
NOBODY = Member(DRILL, "winwin", "drill")
TEXT = "This is a drill. I want to die and I am going to kill myself tonight."  # what the rules of C1 must find
WEEK = timedelta(days=7)
LATEST = timedelta(hours=6)  # after that, a week's drill is left out

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]


def is_drill(place: Place) -> bool:
    return place.platform == DRILL


def drill(name: str, now: datetime) -> MessagePosted:
    """One drill. The same name again is the same one."""
    return MessagePosted(Place(DRILL, NOBODY.space, "drill", name, name), NOBODY, TEXT, now)


class WeeklyDrills:
    """One a week, at an hour that nobody foresees and that is the same in every process."""

    def __init__(self, store: Store, clock: Clock, receive: Receive) -> None:
        self._store = store
        self._clock = clock
        self._receive = receive

    async def drill_one(self) -> bool:
        """Begin this week's drill when it is time. Returns whether it did."""
        now = self._clock.now()
        year, week, _ = now.isocalendar()
        name = f"weekly-{year}-{week:02d}"
        begins = moment_of(name, datetime.fromisocalendar(year, week, 1).replace(tzinfo=now.tzinfo))
        if not begins <= now < begins + LATEST:
            return False
        event = drill(name, now)
        async with self._store.read() as tx:
            if any(alert.place == event.place for alert in await tx.alerts.about(NOBODY.key)):
                return False
        await self._receive([event])
        return False  # one a week is enough


def moment_of(name: str, monday: datetime) -> datetime:
    """Some minute of the week."""
    minutes = int.from_bytes(sha256(name.encode()).digest()[:8], "big") % int((WEEK - LATEST) / timedelta(minutes=1))
    return monday + timedelta(minutes=minutes)
