"""The tables of the local chat server."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "chat_channel",
        number("number"),
        text("id"),
        text("name"),
        text("purpose"),
        sa.PrimaryKeyConstraint("number", name="pk_chat_channel"),
        sa.UniqueConstraint("id", name="uq_chat_channel_id"),
    )
    op.create_table(
        "chat_post",
        number("id"),
        text("channel"),
        number("thread"),
        text("author"),
        text("text"),
        text("card"),
        text("only_for"),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        number("changed"),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chat_post"),
        sa.UniqueConstraint("key", name="uq_chat_post_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chat_post_changed", "chat_post", ["changed"])
    op.create_index("ix_chat_post_channel", "chat_post", ["channel", "id"])
    op.create_index("ix_chat_post_thread", "chat_post", ["thread", "id"])
    op.create_index("ix_chat_post_author", "chat_post", ["author"])
    unreported = sa.text("NOT reported")
    op.create_index(
        "ix_chat_post_unreported", "chat_post", ["id"], sqlite_where=unreported, postgresql_where=unreported
    )
    op.create_table(
        "chat_seen",
        text("member"),
        text("channel"),
        number("post"),
        sa.PrimaryKeyConstraint("member", "channel", name="pk_chat_seen"),
    )
