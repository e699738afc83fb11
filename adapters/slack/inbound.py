"""From an event of Slack's Events API to a fact of the core, or to a small value that says what to show. Pure.

What is unknown or malformed is None, never an exception: Slack may send what this file has never seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.slack.identity import PLATFORM, Workspace, id_in, member_of, part, word, workspace_of
from adapters.slack.markup import mentions, plain
from bot.events import (
    BotInvited,
    BotRemoved,
    ChannelArchived,
    ChannelRenamed,
    Member,
    MemberChanged,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    PlatformEvent,
)

SAID = frozenset({"", "thread_broadcast", "file_share", "me_message"})  # subtypes in which a person says something
SLACKBOT = "USLACKBOT"
_CONVERTED = {"channel_convert_to_private": False, "channel_convert_to_public": True}
MAX_NAME = 80
BLOCKS_DEEP = 12  # levels of Block Kit that are looked into; Slack's own have six
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """Somebody looks at the bot's own page."""

    member: Member
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """The bot's token is of no use any more: the app was removed, or the token was revoked."""

    workspace: Workspace


Heard = PlatformEvent | HomeOpened | Uninstalled


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with what stands around it."""

    event: Mapping[str, Any]
    workspace: Workspace
    at: datetime


def heard(payload: object, bot_user: str = "") -> Heard | None:
    """What an Events API payload reports. `bot_user` is used where the payload does not say who the bot is."""
    body = part(payload)
    event = part(body.get("event"))
    workspace = workspace_of(body, bot_user)
    reader = _READERS.get(word(event.get("type")))
    if reader is None or workspace is None:
        return None
    at = when(event.get("event_ts")) or when(body.get("event_time")) or when(event.get("ts"))
    return reader(Envelope(event, workspace, at or _EPOCH))


def when(ts: object) -> datetime | None:
    """A timestamp of Slack's (`1700000000.000100`, or whole seconds) as a moment."""
    if isinstance(ts, bool) or not isinstance(ts, str | int | float):
        return None
    seconds, _, fraction = str(ts).partition(".")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        return None
    micro = int(fraction[:6].ljust(6, "0")) if fraction.isascii() and fraction.isdigit() else 0
    return _EPOCH + timedelta(seconds=int(seconds), microseconds=micro)


# --- messages -------------------------------------------------------------------------------------------------


def posted(message: Mapping[str, Any], channel: str, workspace: Workspace, *, direct: bool) -> MessagePosted | None:
    """A message as an event or a channel's history has it; None when no person said anything in it."""
    ts, user = word(message.get("ts")), word(message.get("user"))
    at, text = when(ts), plain(word(message.get("text")), workspace.bot_user)
    beside = beside_of(message, text, workspace)
    if at is None or not channel or not (text or beside) or not _a_person(message, workspace):
        return None
    home = word(message.get("user_team")) or word(message.get("source_team"))
    return MessagePosted(
        place_of(channel, ts, word(message.get("thread_ts")), workspace),
        member_of(user, home, workspace),
        text,
        at,
        mentions_bot=mentions(word(message.get("text")), workspace.bot_user),
        direct=direct,
        beside=beside,
    )


def beside_of(message: Mapping[str, Any], text: str, workspace: Workspace) -> str:
    """Words that stand with a message and not in its text: in blocks where there is no text, and in what is passed on
    from elsewhere. What Slack shows of a link is the linked page's and is not read."""
    found = [] if word(message.get("text")) else list(_words_in(message.get("blocks"), BLOCKS_DEEP))
    given = message.get("attachments")
    for attached in map(part, given if isinstance(given, list) else ()):
        if attached.get("from_url") and not (attached.get("is_msg_unfurl") or attached.get("is_share")):
            continue
        said = [word(attached.get(key)) for key in ("pretext", "title", "text")]
        found += said if any(said) else [word(attached.get("fallback"))]
        found += _words_in(attached.get("blocks"), BLOCKS_DEEP)
        found += _words_in(attached.get("message_blocks"), BLOCKS_DEEP)
    heard = dict.fromkeys(plain(words, workspace.bot_user) for words in found if words)
    return "\n".join(words for words in heard if words and words.casefold() != text.casefold())


