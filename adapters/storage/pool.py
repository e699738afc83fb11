"""A volunteer as routing looks at them, put together from what is stored. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from bot.community import MemberRecord, Role, VolunteerSettings
from bot.routing import Kind, Volunteer

WEEK = timedelta(days=7)
LATELY = timedelta(days=56)  # so far back answers count as work done
RECENTLY = timedelta(days=90)  # so far back it is looked at what somebody passed on and answered
SKILLS = 8  # answers that helped, kept of each: what somebody is known for may change
PASSES = 3  # on so many questions of a topic, and on more than they answered, and it is no topic of theirs


@dataclass
class Load:
    """How much one volunteer was asked lately, and how that went."""

    asked: int = 0
    last_asked_at: datetime | None = None
    held: int = 0
    passed: Counter[str] = field(default_factory=Counter)  # by topic
    answered: Counter[str] = field(default_factory=Counter)
    answered_lately: set[str] = field(default_factory=set)  # questions
    skills: list[bytes] = field(default_factory=list)

    def mostly_passed(self) -> frozenset[str]:
        return frozenset(t for t, n in self.passed.items() if n >= PASSES and n > self.answered[t])


def volunteer(settings: VolunteerSettings, record: MemberRecord, load: Load) -> Volunteer:
    """What routing looks at, put together."""
    return Volunteer(
        member=settings.member,
        person=record.person,
        name=record.name,
        kind=Kind.CLINICIAN if settings.kind is Kind.CLINICIAN and Role.CLINICIAN in record.held else Kind.PARENT,
        topics=settings.topics,
        languages=settings.languages,
        time_zone=settings.time_zone,
        quiet=settings.quiet,
        away=settings.away,
        weekly_cap=settings.weekly_cap,
        paused=settings.paused,
        lead=Role.MODERATOR in record.held,
        asked_this_week=load.asked,
        answered_lately=len(load.answered_lately),
        open_claims=load.held,
        last_asked_at=load.last_asked_at,
        passed=load.mostly_passed(),
        skill=middle(load.skills) if settings.learns else b"",
    )


def middle(vectors: Sequence[bytes]) -> bytes:
    """The mean of unit vectors, of unit length again; those of another length than the last one are left out."""
    kept = [v for v in vectors if len(v) == len(vectors[-1])]
    if not kept:
        return b""
    mean = np.mean([np.frombuffer(v, "<f4") for v in kept], axis=0)
    norm = float(np.linalg.norm(mean))
    return (mean / norm).astype("<f4").tobytes() if norm else b""


def counted(topics: Iterable[str], into: Counter[str]) -> None:
    for topic in topics:
        into[topic] += 1
