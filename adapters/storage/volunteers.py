"""Volunteers with what they declared, and channels with what the bot does in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import chunks, insert, upsert
from adapters.storage.people_tables import channel, skill, volunteer_topic
from adapters.storage.people_tables import member as members
from adapters.storage.people_tables import volunteer as volunteers
from adapters.storage.pool import SKILLS, Load, volunteer
from adapters.storage.pooling import known_of, rows_of
from adapters.storage.prepared import Prepared
from adapters.storage.records import record_of
from bot.community import Channel, MemberRecord, Skill, VolunteerSettings
from bot.policy import Answering, Mode
from bot.quiet import Away, Hours, Quiet
from bot.routing import Kind, Volunteer

_KEYS = Prepared(select(volunteers.c.member).order_by(volunteers.c.member))


class Volunteers:
    """See bot.ports.VolunteerStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, settings: VolunteerSettings) -> None:
        """See VolunteerStore."""
        row = {
            "member": settings.member,
            "kind": settings.kind.value,
            "languages": settings.languages,
            "time_zone": settings.time_zone,
            "quiet": tuple(map(_quiet_text, settings.quiet)),
            "weekly_cap": settings.weekly_cap,
            "paused": settings.paused,
            "away_first": settings.away.first.isoformat() if settings.away else "",
            "away_last": settings.away.last.isoformat() if settings.away else "",
            "learns": settings.learns,
            "thanks": settings.thanks,
        }
        new = insert(self._connection, volunteers)
        own = {name: new.excluded[name] for name in row if name != "member"}  # when they were thanked stays as it is
        await self._connection.execute(new.on_conflict_do_update(index_elements=["member"], set_=own), row)
        await self._connection.execute(delete(volunteer_topic).where(volunteer_topic.c.member == settings.member))
        topics = [{"member": settings.member, "topic": topic} for topic in sorted(settings.topics)]
        if topics:
            await self._connection.execute(volunteer_topic.insert(), topics)

    async def get(self, member: str) -> VolunteerSettings | None:
        """See VolunteerStore."""
        row = (await self._connection.execute(select(volunteers).where(volunteers.c.member == member))).first()
        if row is None:
            return None
        topics = select(volunteer_topic.c.topic).where(volunteer_topic.c.member == member)
        return _settings(row, await self._connection.scalars(topics))

    async def pool(self, now: datetime, members: Sequence[str] | None = None) -> tuple[Volunteer, ...]:
        """See VolunteerStore."""
        rows = await rows_of(self._connection, members)
        if not rows:
            return ()
        known, topics = await known_of(self._connection, now, members)
        found = []
        for row, stored in rows:
            record = record_of(stored) if stored is not None else MemberRecord(row.member, row.member, "")
            if record.may_help and not record.opted_out:
                found.append(
                    volunteer(_settings(row, topics.get(row.member, ())), record, known.get(row.member) or Load())
                )
        return tuple(found)

    async def everybody(self) -> list[str]:
        """See VolunteerStore."""
        return [row.member for row in await _KEYS.all(self._connection)]

    async def learn(self, skills: Iterable[Skill]) -> None:
        """See VolunteerStore."""
        for new in skills:
            row = {"answer": new.answer, "member": new.member, "vector": new.vector, "at": new.at}
            await self._connection.execute(upsert(self._connection, skill), row)
            own = select(skill.c.answer).where(skill.c.member == new.member)
            newest = own.order_by(skill.c.at.desc(), skill.c.answer.desc()).limit(SKILLS)
            older = (skill.c.member == new.member) & skill.c.answer.not_in(newest)
            await self._connection.execute(delete(skill).where(older))

    async def unlearn(self, member: str) -> None:
        """See VolunteerStore."""
        await self._connection.execute(delete(skill).where(skill.c.member == member))

    async def learned(self, member: str) -> int:
        """See VolunteerStore."""
        wanted = select(func.count()).select_from(skill).where(skill.c.member == member)
        return await self._connection.scalar(wanted) or 0

    async def thanks_due(self, before: datetime, limit: int) -> dict[str, Hours]:
        """See VolunteerStore."""
        v = volunteers.c
        waited = v.thanked_at.is_(None) | (v.thanked_at <= before)
        there = ~(members.c.opted_out | members.c.deactivated | members.c.guest | members.c.bot)
        wanted = select(volunteers).join(members, members.c.key == v.member).where(v.thanks, waited, there)
        wanted = wanted.order_by(v.thanked_at.asc().nulls_first(), v.member).limit(limit)
        found = [_settings(row, ()) for row in await self._connection.execute(wanted)]
        return {s.member: Hours(s.time_zone, s.quiet, s.away) for s in found}

    async def thanked(self, members: Sequence[str], now: datetime) -> None:
        """See VolunteerStore."""
        for some in chunks(members):
            looked_at = update(volunteers).where(volunteers.c.member.in_(some))
            await self._connection.execute(looked_at.values(thanked_at=now))


def _quiet_text(quiet: Quiet) -> str:
    return f"{quiet.weekday} {quiet.start.isoformat()} {quiet.end.isoformat()}"


def _quiet(said: str) -> Quiet:
    weekday, start, end = said.split(" ")
    return Quiet(int(weekday), time.fromisoformat(start), time.fromisoformat(end))


def _settings(row: Row[Any], topics: Iterable[str]) -> VolunteerSettings:
    return VolunteerSettings(
        member=row.member,
        kind=Kind(row.kind),
        topics=frozenset(topics),
        languages=frozenset(row.languages),
        time_zone=row.time_zone,
        quiet=tuple(map(_quiet, row.quiet)),
        weekly_cap=row.weekly_cap,
        paused=row.paused,
        away=Away(date.fromisoformat(row.away_first), date.fromisoformat(row.away_last)) if row.away_first else None,
        learns=row.learns,
        thanks=row.thanks,
    )


_CHANNEL = Prepared(select(channel).where(channel.c.key == bindparam("key")))


class Channels:
    """See bot.ports.ChannelStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, key: str) -> Channel | None:
        """See ChannelStore."""
        row = await _CHANNEL.first(self._connection, key=key)
        return _channel(row) if row else None

    async def save(self, changed: Channel) -> None:
        """See ChannelStore."""
        row = {column.name: getattr(changed, column.name) for column in channel.c}
        row |= {"mode": changed.mode.value, "answering": changed.answering.value}
        row["numbers"] = tuple(f"{name}={value}" for name, value in changed.numbers)
        await self._connection.execute(upsert(self._connection, channel), row)

    async def all(self) -> list[Channel]:
        """See ChannelStore."""
        return [_channel(row) for row in await self._connection.execute(select(channel).order_by(channel.c.key))]


def _channel(row: Row[Any]) -> Channel:
    numbers = tuple((name, int(value)) for name, _, value in (said.partition("=") for said in row.numbers))
    read = {"mode": Mode(row.mode), "answering": Answering(row.answering), "numbers": numbers}
    return Channel(**{c.name: getattr(row, c.name) for c in channel.c} | read)
