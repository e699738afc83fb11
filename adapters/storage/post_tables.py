"""Tables of work that waits: what came in, and what is to be said."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from adapters.storage.schema import at, count, flag, metadata, number, only_where, strings, whose, word, words

inbox = Table(
    "inbox",
    metadata,
    number(),
    word("key", unique=True),
    word("thread"),
    word("author"),
    flag("crisis"),
    strings("findings"),
    words("payload"),
    at("received_at"),
    at("due_at", optional=True),
    flag("leased"),
    whose("holder"),
    count("attempts"),
    at("handled_at", optional=True),
    at("parked_at", optional=True),
    words("error"),
    sqlite_autoincrement=True,
)
Index("ix_inbox_waiting", inbox.c.crisis.desc(), inbox.c.id, **only_where("due_at IS NOT NULL"))
Index("ix_inbox_waiting_thread", inbox.c.thread, inbox.c.id, **only_where("due_at IS NOT NULL"))
Index("ix_inbox_author", inbox.c.author, **only_where("author <> ''"))

outbox = Table(
    "outbox",
    metadata,
    number(),
    word("key", unique=True),
    word("lane"),
    word("platform"),
    word("about"),
    word("to_member"),
    word("kind"),
    words("payload"),
    at("created_at"),
    at("due_at", optional=True),
    flag("leased"),
    whose("holder"),
    count("attempts"),
    at("delivered_at", optional=True),
    at("parked_at", optional=True),
    at("dropped_at", optional=True),
    words("dropped"),
    words("error"),
    Column("posted_platform", Text),
    Column("posted_space", Text),
    Column("posted_channel", Text),
    Column("posted_message", Text),
    at("posted_at", optional=True),
    sqlite_autoincrement=True,
)
Index("ix_outbox_waiting", outbox.c.due_at, outbox.c.id, **only_where("due_at IS NOT NULL"))
Index("ix_outbox_waiting_lane", outbox.c.lane, outbox.c.id, **only_where("due_at IS NOT NULL"))
Index("ix_outbox_about", outbox.c.about, outbox.c.kind)
Index("ix_outbox_member", outbox.c.to_member, outbox.c.kind, outbox.c.created_at, **only_where("to_member <> ''"))
Index("ix_outbox_to", outbox.c.kind, outbox.c.created_at, **only_where("to_member <> ''"))
Index(
    "ix_outbox_message",
    outbox.c.posted_message,
    outbox.c.posted_channel,
    **only_where("posted_message IS NOT NULL"),
)
Index("ix_outbox_parked", outbox.c.parked_at, **only_where("parked_at IS NOT NULL"))