def _words_in(blocks: object, deep: int) -> Iterator[str]:
    """Every text of Block Kit, however nested, up to a depth."""
    if isinstance(blocks, list) and deep:
        for block in blocks:
            yield from _words_in(block, deep - 1)
    elif isinstance(blocks, dict) and deep:
        for key, value in blocks.items():
            if key == "text" and isinstance(value, str):
                yield value
            elif isinstance(value, dict | list):
                yield from _words_in(value, deep - 1)


def place_of(channel: str, ts: str, thread: str, workspace: Workspace) -> Place:
    return Place(PLATFORM, workspace.space, channel, ts, thread or ts)


def is_direct(channel: str, kind: str) -> bool:
    """Whether a channel is a conversation between one person and the bot."""
    return kind in ("im", "app_home") or (not kind and channel.startswith("D"))


def is_public(channel: Mapping[str, Any]) -> bool | None:
    """Whether everybody of the workspace may read a channel, as Slack describes it; None where it does not say."""
    private = channel.get("is_private")
    if not isinstance(private, bool):
        return None
    return not (private or channel.get("is_im") is True or channel.get("is_mpim") is True)


def _a_person(message: Mapping[str, Any], workspace: Workspace) -> bool:
    user = word(message.get("user"))
    if message.get("bot_id") or word(message.get("subtype")) not in SAID:
        return False
    return bool(user) and user not in (workspace.bot_user, SLACKBOT)


def _message(e: Envelope) -> Heard | None:
    subtype, channel = word(e.event.get("subtype")), word(e.event.get("channel"))
    if subtype == "message_changed":
        return _changed(e, channel)
    if subtype in _CONVERTED and channel:
        return ChannelRenamed(channel_key(channel, e.workspace), "", e.at, _CONVERTED[subtype])
    if subtype == "message_deleted":
        return _deleted(part(e.event.get("previous_message")), word(e.event.get("deleted_ts")), channel, e)
    direct = is_direct(channel, word(e.event.get("channel_type")))
    return posted(e.event, channel, e.workspace, direct=direct)


def _mention(e: Envelope) -> Heard | None:
    """The same message comes as `message` too: it has the same key, and the first one counts."""
    said = _message(e)
    if not isinstance(said, MessagePosted):
        return None
    return replace(said, mentions_bot=True)


def _changed(e: Envelope, channel: str) -> Heard | None:
    """An edit; but a preview that Slack added to a link, or a reply that was counted, is none."""
    new, old = part(e.event.get("message")), part(e.event.get("previous_message"))
    if word(new.get("subtype")) == "tombstone":
        return _deleted(old or new, word(new.get("ts")), channel, e)
    said = posted(new, channel, e.workspace, direct=is_direct(channel, word(e.event.get("channel_type"))))
    edited = when(part(new.get("edited")).get("ts"))
    if said is None or (not old and edited is None):
        return None
    before = plain(word(old.get("text")), e.workspace.bot_user)
    if old and before == said.text and beside_of(old, before, e.workspace) == said.beside:
        return None
    return MessageEdited(said.place, said.author, said.text, edited or e.at, direct=said.direct, beside=said.beside)


def _deleted(old: Mapping[str, Any], ts: str, channel: str, e: Envelope) -> Heard | None:
    """Whoever wrote it: the bot's own post of somebody's question may be deleted too."""
    if when(ts) is None or not channel:
        return None
    return MessageDeleted(place_of(channel, ts, word(old.get("thread_ts")), e.workspace), e.at)


# --- people, channels, the installation -----------------------------------------------------------------------


