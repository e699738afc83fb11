"""The ways of finding somebody that are compared. Each is the same core, told different things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from adapters.simulator.people import Person
from bot.community import MemberRecord, Role, VolunteerSettings
from bot.ports import Store
from bot.routing import Kind, Quiet

NO_LIMIT = 10**330  # so high that a share of it is 0.0, whatever somebody did: only who was asked longest ago counts


@dataclass(frozen=True, slots=True)
class Way:
    """`listed`: the core knows the volunteers and sends one of them a card at a time. `heeds`: it is told their quiet
    hours, topics and weekly limits. `mentions_all`: beside the core, every question is shown with a mention of all who
    may answer it, moderators too, as bots with a helper role do; the core only listens for the answer then.
    `again_after`: hours after which a question without an answer is shown with a mention once more; 0 for never."""

    name: str
    says: str
    listed: bool = True
    heeds: bool = True
    mentions_all: bool = False
    again_after: float = 0.0


EVERYONE = Way("ping everyone", "one mention of all who may answer", listed=False, heeds=False, mentions_all=True)
IN_TURN = Way("round robin", "one at a time by card, whoever was asked longest ago", heeds=False)
WINWIN = Way("winwin", "one at a time by card: fit, awake, under their limit")
WAYS = (EVERYONE, IN_TURN, WINWIN)


async def move_in(people: Sequence[Person], way: Way, store: Store) -> None:
    """Tell the core who there is, as far as this way knows."""
    async with store.begin() as tx:
        for person in people:
            moderates = frozenset({Role.MODERATOR} if person.moderator and way.listed else ())
            roles = moderates | ({Role.CLINICIAN} if person.kind is Kind.CLINICIAN else set())
            key = person.member.key
            await tx.members.save(MemberRecord(key, f"p-{key}", person.member.id, roles, time_zone=person.zone))
            if not person.moderator:
                await tx.volunteers.save(settings_of(person, way))


def settings_of(person: Person, way: Way) -> VolunteerSettings:
    """What the core is told of a volunteer."""
    told = VolunteerSettings(
        person.member.key,
        person.kind,
        person.topics,
        person.languages,
        person.zone,
        quiet_hours(person) if person.tells_quiet else (),
        person.cap,
        paused=not way.listed,
    )
    return told if way.heeds else replace(told, topics=frozenset(), quiet=(), weekly_cap=NO_LIMIT)


def quiet_hours(person: Person) -> tuple[Quiet, ...]:
    start, end = (time(half // 2, half % 2 * 30) for half in (person.bed, person.wake))
    return tuple(Quiet(day, start, end) for day in range(7))
