"""Slack's installations, for one bot in many workspaces: the tables of slack_sdk's own stores."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def text(name: str, length: int, nullable: bool = True) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=nullable)


def moment(name: str, nullable: bool = True) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(), nullable=nullable)


def number() -> "sa.Column[int]":
    return sa.Column("id", sa.Integer(), autoincrement=True, nullable=False)


def upgrade() -> None:
    op.create_table(
        "slack_bots",
        number(),
        text("client_id", 32, False),
        text("app_id", 32, False),
        text("enterprise_id", 32),
        text("enterprise_name", 200),
        text("team_id", 32),
        text("team_name", 200),
        text("bot_token", 200),
        text("bot_id", 32),
        text("bot_user_id", 32),
        text("bot_scopes", 1000),
        text("bot_refresh_token", 200),
        moment("bot_token_expires_at"),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        moment("installed_at", False),
        sa.PrimaryKeyConstraint("id", name="pk_slack_bots"),
    )
    op.create_index("slack_bots_idx", "slack_bots", ["client_id", "enterprise_id", "team_id", "installed_at"])
    op.create_table(
        "slack_installations",
        number(),
        text("client_id", 32, False),
        text("app_id", 32, False),
        text("enterprise_id", 32),
        text("enterprise_name", 200),
        text("enterprise_url", 200),
        text("team_id", 32),
        text("team_name", 200),
        text("bot_token", 200),
        text("bot_id", 32),
        text("bot_user_id", 32),
        text("bot_scopes", 1000),
        text("bot_refresh_token", 200),
        moment("bot_token_expires_at"),
        text("user_id", 32, False),
        text("user_token", 200),
        text("user_scopes", 1000),
        text("user_refresh_token", 200),
        moment("user_token_expires_at"),
        text("incoming_webhook_url", 200),
        text("incoming_webhook_channel", 200),
        text("incoming_webhook_channel_id", 200),
        text("incoming_webhook_configuration_url", 200),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        text("token_type", 32),
        moment("installed_at", False),
        sa.PrimaryKeyConstraint("id", name="pk_slack_installations"),
    )
    op.create_index(
        "slack_installations_idx",
        "slack_installations",
        ["client_id", "enterprise_id", "team_id", "user_id", "installed_at"],
    )
    op.create_table(
        "slack_oauth_states",
        number(),
        text("state", 200, False),
        moment("expire_at", False),
        sa.PrimaryKeyConstraint("id", name="pk_slack_oauth_states"),
    )
