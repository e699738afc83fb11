"""The few who look after the community are found without looking at all clinicians."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    few = sa.text(
        "roles LIKE '%moderator%' OR badges LIKE '%moderator%' OR roles LIKE '%safety_lead%' OR "
        "badges LIKE '%safety_lead%' OR roles LIKE '%owner%' OR badges LIKE '%owner%'"
    )
    op.create_index("ix_member_looking_after", "member", ["key"], sqlite_where=few, postgresql_where=few)
