"""Makers of values with sane defaults, so that a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.community import Channel
from bot.crowd import Crowd
from bot.events import Member, Place
from bot.policy import Mode, Policy
from bot.question import Pool, Question, Turn
from bot.routing import Kind, Volunteer

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

DANA, TESS, KOFI, CLEO, MODA = "web:home:dana", "web:home:tess", "web:home:kofi", "web:home:cleo", "web:home:moda"


def key(name: str) -> str:
    return member(name).key


def member(name: str) -> Member:
    """`nora` is at home on the web; `nora@slack` has her account in a workspace."""
    own, _, platform = name.partition("@")
    return Member(platform, "T1", own) if platform else Member("web", "home", own)


def place(message: str = "1", thread: str = "", channel: str = "general") -> Place:
    return Place("web", "home", channel, message, thread or message)


def greeted(*channels: str) -> list[Channel]:
    """Channels where the bot has been for long, by their keys."""
    return [Channel(key, key.rsplit(":", 1)[-1], Mode.THREAD, welcomed=True) for key in channels]


def question(**facts: Any) -> Question:
    """Asked by Dana at noon."""
    asked = Question(
        id="q1",
        community="home",
        place=place(),
        asker=DANA,
        asker_person="p-dana",
        text="How do we tell the school?",
        language="en",
        topics=("school",),
        medical=False,
        urgent=False,
        private=False,
        asked_at=NOON,
    )
    return replace(asked, **facts)


def volunteer(name: str, **facts: Any) -> Volunteer:
    """A parent who is always awake and has never been asked."""
    return replace(Volunteer(member=key(name), person=f"p-{name}", name=name.title()), **facts)


def clinician(name: str, **facts: Any) -> Volunteer:
    return volunteer(name, kind=Kind.CLINICIAN, **facts)


def turn(
    *volunteers: Volunteer,
    now: datetime = NOON,
    moderators: tuple[str, ...] = (MODA,),
    policy: Policy | None = None,
) -> Turn:
    return Turn(Pool(Crowd(volunteers), moderators), now, policy or Policy())
