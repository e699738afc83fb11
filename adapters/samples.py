"""The sample community of `winwin demo`: reads samples/ and puts its people, channels and resources into a store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from bot.community import Channel, MemberRecord, Role, Topic, VolunteerSettings
from bot.events import Member
from bot.policy import Mode
from bot.ports import Store
from bot.volunteering import volunteer_settings
from knowledge.resources import Resource, parse_resource

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one written in C, where it was built

PLATFORM, SPACE = "web", "local"

_ROLES = {
    "clinician": {Role.CLINICIAN},
    "moderator": {Role.MODERATOR, Role.SAFETY_LEAD},
    "organiser": {Role.ORGANISER},
    "owner": {Role.OWNER},
}


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody a visitor can be. `settings` is there for those who volunteer."""

    id: str
    role: str
    about: str
    record: MemberRecord
    settings: VolunteerSettings | None


@dataclass(frozen=True, slots=True)
class SampleMessage:
    """One message of the sample day. `after`: how long after the one before; `thread`: the `key` of the first message
    of its thread, empty when it opens one."""

    key: str
    after: timedelta
    channel: str
    author: str
    thread: str
    text: str


@dataclass(frozen=True, slots=True)
class SampleCommunity:
    people: tuple[SamplePerson, ...]
    channels: tuple[Channel, ...]
    topics: tuple[Topic, ...]
    resources: tuple[Resource, ...]
    questions: tuple[str, ...]  # to try, one of them without an answer in the library


def folder() -> Traversable:
    return resources.files("samples")


def load_samples() -> SampleCommunity:
    """Everything in samples/ but the conversation, which is for replaying."""
    topics = tuple(Topic(t["id"], t["en"], {"en": t["en"], "es": t["es"]}) for t in _yaml("topics.yaml"))
    return SampleCommunity(
        people=tuple(_person(row) for row in _yaml("people.yaml")),
        channels=tuple(_channel(row) for row in _yaml("channels.yaml")),
        topics=topics,
        resources=tuple(parse_resource(row) for row in _lines("resources.jsonl")),
        questions=QUESTIONS,
    )


def load_day() -> tuple[SampleMessage, ...]:
    """The day of conversation in samples/, in order."""
    messages, before = [], None
    for row in _lines("conversation.jsonl"):
        hours, minutes = map(int, row["at"].split(":"))
        at = timedelta(hours=hours, minutes=minutes)
        after = at - before if before is not None else timedelta(0)
        messages.append(
            SampleMessage(row["key"], after, row["channel"], row["author"], row["thread"] or "", row["text"])
        )
        before = at
    return tuple(messages)


QUESTIONS = (
    "The school keeps marking his infusion days as unexcused absences. What can we do?",
    "Her formula tastes awful to her and she gags. Any tricks?",
    "Has anybody found a swimming coach who is good with shy kids?",  # nothing fits: a volunteer is asked
)


def _yaml(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.load(folder().joinpath(name).read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    return rows


def _lines(name: str) -> list[dict[str, Any]]:
    text = folder().joinpath(name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _person(row: Mapping[str, Any]) -> SamplePerson:
    key = Member(PLATFORM, SPACE, row["id"]).key
    record = MemberRecord(
        key=key,
        person=key,
        name=row["name"],
        roles=frozenset(_ROLES.get(row["role"], set())),
        language=row["languages"][0],
        time_zone=row["time_zone"],
    )
    return SamplePerson(row["id"], row["role"], row["about"], record, _settings(key, row))


def _settings(key: str, row: Mapping[str, Any]) -> VolunteerSettings | None:
    if "kind" not in row:
        return None
    values = {
        "kind": row["kind"],
        "topics": ",".join(row.get("topics", [])),
        "languages": ",".join(row["languages"]),
        "time_zone": row["time_zone"],
        "quiet": ";".join(f"{day} {hours}" for day, hours in row.get("quiet_hours", {}).items()),
        "weekly_cap": str(row.get("weekly_cap", 5)),
        "paused": "yes" if row.get("paused") else "",
    }
    return volunteer_settings(key, values, frozenset())


def _channel(row: Mapping[str, Any]) -> Channel:
    return Channel(f"{PLATFORM}:{SPACE}:{row['id']}", row["name"], Mode(row["mode"]), row["purpose"], public=True)


async def settle_in(store: Store, samples: SampleCommunity, now: datetime) -> list[Resource]:
    """Put the sample community into an empty store; what is there already is left as it is. Returns new resources.

    The made-up clinicians stand for those who would have read what speaks of treatment."""
    clinician = next((p.record.key for p in samples.people if Role.CLINICIAN in p.record.roles), "")
    read = [replace(r, clinician=clinician) if r.medical else r for r in samples.resources]
    async with store.begin() as tx:
        known = {r.id for r in await tx.resources.all()}
        changed = await tx.resources.put([r for r in read if r.id not in known], now)
        there = {m.key for m in await tx.members.all()}
        new = [p for p in samples.people if p.record.key not in there]
        await tx.members.seen([(Member.from_key(p.record.key), p.record.name) for p in new], now)
        for person in new:
            await tx.members.save(person.record)
            if person.settings is not None:
                await tx.volunteers.save(person.settings)
        channels = {c.key for c in await tx.channels.all()}
        for channel in samples.channels:
            if channel.key not in channels:
                await tx.channels.save(channel)
    return changed
