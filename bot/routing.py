"""Who is asked next: one person at a time, awake where they live, under their cap, fit for the question.

Pure. `choose` gives the person and, in words, why; when everybody is asleep it says when the first one wakes. It is
the rule, written to be read; bot.crowd finds the same person among ten thousand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from bot.quiet import WEEK, Away, Hours, Quiet, awake, wakes

__all__ = ["Away", "Choice", "Kind", "Need", "Quiet", "Rung", "Volunteer", "awake_at", "choose", "wakes_at"]

OPEN_CLAIMS = 2  # somebody who holds this many unanswered questions is not asked for another
# The cosine between a question and the middle of somebody's answers at and above which they count as knowing it. Of
# families' questions (with the packaged models) it recognises about 4 in 10 that one of 1 to 5 answers was right for,
# and takes 1 to 3 in 100 of another topic for known.
PROVEN = 0.25
# Being a step further from the topic weighs as much as so many answers of late of somebody who offers `TYPICAL` a week;
# the root is that of `work`. Both chosen with `winwin simulate` (docs/routing.md).
STEP = 0.5
TYPICAL, ROOT = 5, 0.1

NO_ROOM = "nobody who could answer this has room at the moment"
ALL_QUIET = "everybody who could answer is in quiet hours"
QUIET_ALL_WEEK = "everybody who could answer is in quiet hours all week"


class Kind(StrEnum):
    PARENT = "parent"
    CLINICIAN = "clinician"


class Rung(StrEnum):
    """Who is looked at. Medical questions go to clinicians, whatever the rung."""

    PEERS = "peers"  # parents who volunteer
    LEADS = "leads"  # clinicians, and volunteers who are moderators: spared while a peer can answer


@dataclass(frozen=True, slots=True)
class Volunteer:
    """What a volunteer declared, how much they were asked lately, and what they are known for.

    `member` and `person` are keys. `skill` is the middle of the embeddings of those of their answers that helped, with
    their consent: little-endian float32, of unit length, or empty."""

    member: str
    person: str
    name: str
    kind: Kind = Kind.PARENT
    topics: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"en"})
    time_zone: str = "UTC"
    quiet: tuple[Quiet, ...] = ()
    away: Away | None = None
    weekly_cap: int = 5
    paused: bool = False
    lead: bool = False
    asked_this_week: int = 0
    answered_lately: int = 0  # questions they answered in the last eight weeks
    open_claims: int = 0
    last_asked_at: datetime | None = None
    passed: frozenset[str] = frozenset()  # topics they pass on more often than they take them
    skill: bytes = b""

    @property
    def space(self) -> str:
        """Platform and space of the account: `platform:space`."""
        return ":".join(self.member.split(":")[:2])

    @property
    def hours(self) -> Hours:
        return Hours(self.time_zone, self.quiet, self.away)


@dataclass(frozen=True, slots=True)
class Need:
    """The part of a question that routing looks at. `excluded` are members not to ask (now) for this question,
    `blocked` persons whom the asker does not want to hear from. `vector`: the question's embedding, as in `skill`."""

    id: str
    asker_person: str
    topics: tuple[str, ...]
    language: str
    medical: bool
    excluded: frozenset[str]
    rung: Rung = Rung.PEERS
    blocked: frozenset[str] = frozenset()
    vector: bytes = b""
    only_in: str = ""  # platform:space; nobody elsewhere is asked


@dataclass(frozen=True, slots=True)
class Choice:
    """Either somebody to ask now, or the time at which the first of the `asleep` wakes, or neither."""

    volunteer: Volunteer | None
    why: str
    wakes_at: datetime | None = None
    asleep: int = 0


def choose(need: Need, volunteers: Iterable[Volunteer], now: datetime) -> Choice:
    """The volunteer to ask for `need` at `now` (aware UTC)."""
    fit = [v for v in volunteers if able(v, need)]
    up = [v for v in fit if awake_at(v, now)]
    if up:
        best = min(up, key=lambda v: _rank(v, need))
        return Choice(best, why(best, need))
    if not fit:
        return Choice(None, NO_ROOM)
    return nobody_awake(min(wakes_at(v, now) for v in fit), len(fit), now)


