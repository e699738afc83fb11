"""Questions without a name, letters through the bot, hand-overs; what platforms say of members and channels."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NEW_FLAGS = (("member", "guest"), ("member", "bot"), ("member", "deactivated"), ("channel", "welcomed"), ("channel", "gone"))


def upgrade() -> None:
    for name in ("pseudonym", "handed_by"):
        op.add_column("question", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for table, name in NEW_FLAGS:
        op.add_column(table, sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "letter",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "question", "member", "text")),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
    )
    op.create_index("ix_letter_question", "letter", ["question"])
    op.create_index("ix_letter_member", "letter", ["member"])
