"""Roles of a server: their keys, which of them can be trusted, and what events and forms say of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.discord.identity import PLATFORM, id_of, part, parts, word
from bot.community import Trust
from bot.events import RoleChanged

UNTRUSTED = "untrusted"  # the value of the form ROLES in which the names of those stand that can't be chosen
IN_PROMPT = 1  # the flag of a role that members give themselves in a server's onboarding
TELLING = frozenset({"MESSAGE_CREATE", "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE"})  # events that say somebody's roles


@dataclass(frozen=True, slots=True)
class Worn:
    """The roles of somebody on a server, by their keys."""

    guild: str
    user: str
    roles: tuple[str, ...]


def space_of(guild: str) -> str:
    return f"{PLATFORM}:{guild}"


def role_key(guild: str, role: str) -> str:
    return f"{space_of(guild)}:{role}"


def roles_in(member: Mapping[str, Any], guild: str) -> tuple[str, ...] | None:
    """The keys of a member's roles; None where it is not said. Everybody has @everyone, and it is never told."""
    told = member.get("roles")
    if not isinstance(told, list) or not guild:
        return None
    return tuple(role_key(guild, role) for role in map(id_of, told) if role and role != guild)


def worn(name: str, data: Mapping[str, Any]) -> Worn | None:
    """What an event says of somebody's roles. Programs have none that count."""
    if name not in TELLING or data.get("webhook_id"):
        return None
    member = part(data.get("member")) if name == "MESSAGE_CREATE" else data
    user = part(data.get("author")) if name == "MESSAGE_CREATE" else part(data.get("user"))
    guild, who = id_of(data.get("guild_id")), id_of(user.get("id"))
    roles = roles_in(member, guild)
    if roles is None or not who or user.get("bot") or user.get("system"):
        return None
    return Worn(guild, who, roles)


def trustable(role: Mapping[str, Any], guild: str) -> bool:
    """Not what everybody has, what belongs to a program or a subscription, or what members choose for themselves when
    they arrive."""
    flags = role.get("flags")
    self_chosen = isinstance(flags, int) and bool(flags & IN_PROMPT)
    given = role.get("managed") is not True and not role.get("tags") and not self_chosen
    return given and id_of(role.get("id")) not in ("", guild)


def chosen(ids: Iterable[str], resolved: Mapping[str, Any], guild: str) -> tuple[str, str]:
    """(the roles that were chosen in a form, a line `key name` each; the names of those that can't be trusted)."""
    good, refused = [], []
    roles = part(resolved.get("roles"))
    for role in ids:
        found = part(roles.get(role))
        name = " ".join(word(found.get("name")).split()) or role
        if trustable(found, guild):
            good.append(f"{role_key(guild, role)} {name}")
        else:
            refused.append(name)
    return "\n".join(good), "\n".join(refused)


def changes(name: str, data: Mapping[str, Any], trusts: Iterable[Trust], now: datetime) -> list[RoleChanged]:
    """What an event says of roles that are trusted: deleted, no longer to be trusted, called otherwise, or on a server
    that the bot has left."""
    guild = id_of(data.get("id" if name in ("GUILD_CREATE", "GUILD_DELETE") else "guild_id"))
    own = [t for t in trusts if guild and t.space == space_of(guild)]
    if not own:
        return []
    there: dict[str, str] = {}
    match name:
        case "GUILD_DELETE" if not data.get("unavailable"):
            pass
        case "GUILD_ROLE_DELETE":
            own = [t for t in own if t.key == role_key(guild, id_of(data.get("role_id")))]
        case "GUILD_ROLE_UPDATE":
            there = _named([part(data.get("role"))], guild)
            own = [t for t in own if t.key == role_key(guild, id_of(part(data.get("role")).get("id")))]
        case "GUILD_CREATE" if isinstance(data.get("roles"), list) and not data.get("unavailable"):
            there = _named(parts(data.get("roles")), guild)
        case _:
            return []
    keys = dict.fromkeys(t.key for t in own)
    ended = [RoleChanged(key, "", gone=True, at=now) for key in keys if key not in there]
    other = dict.fromkeys(t.key for t in own if there.get(t.key, t.name) != t.name)
    return [*ended, *(RoleChanged(key, there[key], gone=False, at=now) for key in other)]


def _named(roles: Iterable[Mapping[str, Any]], guild: str) -> dict[str, str]:
    good = [role for role in roles if trustable(role, guild)]
    return {role_key(guild, id_of(role.get("id"))): " ".join(word(role.get("name")).split()) for role in good}
