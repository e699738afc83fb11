"""Which earlier question somebody was led to; and those that were answered, in order of that moment."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("question", sa.Column("earlier", sa.Text(), nullable=False, server_default=""))
    answered = sa.text("answered_at IS NOT NULL")
    op.create_index(
        "ix_question_answered",
        "question",
        ["answered_at", "id"],
        sqlite_where=answered,
        postgresql_where=answered,
    )
