"""Answers that the bot brings over, and which channels everybody of their space may read."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answer", sa.Column("relay", sa.Text(), nullable=False, server_default=""))
    op.add_column("channel", sa.Column("public", sa.Boolean(), nullable=False, server_default=sa.false()))
