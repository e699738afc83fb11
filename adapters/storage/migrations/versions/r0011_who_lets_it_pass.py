"""Which process lets the deadline of a question pass: several of them share what is due."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("question", sa.Column("holder", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("question", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
