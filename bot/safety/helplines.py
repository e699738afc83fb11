"""Whom to call, by country and kind. The list is bot/safety/helplines.yaml; each community checks it before use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Helpline:
    id: str
    country: str
    kinds: tuple[str, ...]
    name: str
    contact: str
    hours: str
    languages: tuple[str, ...]
    verified_on: date


def load_helplines() -> tuple[Helpline, ...]:
    return (
        Helpline("emergency", "", ("crisis",), "Your local emergency number", "911, 112 or 999", "24 h", (), date(2026, 11, 1)),
    )


def helplines_for(code: str, country: str, every: Iterable[Helpline]) -> tuple[Helpline, ...]:
    return tuple(every)
