"""From an event of Discord's gateway to facts of the core, or to small values that say what to look at. Pure.

What is unknown or malformed is nothing at all, never an exception: Discord may send what this file has never seen. So
is what happens in a channel that the town does not know: whoever calls asks Discord for it first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from adapters.discord import inbound_guilds as guilds
from adapters.discord.identity import id_of, made_at, member_of, part, parts, place_of, word
from adapters.discord.inbound_guilds import AccessChanged, Arrived, Event, Left
from adapters.discord.markup import mentions, plain
from adapters.discord.town import Kind, Site, Town
from bot.events import MessageDeleted, MessageEdited, MessagePosted, Place, PlatformEvent

SAID = frozenset({0, 19})  # the types in which a person says something: a message, and a reply to one
ELSEWHERE = 1  # the type of a reference that is no reply but a message passed on
_CHANNEL = re.compile(r"<#(\d{1,20})>")

Heard = PlatformEvent | Arrived | Left | AccessChanged


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a message stands, and in which kind of conversation."""

    place: Place
    site: Site | None
    direct: bool = False


def heard(name: str, data: object, town: Town, now: datetime, thread: str = "") -> tuple[Heard, ...]:
    """What an event reports. `town` is as it was before it. `thread` is the question that the message belongs to by
    reference, where whoever calls has found one (see refers_to)."""
    reader = _READERS.get(name)
    return reader(Event(part(data), town, now, thread)) if reader is not None else ()


