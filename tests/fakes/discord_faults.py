"""What can go wrong with a call to Discord's HTTP API: faults for one call at a time, buckets, and the global limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fakes.discord_payloads import Refuses
from tests.fakes.slack_faults import CommitThenDrop, Drop, Slow, Status


@dataclass(frozen=True, slots=True)
class Limited:
    """429: of the bucket, of everything (`whole`), or by the network before Discord, without a `Via` (`blocked`)."""

    seconds: float
    whole: bool = False
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Discord's own number for why, and the HTTP status it goes with."""

    code: int
    status: int = 403
    message: str = "Refused"


Fault = Limited | Refused | Status | CommitThenDrop | Drop | Slow


@dataclass
class Expected:
    """A fault that waits for its call. `after` calls that go well come first; `times=-1`: until it is mended."""

    call: str
    fault: Fault
    times: int = 1
    after: int = 0

    def strikes(self, call: str) -> bool:
        if call != self.call or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Bucket:
    """So many calls in so many seconds."""

    limit: int
    per: float
    _used: int = 0
    _until: float = 0.0

    def take(self, now: float) -> float:
        """Seconds too early; 0 when the call may go."""
        if now >= self._until:
            self._used, self._until = 0, now + self.per
        if self._used >= self.limit:
            return self._until - now
        self._used += 1
        return 0.0

    def headers(self, name: str, now: float, clock: float) -> dict[str, str]:
        left = max(0.0, self._until - now)
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - self._used),
            "X-RateLimit-Reset": f"{clock + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": name,
        }


LONG = {  # as long as Discord's own windows are: a second call within them is nothing unusual
    "POST /channels/{channel_id}/messages/{message_id}/threads": (50, 300.0),
    "POST /channels/{channel_id}/threads": (50, 300.0),
    "POST /users/@me/channels": (50, 60.0),
}


@dataclass
class Limits:
    """By call (`GET /channels/{channel_id}/messages`), for each major id; `usual` for those not named."""

    usual: tuple[int, float] = (1000, 1.0)
    of: dict[str, tuple[int, float]] = field(default_factory=lambda: dict(LONG))
    whole: Bucket | None = None  # over everything
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)

    def bucket(self, call: str, major: str) -> Bucket:
        made = Bucket(*self.of.get(call, self.usual))
        found = self._buckets.setdefault((call, major), made)
        if (found.limit, found.per) != (made.limit, made.per):
            found = self._buckets[call, major] = made
        return found


def limited(fault: Limited, headers: Mapping[str, str] | None = None) -> Refuses:
    """A 429, with what Discord says beside it."""
    refused = Refuses(429, 0, "You are being rate limited.")
    told = {"Retry-After": f"{fault.seconds:.3f}", **(headers or {})}
    told |= {"X-RateLimit-Global": "true"} if fault.whole else {}
    told |= {"Via": ""} if fault.blocked else {}
    refused.headers, refused.more = told, {"retry_after": fault.seconds, "global": fault.whole}
    return refused
