"""What is asked when, and the dice of everybody about it: the same whatever way of finding somebody is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from statistics import NormalDist
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from adapters.simulator import habits as h
from adapters.simulator.habits import Town
from adapters.simulator.people import draw
from adapters.simulator.timing import START, seconds_of

_NORMAL = NormalDist()
TIMES = 4  # dice for somebody who is asked about one question again


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `at` is seconds after the start; `same_here` the moment of a reply that is no answer, if any."""

    number: int
    at: float
    topics: tuple[str, ...]
    language: str
    medical: bool
    urgent: bool
    same_here: float | None

    @property
    def text(self) -> str:
        return f"Question {self.number}: does anybody know?"


class Die(IntEnum):
    """What each number of somebody's dice about one question decides."""

    WILL = 0
    NOTICE = 1
    REFUSE = 2
    WRITE = 3
    FORGET = 4
    REMINDED = 5
    BOARD = 6
    LEAVE = 7
    UNASKED = 8
    UNASKED_WHEN = 9
    HELPED = 10
    ASKER = 11
    SEES = 12


class Dice:
    """One table of uniform numbers for each question: (person, time they are asked, Die)."""

    def __init__(self, seed: int, people: int) -> None:
        self._seed, self._people = seed, people
        self._tables: dict[int, NDArray[np.float64]] = {}

    def roll(self, question: int, person: int, die: Die, time: int = 0) -> float:
        table = self._tables.get(question)
        if table is None:
            rng = np.random.default_rng([self._seed, 3, question])
            table = self._tables[question] = rng.random((self._people, TIMES, len(Die)))
        return float(table[person, min(time, TIMES - 1), die])

    def bell(self, question: int, person: int, die: Die, time: int = 0) -> float:
        """Standard normal."""
        return _NORMAL.inv_cdf(min(max(self.roll(question, person, die, time), 1e-9), 1 - 1e-9))


def arrivals(town: Town, same_here: float, seed: int) -> tuple[Asked, ...]:
    """The questions of one seed, in the order they come: a Poisson number a day, by the local hour of who asks."""
    rng = np.random.default_rng([seed, 2])
    moments = [_moment(day, rng) for day in range(town.days) for _ in range(rng.poisson(town.questions_a_day))]
    return tuple(_asked(n, moment, same_here, rng) for n, moment in enumerate(sorted(moments)))


def _moment(day: int, rng: np.random.Generator) -> float:
    zone = ZoneInfo(draw(h.ZONES, rng.random()))
    hour = draw(tuple(enumerate(h.ASKED_BY_HOUR)), rng.random())
    midnight = (START + timedelta(days=day + 1)).replace(tzinfo=zone)  # a day in, so that nothing lies before the start
    return seconds_of(midnight + timedelta(hours=hour, seconds=float(rng.random()) * 3600))


def _asked(number: int, at: float, same_here: float, rng: np.random.Generator) -> Asked:
    chance = rng.random(6)
    return Asked(
        number,
        at,
        () if chance[0] < h.NO_TOPIC else (draw(h.TOPICS, float(chance[1])),),
        "es" if chance[2] < h.SPANISH else "en",
        bool(chance[3] < h.MEDICAL),
        bool(chance[4] < 0.1),
        at + float(rng.exponential(7200.0)) if chance[5] < same_here else None,
    )
