"""What the bot asks a server for: the invite link, the permissions and why, and which of them a channel lacks. Pure.

Discord's own way of reckoning: what everybody and the bot's roles may, then what the channel denies and allows to
everybody, to the roles together, and to the bot itself. Whoever owns the server or is an administrator may everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from adapters.discord.identity import id_of, part, parts, word

AUTHORIZE = "https://discord.com/oauth2/authorize"
SCOPES = ("bot", "applications.commands")

TEXT, VOICE, ANNOUNCEMENT, STAGE, FORUM, MEDIA = 0, 2, 5, 13, 15, 16  # Discord's numbers for the types of channel
ASKED_IN = frozenset({TEXT, VOICE, ANNOUNCEMENT, STAGE, FORUM, MEDIA})  # as in town: people write there
SPOKEN = frozenset({VOICE, STAGE})  # what is written beside them has no threads
_POSTS = frozenset({FORUM, MEDIA})  # a post is a thread, begun with the permission to send
_EVERYWHERE = ASKED_IN

ADMINISTRATOR = 1 << 3
_ALL = (1 << 64) - 1
_UNTIL_TIMED_OUT = 1 << 10 | 1 << 16  # somebody in time-out may look and read


@dataclass(frozen=True, slots=True)
class Permission:
    """`name` is Discord's own, as a server's settings show it. `kinds`: the channels in which it is needed."""

    name: str
    bit: int
    why: str
    kinds: frozenset[int] = _EVERYWHERE


VIEW = Permission("View Channels", 1 << 10, "to hear what is asked; a channel that it cannot view is left alone")
SEND = Permission(
    "Send Messages and Create Posts",
    1 << 11,
    "to answer where there can be no thread, and to post what is asked without a name",
)
IN_THREADS = Permission(
    "Send Messages in Threads and Posts", 1 << 38, "to suggest in the thread of the question", _EVERYWHERE - SPOKEN
)
PUBLIC_THREADS = Permission(
    "Create Public Threads", 1 << 35, "to start the thread on the question", frozenset({TEXT, ANNOUNCEMENT})
)
PRIVATE_THREADS = Permission(
    "Create Private Threads", 1 << 36, "to reach in private somebody who takes no direct messages", frozenset({TEXT})
)
TAGS = Permission("Manage Threads and Posts", 1 << 34, "to set the forum's own tag *solved* on a post", _POSTS)
EMBEDS = Permission("Embed Links", 1 << 14, "to show a resource as a card")
FILES = Permission("Attach Files", 1 << 15, "for the picture of the week in numbers")
HISTORY = Permission("Read Message History", 1 << 16, "to read up on what it missed, and to answer by reference")

NEEDED = (VIEW, SEND, IN_THREADS, PUBLIC_THREADS, PRIVATE_THREADS, TAGS, EMBEDS, FILES, HISTORY)
BITS = sum(permission.bit for permission in NEEDED)


def invite_link(application: str) -> str:
    """Where somebody who may manage a server puts the bot into it, with these permissions and no others."""
    asked = {"client_id": application, "scope": " ".join(SCOPES), "permissions": str(BITS)}
    return f"{AUTHORIZE}?{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody is on a server: `base` is what their roles together allow there."""

    guild: str
    user: str
    roles: frozenset[str]
    base: int
    timed_out: bool = False


def standing(guild: Mapping[str, Any], member: Mapping[str, Any], now: datetime) -> Standing:
    """From a server and a member of it, as Discord describes them."""
    server, user = id_of(guild.get("id")), id_of(part(member.get("user")).get("id"))
    given = member.get("roles")
    roles = frozenset(filter(None, map(id_of, given if isinstance(given, list) else ())))
    base = 0
    for role in parts(guild.get("roles")):
        if id_of(role.get("id")) in roles | {server}:
            base |= _bits(role.get("permissions"))
    if (user and id_of(guild.get("owner_id")) == user) or base & ADMINISTRATOR:
        base = _ALL
    return Standing(server, user, roles, base, _timed_out(member, now))


def allowed(who: Standing, overwrites: object) -> int:
    """What somebody may do in a channel with these overwrites, as bits."""
    if who.base & ADMINISTRATOR:
        return _ALL
    everyone = roles = own = (0, 0)
    for one in parts(overwrites):
        whose, bits = id_of(one.get("id")), (_bits(one.get("deny")), _bits(one.get("allow")))
        for_member = one.get("type") in (1, "1", "member")
        if for_member and whose == who.user:
            own = bits
        elif not for_member and whose == who.guild:
            everyone = bits
        elif not for_member and whose in who.roles:
            roles = (roles[0] | bits[0], roles[1] | bits[1])
    may = who.base
    for deny, allow in (everyone, roles, own):
        may = may & ~deny | allow
    return _implied(may & _UNTIL_TIMED_OUT if who.timed_out else may)


def _implied(may: int) -> int:
    """Who cannot view a channel can do nothing there; who cannot send, sends no cards and files either."""
    if not may & VIEW.bit:
        return 0
    return may if may & SEND.bit else may & ~(EMBEDS.bit | FILES.bit)


def missing(who: Standing, channel: Mapping[str, Any]) -> tuple[Permission, ...]:
    """What the bot needs in a channel and does not have. A channel that it cannot view lacks everything."""
    may, kind = allowed(who, channel.get("permission_overwrites")), channel.get("type")
    return tuple(p for p in NEEDED if kind in p.kinds and not may & p.bit)


def _bits(value: object) -> int:
    """Discord writes them as a word, because they are many."""
    found = id_of(value)
    return int(found) if found else 0


def _timed_out(member: Mapping[str, Any], now: datetime) -> bool:
    try:
        until = datetime.fromisoformat(word(member.get("communication_disabled_until")))
    except ValueError:
        return False
    return until.tzinfo is not None and until > now
