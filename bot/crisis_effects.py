"""Wishes of a crisis: the answer to it, the pages to those who watch, and what follows when it was none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnswerCrisis:
    """The fixed private reply with the local helplines."""

    alert: str


@dataclass(frozen=True, slots=True)
class PageSafety:
    """A link only, no text; `rung` 0 is the first page, later ones are repeats and the owner."""

    alert: str
    to: str
    rung: int


@dataclass(frozen=True, slots=True)
class ClosePage:
    alert: str
    to: str
    rung: int


@dataclass(frozen=True, slots=True)
class FoldPage:
    """A newer page stands: take the buttons off the ones before it, so that there is one live card per alert."""

    alert: str
    to: str
    rung: int  # of the newer one


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """It was no crisis: read the message again at its platform, and treat it like any other."""

    alert: str


@dataclass(frozen=True, slots=True)
class SaySorry:
    """Tell the author that the bot had misread them. `again`: their message is being handled now; else they are asked
    to write it once more."""

    alert: str
    to: str
    again: bool


CrisisEffect = AnswerCrisis | PageSafety | ClosePage | FoldPage | ReadAgain | SaySorry
