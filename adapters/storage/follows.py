"""Who follows which topic, what they are to be told, and the one-time codes that link two accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import chunks, insert, upsert
from adapters.storage.people_tables import follow, follower, link_code, link_try, untold


class Follows:
    """See bot.ports.FollowStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def follow(self, member: str, topic: str, now: datetime) -> bool:
        """See FollowStore."""
        row = {"member": member, "topic": topic, "since": now}
        new = insert(self._connection, follow).on_conflict_do_nothing().returning(follow.c.topic)
        return (await self._connection.execute(new, row)).first() is not None

    async def unfollow(self, member: str, topic: str) -> bool:
        """See FollowStore."""
        gone = delete(follow).where(follow.c.member == member, follow.c.topic == topic).returning(follow.c.topic)
        return (await self._connection.execute(gone)).first() is not None

    async def of(self, member: str) -> tuple[str, ...]:
        """See FollowStore."""
        wanted = select(follow.c.topic).where(follow.c.member == member)
        return tuple(sorted(await self._connection.scalars(wanted)))

    async def followers(self, topics: Sequence[str]) -> tuple[str, ...]:
        """See FollowStore."""
        wanted = select(follow.c.member).where(follow.c.topic.in_(topics)).distinct()
        return tuple(sorted(await self._connection.scalars(wanted)))

    async def note(self, members: Sequence[str], resource: str, now: datetime) -> None:
        """See FollowStore."""
        rows = [{"member": member, "resource": resource, "noted_at": now} for member in members]
        for some in chunks(rows):
            await self._connection.execute(insert(self._connection, untold).on_conflict_do_nothing(), list(some))

    async def untold(self, told_before: datetime, limit: int) -> dict[str, tuple[str, ...]]:
        """See FollowStore."""
        joined = untold.outerjoin(follower, follower.c.member == untold.c.member)
        patient = or_(follower.c.told_at.is_(None), follower.c.told_at <= told_before)
        some = select(untold.c.member).select_from(joined).where(patient).distinct().order_by(untold.c.member)
        members = list(await self._connection.scalars(some.limit(limit)))
        rows = select(untold).where(untold.c.member.in_(members)).order_by(untold.c.noted_at, untold.c.resource)
        found: dict[str, tuple[str, ...]] = dict.fromkeys(members, ())
        for row in await self._connection.execute(rows):
            found[row.member] = (*found[row.member], row.resource)
        return found

    async def told(self, member: str, now: datetime) -> None:
        """See FollowStore."""
        await self._connection.execute(delete(untold).where(untold.c.member == member))
        await self._connection.execute(upsert(self._connection, follower), {"member": member, "told_at": now})


class Links:
    """See bot.ports.LinkStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, code_hash: str, member: str, until: datetime) -> None:
        """See LinkStore."""
        row = {"hash": code_hash, "member": member, "until": until}
        await self._connection.execute(upsert(self._connection, link_code), row)

    async def maker(self, code_hash: str, now: datetime) -> str:
        """See LinkStore."""
        wanted = select(link_code.c.member).where(link_code.c.hash == code_hash, link_code.c.until > now)
        return await self._connection.scalar(wanted) or ""

    async def spend(self, member: str) -> None:
        """See LinkStore."""
        await self._connection.execute(delete(link_code).where(link_code.c.member == member))

    async def tried(self, member: str, now: datetime) -> None:
        """See LinkStore."""
        await self._connection.execute(link_try.insert(), {"member": member, "at": now})

    async def tries(self, member: str, since: datetime) -> int:
        """See LinkStore."""
        counted = select(func.count()).select_from(link_try).where(link_try.c.member == member, link_try.c.at > since)
        return int(await self._connection.scalar(counted) or 0)

    async def clear(self, before: datetime) -> None:
        """See LinkStore."""
        await self._connection.execute(delete(link_code).where(link_code.c.until <= before))
        await self._connection.execute(delete(link_try).where(link_try.c.at <= before))
