"""What one member was sent lately is found without looking at what everybody was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sent = sa.text("to_member <> ''")
    columns = ["to_member", "kind", "created_at"]
    op.create_index("ix_outbox_member", "outbox", columns, sqlite_where=sent, postgresql_where=sent)
