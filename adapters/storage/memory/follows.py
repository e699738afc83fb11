"""Who follows which topic, what they are to be told, and the one-time codes that link two accounts, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.storage.memory.state import Rows, State


class Follows:
    """See bot.ports.FollowStore."""

    def __init__(self, state: State) -> None:
        self._topics: Rows[tuple[str, str], datetime] = state.table("follow")  # (member, topic) -> since
        self._untold: Rows[tuple[str, str], datetime] = state.table("untold")  # (member, resource) -> noted at
        self._told: Rows[str, datetime] = state.table("follower")

    async def follow(self, member: str, topic: str, now: datetime) -> bool:
        """See FollowStore."""
        if (member, topic) in self._topics:
            return False
        self._topics[member, topic] = now
        return True

    async def unfollow(self, member: str, topic: str) -> bool:
        """See FollowStore."""
        return self._topics.pop((member, topic)) is not None

    async def of(self, member: str) -> tuple[str, ...]:
        """See FollowStore."""
        return tuple(sorted(topic for who, topic in self._topics if who == member))

    async def followers(self, topics: Sequence[str]) -> tuple[str, ...]:
        """See FollowStore."""
        return tuple(sorted({who for who, topic in self._topics if topic in topics}))

    async def note(self, members: Sequence[str], resource: str, now: datetime) -> None:
        """See FollowStore."""
        for member in members:
            if (member, resource) not in self._untold:
                self._untold[member, resource] = now

    async def untold(self, told_before: datetime, limit: int) -> dict[str, tuple[str, ...]]:
        """See FollowStore."""
        waiting = sorted({who for who, _ in self._untold if self._told.get(who, told_before) <= told_before})[:limit]
        noted = sorted((at, resource, who) for (who, resource), at in self._untold.items())
        return {member: tuple(resource for _, resource, who in noted if who == member) for member in waiting}

    async def told(self, member: str, now: datetime) -> None:
        """See FollowStore."""
        self._drop_untold(member)
        self._told[member] = now

    def forget(self, member: str) -> None:
        """They follow nothing and are told nothing any more."""
        for who, topic in list(self._topics):
            if who == member:
                self._topics.pop((who, topic))
        self._drop_untold(member)
        self._told.pop(member)

    def _drop_untold(self, member: str) -> None:
        for who, resource in list(self._untold):
            if who == member:
                self._untold.pop((who, resource))


class Links:
    """See bot.ports.LinkStore."""

    def __init__(self, state: State) -> None:
        self._codes: Rows[str, tuple[str, datetime]] = state.table("link_code")  # hash -> (member, until)
        self._tries: Rows[str, tuple[datetime, ...]] = state.table("link_try")

    async def add(self, code_hash: str, member: str, until: datetime) -> None:
        """See LinkStore."""
        self._codes[code_hash] = (member, until)

    async def maker(self, code_hash: str, now: datetime) -> str:
        """See LinkStore."""
        member, until = self._codes.get(code_hash, ("", now))
        return member if until > now else ""

    async def spend(self, member: str) -> None:
        """See LinkStore."""
        self._drop_codes(member)

    async def tried(self, member: str, now: datetime) -> None:
        """See LinkStore."""
        self._tries[member] = (*self._tries.get(member, ()), now)

    async def tries(self, member: str, since: datetime) -> int:
        """See LinkStore."""
        return sum(at > since for at in self._tries.get(member, ()))

    async def clear(self, before: datetime) -> None:
        """See LinkStore."""
        for code_hash, (_, until) in list(self._codes.items()):
            if until <= before:
                self._codes.pop(code_hash)
        for member, tries in list(self._tries.items()):
            self._tries[member] = tuple(at for at in tries if at > before)

    def forget(self, member: str) -> None:
        """Their codes and tries are gone."""
        self._drop_codes(member)
        self._tries.pop(member)

    def _drop_codes(self, member: str) -> None:
        for code_hash, (maker, _) in list(self._codes.items()):
            if maker == member:
                self._codes.pop(code_hash)
