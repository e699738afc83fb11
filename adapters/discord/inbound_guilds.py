"""What happens to servers, their channels and their members, as facts or as small values. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.discord.identity import channel_alone, channel_key, id_of, member_of, part, word
from adapters.discord.town import Kind, Site, Town, site_of, sites_in
from bot.events import BotInvited, BotRemoved, ChannelArchived, ChannelRenamed, MemberChanged, MemberJoined

MAX_NAME = 80
HEARD = (Kind.TEXT, Kind.FORUM)  # the channels in which people ask


@dataclass(frozen=True, slots=True)
class Event:
    """What is needed to read an event: see inbound.heard."""

    data: Mapping[str, Any]
    town: Town
    now: datetime
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The bot is on a server: it was invited, or has just connected. `greet` is the one channel where it may introduce
    itself without being a nuisance, empty where there is none."""

    guild: str
    name: str
    channels: tuple[Site, ...]
    greet: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """The bot was removed from a server."""

    guild: str


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """What the bot may see there may be different now: look again (see access_facts)."""

    guild: str


Here = MemberChanged | MemberJoined | ChannelRenamed | ChannelArchived | Arrived | Left | AccessChanged


def access_facts(
    guild: str, before: Collection[str], after: Collection[str], names: Mapping[str, str], now: datetime
) -> tuple[BotInvited | BotRemoved, ...]:
    """The channels that the bot can see now and could not before, and the other way round."""
    lost = [BotRemoved(channel_key(guild, c), now) for c in sorted(set(before) - set(after))]
    won = sorted(set(after) - set(before))
    return (*lost, *(BotInvited(channel_alone(guild, c), names.get(c, ""), None, now) for c in won))


# --- channels -------------------------------------------------------------------------------------------------


def channel_created(e: Event) -> tuple[Here, ...]:
    site = site_of(e.data, "", e.town)
    return (AccessChanged(site.guild),) if site is not None and site.kind in HEARD else ()


def channel_updated(e: Event) -> tuple[Here, ...]:
    """A new name is one if it was another before. What a category allows holds for its channels too."""
    site = site_of(e.data, "", e.town)
    if site is None or not site.guild:
        return ()
    known = e.town.site(site.id)
    looked: tuple[Here, ...] = (AccessChanged(site.guild),)
    if known is None or known.kind not in HEARD or not site.name or site.name == known.name:
        return looked
    return (ChannelRenamed(channel_key(site.guild, site.id), site.name, e.now), *looked)


def channel_deleted(e: Event) -> tuple[Here, ...]:
    site = site_of(e.data, "", e.town)
    if site is None or site.kind not in HEARD:
        return ()
    return (ChannelArchived(channel_key(site.guild, site.id), e.now),)


def roles_changed(e: Event) -> tuple[Here, ...]:
    guild = id_of(e.data.get("guild_id"))
    return (AccessChanged(guild),) if guild else ()


# --- servers --------------------------------------------------------------------------------------------------


def guild_created(e: Event) -> tuple[Here, ...]:
    guild = id_of(e.data.get("id"))
    if not guild or e.data.get("unavailable") is True:
        return ()
    channels = tuple(site for site in sites_in("GUILD_CREATE", e.data, e.town) if site.kind in HEARD)
    system = id_of(e.data.get("system_channel_id"))
    texts = [site.id for site in channels if site.kind is Kind.TEXT]
    greet = system if system in texts else next(iter(texts), "")
    name = " ".join(word(e.data.get("name")).split())[:MAX_NAME]
    return (Arrived(guild, name, channels, greet, word(e.data.get("preferred_locale"))),)


def guild_deleted(e: Event) -> tuple[Here, ...]:
    """A server that is not available has an outage: nobody removed the bot."""
    guild = id_of(e.data.get("id"))
    return (Left(guild),) if guild and not e.data.get("unavailable") else ()


# --- people ---------------------------------------------------------------------------------------------------


def name_of(user: Mapping[str, Any], member: Mapping[str, Any]) -> str:
    """As people see them there: the name they have on the server, their own, or their account's."""
    name = word(member.get("nick")) or word(user.get("global_name")) or word(user.get("username"))
    return " ".join(name.split())[:MAX_NAME]


def member_changed(
    member: Mapping[str, Any], guild: str, at: datetime, *, gone: bool = False, language: str = ""
) -> MemberChanged | None:
    """What Discord says of somebody on a server."""
    user = part(member.get("user"))
    who = id_of(user.get("id"))
    if not who or not guild:
        return None
    return MemberChanged(
        member_of(who, guild),
        "" if gone else name_of(user, member),
        "",
        language.partition("-")[0].lower(),
        deactivated=gone,
        guest=member.get("pending") is True,
        bot=user.get("bot") is True or user.get("system") is True,
        at=at,
    )


def member_added(e: Event) -> tuple[Here, ...]:
    """Somebody who comes back is no longer gone."""
    said = member_changed(e.data, id_of(e.data.get("guild_id")), e.now)
    if said is None or said.member.id == e.town.bot:
        return ()
    return (said,) if said.bot else (MemberJoined(said.member, said.name, "", e.now), said)


def member_updated(e: Event) -> tuple[Here, ...]:
    said = member_changed(e.data, id_of(e.data.get("guild_id")), e.now)
    if said is None:
        return ()
    return (AccessChanged(said.member.space),) if said.member.id == e.town.bot else (said,)


def member_removed(e: Event) -> tuple[Here, ...]:
    said = member_changed(e.data, id_of(e.data.get("guild_id")), e.now, gone=True)
    return (said,) if said is not None and said.member.id != e.town.bot else ()
