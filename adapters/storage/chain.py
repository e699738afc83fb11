"""The audit log's hash chain: each row's hash covers the row and the hash before it, so nothing can be changed,
taken out of the middle or put in unseen. (Rows cut off at the end leave no trace: keep the last hash elsewhere.)"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
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
