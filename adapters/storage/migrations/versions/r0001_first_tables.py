"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def moment(name: str, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, MOMENT, nullable=nullable)


def flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean(), nullable=False)


def count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)


def where(condition: str) -> dict[str, Any]:
    """A partial index in both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "alert",
        text("id"),
        text("state"),
        moment("deadline", nullable=True),
        moment("raised_at"),
        text("payload"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index("ix_alert_deadline", "alert", ["deadline"], **where("deadline IS NOT NULL"))
    op.create_index("ix_alert_open", "alert", ["raised_at"], **where("state IN ('open', 'taken')"))
    op.create_table(
        "answer",
        text("place_key"),
        text("platform"),
        text("space"),
        text("channel"),
        text("message"),
        text("thread"),
        text("question"),
        text("member"),
        text("text"),
        sa.Column("probability", sa.Float(), nullable=False),
        moment("at"),
        sa.PrimaryKeyConstraint("place_key", name="pk_answer"),
    )
    op.create_index("ix_answer_member", "answer", ["member"])
    op.create_index("ix_answer_question", "answer", ["question"])
    op.create_table(
        "assignment",
        text("question"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        text("member"),
        text("result"),
        moment("ended_at"),
        sa.PrimaryKeyConstraint("question", "number", name="pk_assignment"),
    )
    op.create_table(
        "audit",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        moment("at"),
        text("actor"),
        text("action"),
        text("subject"),
        text("detail"),
        text("hash"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "channel",
        text("key"),
        text("name"),
        text("mode"),
        text("purpose"),
        text("language"),
        text("seen_to"),
        sa.PrimaryKeyConstraint("key", name="pk_channel"),
    )
    op.create_table(
        "draft",
        text("id"),
        text("question"),
        text("author"),
        text("state"),
        moment("created_at"),
        text("payload"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
    )
    op.create_index("ix_draft_author", "draft", ["author"])
    op.create_index("ix_draft_question", "draft", ["question"])
    op.create_table(
        "embedding",
        text("model"),
        text("hash"),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("model", "hash", name="pk_embedding"),
    )
    op.create_table(
        "engagement_event",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        text("key"),
        text("behaviour"),
        text("member"),
        moment("at"),
        text("place"),
        text("resource"),
        text("question"),
        sa.PrimaryKeyConstraint("id", name="pk_engagement_event"),
        sa.UniqueConstraint("key", name="uq_engagement_event_key"),
    )
    op.create_index("ix_engagement_event_member", "engagement_event", ["member"])
    op.create_table(
        "inbox",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        text("key"),
        text("thread"),
        text("author"),
        flag("crisis"),
        text("findings"),
        text("payload"),
        moment("received_at"),
        moment("due_at", nullable=True),
        flag("leased"),
        count("attempts"),
        moment("handled_at", nullable=True),
        moment("parked_at", nullable=True),
        text("error"),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("key", name="uq_inbox_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_author", "inbox", ["author"], **where("author <> ''"))
    op.create_index(
        "ix_inbox_waiting", "inbox", [sa.literal_column("crisis DESC"), "id"], **where("due_at IS NOT NULL")
    )
    op.create_index("ix_inbox_waiting_thread", "inbox", ["thread", "id"], **where("due_at IS NOT NULL"))
    op.create_table(
        "journal",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        text("question"),
        moment("at"),
        text("event"),
        text("by"),
        text("before"),
        text("after"),
        text("why"),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
    )
    op.create_index("ix_journal_question", "journal", ["question"])
    op.create_table(
        "member",
        text("key"),
        text("person"),
        text("name"),
        text("roles"),
        text("language"),
        text("country"),
        text("time_zone"),
        flag("opted_out"),
        flag("staff"),
        flag("shares_answers"),
        moment("joined_at", nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_member"),
    )
    op.create_index("ix_member_person", "member", ["person"])
    op.create_index("ix_member_roles", "member", ["roles"], **where("roles <> '[]'"))
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        text("key"),
        text("lane"),
        text("platform"),
        text("about"),
        text("to_member"),
        text("kind"),
        text("payload"),
        moment("created_at"),
        moment("due_at", nullable=True),
        flag("leased"),
        count("attempts"),
        moment("delivered_at", nullable=True),
        moment("parked_at", nullable=True),
        moment("dropped_at", nullable=True),
        text("dropped"),
        text("error"),
        sa.Column("posted_platform", sa.Text(), nullable=True),
        sa.Column("posted_space", sa.Text(), nullable=True),
        sa.Column("posted_channel", sa.Text(), nullable=True),
        sa.Column("posted_message", sa.Text(), nullable=True),
        moment("posted_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_about", "outbox", ["about", "kind"])
    op.create_index(
        "ix_outbox_message", "outbox", ["posted_message", "posted_channel"], **where("posted_message IS NOT NULL")
    )
    op.create_index("ix_outbox_parked", "outbox", ["parked_at"], **where("parked_at IS NOT NULL"))
    op.create_index("ix_outbox_to", "outbox", ["kind", "created_at"], **where("to_member <> ''"))
    op.create_index("ix_outbox_waiting", "outbox", ["due_at", "id"], **where("due_at IS NOT NULL"))
    op.create_index("ix_outbox_waiting_lane", "outbox", ["lane", "id"], **where("due_at IS NOT NULL"))
    op.create_table(
        "question",
        text("id"),
        text("community"),
        text("platform"),
        text("space"),
        text("channel"),
        text("message"),
        text("thread"),
        text("thread_key"),
        text("asker"),
        text("asker_person"),
        text("text"),
        text("language"),
        text("topics"),
        flag("medical"),
        flag("urgent"),
        flag("private"),
        moment("asked_at"),
        text("status"),
        moment("deadline", nullable=True),
        text("suggested"),
        count("round"),
        text("offered_to"),
        text("claimed_by"),
        flag("warned"),
        flag("asked_helped"),
        text("answered_by"),
        moment("answered_at", nullable=True),
        count("reminders"),
        text("told"),
        sa.Column("outcome", sa.Text(), nullable=True),
        moment("closed_at", nullable=True),
        count("version"),
        sa.PrimaryKeyConstraint("id", name="pk_question"),
    )
    op.create_index("ix_question_asked_at", "question", ["asked_at", "id"])
    op.create_index("ix_question_asker", "question", ["asker"])
    op.create_index("ix_question_claimed_by", "question", ["claimed_by"], **where("claimed_by <> ''"))
    op.create_index("ix_question_closed", "question", ["closed_at"], **where("closed_at IS NOT NULL"))
    op.create_index("ix_question_deadline", "question", ["deadline"], **where("deadline IS NOT NULL"))
    op.create_index("ix_question_offered_to", "question", ["offered_to"], **where("offered_to <> ''"))
    op.create_index("ix_question_status", "question", ["status", "asked_at"])
    op.create_index("ix_question_thread", "question", ["thread_key", "asked_at"])
    op.create_table(
        "resource",
        text("id"),
        text("state"),
        count("version"),
        text("payload"),
        sa.PrimaryKeyConstraint("id", name="pk_resource"),
    )
    op.create_table(
        "resource_version",
        text("resource"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        moment("at"),
        text("payload"),
        sa.PrimaryKeyConstraint("resource", "version", name="pk_resource_version"),
    )
    op.create_table(
        "suggestion",
        text("question"),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        text("resource"),
        text("title"),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        text("why"),
        sa.PrimaryKeyConstraint("question", "rank", name="pk_suggestion"),
    )
    op.create_table(
        "volunteer",
        text("member"),
        text("kind"),
        text("languages"),
        text("time_zone"),
        text("quiet"),
        count("weekly_cap"),
        flag("paused"),
        sa.PrimaryKeyConstraint("member", name="pk_volunteer"),
    )
    op.create_table(
        "volunteer_topic",
        text("member"),
        text("topic"),
        sa.PrimaryKeyConstraint("member", "topic", name="pk_volunteer_topic"),
    )


def downgrade() -> None:
    for table in (
        "alert",
        "answer",
        "assignment",
        "audit",
        "channel",
        "draft",
        "embedding",
        "engagement_event",
        "inbox",
        "journal",
        "member",
        "outbox",
        "question",
        "resource",
        "resource_version",
        "suggestion",
        "volunteer",
        "volunteer_topic",
    ):
        op.drop_table(table)