def _joined(e: Envelope) -> Heard | None:
    user, channel = word(e.event.get("user")), id_in(e.event.get("channel"))
    if not user or not channel:
        return None
    if user == e.workspace.bot_user:
        inviter = word(e.event.get("inviter"))
        by = member_of(inviter, "", e.workspace) if inviter else None
        return BotInvited(Place(PLATFORM, e.workspace.space, channel, "", ""), "", by, e.at)
    home = word(e.event.get("team")) if e.event.get("is_ext_shared_channel") else ""
    return MemberJoined(member_of(user, home, e.workspace), "", channel_key(channel, e.workspace), e.at)


def channel_key(channel: str, workspace: Workspace) -> str:
    return f"{PLATFORM}:{workspace.space}:{channel}"


def _left(e: Envelope) -> Heard | None:
    """`channel_left` and `group_left` speak of the bot alone, `member_left_channel` of anybody."""
    user, channel = word(e.event.get("user")), id_in(e.event.get("channel"))
    bot = e.event.get("type") != "member_left_channel" or (bool(user) and user == e.workspace.bot_user)
    return BotRemoved(channel_key(channel, e.workspace), e.at) if bot and channel else None


def _renamed(e: Envelope) -> Heard | None:
    channel = part(e.event.get("channel"))
    name = word(channel.get("name"))
    return ChannelRenamed(channel_key(id_in(channel), e.workspace), name, e.at) if id_in(channel) and name else None


def _archived(e: Envelope) -> Heard | None:
    channel = id_in(e.event.get("channel"))
    return ChannelArchived(channel_key(channel, e.workspace), e.at) if channel else None


def _member(e: Envelope) -> Heard | None:
    return member_changed(part(e.event.get("user")), e.workspace, e.at)


def member_changed(user: Mapping[str, Any], workspace: Workspace, at: datetime) -> MemberChanged | None:
    """What Slack says of somebody. The moment is that of their last change: said again, it is the same fact."""
    who, profile = word(user.get("id")), part(user.get("profile"))
    if not who:
        return None
    name = word(profile.get("display_name")) or word(profile.get("real_name")) or word(user.get("real_name"))
    home = word(user.get("team_id")) if user.get("is_stranger") is True else ""
    return MemberChanged(
        member_of(who, home, workspace),
        " ".join((name or word(user.get("name"))).split())[:MAX_NAME],
        word(user.get("tz")),
        word(user.get("locale")).partition("-")[0].lower(),
        deactivated=user.get("deleted") is True,
        guest=user.get("is_restricted") is True or user.get("is_ultra_restricted") is True,
        bot=user.get("is_bot") is True or who == SLACKBOT,
        at=when(user.get("updated")) or at,
    )


def _home(e: Envelope) -> Heard | None:
    user = word(e.event.get("user"))
    if not user or word(e.event.get("tab")) not in ("home", ""):
        return None
    return HomeOpened(member_of(user, "", e.workspace), e.workspace)


def _revoked(e: Envelope) -> Heard | None:
    """A person who takes back a token of their own takes nothing from the bot."""
    return Uninstalled(e.workspace) if part(e.event.get("tokens")).get("bot") else None


def _removed(e: Envelope) -> Heard | None:
    return Uninstalled(e.workspace)


_READERS: Mapping[str, Callable[[Envelope], Heard | None]] = {
    "message": _message,
    "app_mention": _mention,
    "member_joined_channel": _joined,
    "member_left_channel": _left,
    "channel_left": _left,
    "group_left": _left,
    "channel_rename": _renamed,
    "group_rename": _renamed,
    "channel_archive": _archived,
    "group_archive": _archived,
    "channel_deleted": _archived,
    "group_deleted": _archived,
    "team_join": _member,
    "user_change": _member,
    "app_home_opened": _home,
    "tokens_revoked": _revoked,
    "app_uninstalled": _removed,
}
