"""What an asker said in several messages, and questions that were asked together in one."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NAMES = ("question", "place_key", "platform", "space", "channel", "message", "thread", "thread_key", "text")


def upgrade() -> None:
    op.add_column("question", sa.Column("beside", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "part",
        *(sa.Column(name, sa.Text(), nullable=False) for name in NAMES),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("question", "place_key", name="pk_part"),
    )
    op.create_index("ix_part_thread", "part", ["thread_key"])
    op.create_index("ix_part_place", "part", ["place_key"])
