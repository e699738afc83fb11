"""Members, volunteers and channels, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.storage.forgetting import nobody
from adapters.storage.memory.forget import forget_words
from adapters.storage.memory.outbox import Outbox
from adapters.storage.memory.questions import Passes
from adapters.storage.memory.state import Rows, State
from adapters.storage.pool import LATELY, RECENTLY, SKILLS, WEEK, Load, counted, volunteer
from bot.community import Answer, Channel, MemberRecord, Role, Skill, Trust, VolunteerSettings
from bot.events import Member
from bot.question import Question
from bot.quiet import Hours
from bot.routing import Volunteer
from knowledge.resources import Resource


class Members:
    """See bot.ports.MemberStore. Persons are numbered, so that a simulation repeats itself exactly."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows: Rows[str, MemberRecord] = state.table("member")
        self._volunteers: Rows[str, VolunteerSettings] = state.table("volunteer")
        self._thanked: Rows[str, datetime] = state.table("thanked")
        self._blocks: Rows[tuple[str, str], datetime] = state.table("block")

    async def seen(self, members: Iterable[tuple[Member, str]], now: datetime) -> None:
        """See MemberStore."""
        for member, name in members:
            known = self._rows.get(member.key)
            if known is None:
                self._rows[member.key] = MemberRecord(member.key, self._new_person(), name, joined_at=now)
            elif name and name != known.name:
                self._rows[member.key] = replace(known, name=name)

    async def get(self, keys: Sequence[str]) -> dict[str, MemberRecord]:
        """See MemberStore."""
        return {key: self._rows[key] for key in keys if key in self._rows}

    async def save(self, record: MemberRecord) -> None:
        """See MemberStore."""
        self._rows[record.key] = record

    async def with_role(self, role: str) -> list[MemberRecord]:
        """See MemberStore."""
        return [record for record in await self.all() if role in record.held]

    async def with_badges(self) -> list[MemberRecord]:
        """See MemberStore."""
        return [record for record in await self.all() if record.badges]

    async def all(self) -> list[MemberRecord]:
        """See MemberStore."""
        return [self._rows[key] for key in sorted(self._rows)]

    async def block(self, member: str, other: str, now: datetime) -> None:
        """See MemberStore."""
        self._blocks[member, other] = now

    async def unblock(self, member: str, other: str) -> None:
        """See MemberStore."""
        self._blocks.pop((member, other))

    async def blocks(self, member: str) -> tuple[str, ...]:
        """See MemberStore."""
        return tuple(sorted(other for own, other in self._blocks if own == member))

    async def blocked(self, person: str) -> frozenset[str]:
        """See MemberStore."""
        return frozenset(other.person for own, other in self._blocking() if own.person == person)

    async def blocked_by(self, person: str) -> frozenset[str]:
        """See MemberStore."""
        return frozenset(own.person for own, other in self._blocking() if other.person == person)

    def _blocking(self) -> list[tuple[MemberRecord, MemberRecord]]:
        known = self._rows
        return [(known[own], known[other]) for own, other in self._blocks if own in known and other in known]

    async def forget(self, key: str, now: datetime, person: str = "") -> list[Resource]:
        """See MemberStore."""
        known = self._rows.get(key)
        person = person or self._new_person()
        changed = forget_words(self._state, key, known.name if known else "", person, now)
        self._volunteers.pop(key)
        self._thanked.pop(key)
        await Volunteers(self._state).unlearn(key)
        for pair in [pair for pair in self._blocks if key in pair]:
            self._blocks.pop(pair)
        if known:
            self._rows[key] = nobody(known, person)
        return changed

    def _new_person(self) -> str:
        return f"p-{self._state.number('person')}"


