"""Every table, on one `metadata`. Members' words stand only in the columns that WORDS names.

Rules this file keeps:
- A row that waits (inbox, outbox) has a `due_at`, the next moment at which somebody may take it; a lease moves that
  moment on, and a row that is done has none. So one partial index finds the work, however much is done already.
- SQLite takes a partial index only where the query says its condition literally: with text(), not with a parameter.
- Columns that the core's values hold are called as there; a module of its own (chat.py) may add tables to `metadata`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text, text

from adapters.storage.columns import Moment, Strings, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Where words of members may stand: what retention and `forget` empty. (table, column)
WORDS: tuple[tuple[str, str], ...] = (
    ("inbox", "payload"),
    ("outbox", "payload"),
    ("question", "text"),
    ("answer", "text"),
    ("suggestion", "title"),
    ("suggestion", "why"),
    ("draft", "payload"),
    ("resource", "payload"),
    ("resource_version", "payload"),
    ("member", "name"),
)

PLACE = ("platform", "space", "channel", "message", "thread")  # the columns a bot.events.Place is kept in

_Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER column


def _number() -> Column[int]:
    return Column("id", _Number, primary_key=True, autoincrement=True)


def _key(name: str = "key") -> Column[str]:
    return Column(name, Text, primary_key=True)


def _word(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


def _words(name: str) -> Column[str]:
    return Column(name, Words, nullable=False)


def _list(name: str) -> Column[tuple[str, ...]]:
    return Column(name, Strings, nullable=False)


def _at(name: str, *, optional: bool = False) -> Column[Any]:
    return Column(name, Moment, nullable=optional)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _only_where(condition: str) -> dict[str, Any]:
    """A partial index in both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _place() -> list[Column[str]]:
    return [_word(name) for name in PLACE]


# --- work that waits ------------------------------------------------------------------------------------

inbox = Table(
    "inbox",
    metadata,
    _number(),
    _word("key", unique=True),
    _word("thread"),
    _word("author"),
    _flag("crisis"),
    _list("findings"),
    _words("payload"),
    _at("received_at"),
    _at("due_at", optional=True),
    _flag("leased"),
    _count("attempts"),
    _at("handled_at", optional=True),
    _at("parked_at", optional=True),
    _words("error"),
    sqlite_autoincrement=True,
)
Index("ix_inbox_waiting", inbox.c.crisis.desc(), inbox.c.id, **_only_where("due_at IS NOT NULL"))
Index("ix_inbox_waiting_thread", inbox.c.thread, inbox.c.id, **_only_where("due_at IS NOT NULL"))
Index("ix_inbox_author", inbox.c.author, **_only_where("author <> ''"))

outbox = Table(
    "outbox",
    metadata,
    _number(),
    _word("key", unique=True),
    _word("lane"),
    _word("platform"),
    _word("about"),
    _word("to_member"),
    _word("kind"),
    _words("payload"),
    _at("created_at"),
    _at("due_at", optional=True),
    _flag("leased"),
    _count("attempts"),
    _at("delivered_at", optional=True),
    _at("parked_at", optional=True),
    _at("dropped_at", optional=True),
    _words("dropped"),
    _words("error"),
    Column("posted_platform", Text),
    Column("posted_space", Text),
    Column("posted_channel", Text),
    Column("posted_message", Text),
    _at("posted_at", optional=True),
    sqlite_autoincrement=True,
)
Index("ix_outbox_waiting", outbox.c.due_at, outbox.c.id, **_only_where("due_at IS NOT NULL"))
Index("ix_outbox_waiting_lane", outbox.c.lane, outbox.c.id, **_only_where("due_at IS NOT NULL"))
Index("ix_outbox_about", outbox.c.about, outbox.c.kind)
Index("ix_outbox_to", outbox.c.kind, outbox.c.created_at, **_only_where("to_member <> ''"))
Index(
    "ix_outbox_message",
    outbox.c.posted_message,
    outbox.c.posted_channel,
    **_only_where("posted_message IS NOT NULL"),
)
Index("ix_outbox_parked", outbox.c.parked_at, **_only_where("parked_at IS NOT NULL"))

# --- questions ------------------------------------------------------------------------------------------

