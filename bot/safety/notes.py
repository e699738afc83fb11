"""Findings of triage as short strings, so that an inbox row can carry them without any words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.safety.findings import Code, Finding, Speaker


def to_strings(findings: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(f"{f.code}/{f.speaker}/{'+'.join(f.rules)}" for f in findings)


def from_strings(rows: Sequence[str]) -> tuple[Finding, ...]:
    parts = (row.split("/", 2) for row in rows)
    return tuple(Finding(Code(code), Speaker(speaker), tuple(rules.split("+"))) for code, speaker, rules in parts)