class Volunteers:
    """See bot.ports.VolunteerStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, VolunteerSettings] = state.table("volunteer")
        self._members: Rows[str, MemberRecord] = state.table("member")
        self._questions: Rows[str, Question] = state.table("question")
        self._holders: Rows[str, str] = state.table("question_holders")
        self._passes: Rows[str, Passes] = state.table("question_passes")
        self._said: Rows[str, tuple[str, ...]] = state.table("answers_by")
        self._answers: Rows[str, Answer] = state.table("answer")
        self._skills: Rows[str, Skill] = state.table("skill")
        self._thanked: Rows[str, datetime] = state.table("thanked")
        self._outbox = Outbox(state)

    async def save(self, settings: VolunteerSettings) -> None:
        """See VolunteerStore."""
        self._rows[settings.member] = settings

    async def get(self, member: str) -> VolunteerSettings | None:
        """See VolunteerStore."""
        return self._rows.get(member)

    async def everybody(self) -> list[str]:
        """See VolunteerStore."""
        return sorted(self._rows)

    async def pool(self, now: datetime, members: Sequence[str] | None = None) -> tuple[Volunteer, ...]:
        """See VolunteerStore."""
        keys = sorted(self._rows if members is None else self._rows.keys() & set(members))
        loads: dict[str, Load] = defaultdict(Load)
        for member, at in self._outbox.offers(since=now - WEEK):
            loads[member].asked += 1
            loads[member].last_asked_at = max(at, loads[member].last_asked_at or at)
        for holder in self._holders.values():
            loads[holder].held += 1
        for key in keys:
            for at, topics in self._passes.get(key, ()):
                if at > now - RECENTLY:
                    counted(topics, loads[key].passed)
            for answer in (self._answers[place] for place in self._said.get(key, ()) if place in self._answers):
                if answer.at > now - RECENTLY and answer.question in self._questions:
                    counted(self._questions[answer.question].topics, loads[key].answered)
                    if answer.at > now - LATELY:
                        loads[key].answered_lately.add(answer.question)
        for skill in sorted(self._skills.values(), key=lambda s: (s.at, s.answer)):
            loads[skill.member].skills.append(skill.vector)
        records = {key: self._members.get(key) or MemberRecord(key, key, "") for key in keys}
        return tuple(
            volunteer(self._rows[key], record, loads[key])
            for key, record in records.items()
            if record.may_help and not record.opted_out
        )

    async def learn(self, skills: Iterable[Skill]) -> None:
        """See VolunteerStore."""
        for new in skills:
            self._skills[new.answer] = new
            own = sorted((s for s in self._skills.values() if s.member == new.member), key=lambda s: (s.at, s.answer))
            for old in own[:-SKILLS]:
                self._skills.pop(old.answer)

    async def unlearn(self, member: str) -> None:
        """See VolunteerStore."""
        for skill in list(self._skills.values()):
            if skill.member == member:
                self._skills.pop(skill.answer)

    async def learned(self, member: str) -> int:
        """See VolunteerStore."""
        return sum(skill.member == member for skill in self._skills.values())

    async def thanks_due(self, before: datetime, limit: int) -> dict[str, Hours]:
        """See VolunteerStore."""
        wanted = [v for v in self._rows.values() if v.thanks and _may_be_thanked(self._members.get(v.member))]
        due = [v for v in wanted if v.member not in self._thanked or self._thanked[v.member] <= before]
        due.sort(key=lambda v: (v.member in self._thanked, self._thanked.get(v.member, before), v.member))
        return {v.member: Hours(v.time_zone, v.quiet, v.away) for v in due[:limit]}

    async def thanked(self, members: Sequence[str], now: datetime) -> None:
        """See VolunteerStore."""
        for member in members:
            if member in self._rows:
                self._thanked[member] = now


def _may_be_thanked(record: MemberRecord | None) -> bool:
    return record is not None and record.may_help and not record.opted_out


class Trusts:
    """See bot.ports.TrustStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[tuple[str, Role], Trust] = state.table("trust")

    async def all(self) -> tuple[Trust, ...]:
        """See TrustStore."""
        return tuple(self._rows[key] for key in sorted(self._rows))

    async def put(self, trust: Trust) -> None:
        """See TrustStore."""
        self._rows[trust.key, trust.role] = trust

    async def remove(self, key: str, role: Role) -> None:
        """See TrustStore."""
        self._rows.pop((key, role))


class Channels:
    """See bot.ports.ChannelStore."""

    def __init__(self, state: State) -> None:
        self._rows: Rows[str, Channel] = state.table("channel")

    async def get(self, key: str) -> Channel | None:
        """See ChannelStore."""
        return self._rows.get(key)

    async def save(self, channel: Channel) -> None:
        """See ChannelStore."""
        self._rows[channel.key] = channel

    async def all(self) -> list[Channel]:
        """See ChannelStore."""
        return [self._rows[key] for key in sorted(self._rows)]
