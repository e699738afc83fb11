"""One-time links that sign a member in with a browser, and the browsers that are signed in: by their hashes only."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def moment(name: str) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "sign_in_link",
        text("hash"),
        text("member"),
        moment("made_at"),
        moment("until"),
        sa.Column("spent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_sign_in_link"),
    )
    op.create_index("ix_sign_in_link_member", "sign_in_link", ["member"])
    op.create_table(
        "browser_session",
        text("hash"),
        text("member"),
        moment("since"),
        moment("until"),
        sa.PrimaryKeyConstraint("hash", name="pk_browser_session"),
    )
    op.create_index("ix_browser_session_member", "browser_session", ["member"])
