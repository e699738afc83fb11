"""Roles of a platform that the community trusts, what members are by them, and how a channel is answered."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ANY = "roles <> '[]' OR badges <> '[]'"


def upgrade() -> None:
    op.add_column("member", sa.Column("badges", sa.Text(), nullable=False, server_default="[]"))
    op.drop_index("ix_member_roles", "member")
    op.create_index("ix_member_roles", "member", ["roles"], sqlite_where=sa.text(ANY), postgresql_where=sa.text(ANY))
    op.create_table(
        "trust",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "role", name="pk_trust"),
    )
    op.add_column("channel", sa.Column("answering", sa.Text(), nullable=False, server_default="thread"))
    op.add_column("channel", sa.Column("lacks", sa.Text(), nullable=False, server_default="[]"))
