"""The people of the local community, whom a visitor can be one after another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.web.chat import PLATFORM, SPACE
from bot.community import MemberRecord, VolunteerSettings
from bot.events import Member
from bot.routing import Volunteer, awake_at, wakes_at

TRY = {
    "parent": "Ask something in a channel, or winwin in private.",
    "teen": "Ask something, or write that everything is too much: see who is told.",
    "volunteer": "Accept, pass or put off a question; set quiet hours under “My volunteering”.",
    "clinician": "Take questions about medicines; publish what speaks of treatment.",
    "moderator": "Save a good answer as a resource; decide what winwin does where.",
    "organiser": "Look at the report: who is helped, who helps, what is missing.",
    "owner": "May do everything.",
}
HUES = 12  # avatar colours in the style sheet: hue-0 .. hue-11


@dataclass(frozen=True, slots=True)
class Person:
    """`role` in a few words as shown beside the name; `good_for`: what to try as this person."""

    id: str
    name: str
    role: str
    good_for: str = ""


@dataclass(frozen=True, slots=True)
class PersonNow:
    """A person at this moment: their own time, and until when they are in quiet hours (if they are)."""

    person: Person
    local_time: datetime
    time_zone: str
    volunteer: bool
    paused: bool
    wakes_at: datetime | None
    waiting: int  # unread private messages from the bot
    me: bool


def member_of(person: str) -> Member:
    return Member(PLATFORM, SPACE, person)


def initials(name: str) -> str:
    """At most two letters for the avatar."""
    words = [w for w in name.replace("-", " ").split() if w[:1].isalnum()]
    return "".join(w[0] for w in words[:2]).upper() or "?"


def hue(member: str) -> int:
    """A colour that stays with the member."""
    return sum(i * ord(letter) for i, letter in enumerate(member, 1)) % HUES


def person_now(
    person: Person,
    record: MemberRecord | None,
    settings: VolunteerSettings | None,
    now: datetime,
    *,
    waiting: int = 0,
    me: bool = False,
) -> PersonNow:
    zone = settings.time_zone if settings else record.time_zone if record else "UTC"
    wakes = None
    if settings:
        v = Volunteer(settings.member, settings.member, person.name, time_zone=zone, quiet=settings.quiet)
        wakes = None if awake_at(v, now) else wakes_at(v, now).astimezone(ZoneInfo(zone))
    return PersonNow(
        person,
        now.astimezone(ZoneInfo(zone)),
        zone,
        settings is not None,
        bool(settings and settings.paused),
        wakes,
        waiting,
        me,
    )
