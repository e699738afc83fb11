"""Where words of members may stand: what retention and `forget` empty. (table, column)"""

from __future__ import annotations

WORDS: tuple[tuple[str, str], ...] = (
    ("inbox", "payload"),
    ("outbox", "payload"),
    ("question", "text"),
    ("answer", "text"),
    ("letter", "text"),
    ("part", "text"),
    ("suggestion", "title"),
    ("suggestion", "why"),
    ("draft", "payload"),
    ("resource", "payload"),
    ("resource_version", "payload"),
    ("member", "name"),
)
