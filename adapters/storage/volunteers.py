"""Volunteers with what they declared, and channels with what the bot does in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from sqlalchemy import bindparam, delete, func, select, text, union_all
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import upsert
from adapters.storage.pool import WEEK, volunteer
from adapters.storage.prepared import Prepared
from adapters.storage.records import record_of
from adapters.storage.tables import channel, outbox, question, volunteer_topic
from adapters.storage.tables import member as members
from adapters.storage.tables import volunteer as volunteers
from bot.community import Channel, MemberRecord, VolunteerSettings
from bot.policy import Answering, Mode
from bot.routing import Kind, Quiet, Volunteer

OFFER = "OfferQuestion"


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
        }
        await self._connection.execute(upsert(self._connection, volunteers), row)
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

    async def pool(self, now: datetime) -> tuple[Volunteer, ...]:
        """See VolunteerStore. Whoever opted out is left in peace, and who cannot help is not asked."""
        rows = (await self._connection.execute(select(volunteers).order_by(volunteers.c.member))).all()
        if not rows:
            return ()
        of_volunteers = select(members).where(members.c.key.in_(select(volunteers.c.member)))
        records = {row.key: record_of(row) for row in await self._connection.execute(of_volunteers)}
        topics: dict[str, list[str]] = {}
        for somebody, topic in await self._connection.execute(select(volunteer_topic)):
            topics.setdefault(somebody, []).append(topic)
        asked, held = await self._asked(now), await self._held()
        found = []
        for row in rows:
            record = records.get(row.member, MemberRecord(row.member, row.member, ""))
            if record.may_help and not record.opted_out:
                settings = _settings(row, topics.get(row.member, ()))
                number, last = asked.get(row.member, (0, None))
                found.append(volunteer(settings, record, number, held.get(row.member, 0), last))
        return tuple(found)

    async def _asked(self, now: datetime) -> dict[str, tuple[int, datetime]]:
        """How often each was sent a card in the last week, and when last. One that could not be sent does not count."""
        count, last = func.count(), func.max(outbox.c.created_at, type_=outbox.c.created_at.type)
        sent = select(outbox.c.to_member, count, last).where(
            outbox.c.kind == OFFER,
            text("to_member <> ''"),
            outbox.c.created_at > now - WEEK,
            outbox.c.dropped == "",
            outbox.c.parked_at.is_(None),
        )
        rows = await self._connection.execute(sent.group_by(outbox.c.to_member))
        return {key: (number, at) for key, number, at in rows}

    async def _held(self) -> dict[str, int]:
        """How many questions each is offered or has accepted."""
        offered = select(question.c.offered_to.label("holder")).where(text("offered_to <> ''"))
        claimed = select(question.c.claimed_by).where(text("claimed_by <> ''"))
        holders = union_all(offered, claimed).subquery()
        counted = select(holders.c.holder, func.count()).group_by(holders.c.holder)
        return {row[0]: row[1] for row in await self._connection.execute(counted)}


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
        await self._connection.execute(upsert(self._connection, channel), row)

    async def all(self) -> list[Channel]:
        """See ChannelStore."""
        return [_channel(row) for row in await self._connection.execute(select(channel).order_by(channel.c.key))]


def _channel(row: Row[Any]) -> Channel:
    kinds = {"mode": Mode(row.mode), "answering": Answering(row.answering)}
    return Channel(**{c.name: getattr(row, c.name) for c in channel.c} | kinds)
