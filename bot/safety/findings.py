"""What triage can find, and the two questions everybody asks of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """What a message may be. C codes are crises; the others are handled with care."""

    C1 = "C1"  # self-harm now: intent, plan, means, attempt, ingestion
    C2 = "C2"  # suicidal thoughts, self-injury, also somebody else's
    C3 = "C3"  # medical emergency
    C4 = "C4"  # child abuse, neglect, grooming
    C5 = "C5"  # threat to others
    M1 = "M1"  # dose, stop, start a medicine: for clinicians only
    M2 = "M2"  # a cure, advice to stop treatment: for moderators
    P1 = "P1"  # identifies a family: a private nudge to edit


class Speaker(StrEnum):
    """Whom a message is about; picks the wording of a reply."""

    SELF = "self"
    OTHER = "other"


CRISES = frozenset({Code.C1, Code.C2, Code.C3, Code.C4, Code.C5})
# What cannot wait comes first. C4 and C5 stand before C2, because a person other than the writer is in danger.
SEVERITY = (Code.C1, Code.C3, Code.C4, Code.C5, Code.C2, Code.M2, Code.M1, Code.P1)
DETECTOR_FAILED = "detector-failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One code, and the ids of the rules that say so. Never a word of the message."""

    code: Code
    speaker: Speaker
    rules: tuple[str, ...]


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same findings, most severe first."""
    return tuple(sorted(findings, key=lambda finding: SEVERITY.index(finding.code)))


def is_crisis(findings: Iterable[Finding]) -> bool:
    """Whether any of them must never be treated as a question."""
    return any(finding.code in CRISES for finding in findings)


def harmful(findings: Iterable[Finding]) -> bool:
    """A crisis, or talk of a cure: neither becomes a resource, nor a question by which one is found."""
    return any(finding.code in CRISES or finding.code is Code.M2 for finding in findings)


def without(findings: Iterable[Finding], rules: Iterable[str]) -> tuple[Finding, ...]:
    """What other rules than these have found."""
    left_out = set(rules)
    left = (Finding(f.code, f.speaker, tuple(r for r in f.rules if r not in left_out)) for f in findings)
    return tuple(f for f in left if f.rules) if left_out else tuple(findings)


def most_severe(findings: Iterable[Finding]) -> Finding | None:
    return next(iter(by_severity(findings)), None)
