"""Who lives in the simulated community: volunteers and moderators with their hours, and what they tell the bot."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from statistics import NormalDist
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from adapters.simulator import habits as h
from adapters.simulator.habits import Habits, Town
from adapters.simulator.timing import DAY, START
from bot.events import Member
from bot.routing import Kind

STEP = 1800.0  # seconds: sleep and work begin at full and half hours
MARGIN = 21  # days after the last question in which it is seen to the end
WORK = range(9 * 2, 17 * 2)  # half hours of a weekday

FINE = 2000  # steps in which the distribution of willingness is added up

T = TypeVar("T")
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Person:
    """`willing` is how often they say yes when they are asked alone, `sees` how often a mention of everybody reaches
    them, `unasked` how often they answer by themselves.
    `asleep` are half hours of their local day. What they tell the bot: `tells_quiet`, `topics`, `cap`."""

    number: int
    member: Member
    moderator: bool
    kind: Kind
    topics: frozenset[str]
    languages: frozenset[str]
    zone: str
    asleep: frozenset[int]
    bed: int
    wake: int
    tells_quiet: bool
    cap: int
    willing: float
    slowness: float
    sees: float
    unasked: float
    attended: tuple[float, ...]  # minutes of attention from the start to each half hour

    def notices(self, since: float, minutes: float) -> float:
        """The moment at which `minutes` of their attention have passed since then; far away when that is never."""
        wanted = self._attention(since) + minutes
        n = bisect_left(self.attended, wanted)
        if n >= len(self.attended):
            return float("inf")
        before, after = self.attended[n - 1], self.attended[n]
        return max(since, (n - 1 + (wanted - before) / (after - before)) * STEP)

    def _attention(self, moment: float) -> float:
        n, part = divmod(moment / STEP, 1.0)
        first = min(int(n), len(self.attended) - 2)
        return self.attended[first] + part * (self.attended[first + 1] - self.attended[first])

    def sleeps(self, moment: float) -> bool:
        """Whether it is night for them."""
        local = (START + timedelta(seconds=moment)).astimezone(ZoneInfo(self.zone))
        return local.hour * 2 + local.minute // 30 in self.asleep


def settle(town: Town, habits: Habits, seed: int) -> tuple[Person, ...]:
    """The people of one seed: volunteers first, then moderators. Nobody's draws depend on how many others there are."""
    people = []
    for number in range(town.volunteers + town.moderators):
        moderator = number >= town.volunteers
        rng = np.random.default_rng([seed, 1, int(moderator), number])
        people.append(_person(number, moderator, town, habits, rng))
    return tuple(people)


def _person(number: int, moderator: bool, town: Town, habits: Habits, rng: np.random.Generator) -> Person:
    zone = draw(h.ZONES, rng.random())
    clinician = rng.random() < h.CLINICIANS and not moderator
    topics = _topics(rng) if rng.random() < habits.tells_topics else frozenset[str]()
    spoken = rng.random()
    only, both = h.ONLY_SPANISH, h.ONLY_SPANISH + h.BILINGUAL
    languages = frozenset({"es"} if spoken < only else {"en", "es"} if spoken < both else {"en"})
    bed = round((h.BEDTIME + h.BEDTIME_SPREAD * rng.standard_normal()) * 2) % 48
    wake = (bed + round(h.SLEEP * 2)) % 48
    asleep = frozenset((bed + n) % 48 for n in range(round(h.SLEEP * 2)))
    tells = rng.random() < habits.tells_quiet
    cap = draw(h.CAPS, rng.random())
    there, own = rng.standard_normal(2)
    presence = math.exp(habits.presence_spread * there)
    shared = habits.presence_willing
    willing = _beta(_NORMAL.cdf(shared * there + math.sqrt(1 - shared**2) * own), habits)
    slowness = math.exp(habits.slowness_spread * rng.standard_normal())
    return Person(
        number=number,
        member=Member("web", "sim", f"m{number}" if moderator else f"v{number}"),
        moderator=moderator,
        kind=Kind.CLINICIAN if clinician else Kind.PARENT,
        topics=frozenset() if moderator else topics,
        languages=frozenset({"en", "es"}) if moderator else languages,
        zone=zone,
        asleep=asleep,
        bed=bed,
        wake=wake,
        tells_quiet=tells,
        cap=20 if moderator else cap,
        willing=habits.moderator_willing if moderator else willing,
        slowness=slowness,
        sees=1.0 if moderator else min(1.0, presence / habits.seen_from),
        unasked=min(presence * habits.unasked, habits.unasked_most),
        attended=_attention(zone, asleep, habits.attention_at_work, town.days + MARGIN),
    )


def _beta(chance: float, habits: Habits) -> float:
    """The value of the distribution of willingness below which that share of people lies."""
    shares = _beta_shares(habits.willing_a, habits.willing_b)
    return float(np.interp(chance, shares, np.linspace(0, 1, len(shares))))


@lru_cache(maxsize=16)
def _beta_shares(a: float, b: float) -> NDArray[np.float64]:
    steps = (np.arange(FINE) + 0.5) / FINE
    density = steps ** (a - 1) * (1 - steps) ** (b - 1)
    shares: NDArray[np.float64] = np.concatenate(([0.0], np.cumsum(density))) / density.sum()
    return shares


def _topics(rng: np.random.Generator) -> frozenset[str]:
    return frozenset(draw(h.TOPICS, rng.random()) for _ in range(1 + int(rng.random() * 3)))


def draw(choices: Sequence[tuple[T, float]], chance: float) -> T:
    """One of the choices by their weights; `chance` is uniform from 0 to 1."""
    left = chance * sum(weight for _, weight in choices)
    for choice, weight in choices:
        left -= weight
        if left < 0:
            return choice
    return choices[-1][0]


def _attention(zone: str, asleep: frozenset[int], at_work: float, days: int) -> tuple[float, ...]:
    total, summed = 0.0, [0.0]
    for half_hour, workday in _local(zone, days):
        rate = 0.0 if half_hour in asleep else at_work if workday and half_hour in WORK else 1.0
        total += rate * STEP / 60
        summed.append(total)
    return tuple(summed)


@lru_cache(maxsize=64)
def _local(zone: str, days: int) -> tuple[tuple[int, bool], ...]:
    """For each half hour of the simulation: which one it is there, and whether on a weekday."""
    there = ZoneInfo(zone)
    steps = int(days * DAY / STEP)
    moments = (START + timedelta(seconds=n * STEP) for n in range(steps))
    local = (moment.astimezone(there) for moment in moments)
    return tuple((m.hour * 2 + m.minute // 30, m.weekday() < 5) for m in local)
