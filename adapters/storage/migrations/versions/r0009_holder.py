"""Which process has a row of inbox or outbox in hand."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("inbox", "outbox"):
        op.add_column(table, sa.Column("holder", sa.Integer(), nullable=False, server_default="0"))