def refers_to(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The message that this one answers by reference, and the one which that one answers; in the same channel."""
    first = _reference(message)
    second = _reference(part(message.get("referenced_message"))) if first else ""
    return tuple(filter(None, (first, second)))


def _reference(message: Mapping[str, Any]) -> str:
    reference = part(message.get("message_reference"))
    same = id_of(reference.get("channel_id")) in ("", id_of(message.get("channel_id")))
    return id_of(reference.get("message_id")) if same and reference.get("type", 0) != ELSEWHERE else ""


# --- messages -------------------------------------------------------------------------------------------------


def posted(message: Mapping[str, Any], town: Town, thread: str = "") -> MessagePosted | None:
    """A message as an event or a channel's history has it; None when no person said anything in it."""
    author, at = id_of(part(message.get("author")).get("id")), made_at(id_of(message.get("id")))
    stand = _stand(message, author, town, thread)
    if stand is None or at is None or not _a_person(message, town):
        return None
    text, beside = _text(message, stand, town), beside_of(message)
    if not text and not beside:
        return None
    addressed = mentions(word(message.get("content")), town.bot)
    by = member_of(author, stand.place.space)
    about = tuple(name for _, name in stand.site.tags) if stand.site is not None and stand.place.opens_thread else ()
    return MessagePosted(
        stand.place, by, text, at, mentions_bot=addressed, direct=stand.direct, about=about, beside=beside
    )


def _stand(message: Mapping[str, Any], author: str, town: Town, thread: str) -> Stand | None:
    channel, own = id_of(message.get("channel_id")), id_of(message.get("id"))
    site = town.site(channel) if channel else None
    if not channel or not own:
        return None
    if site is None or site.kind is Kind.DIRECT:
        if id_of(message.get("guild_id")):
            return None
        home = (site.guild if site is not None else "") or (town.home(author) if author else "")
        root = thread or next(reversed(refers_to(message)), "")
        return Stand(place_of(home, channel, own, root), site, direct=True) if home else None
    if site.is_thread:
        return Stand(place_of(site.guild, site.channel, own, site.id), site)
    return Stand(place_of(site.guild, channel, own, thread), site) if site.kind is Kind.TEXT else None


def _a_person(message: Mapping[str, Any], town: Town) -> bool:
    author, kind = part(message.get("author")), message.get("type", 0)
    if message.get("webhook_id") or author.get("bot") or author.get("system"):
        return False
    return isinstance(kind, int) and kind in SAID and id_of(author.get("id")) not in ("", town.bot)


def _text(message: Mapping[str, Any], stand: Stand, town: Town) -> str:
    """What somebody wrote; of the first message of a forum's post its title too, which is often the question."""
    text = words_of(message, town)
    if stand.site is not None and stand.site.kind is Kind.POST and stand.place.opens_thread:
        return f"{plain(stand.site.name)}\n{text}".strip()
    return text


def words_of(message: Mapping[str, Any], town: Town) -> str:
    """The words of a message, with the names of the people and channels that it mentions."""
    written = word(message.get("content"))
    names = {id_of(u.get("id")): guilds.name_of(u, part(u.get("member"))) for u in parts(message.get("mentions"))}
    for channel in _CHANNEL.findall(written):
        named = town.site(channel)
        if named is not None:
            names[channel] = named.name
    return plain(written, town.bot, {key: name for key, name in names.items() if name})


def beside_of(message: Mapping[str, Any]) -> str:
    """Words that stand with a message and not in it: passed on from elsewhere, a poll's, an application's. What Discord
    shows of a link is the linked page's and is not read."""
    found: list[str] = []
    for snapshot in parts(message.get("message_snapshots")):
        passed_on = part(snapshot.get("message"))
        found += [word(passed_on.get("content")), beside_of({k: passed_on.get(k) for k in ("embeds", "poll")})]
    poll = part(message.get("poll"))
    found.append(word(part(poll.get("question")).get("text")))
    found += [word(part(answer.get("poll_media")).get("text")) for answer in parts(poll.get("answers"))]
    for embed in parts(message.get("embeds")):
        if embed.get("type") == "rich":
            found += [word(embed.get("title")), word(embed.get("description"))]
            found += [word(field.get(key)) for field in parts(embed.get("fields")) for key in ("name", "value")]
    return "\n".join(plain(words) for words in found if words)


def _created(e: Event) -> tuple[Heard, ...]:
    said = posted(e.data, e.town, e.thread)
    return (said,) if said is not None else ()


def _updated(e: Event) -> tuple[Heard, ...]:
    """An edit; but a preview that Discord added to a link, or a thread that was begun, is none."""
    edited = moment(e.data.get("edited_timestamp"))
    said = posted(e.data, e.town, e.thread) if "content" in e.data else None
    if said is None or edited is None:
        return ()
    about, beside = said.about, said.beside
    return (MessageEdited(said.place, said.author, said.text, edited, direct=said.direct, about=about, beside=beside),)


def _deleted(e: Event) -> tuple[Heard, ...]:
    """Whoever wrote it: the bot's own post of somebody's question may be deleted too."""
    stand = _stand(e.data, "", e.town, e.thread)
    return (MessageDeleted(stand.place, e.now),) if stand is not None else ()


def _deleted_many(e: Event) -> tuple[Heard, ...]:
    ids = e.data.get("ids")
    each = [replace(e, data={**e.data, "id": one}) for one in ids] if isinstance(ids, list) else []
    return tuple(fact for one in each for fact in _deleted(one))


def _thread_deleted(e: Event) -> tuple[Heard, ...]:
    """A forum's post goes with its thread; a message on which a thread hung stays where it is."""
    own, parent = id_of(e.data.get("id")), e.town.site(id_of(e.data.get("parent_id")))
    if not own or parent is None or parent.kind is not Kind.FORUM:
        return ()
    return (MessageDeleted(place_of(parent.guild, parent.id, own), e.now),)


def moment(stamp: object) -> datetime | None:
    """A time as Discord writes it (`2026-03-04T12:00:00.000000+00:00`)."""
    try:
        found = datetime.fromisoformat(word(stamp))
    except ValueError:
        return None
    try:
        return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except OverflowError:
        return None


_READERS: Mapping[str, Callable[[Event], tuple[Heard, ...]]] = {
    "MESSAGE_CREATE": _created,
    "MESSAGE_UPDATE": _updated,
    "MESSAGE_DELETE": _deleted,
    "MESSAGE_DELETE_BULK": _deleted_many,
    "THREAD_DELETE": _thread_deleted,
    "CHANNEL_CREATE": guilds.channel_created,
    "CHANNEL_UPDATE": guilds.channel_updated,
    "CHANNEL_DELETE": guilds.channel_deleted,
    "GUILD_CREATE": guilds.guild_created,
    "GUILD_DELETE": guilds.guild_deleted,
    "GUILD_MEMBER_ADD": guilds.member_added,
    "GUILD_MEMBER_UPDATE": guilds.member_updated,
    "GUILD_MEMBER_REMOVE": guilds.member_removed,
    "GUILD_ROLE_UPDATE": guilds.roles_changed,
    "GUILD_ROLE_DELETE": guilds.roles_changed,
}
