"""How often somebody has tried: in memory, for a while, and of no more people than fit."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

KNOWN = 10_000  # of whom it is remembered: who came first is dropped first
HOME = 64  # bits of an IPv6 address that belong to one household


class Tries:
    """At most `most` within `within`."""

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._made: OrderedDict[str, tuple[datetime, ...]] = OrderedDict()

    def used_up(self, who: str, now: datetime) -> bool:
        return len(self._lately(who, now)) >= self._most

    def note(self, who: str, now: datetime) -> None:
        self._made[who] = (*self._lately(who, now), now)[-self._most :]
        self._made.move_to_end(who)
        while len(self._made) > KNOWN:
            self._made.popitem(last=False)

    def _lately(self, who: str, now: datetime) -> tuple[datetime, ...]:
        return tuple(at for at in self._made.get(who, ()) if at > now - self._within)


def household(host: str) -> str:
    """Who tries, by their address: one household has millions of IPv6 addresses, and counts once."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, HOME), strict=False))
    return str(address)
