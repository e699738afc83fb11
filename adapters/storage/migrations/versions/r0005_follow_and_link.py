"""Followed topics, one-time codes that link two accounts, and the channel the digest goes to."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def moment(name: str) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.add_column("channel", sa.Column("digest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "follow",
        text("member"),
        text("topic"),
        moment("since"),
        sa.PrimaryKeyConstraint("member", "topic", name="pk_follow"),
    )
    op.create_table(
        "untold",
        text("member"),
        text("resource"),
        moment("noted_at"),
        sa.PrimaryKeyConstraint("member", "resource", name="pk_untold"),
    )
    op.create_table("follower", text("member"), moment("told_at"), sa.PrimaryKeyConstraint("member", name="pk_follower"))
    op.create_table(
        "link_code", text("hash"), text("member"), moment("until"), sa.PrimaryKeyConstraint("hash", name="pk_link_code")
    )
    op.create_index("ix_link_code_member", "link_code", ["member"])
    op.create_table(
        "link_try",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True),
        text("member"),
        moment("at"),
        sa.PrimaryKeyConstraint("id", name="pk_link_try"),
    )
    op.create_index("ix_link_try_member", "link_try", ["member"])
    op.create_table(
        "chat_picture",
        sa.Column("post", sa.Integer(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("post", name="pk_chat_picture"),
    )
