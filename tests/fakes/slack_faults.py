"""What can go wrong with a call to Slack's Web API: faults for one call at a time, and limits that hold on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RateLimited:
    """429. Real seconds are whole; a test may ask for less than one."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Status:
    """An HTTP status without anything to read, as a broken gateway gives it."""

    code: int = 503


@dataclass(frozen=True, slots=True)
class Refused:
    """`ok: false` with Slack's word for why; `needed` and `provided` go with missing_scope."""

    error: str
    needed: str = ""
    provided: str = ""


@dataclass(frozen=True, slots=True)
class CommitThenDrop:
    """It happens, and the line breaks before the answer."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The line breaks before anything happens."""


@dataclass(frozen=True, slots=True)
class Slow:
    """It happens, and the answer takes its time."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Held:
    """It happens, and the answer comes when the test lets it go."""

    go: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Garbled:
    """An answer that is no JSON, or none of an object."""

    text: str = "<html>"
    kind: str = "text/html"


Fault = RateLimited | Status | Refused | CommitThenDrop | Drop | Slow | Held | Garbled


@dataclass
class Expected:
    """A fault that waits for its call. `after` calls that go well come first."""

    method: str
    fault: Fault
    channel: str = ""
    times: int = 1
    after: int = 0

    def strikes(self, method: str, channel: str) -> bool:
        if method != self.method or (self.channel and channel != self.channel) or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Limit:
    """At most one call every so many seconds, and no more than so many objects in an answer."""

    every: float
    objects: int = 0  # 0: as many as are asked for
    per_channel: bool = False
    _free_at: dict[str, float] = field(default_factory=dict)

    def wait(self, channel: str, now: float) -> float:
        """Seconds too early; 0 when the call may go."""
        key = channel if self.per_channel else ""
        left = self._free_at.get(key, 0.0) - now
        if left > 0:
            return left
        self._free_at[key] = now + self.every
        return 0.0
