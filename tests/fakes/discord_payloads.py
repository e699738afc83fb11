"""How things look on the project's own Discord, and what it does not take."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]

EPOCH = 1_420_070_400_000  # milliseconds: the first moment of Discord
BOT, GUILD = "900000000000000001", "100000000000000001"  # the application has the bot's id
ALICE, BEN, MODA = "300000000000000001", "300000000000000002", "300000000000000003"
GENERAL, HOSPITAL, QUESTIONS = "200000000000000001", "200000000000000002", "200000000000000003"
MODERATORS = "400000000000000001"
TEXT, DM, ANNOUNCEMENT, FORUM = 0, 1, 5, 15
PUBLIC_THREAD, PRIVATE_THREAD = 11, 12
EPHEMERAL = 64
EVERYTHING = str((1 << 50) - 1 - (1 << 3))  # but what an administrator has: overwrites would not count


class Refuses(Exception):  # noqa: N818 -- reads as what happened
    """Discord says no. `headers` and `more` go with a limit."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers: dict[str, str] = {}
        self.more: Json = {}


def invalid(where: str, why: str) -> Refuses:
    return Refuses(400, 50035, f"Invalid Form Body: {where}: {why}")


def application_of(owner: Json, flags: int) -> Json:
    known = {"id": BOT, "name": "winwin", "icon": None, "description": "", "bot_public": True, "flags": flags}
    return known | {"bot_require_code_grant": False, "verify_key": "0" * 64, "owner": owner, "team": None}


def user_of(user: str, name: str, *, bot: bool = False) -> Json:
    known = {"id": user, "username": name, "global_name": name.title(), "discriminator": "0", "bot": bot}
    return known | {"avatar": None, "public_flags": 0, "flags": 0}


def member_of(user: Json, roles: Iterable[str], joined: str) -> Json:
    known = {"user": user, "nick": None, "roles": list(roles), "joined_at": joined, "permissions": EVERYTHING}
    return known | {"deaf": False, "mute": False, "flags": 0, "pending": False}


def channel_of(channel: str, name: str, kind: int, position: int) -> Json:
    known: Json = {"id": channel, "type": kind, "name": name, "guild_id": GUILD, "position": position}
    known |= {"permission_overwrites": [], "parent_id": None, "nsfw": False, "topic": None, "flags": 0}
    known |= {"last_message_id": None, "rate_limit_per_user": 0, "default_auto_archive_duration": 1440}
    forum = {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
    return known | forum if kind == FORUM else known


def thread_of(thread: str, parent: str, name: str, kind: int, owner: str, made: str) -> Json:
    known: Json = {"id": thread, "type": kind, "name": name, "guild_id": GUILD, "parent_id": parent, "owner_id": owner}
    known |= {"message_count": 0, "member_count": 1, "last_message_id": None, "flags": 0, "total_message_sent": 0}
    meta = {"archived": False, "locked": False, "auto_archive_duration": 1440, "invitable": False}
    meta |= {"archive_timestamp": made, "create_timestamp": made}
    return known | {"rate_limit_per_user": 0, "applied_tags": [], "thread_metadata": meta}


def guild_of(joined: str) -> Json:
    known: Json = {"id": GUILD, "name": "Test", "owner_id": "300000000000000009", "unavailable": False, "icon": None}
    known |= {"emojis": [], "stickers": [], "features": ["COMMUNITY"], "presences": [], "voice_states": []}
    known |= {"stage_instances": [], "large": False, "joined_at": joined, "preferred_locale": "en-US"}
    known |= {"verification_level": 0, "nsfw_level": 0, "mfa_level": 0, "premium_tier": 0, "system_channel_flags": 0}
    return known | {"guild_scheduled_events": [], "default_message_notifications": 0, "soundboard_sounds": []}


def everyone() -> Json:
    return role(GUILD, "@everyone")


def role(role_id: str, name: str, permissions: str = EVERYTHING) -> Json:
    known = {"id": role_id, "name": name, "color": 0, "hoist": False, "position": 0, "permissions": permissions}
    return known | {"managed": False, "mentionable": False, "flags": 0, "colors": {"primary_color": 0}}


def checked(body: Mapping[str, Any], *, edit: bool = False) -> None:
    """Raises what Discord says to a message it does not take."""
    if len(body.get("content") or "") > 2000:
        raise invalid("content", "Must be 2000 or fewer in length.")
    something = any(body.get(k) for k in ("content", "embeds", "components", "attachments", "sticker_ids"))
    if not something and not edit:
        raise Refuses(400, 50006, "Cannot send an empty message")
    embeds = body.get("embeds") or []
    if len(embeds) > 10 or sum(len(json.dumps(e, ensure_ascii=False)) for e in embeds) > 9000:
        raise invalid("embeds", "Too long.")
    if any(len(e.get("description") or "") > 4096 or len(e.get("fields") or ()) > 25 for e in embeds):
        raise invalid("embeds", "Must be 4096 or fewer in length.")
    rows = body.get("components") or []
    if len(rows) > 5:
        raise invalid("components", "Must be 5 or fewer in length.")
    seen: set[str] = set()
    for part in parts_of(rows):
        custom = part.get("custom_id")
        if custom is not None and (not 1 <= len(custom) <= 100 or custom in seen):
            raise invalid("components", "custom_id: must be unique, 1 to 100 in length.")
        seen |= {custom} if custom else set()
        if part["type"] == 2 and len(part.get("label") or "") > 80:
            raise invalid("components", "label: Must be 80 or fewer in length.")
        if part["type"] == 3 and not 1 <= len(part.get("options") or ()) <= 25:
            raise invalid("components", "options: Must be between 1 and 25 in length.")


def parts_of(rows: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """Every component, with those inside others."""
    for row in rows:
        inner = row.get("components") or ([row["component"]] if "component" in row else [])
        if row["type"] == 1 and len(inner) > 5:
            raise invalid("components", "Must be 5 or fewer in length.")
        yield row
        yield from parts_of(inner)
