"""Where the message of an alert stands, as a column: a reply asks whether people look after what stands there."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("place", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_alert_place", "alert", ["place"])
    alert = sa.table("alert", sa.column("id"), sa.column("place"), sa.column("payload"))
    link = op.get_bind()
    for row in link.execute(sa.select(alert.c.id, alert.c.payload)).all():
        place = json.loads(row.payload)[1]["place"]
        key = ":".join(place[part] for part in ("platform", "space", "channel", "message"))
        link.execute(alert.update().where(alert.c.id == row.id).values(place=key))
