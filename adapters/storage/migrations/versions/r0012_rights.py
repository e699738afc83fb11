"""Who was given which role and by whom, who asked to see the asker of a question without a name; and an audit log that
the database itself lets nobody change."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEPT = "the audit log is only added to"
SQLITE = "CREATE TRIGGER audit_kept_{when} BEFORE {when} ON audit BEGIN SELECT RAISE(ABORT, '{why}'); END"
FUNCTION = """
CREATE FUNCTION audit_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{why}'; END $$
"""
POSTGRESQL = "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_kept()"


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("member", "role", name="pk_appointment"),
    )
    op.create_table(
        "unmasking",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_unmasking"),
    )
    op.create_index("ix_unmasking_question", "unmasking", ["question"])
    due = sa.text("due_at IS NOT NULL")
    for table in ("appointment", "unmasking"):
        op.create_index(f"ix_{table}_due", table, ["due_at"], sqlite_where=due, postgresql_where=due)
    if op.get_bind().dialect.name == "sqlite":
        for when in ("UPDATE", "DELETE"):
            op.execute(SQLITE.format(when=when, why=KEPT))
    else:
        op.execute(FUNCTION.format(why=KEPT))
        op.execute(POSTGRESQL)
