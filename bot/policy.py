"""Every number a community can set, with sane defaults and bounds."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum


class Mode(StrEnum):
    """What a channel does with a question."""

    OFF = "off"  # nothing at all (triage still runs)
    MENTION = "mention"  # only when the bot is mentioned
    HINT = "hint"  # a suggestion that only the asker sees
    THREAD = "thread"  # a suggestion in the thread


class Answering(StrEnum):
    """Where what everybody sees stands, under a question in a channel."""

    THREAD = "thread"  # in a thread on it
    REPLY = "reply"  # in the channel itself, as a reply to it


class PolicyError(ValueError):
    """A number is out of its bounds; the message names it and says what is allowed."""


def _between(low: timedelta, high: timedelta) -> dict[str, timedelta]:
    return {"low": low, "high": high}


_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

BOUNDS: dict[str, dict[str, timedelta]] = {
    "self_serve": _between(timedelta(0), _DAY),
    "self_serve_urgent": _between(timedelta(0), _DAY),
    "offer": _between(_MINUTE, _DAY),
    "claim": _between(10 * _MINUTE, 7 * _DAY),
    "claim_warning": _between(_MINUTE, _DAY),
    "ask_helped_after": _between(_MINUTE, 7 * _DAY),
    "close_after": _between(_HOUR, 30 * _DAY),
    "reminder": _between(_HOUR, 7 * _DAY),
    "ask_again_after": _between(timedelta(0), 30 * _DAY),
    "keep_text": _between(_DAY, 365 * _DAY),
    "nameless_pause": _between(timedelta(0), _DAY),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations are how long a step may last before the next one begins."""

    self_serve: timedelta = timedelta(minutes=10)  # the asker alone with the suggestion
    self_serve_urgent: timedelta = timedelta(minutes=2)
    offer: timedelta = timedelta(minutes=20)  # one volunteer has the card
    claim: timedelta = timedelta(hours=4)  # the lease of somebody who accepted
    claim_warning: timedelta = timedelta(minutes=30)  # warned this long before the lease ends
    ask_helped_after: timedelta = timedelta(hours=4)  # after an answer, the asker is asked once
    close_after: timedelta = timedelta(days=3)  # after that, silence is "unknown"
    reminder: timedelta = timedelta(days=1)  # moderators are reminded of an escalated question
    ask_again_after: timedelta = timedelta(hours=12)  # nobody is asked twice about one question before
    keep_text: timedelta = timedelta(days=30)  # words are kept this long after a question is closed
    offers_per_question: int = 5  # people asked before moderators are told
    reminders: int = 7
    nameless_a_day: int = 3  # questions the bot posts for one person without their name; more stay in private
    nameless_pause: timedelta = timedelta(minutes=5)  # between two of them
    suggestions: int = 3  # resources shown at most
    speak_at: float = 0.0  # confidence at and above which a suggestion is shown; 0 means the fitted threshold
    need_at: float = 0.35  # probability at and above which a message counts as a question
    answer_at: float = 0.5  # probability at and above which a reply counts as an answer
    small_cell: int = 11  # reports hide counts of people under this

    def __post_init__(self) -> None:
        for name, bound in BOUNDS.items():
            value = getattr(self, name)
            if not bound["low"] <= value <= bound["high"]:
                raise PolicyError(f"{name} is {value}; choose between {bound['low']} and {bound['high']}.")
        if not 1 <= self.offers_per_question <= 50:
            raise PolicyError(f"offers_per_question is {self.offers_per_question}; choose between 1 and 50.")
        if not 1 <= self.nameless_a_day <= 50:
            raise PolicyError(f"nameless_a_day is {self.nameless_a_day}; choose between 1 and 50.")
        if self.claim_warning >= self.claim:
            raise PolicyError("claim_warning must be shorter than claim.")
        if not 1 <= self.suggestions <= 3:
            raise PolicyError(f"suggestions is {self.suggestions}; choose between 1 and 3.")
        for name in ("speak_at", "need_at", "answer_at"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise PolicyError(f"{name} is {getattr(self, name)}; choose between 0 and 1.")


def describe(policy: Policy) -> tuple[tuple[str, str], ...]:
    """Every setting with its value, for pages and `--json`."""
    return tuple((field.name, str(getattr(policy, field.name))) for field in fields(policy))