question = Table(
    "question",
    metadata,
    _key("id"),
    _word("community"),
    *_place(),
    _word("thread_key"),
    _word("asker"),
    _word("asker_person"),
    _words("text"),
    _word("language"),
    _list("topics"),
    _flag("medical"),
    _flag("urgent"),
    _flag("private"),
    _at("asked_at"),
    _word("status"),
    _at("deadline", optional=True),
    _list("suggested"),
    _count("round"),
    _word("offered_to"),
    _word("claimed_by"),
    _flag("warned"),
    _flag("asked_helped"),
    _list("answered_by"),
    _at("answered_at", optional=True),
    _count("reminders"),
    _list("told"),
    Column("outcome", Text),
    _at("closed_at", optional=True),
    _count("version"),
)
Index("ix_question_thread", question.c.thread_key, question.c.asked_at)
Index("ix_question_deadline", question.c.deadline, **_only_where("deadline IS NOT NULL"))
Index("ix_question_asked_at", question.c.asked_at, question.c.id)
Index("ix_question_asker", question.c.asker)
Index("ix_question_offered_to", question.c.offered_to, **_only_where("offered_to <> ''"))
Index("ix_question_claimed_by", question.c.claimed_by, **_only_where("claimed_by <> ''"))
Index("ix_question_status", question.c.status, question.c.asked_at)
Index("ix_question_closed", question.c.closed_at, **_only_where("closed_at IS NOT NULL"))

assignment = Table(
    "assignment",
    metadata,
    _key("question"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _word("member"),
    _word("result"),
    _at("ended_at"),
)

suggestion = Table(
    "suggestion",
    metadata,
    _key("question"),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    _word("resource"),
    _words("title"),
    Column("score", Float, nullable=False),
    Column("confidence", Float, nullable=False),
    _list("why"),
)

answer = Table(
    "answer",
    metadata,
    _key("place_key"),
    *_place(),
    _word("question", index=True),
    _word("member", index=True),
    _words("text"),
    Column("probability", Float, nullable=False),
    _at("at"),
)

# --- people ---------------------------------------------------------------------------------------------

member = Table(
    "member",
    metadata,
    _key(),
    _word("person", index=True),
    _words("name"),
    _list("roles"),
    _word("language"),
    _word("country"),
    _word("time_zone"),
    _flag("opted_out"),
    _flag("staff"),
    _flag("shares_answers"),
    _at("joined_at", optional=True),
)

Index("ix_member_roles", member.c.roles, **_only_where("roles <> '[]'"))

volunteer = Table(
    "volunteer",
    metadata,
    _key("member"),
    _word("kind"),
    _list("languages"),
    _word("time_zone"),
    _list("quiet"),
    _count("weekly_cap"),
    _flag("paused"),
)

volunteer_topic = Table("volunteer_topic", metadata, _key("member"), _key("topic"))

channel = Table(
    "channel",
    metadata,
    _key(),
    _word("name"),
    _word("mode"),
    _word("purpose"),
    _word("language"),
    _word("seen_to"),
)

# --- what the community knows ---------------------------------------------------------------------------

resource = Table("resource", metadata, _key("id"), _word("state"), _count("version"), _words("payload"))

resource_version = Table(
    "resource_version",
    metadata,
    _key("resource"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _at("at"),
    _words("payload"),
)

embedding = Table(
    "embedding",
    metadata,
    _key("model"),
    _key("hash"),
    Column("vector", LargeBinary, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    _key("id"),
    _word("question", index=True),
    _word("author", index=True),
    _word("state"),
    _at("created_at"),
    _words("payload"),
)

# --- what happened --------------------------------------------------------------------------------------

alert = Table(
    "alert", metadata, _key("id"), _word("state"), _at("deadline", optional=True), _at("raised_at"), _words("payload")
)
Index("ix_alert_deadline", alert.c.deadline, **_only_where("deadline IS NOT NULL"))
Index("ix_alert_open", alert.c.raised_at, **_only_where("state IN ('open', 'taken')"))

engagement_event = Table(
    "engagement_event",
    metadata,
    _number(),
    _word("key", unique=True),
    _word("behaviour"),
    _word("member", index=True),
    _at("at"),
    _word("place"),
    _word("resource"),
    _word("question"),
)

journal = Table(
    "journal",
    metadata,
    _number(),
    _word("question", index=True),
    _at("at"),
    _word("event"),
    _word("by"),
    _word("before"),
    _word("after"),
    _word("why"),
)

audit = Table(
    "audit",
    metadata,
    _number(),
    _at("at"),
    _words("actor"),
    _words("action"),
    _words("subject"),
    _words("detail"),
    _word("hash"),
    sqlite_autoincrement=True,
)