def nobody_awake(first: datetime, asleep: int, now: datetime) -> Choice:
    """`first`: when the first of the `asleep` wakes."""
    if first >= now + WEEK:  # quiet hours around the clock: nobody to wait for
        return Choice(None, QUIET_ALL_WEEK)
    return Choice(None, ALL_QUIET, first, asleep)


def able(v: Volunteer, need: Need) -> bool:
    """Whether they may be asked at all, awake or not."""
    return (
        v.member not in need.excluded
        and v.person != need.asker_person
        and v.person not in need.blocked
        and not v.paused
        and v.asked_this_week < v.weekly_cap
        and v.open_claims < OPEN_CLAIMS
        and need.language in v.languages
        and (not need.only_in or v.space == need.only_in)
        and on_rung(v, need)
    )


def on_rung(v: Volunteer, need: Need) -> bool:
    if need.medical:
        return v.kind is Kind.CLINICIAN
    return (v.kind is Kind.CLINICIAN or v.lead) == (need.rung is Rung.LEADS)


def _rank(v: Volunteer, need: Need) -> tuple[float, float, int, float, int]:
    """Smallest first: who has answered least lately, where being further from the topic counts like answers; of them
    who was asked least this week, as a share of what they offered; who both declared the topic and has answered it
    well; the longest unasked; then a fair draw."""
    declared, shown = knows(v, need), proven(v.skill, need.vector)
    last = v.last_asked_at.timestamp() if v.last_asked_at else 0.0
    distance = work(v) + STEP * _misfit(v, need, known=declared or shown)
    asked = v.asked_this_week / v.weekly_cap
    return (distance, asked, 2 - declared - shown, last, draw(seed(need.id), seed(v.member)))


def work(v: Volunteer) -> float:
    """What somebody has answered lately, in questions of somebody who offers `TYPICAL` a week. Who offers five times as
    much carries a sixth more: nearly the same for all, with a little heed of what each has offered."""
    return float(v.answered_lately * (TYPICAL / v.weekly_cap) ** ROOT)


def _misfit(v: Volunteer, need: Need, *, known: bool) -> int:
    """Who knows it, then generalists, then those of other topics. Of a question in which no topic was recognised nobody
    is further away than another, or all of these would go to the few who named no topics."""
    if known:
        return 0
    return 1 if not v.topics or not need.topics else 2


def knows(v: Volunteer, need: Need) -> bool:
    """Whether they declared one of the topics, and do not mostly pass on it."""
    return bool((v.topics - v.passed) & set(need.topics))


def proven(skill: bytes, vector: bytes) -> bool:
    """Whether answers of theirs that helped were about this. Embeddings of another length are of another model."""
    if not skill or len(skill) != len(vector):
        return False
    return bool(np.frombuffer(skill, "<f4") @ np.frombuffer(vector, "<f4") >= PROVEN)


def why(v: Volunteer, need: Need) -> str:
    shared = sorted((v.topics - v.passed) & set(need.topics))
    reasons = [f"knows about {', '.join(shared)}"] if shared else []
    if proven(v.skill, need.vector):
        reasons.append("has answered questions like this one well")
    if not reasons:
        reasons.append("is free and speaks the language")
    if need.medical:
        reasons.append("is a clinician, as a medical question needs")
    elif need.rung is Rung.LEADS:
        reasons.append("no other volunteer could be asked, and they are a " + _lead(v))
    reasons.append(f"asked {v.asked_this_week} of {v.weekly_cap} times this week")
    return "; ".join(reasons)


def _lead(v: Volunteer) -> str:
    return "clinician" if v.kind is Kind.CLINICIAN else "moderator"


def seed(key: str) -> int:
    """64 bits of a key, for `draw`."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")


_ALL = (1 << 64) - 1


def draw(question: int, member: int) -> int:
    """The lot of somebody for a question: the same whenever it is drawn, fair over questions. The finaliser of
    splitmix64 (Steele, Lea, Flood 2014)."""
    x = (question ^ member) & _ALL
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _ALL
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _ALL
    return x ^ (x >> 31)


def awake_at(v: Volunteer, now: datetime) -> bool:
    return awake(v.hours, now)


def wakes_at(v: Volunteer, now: datetime) -> datetime:
    """The first moment at or after `now` outside quiet hours; `now` plus a week when there is none."""
    return wakes(v.hours, now)
