"""Every number a community can set, with sane defaults and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any


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
    "offer_urgent": _between(_MINUTE, _DAY),
    "wait_for_peers": _between(timedelta(0), _DAY),
    "claim": _between(10 * _MINUTE, 7 * _DAY),
    "claim_urgent": _between(10 * _MINUTE, 7 * _DAY),
    "claim_warning": _between(_MINUTE, _DAY),
    "ask_helped_after": _between(_MINUTE, 7 * _DAY),
    "close_after": _between(_HOUR, 30 * _DAY),
    "reminder": _between(_HOUR, 7 * _DAY),
    "reminder_urgent": _between(_HOUR, 7 * _DAY),
    "ask_again_after": _between(timedelta(0), 30 * _DAY),
    "keep_text": _between(_DAY, 365 * _DAY),
    "nameless_pause": _between(timedelta(0), _DAY),
}
OFFERS = (1, 50)


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations are how long a step may last before the next one begins."""

    self_serve: timedelta = timedelta(minutes=10)  # the asker alone with the suggestion
    self_serve_urgent: timedelta = timedelta(minutes=2)
    offer: timedelta = timedelta(minutes=60)  # one volunteer has the card
    offer_urgent: timedelta = timedelta(minutes=15)
    wait_for_peers: timedelta = timedelta(hours=2)  # all asleep for longer: leads are asked; at once when it is urgent
    claim: timedelta = timedelta(hours=4)  # the lease of somebody who accepted
    claim_urgent: timedelta = timedelta(hours=1)
    claim_warning: timedelta = timedelta(minutes=30)  # warned this long before the lease ends
    ask_helped_after: timedelta = timedelta(hours=4)  # after an answer, the asker is asked once
    close_after: timedelta = timedelta(days=3)  # after that, silence is "unknown"
    reminder: timedelta = timedelta(days=1)  # moderators are reminded of an escalated question
    reminder_urgent: timedelta = timedelta(hours=3)
    ask_again_after: timedelta = timedelta(hours=12)  # nobody is asked twice about one question before
    keep_text: timedelta = timedelta(days=30)  # words are kept this long after a question is closed
    offers_per_question: int = 10  # people asked before clinicians and leads are
    lead_offers: int = 2  # of those, before moderators are told
    reminders: int = 7
    nameless_a_day: int = 3  # questions the bot posts for one person without their name; more stay in private
    nameless_pause: timedelta = timedelta(minutes=5)  # between two of them
    suggestions: int = 3  # resources shown at most
    speak_at: float = 0.0  # confidence at and above which everybody sees a suggestion; 0 means the fitted threshold
    whisper_at: float = 0.0  # the same where only the asker sees it, as "perhaps related"; never above speak_at
    need_at: float = 0.35  # probability at and above which a message counts as a question
    answer_at: float = 0.5  # probability at and above which a reply counts as an answer
    small_cell: int = 11  # reports hide counts of people under this

    def __post_init__(self) -> None:
        for name, bound in BOUNDS.items():
            value = getattr(self, name)
            if not bound["low"] <= value <= bound["high"]:
                raise PolicyError(f"{name} is {value}; choose between {bound['low']} and {bound['high']}.")
        least, most = OFFERS
        if not least <= self.offers_per_question <= most:
            raise PolicyError(f"offers_per_question is {self.offers_per_question}; choose between {least} and {most}.")
        if not 1 <= self.nameless_a_day <= 50:
            raise PolicyError(f"nameless_a_day is {self.nameless_a_day}; choose between 1 and 50.")
        if not 0 <= self.lead_offers <= 20:
            raise PolicyError(f"lead_offers is {self.lead_offers}; choose between 0 and 20.")
        if self.claim_warning >= self.claim:
            raise PolicyError("claim_warning must be shorter than claim.")
        if not 1 <= self.suggestions <= 3:
            raise PolicyError(f"suggestions is {self.suggestions}; choose between 1 and 3.")
        for name in ("speak_at", "whisper_at", "need_at", "answer_at"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise PolicyError(f"{name} is {getattr(self, name)}; choose between 0 and 1.")

    def offered_for(self, urgent: bool) -> timedelta:
        return min(self.offer, self.offer_urgent) if urgent else self.offer

    def alone_for(self, urgent: bool) -> timedelta:
        """How long the asker is left alone with what was suggested."""
        return min(self.self_serve, self.self_serve_urgent) if urgent else self.self_serve

    def warned_before(self, urgent: bool) -> timedelta:
        """How long before a claim ends its holder is warned: a quarter of it at most."""
        return min(self.claim_warning, self._claim(urgent) / 4) if urgent else self.claim_warning

    def lease(self, urgent: bool) -> timedelta:
        """How long somebody who accepted has until they are warned."""
        return self._claim(urgent) - self.warned_before(urgent)

    def reminded_after(self, urgent: bool) -> timedelta:
        return min(self.reminder, self.reminder_urgent) if urgent else self.reminder

    def _claim(self, urgent: bool) -> timedelta:
        return min(self.claim, self.claim_urgent) if urgent else self.claim


# What a channel may set for itself: (name, whether it is minutes)
LOCAL: dict[str, bool] = {"self_serve": True, "offer": True, "claim": True, "offers_per_question": False}


def local_bounds(name: str) -> tuple[int, int]:
    """The lowest and the highest a channel may set, as LOCAL counts it."""
    if not LOCAL[name]:
        return OFFERS
    return tuple(bound // _MINUTE for bound in (BOUNDS[name]["low"], BOUNDS[name]["high"]))  # type: ignore[return-value]


def local(policy: Policy, numbers: Mapping[str, int]) -> Policy:
    """The policy of a channel that set `numbers` (names of LOCAL). What else must fit to them is fitted."""
    known = {name: value for name, value in numbers.items() if name in LOCAL}
    if not known:
        return policy
    values: dict[str, Any] = {n: value * _MINUTE if LOCAL[n] else value for n, value in known.items()}
    if "claim" in values:
        values["claim_warning"] = min(policy.claim_warning, values["claim"] / 4)
    return replace(policy, **values)


def describe(policy: Policy) -> tuple[tuple[str, str], ...]:
    """Every setting with its value, for pages and `--json`."""
    return tuple((field.name, str(getattr(policy, field.name))) for field in fields(policy))
