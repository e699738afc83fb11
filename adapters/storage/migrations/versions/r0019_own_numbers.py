"""A community's own numbers for the confidence; and of each suggestion, by which model and numbers it was judged."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None


def number(name: str) -> "sa.Column[float]":
    return sa.Column(name, sa.Float(), nullable=False)


def upgrade() -> None:
    op.add_column("suggestion", sa.Column("shipped", sa.Float(), nullable=False, server_default="0"))
    op.add_column("suggestion", sa.Column("basis", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "calibration",
        sa.Column("basis", sa.Text(), nullable=False),
        number("rise"),
        number("fall"),
        number("shift"),
        number("silent_below"),
        number("sure_from"),
        sa.Column("presses", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("basis", name="pk_calibration"),
    )
