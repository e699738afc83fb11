"""Tables of what happened: alerts, engagement, the journal of questions, the audit log."""

from __future__ import annotations

from sqlalchemy import Index, Table

from adapters.storage.schema import at, key, metadata, number, only_where, word, words

alert = Table(
    "alert",
    metadata,
    key("id"),
    word("place", index=True),
    word("state"),
    at("deadline", optional=True),
    at("raised_at"),
    words("payload"),
)
Index("ix_alert_deadline", alert.c.deadline, **only_where("deadline IS NOT NULL"))
Index("ix_alert_open", alert.c.raised_at, **only_where("state IN ('open', 'taken')"))

engagement_event = Table(
    "engagement_event",
    metadata,
    number(),
    word("key", unique=True),
    word("behaviour"),
    word("member", index=True),
    at("at"),
    word("place"),
    word("resource"),
    word("question"),
)

journal = Table(
    "journal",
    metadata,
    number(),
    word("question", index=True),
    at("at"),
    word("event"),
    word("by"),
    word("before"),
    word("after"),
    word("why"),
)

audit = Table(
    "audit",
    metadata,
    number(),
    at("at"),
    words("actor"),
    words("action"),
    words("subject"),
    words("detail"),
    word("hash"),
    sqlite_autoincrement=True,
)
