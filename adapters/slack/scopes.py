"""What the bot asks Slack for, and what it wants to hear. The app's manifest beside this file says the same; a test
compares them."""

from __future__ import annotations

from pathlib import Path

MANIFEST = Path(__file__).with_name("manifest.yaml")  # what the Slack app is made from
SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "users:read",
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_left",
    "channel_rename",
    "group_archive",
    "group_left",
    "group_rename",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "team_join",
    "tokens_revoked",
    "user_change",
)
