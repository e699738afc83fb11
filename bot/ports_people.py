"""Who is there, kept: members, volunteers, channels, who follows what, who links accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from bot.community import (
    Channel,
    MemberRecord,
    Role,
    Skill,
    Trust,
    VolunteerSettings,
)
from bot.events import Member
from bot.quiet import Hours
from bot.routing import Volunteer
from knowledge.resources import Resource


class MemberStore(Protocol):
    async def seen(self, members: Iterable[tuple[Member, str]], now: datetime) -> None:
        """Add those not known yet, each their own person; a name that is given replaces the old one."""
        ...

    async def get(self, keys: Sequence[str]) -> dict[str, MemberRecord]: ...

    async def save(self, record: MemberRecord) -> None: ...

    async def with_role(self, role: str) -> list[MemberRecord]:
        """By winwin's own list, or by a role of their platform that is trusted."""
        ...

    async def with_badges(self) -> list[MemberRecord]:
        """Everybody with a role of their platform that is trusted."""
        ...

    async def all(self) -> list[MemberRecord]: ...

    async def block(self, member: str, other: str, now: datetime) -> None:
        """`other` is not asked for questions of `member` any more, nor is any account that is the same person."""
        ...

    async def unblock(self, member: str, other: str) -> None: ...

    async def blocks(self, member: str) -> tuple[str, ...]:
        """Whom a member has blocked, in order of their keys."""
        ...

    async def blocked(self, person: str) -> frozenset[str]:
        """The persons whom a person (by any account) has blocked."""
        ...

    async def blocked_by(self, person: str) -> frozenset[str]:
        """The persons who have blocked a person (by any account)."""
        ...

    async def forget(self, key: str, now: datetime, person: str = "") -> list[Resource]:
        """Erase the member's words and name everywhere in the store; counts stay under a pseudonym, `person` or a new
        one. Returns the resources that changed by it (most are retired), for the search index."""
        ...


class VolunteerStore(Protocol):
    async def save(self, settings: VolunteerSettings) -> None: ...

    async def get(self, member: str) -> VolunteerSettings | None: ...

    async def pool(self, now: datetime, members: Sequence[str] | None = None) -> tuple[Volunteer, ...]:
        """Everybody who volunteers (or those of `members` who do), with how often they were asked in the last seven
        days and what they hold, in order of their keys. Whoever opted out or cannot help is left out."""
        ...

    async def everybody(self) -> list[str]:
        """The keys of all who have said what they volunteer for, in order."""
        ...

    async def learn(self, skills: Iterable[Skill]) -> None:
        """Keep what an answer that helped was about; of each member the newest few."""
        ...

    async def unlearn(self, member: str) -> None:
        """Drop all that was learned of a member."""
        ...

    async def learned(self, member: str) -> int:
        """From how many answers something was learned of a member."""
        ...

    async def thanks_due(self, before: datetime, limit: int) -> dict[str, Hours]:
        """Whoever wants to hear what their answers led to and was not looked at since `before`, with their hours; who
        waited longest first. Whoever opted out or cannot help is left out."""
        ...

    async def thanked(self, members: Sequence[str], now: datetime) -> None:
        """These were looked at, and told if there was anything to tell."""
        ...


class ChannelStore(Protocol):
    async def get(self, key: str) -> Channel | None: ...

    async def save(self, channel: Channel) -> None: ...

    async def all(self) -> list[Channel]: ...


class TrustStore(Protocol):
    """Which roles of a platform the community trusts, and as what."""

    async def all(self) -> tuple[Trust, ...]:
        """In order of their keys."""
        ...

    async def put(self, trust: Trust) -> None:
        """Trust it; one that is trusted already has this name now."""
        ...

    async def remove(self, key: str, role: Role) -> None: ...


class FollowStore(Protocol):
    """Who follows which topic, and what each has not been told yet. A member who is forgotten follows nothing."""

    async def follow(self, member: str, topic: str, now: datetime) -> bool:
        """Returns whether that is new."""
        ...

    async def unfollow(self, member: str, topic: str) -> bool:
        """Returns whether they did. What they were to be told about the topic is looked at again when it is told."""
        ...

    async def of(self, member: str) -> tuple[str, ...]:
        """The topics they follow, in order of the alphabet."""
        ...

    async def followers(self, topics: Sequence[str]) -> tuple[str, ...]:
        """Whoever follows one of them, in order of the alphabet."""
        ...

    async def note(self, members: Sequence[str], resource: str, now: datetime) -> None:
        """They are to be told of the resource; noted twice, they are told once."""
        ...

    async def untold(self, told_before: datetime, limit: int) -> dict[str, tuple[str, ...]]:
        """By member the resources to tell of, first noted first; only members told nothing since `told_before`."""
        ...

    async def told(self, member: str, now: datetime) -> None:
        """Everything noted for the member has been put into words."""
        ...


class LinkStore(Protocol):
    """One-time codes that make two accounts one person, by their hash only, and the tries at them."""

    async def add(self, code_hash: str, member: str, until: datetime) -> None: ...

    async def maker(self, code_hash: str, now: datetime) -> str:
        """Whose code it is; empty when there is none, or its time is over."""
        ...

    async def spend(self, member: str) -> None:
        """No code of that member is of use any more."""
        ...

    async def tried(self, member: str, now: datetime) -> None: ...

    async def tries(self, member: str, since: datetime) -> int: ...

    async def clear(self, before: datetime) -> None:
        """Drop the codes whose time was over before that moment, and the tries from before it."""
        ...
