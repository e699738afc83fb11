"""The audit log's hash chain: each row's hash covers the row and the hash before it, so nothing can be changed,
taken out of the middle or put in unseen. Rows cut off at the end leave no trace in what is left: who keeps the last
hash elsewhere sees that too (`whole_up_to`). The database itself takes no change of a row (migration r0010)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC

from bot.community import Audit

START = "0" * 64


def link(before: str, entry: Audit) -> str:
    """The hash of a row: SHA-256 over the hash before it and the row as canonical JSON."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = json.dumps([at, entry.actor, entry.action, entry.subject, entry.detail], separators=(",", ":"))
    return hashlib.sha256(f"{before}{row}".encode()).hexdigest()


def first_broken(rows: Iterable[tuple[Audit, str]]) -> int | None:
    """The number (from 1) of the first row whose hash does not fit, or None."""
    before = START
    for number, (entry, found) in enumerate(rows, 1):
        before = link(before, entry)
        if before != found:
            return number
    return None


def head_of(rows: Sequence[tuple[Audit, str]]) -> str:
    """The hash of the last row: it stands for all of them."""
    return rows[-1][1] if rows else START


def whole_up_to(rows: Iterable[tuple[Audit, str]], head: str) -> bool:
    """Whether the rows that had this head are all still there; more may have come since."""
    return head == START or any(found == head for _, found in rows)
