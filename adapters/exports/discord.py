"""What DiscordChatExporter writes as JSON: one file for each channel and each thread, or several parts of one.

A thread's file calls the channel that it hangs on its category. A post of a forum begins with a message that bears the
thread's own id; a thread of a text channel begins in that channel, with a message of that id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.discord.identity import channel_key, id_of, made_at, member_of, part, parts, place_of, word
from adapters.discord.inbound import moment
from adapters.discord.markup import plain
from adapters.exports.opening import BadFile, Files
from adapters.exports.records import Export, Gathered, counted
from bot.events import MessagePosted
from bot.replaying import Said

SAID = frozenset({"Default", "Reply", "0", "19"})
PRIVATE = frozenset({"DirectTextChat", "DirectGroupTextChat", "GuildPrivateThread"})
THREADS = frozenset({"GuildPublicThread", "GuildNewsThread"})
HERE = "export"  # where a file does not say which server it is of
MAX_NAME = 100
YEARS = range(2015, 2200)  # Discord began with the first
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Room:
    """Where the messages of a file stand. `thread` is empty in a channel itself."""

    guild: str
    channel: str
    thread: str = ""
    title: str = ""


def read(files: Files, progress: Progress) -> Export | None:
    """None when no file of it is DiscordChatExporter's."""
    gathered, private, answers = Gathered(), set[str](), dict[str, str]()
    found = False
    for done, name in enumerate(sorted(files.sizes), 1):
        try:
            body = part(files.json(name))
        except BadFile as error:
            gathered.bad.append((name, str(error)))
            continue
        channel = part(body.get("channel"))
        if not id_of(channel.get("id")) or not isinstance(body.get("messages"), list):
            gathered.bad.append((name, "not what DiscordChatExporter writes"))
            continue
        found = True
        if word(channel.get("type")) in PRIVATE:
            private.add(id_of(channel.get("id")))
        else:
            _file(body, gathered, answers)
        progress(done, len(files.sizes))
    left_out = [counted(len(private), "private conversation", "private conversations")] if private else []
    return _linked(gathered, answers).export("discord", left_out) if found else None


def _file(body: Mapping[str, Any], gathered: Gathered, answers: dict[str, str]) -> None:
    channel = part(body.get("channel"))
    room = _room(channel, id_of(part(body.get("guild")).get("id")) or HERE)
    named = word(channel.get("category")) if room.thread else word(channel.get("name"))
    if named:
        gathered.channels[channel_key(room.guild, room.channel)] = " ".join(named.split())[:MAX_NAME]
    for message in parts(body.get("messages")):
        _message(message, room, gathered, answers)


def _room(channel: Mapping[str, Any], guild: str) -> Room:
    own, above = id_of(channel.get("id")), id_of(channel.get("categoryId"))
    if word(channel.get("type")) in THREADS and above:
        return Room(guild, above, own, " ".join(word(channel.get("name")).split())[:MAX_NAME])
    return Room(guild, own)


def _message(message: Mapping[str, Any], room: Room, gathered: Gathered, answers: dict[str, str]) -> None:
    author, own = part(message.get("author")), id_of(message.get("id"))
    for who in (author, *parts(message.get("mentions"))):
        name = word(who.get("nickname")) or word(who.get("name"))
        if id_of(who.get("id")) and name and who.get("isBot") is not True:
            gathered.names[member_of(id_of(who.get("id")), room.guild).key] = " ".join(name.split())[:MAX_NAME]
    if author.get("isBot") is True:
        gathered.bots += 1
        return
    said = _said(message, author, own, room)
    if said is None:
        gathered.other += 1
        return
    reference = part(message.get("reference"))
    to = id_of(reference.get("messageId"))
    if not room.thread and to and reference.get("type", "Default") == "Default":
        answers[said.place.key] = place_of(room.guild, room.channel, to).key
    gathered.keep(Said(said), edited=bool(word(message.get("timestampEdited"))))


def _said(message: Mapping[str, Any], author: Mapping[str, Any], own: str, room: Room) -> MessagePosted | None:
    by, at = id_of(author.get("id")), moment(message.get("timestamp")) or made_at(own)
    if not own or not by or at is None or at.year not in YEARS or str(message.get("type", "Default")) not in SAID:
        return None
    names = {id_of(who.get("id")): word(who.get("nickname")) for who in parts(message.get("mentions"))}
    text = plain(word(message.get("content")), "", {key: name for key, name in names.items() if name})
    if room.thread == own and room.title:
        text = f"{plain(room.title)}\n{text}".strip()
    beside = "\n".join(words for words in _beside(message) if words)
    if not text and not beside:
        return None
    place = place_of(room.guild, room.channel, own, room.thread)
    return MessagePosted(place, member_of(by, room.guild), text, at, beside=beside)


def _beside(message: Mapping[str, Any]) -> Iterator[str]:
    """What was passed on from elsewhere, and what a poll asks."""
    yield plain(word(part(message.get("forwardedMessage")).get("content")))
    poll = part(message.get("poll"))
    yield plain(word(poll.get("question")) or word(part(poll.get("question")).get("text")))


def _linked(gathered: Gathered, answers: Mapping[str, str]) -> Gathered:
    """With what each message answers by reference, and what that one answers."""
    for key, to in answers.items():
        if key in gathered.said:
            gathered.said[key] = Said(gathered.said[key].posted, tuple(filter(None, (to, answers.get(to)))))
    return gathered
