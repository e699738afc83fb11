"""All volunteers at hand, in columns: the person whom bot.routing.choose would choose, found among ten thousand in
about a millisecond. Nothing here is a rule of its own; a property test holds the two together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.quiet import Hours, state, wakes
from bot.routing import (
    NO_ROOM,
    OPEN_CLAIMS,
    PROVEN,
    STEP,
    Choice,
    Kind,
    Need,
    Rung,
    Volunteer,
    able,
    awake_at,
    choose,
    nobody_awake,
    seed,
    wakes_at,
    work,
)

FEW = 32  # so many are looked at one by one


class Crowd:
    """Volunteers by their member keys. Not to be shared between threads."""

    def __init__(self, volunteers: Iterable[Volunteer] = ()) -> None:
        self._people = {v.member: v for v in volunteers}
        self._columns: _Columns | None = None
        self._aside: dict[str, Volunteer] = {}  # those who have come or changed in what columns can't take over

    @classmethod
    def laid_out(cls, volunteers: Iterable[Volunteer], now: datetime) -> Crowd:
        """With everything at hand that the first choice would make. Takes a second for 10,000: for a thread."""
        crowd = cls(volunteers)
        if len(crowd) > FEW:
            crowd._columns = _Columns(list(crowd._people.values()))
            crowd._columns.lay_out(now)
        return crowd

    def __iter__(self) -> Iterator[Volunteer]:
        return iter(self._people.values())

    def __len__(self) -> int:
        return len(self._people)

    @property
    def untidy(self) -> bool:
        """Whether so much has changed that it should be laid out anew."""
        return len(self._aside) > FEW

    def get(self, member: str) -> Volunteer | None:
        return self._people.get(member)

    def put(self, volunteer: Volunteer) -> None:
        """Add somebody, or take over how they are now."""
        self._people[volunteer.member] = volunteer
        if self._columns is not None and not self._columns.put(volunteer):
            self._aside[volunteer.member] = volunteer
        else:
            self._aside.pop(volunteer.member, None)

    def drop(self, member: str) -> None:
        self._people.pop(member, None)
        self._aside.pop(member, None)
        if self._columns is not None:
            self._columns.leave_out(member)

    def choose(self, need: Need, now: datetime) -> Choice:
        """As bot.routing.choose, over all of them."""
        if len(self._people) <= FEW:
            return choose(need, self._people.values(), now)
        if self._columns is None:
            self._columns, self._aside = _Columns(list(self._people.values())), {}
        best, first, asleep = self._columns.look(need, now)
        aside = [v for v in self._aside.values() if able(v, need)]
        if best is not None or any(awake_at(v, now) for v in aside):
            return choose(need, [v for v in (best, *aside) if v is not None], now)
        waking = [at for at in (first, *(wakes_at(v, now) for v in aside)) if at is not None]
        return nobody_awake(min(waking), asleep + len(aside), now) if waking else Choice(None, NO_ROOM)


Look = tuple[Volunteer | None, datetime | None, int]  # the best; or when the first wakes of those who sleep, how many


class _Columns:
    def __init__(self, people: list[Volunteer]) -> None:
        self.people = people
        n = len(people)
        self.row = {v.member: i for i, v in enumerate(people)}
        self.of_person: dict[str, list[int]] = {}
        self.profiles: dict[Hours, int] = {}
        self.seeds = np.array([seed(v.member) for v in people], np.uint64)
        self.profile = np.zeros(n, np.int64)
        self.free = np.zeros(n, bool)
        self.clinician = np.zeros(n, bool)
        self.lead = np.zeros(n, bool)
        self.load = np.zeros(n)
        self.work = np.zeros(n)
        self.last = np.zeros(n)
        self.any_topic = np.zeros(n, bool)
        self.languages = _Flags(people, lambda v: v.languages)
        self.spaces = _Flags(people, lambda v: frozenset({v.space}))
        self.topics = _Flags(people, lambda v: v.topics - v.passed)
        self.skills = _skills(people)
        for i, v in enumerate(people):
            self.of_person.setdefault(v.person, []).append(i)
            self._fill(i, v)
        self.states = _States(list(self.profiles))

    def lay_out(self, now: datetime) -> None:
        """What is made when it is first asked for."""
        self.states.awake(self.profile, now)
        for flags in (self.languages, self.topics, self.spaces):
            flags.lay_out()

    def put(self, v: Volunteer) -> bool:
        """Whether the change could be taken over in place; if not, they are not found here any more."""
        i = self.row.get(v.member)
        if i is None:
            return False
        before = self.people[i]
        if (v.person, v.hours, v.skill) != (before.person, before.hours, before.skill):
            self.free[i] = False
            return False
        self.people[i] = v
        self._fill(i, v)
        self.languages.put(i, v)
        self.topics.put(i, v)
        return True

    def leave_out(self, member: str) -> None:
        i = self.row.get(member)
        if i is not None:
            self.free[i] = False

    def _fill(self, i: int, v: Volunteer) -> None:
        self.profile[i] = self.profiles.setdefault(v.hours, len(self.profiles))
        self.free[i] = not v.paused and v.asked_this_week < v.weekly_cap and v.open_claims < OPEN_CLAIMS
        self.clinician[i] = v.kind is Kind.CLINICIAN
        self.lead[i] = v.kind is Kind.CLINICIAN or v.lead
        self.load[i] = v.asked_this_week / v.weekly_cap if v.weekly_cap else 1.0
        self.work[i] = work(v) if v.weekly_cap else 0.0
        self.last[i] = v.last_asked_at.timestamp() if v.last_asked_at else 0.0
        self.any_topic[i] = bool(v.topics)

    def look(self, need: Need, now: datetime) -> Look:
        rows = np.flatnonzero(self._able(need))
        if not rows.size:
            return None, None, 0
        up = self.states.awake(self.profile[rows], now)
        if not up.any():
            asleep = np.unique(self.profile[rows])
            return None, min(self.states.wakes(i, now) for i in asleep), int(rows.size)
        return self.people[self._best(rows[up], need)], None, 0

    def _able(self, need: Need) -> NDArray[np.bool_]:
        peers = need.rung is Rung.PEERS
        rung = self.clinician if need.medical else ~self.lead if peers else self.lead
        able = self.free & rung & self.languages.of(need.language)
        if need.only_in:
            able &= self.spaces.of(need.only_in)
        out = [self.row[m] for m in need.excluded if m in self.row]
        for person in (need.asker_person, *need.blocked):
            out += self.of_person.get(person, ())
        able[out] = False
        return able

    def _best(self, rows: NDArray[np.int64], need: Need) -> int:
        """The smallest rank of bot.routing._rank: column by column, only those go on that are still the smallest."""
        declared = np.zeros(len(self.people), bool)
        for topic in need.topics:
            declared |= self.topics.of(topic)
        proven = np.zeros(len(self.people), bool)
        skilled, skills = self.skills.get(len(need.vector), _NO_SKILLS)
        if skilled.size:
            proven[skilled] = np.einsum("ij,j->i", skills, np.frombuffer(need.vector, "<f4")) >= PROVEN
        elsewhere = self.any_topic & bool(need.topics)
        misfit = np.where(declared | proven, 0, np.where(elsewhere, 2, 1))
        for column in (self.work + STEP * misfit, self.load, -(declared.astype(int) + proven), self.last):
            found = column[rows]
            rows = rows[found == found.min()]
        return int(rows[np.argmin(_lots(seed(need.id), self.seeds[rows]))])


class _Flags:
    """Who has a word (a language, a topic), a column a word; made when a word is first asked for."""

    def __init__(self, people: list[Volunteer], words: Callable[[Volunteer], frozenset[str]]) -> None:
        self._people, self._words = people, words
        self._columns: dict[str, NDArray[np.bool_]] = {}

    def of(self, word: str) -> NDArray[np.bool_]:
        if word not in self._columns:
            self._columns[word] = np.array([word in self._words(v) for v in self._people], bool)
        return self._columns[word]

    def lay_out(self) -> None:
        for word in frozenset[str]().union(*map(self._words, self._people)):
            self.of(word)

    def put(self, i: int, v: Volunteer) -> None:
        words = self._words(v)
        for word, column in self._columns.items():
            column[i] = word in words


class _States:
    """Who is awake, by profile of hours: looked at again only when what was found no longer holds."""

    def __init__(self, profiles: list[Hours]) -> None:
        self._profiles = profiles
        n = len(profiles)
        self._up = np.zeros(n, bool)
        self._since = np.full(n, np.inf)
        self._until = np.full(n, -np.inf)
        self._waking: dict[int, datetime] = {}

    def awake(self, profile: NDArray[np.int64], now: datetime) -> NDArray[np.bool_]:
        """For each row's profile, whether it is awake."""
        moment = now.timestamp()
        needed = np.zeros(len(self._profiles), bool)
        needed[profile] = True
        for i in np.flatnonzero(needed & ((self._until <= moment) | (self._since > moment))).tolist():
            self._up[i], until = state(self._profiles[i], now)
            self._since[i], self._until[i] = moment, until.timestamp()
            self._waking.pop(i, None)
        return self._up[profile]

    def wakes(self, i: int, now: datetime) -> datetime:
        """When a profile that is asleep wakes."""
        if i not in self._waking:
            self._waking[i] = wakes(self._profiles[i], now)
        return self._waking[i]


Skills = tuple[NDArray[np.int64], NDArray[np.float32]]  # rows of people, and their skills one below the other
_NO_SKILLS: Skills = (np.zeros(0, np.int64), np.zeros((0, 0), np.float32))


def _skills(people: list[Volunteer]) -> dict[int, Skills]:
    """By length in bytes: embeddings of one model have one."""
    rows: dict[int, list[int]] = {}
    for i, v in enumerate(people):
        if v.skill:
            rows.setdefault(len(v.skill), []).append(i)
    return {
        length: (np.array(own, np.int64), np.stack([np.frombuffer(people[i].skill, "<f4") for i in own]))
        for length, own in rows.items()
    }


def _lots(question: int, members: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """bot.routing.draw for many."""
    x = np.uint64(question) ^ members
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
