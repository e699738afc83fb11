"""A volunteer as routing looks at them, put together from what is stored. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.community import MemberRecord, VolunteerSettings
from bot.routing import Volunteer

WEEK = timedelta(days=7)


def volunteer(
    settings: VolunteerSettings, record: MemberRecord, asked: int, held: int, last_asked_at: datetime | None
) -> Volunteer:
    """What routing looks at, put together."""
    return Volunteer(
        member=settings.member,
        person=record.person,
        name=record.name,
        kind=settings.kind,
        topics=settings.topics,
        languages=settings.languages,
        time_zone=settings.time_zone,
        quiet=settings.quiet,
        weekly_cap=settings.weekly_cap,
        paused=settings.paused,
        asked_this_week=asked,
        open_claims=held,
        last_asked_at=last_asked_at,
    )
