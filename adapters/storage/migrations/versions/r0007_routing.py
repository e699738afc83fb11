"""Days away, what answers that helped say of a volunteer, and whom an asker does not want to hear from."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("away_first", "away_last"):
        op.add_column("volunteer", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("volunteer", sa.Column("learns", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("volunteer", sa.Column("thanks", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("volunteer", sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("channel", sa.Column("numbers", sa.Text(), nullable=False, server_default="[]"))
    op.create_table(
        "skill",
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("answer", name="pk_skill"),
    )
    op.create_index("ix_skill_member", "skill", ["member"])
    op.create_table(
        "block",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member", "other", name="pk_block"),
    )
    op.create_index("ix_block_other", "block", ["other"])
    passed = sa.text("result = 'passed'")
    op.create_index(
        "ix_assignment_passed", "assignment", ["member", "ended_at"], sqlite_where=passed, postgresql_where=passed
    )
