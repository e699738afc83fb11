"""Every table, on one `metadata`. Members' words stand only in the columns that WORDS names.

Rules this file keeps:
- A row that waits (inbox, outbox) has a `due_at`, the next moment at which somebody may take it; a lease moves that
  moment on, and a row that is done has none. So one partial index finds the work, however much is done already.
- SQLite takes a partial index only where the query says its condition literally: with text(), not with a parameter.
- Columns that the core's values hold are called as there; a module of its own (chat.py) may add tables to `metadata`.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, Table, Text

from adapters.storage.schema import PLACE as PLACE
from adapters.storage.schema import at, count, flag, key, number, only_where, place, strings, whose, word, words
from adapters.storage.schema import metadata as metadata

# Where words of members may stand: what retention and `forget` empty. (table, column)
WORDS: tuple[tuple[str, str], ...] = (
    ("inbox", "payload"),
    ("outbox", "payload"),
    ("question", "text"),
    ("answer", "text"),
    ("letter", "text"),
    ("suggestion", "title"),
    ("suggestion", "why"),
    ("draft", "payload"),
    ("resource", "payload"),
    ("resource_version", "payload"),
    ("member", "name"),
)

# --- work that waits ------------------------------------------------------------------------------------

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

# --- questions ------------------------------------------------------------------------------------------

question = Table(
    "question",
    metadata,
    key("id"),
    word("community"),
    *place(),
    word("thread_key"),
    word("asker"),
    word("asker_person"),
    words("text"),
    word("language"),
    strings("topics"),
    flag("medical"),
    flag("urgent"),
    flag("private"),
    at("asked_at"),
    word("status"),
    at("deadline", optional=True),
    strings("suggested"),
    count("round"),
    word("offered_to"),
    word("claimed_by"),
    flag("warned"),
    flag("asked_helped"),
    strings("answered_by"),
    at("answered_at", optional=True),
    count("reminders"),
    strings("told"),
    Column("outcome", Text),
    at("closed_at", optional=True),
    word("pseudonym"),
    word("handed_by"),
    word("earlier"),
    count("version"),
    whose("holder"),  # which process lets its deadline pass just now, and until when the others leave it that
    at("held_until", optional=True),
)
Index("ix_question_thread", question.c.thread_key, question.c.asked_at)
Index("ix_question_deadline", question.c.deadline, **only_where("deadline IS NOT NULL"))
Index("ix_question_asked_at", question.c.asked_at, question.c.id)
Index("ix_question_asker", question.c.asker)
Index("ix_question_offered_to", question.c.offered_to, **only_where("offered_to <> ''"))
Index("ix_question_claimed_by", question.c.claimed_by, **only_where("claimed_by <> ''"))
Index("ix_question_status", question.c.status, question.c.asked_at)
Index("ix_question_answered", question.c.answered_at, question.c.id, **only_where("answered_at IS NOT NULL"))
Index("ix_question_closed", question.c.closed_at, **only_where("closed_at IS NOT NULL"))

assignment = Table(
    "assignment",
    metadata,
    key("question"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    word("member"),
    word("result"),
    at("ended_at"),
)
Index("ix_assignment_passed", assignment.c.member, assignment.c.ended_at, **only_where("result = 'passed'"))

suggestion = Table(
    "suggestion",
    metadata,
    key("question"),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    word("resource"),
    words("title"),
    Column("score", Float, nullable=False),
    Column("confidence", Float, nullable=False),
    strings("why"),
    Column("shipped", Float, nullable=False),  # the confidence without a calibration of the community's own
    word("basis"),
)

answer = Table(
    "answer",
    metadata,
    key("place_key"),
    *place(),
    word("question", index=True),
    word("member", index=True),
    words("text"),
    Column("probability", Float, nullable=False),
    at("at"),
    word("relay"),
)

letter = Table(
    "letter",
    metadata,
    key("id"),
    word("question", index=True),
    word("member", index=True),
    words("text"),
    at("at"),
)

# --- people ---------------------------------------------------------------------------------------------

member = Table(
    "member",
    metadata,
    key(),
    word("person", index=True),
    words("name"),
    strings("roles"),
    word("language"),
    word("country"),
    word("time_zone"),
    flag("opted_out"),
    flag("staff"),
    flag("shares_answers"),
    at("joined_at", optional=True),
    flag("guest"),
    flag("bot"),
    flag("deactivated"),
    strings("badges"),  # what they are by roles of their platform
)

Index("ix_member_roles", member.c.roles, **only_where("roles <> '[]' OR badges <> '[]'"))
# The few who look after the community; each choice of whom to ask wants them.
LOOKING_AFTER = " OR ".join(
    f"{column} LIKE '%{role}%'" for role in ("moderator", "safety_lead", "owner") for column in ("roles", "badges")
)
Index("ix_member_looking_after", member.c.key, **only_where(LOOKING_AFTER))

trust = Table("trust", metadata, key(), key("role"), words("name"))  # roles of a platform, and what they stand for

appointment = Table(  # who was given a role, by whom, until when; `due_at`: when that is looked at next
    "appointment",
    metadata,
    key("member"),
    key("role"),
    word("by"),
    at("at"),
    word("proof"),
    at("until", optional=True),
    flag("reminded"),
    at("due_at", optional=True),
)

Index("ix_appointment_due", appointment.c.due_at, **only_where("due_at IS NOT NULL"))

unmasking = Table(  # who asked to see the asker of a question without a name
    "unmasking",
    metadata,
    key("id"),
    word("question", index=True),
    word("reason"),
    word("by"),
    at("asked_at"),
    word("state"),
    word("second"),
    at("settled_at", optional=True),
    at("due_at", optional=True),
)

Index("ix_unmasking_due", unmasking.c.due_at, **only_where("due_at IS NOT NULL"))

volunteer = Table(
    "volunteer",
    metadata,
    key("member"),
    word("kind"),
    strings("languages"),
    word("time_zone"),
    strings("quiet"),
    count("weekly_cap"),
    flag("paused"),
    word("away_first"),
    word("away_last"),
    flag("learns"),
    flag("thanks"),
    at("thanked_at", optional=True),
)

skill = Table(
    "skill",
    metadata,
    key("answer"),
    word("member", index=True),
    Column("vector", LargeBinary, nullable=False),
    at("at"),
)

block = Table("block", metadata, key("member"), key("other"), at("at"))
Index("ix_block_other", block.c.other)

volunteer_topic = Table("volunteer_topic", metadata, key("member"), key("topic"))

channel = Table(
    "channel",
    metadata,
    key(),
    word("name"),
    word("mode"),
    word("purpose"),
    word("language"),
    word("seen_to"),
    flag("welcomed"),
    flag("gone"),
    flag("digest"),
    strings("numbers"),
    flag("public"),
    word("answering"),
    strings("lacks"),
)

follow = Table("follow", metadata, key("member"), key("topic"), at("since"))

untold = Table("untold", metadata, key("member"), key("resource"), at("noted_at"))  # what followers are to be told

follower = Table("follower", metadata, key("member"), at("told_at"))  # when each was told last

link_code = Table("link_code", metadata, key("hash"), word("member", index=True), at("until"))

link_try = Table("link_try", metadata, number(), word("member", index=True), at("at"))

sign_in_link = Table(
    "sign_in_link", metadata, key("hash"), word("member", index=True), at("made_at"), at("until"), flag("spent")
)

browser_session = Table("browser_session", metadata, key("hash"), word("member", index=True), at("since"), at("until"))

# --- what the community knows ---------------------------------------------------------------------------

resource = Table("resource", metadata, key("id"), word("state"), count("version"), words("payload"))

resource_version = Table(
    "resource_version",
    metadata,
    key("resource"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    at("at"),
    words("payload"),
)

embedding = Table(
    "embedding",
    metadata,
    key("model"),
    key("hash"),
    Column("vector", LargeBinary, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    key("id"),
    word("question", index=True),
    word("author", index=True),
    word("state"),
    at("created_at"),
    words("payload"),
)

calibration = Table(  # the community's own numbers for the confidence
    "calibration",
    metadata,
    key("basis"),
    Column("rise", Float, nullable=False),
    Column("fall", Float, nullable=False),
    Column("shift", Float, nullable=False),
    Column("silent_below", Float, nullable=False),
    Column("sure_from", Float, nullable=False),
    count("presses"),
    at("at"),
)

# --- what happened --------------------------------------------------------------------------------------

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
