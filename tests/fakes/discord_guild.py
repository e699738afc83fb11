"""What the project's own Discord remembers: people, channels, threads, messages; with Discord's rules for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_payloads import (
    ALICE,
    BEN,
    BOT,
    DM,
    EPOCH,
    FORUM,
    GENERAL,
    GUILD,
    HOSPITAL,
    MODA,
    MODERATORS,
    PUBLIC_THREAD,
    QUESTIONS,
    TEXT,
    Json,
    Refuses,
    checked,
    everyone,
    invalid,
)


class Realm:
    """One Discord with a guild. `emit(event, data, guild, about)` tells the gateway; `now` is seconds since 1970."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.emit: Callable[[str, Json], None] = lambda _event, _data: None
        self.users: dict[str, Json] = {}
        self.members: dict[str, Json] = {}  # of the guild, by user
        self.roles: dict[str, Json] = {}
        self.channels: dict[str, Json] = {}  # threads and private conversations as well
        self.messages: dict[str, list[Json]] = defaultdict(list)
        self.files: dict[str, bytes] = {}
        self.closed_dms: set[str] = set()
        self.locales: dict[str, str] = {}  # the language of somebody's Discord, where it is not English
        self.forbidden: dict[str, set[str]] = defaultdict(set)  # by channel: view, send, history, threads
        self.commands: dict[str, list[Json]] = {}  # by guild; "" for everywhere
        self.thread_members: dict[str, set[str]] = defaultdict(set)
        self._last = 0

    def snowflake(self) -> str:
        """An id that says when it was made, and no two are alike."""
        self._last = max(self._last + 1, (int(self.now() * 1000) - EPOCH) << 22)
        return str(self._last)

    def stamp(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat()

    # --- people -------------------------------------------------------------------------------------------

    def enter(self, user: str, name: str, *, bot: bool = False, roles: Iterable[str] = ()) -> Json:
        self.users[user] = payloads.user_of(user, name, bot=bot)
        self.members[user] = payloads.member_of(self.users[user], roles, self.stamp())
        return self.members[user]

    def wears(self, user: str, *roles: str, told: bool = True) -> None:
        """These are somebody's roles now. `told`: by the gateway, which says it to those with the members' intent."""
        self.members[user]["roles"] = list(roles)
        if told:
            self.emit("GUILD_MEMBER_UPDATE", {**self.members[user], "guild_id": GUILD})

    def change_role(self, role: str, *, gone: bool = False, **to: object) -> None:
        self.roles[role] |= to
        if gone:
            del self.roles[role]
            self.emit("GUILD_ROLE_DELETE", {"guild_id": GUILD, "role_id": role})
        else:
            self.emit("GUILD_ROLE_UPDATE", {"guild_id": GUILD, "role": self.roles[role]})

    # --- channels -----------------------------------------------------------------------------------------

    def open_channel(self, channel: str, name: str, kind: int = TEXT, **more: object) -> Json:
        made = payloads.channel_of(channel, name, kind, len(self.channels)) | more
        self.channels[channel] = made
        return made

    def direct(self, user: str) -> Json:
        """The private conversation of the bot with somebody."""
        if user not in self.users:
            raise Refuses(400, 50033, "Invalid Recipient(s)")
        for channel in self.channels.values():
            if channel["type"] == DM and channel["recipients"][0]["id"] == user:
                return channel
        made = {"id": self.snowflake(), "type": DM, "recipients": [self.users[user]], "last_message_id": None}
        self.channels[made["id"]] = made
        return made

    def channel(self, channel: str) -> Json:
        found = self.channels.get(channel)
        if found is None:
            raise Refuses(404, 10003, "Unknown Channel")
        return found

    def allowed(self, channel: str, *what: str) -> Json:
        """The channel, when the bot may do that there."""
        found = self.channel(channel)
        forbidden = self.forbidden[channel] | self.forbidden[str(found.get("parent_id"))]
        if "view" in forbidden:
            raise Refuses(403, 50001, "Missing Access")
        if forbidden & set(what):
            raise Refuses(403, 50013, "Missing Permissions")
        if "send" in what and found["type"] == DM and found["recipients"][0]["id"] in self.closed_dms:
            raise Refuses(403, 50007, "Cannot send messages to this user")
        return found

    # --- threads ------------------------------------------------------------------------------------------

    def start_thread(
        self, parent: str, name: str, *, on: str = "", kind: int = PUBLIC_THREAD, owner: str = BOT
    ) -> Json:
        if on:
            message = self.message(parent, on)
            if on in self.channels:
                raise Refuses(400, 160004, "A thread has already been created for this message")
            message["flags"] |= 32
        if not 1 <= len(name) <= 100:
            raise invalid("name", "Must be between 1 and 100 in length.")
        thread = payloads.thread_of(on or self.snowflake(), parent, name, kind, owner, self.stamp())
        self.channels[thread["id"]] = thread
        self.thread_members[thread["id"]].add(owner)
        self.emit("THREAD_CREATE", {**thread, "newly_created": True})
        return thread

    def change_thread(self, thread: str, **to: bool) -> None:
        self.channels[thread]["thread_metadata"] |= to
        self.emit("THREAD_UPDATE", self.channels[thread])

    # --- messages -----------------------------------------------------------------------------------------

    def message(self, channel: str, message: str) -> Json:
        found = next((m for m in self.messages[channel] if m["id"] == message), None)
        if found is None:
            raise Refuses(404, 10008, "Unknown Message")
        return found

    def post(self, channel: str, author: str, body: Mapping[str, Any], *, heard: bool = True) -> Json:
        """`body` as Discord takes it: content, embeds, components, message_reference, nonce …"""
        room = self.channel(channel)
        message = self.shown(channel, author, body)
        if room["type"] in (FORUM,):
            raise Refuses(400, 50008, "Cannot send messages in a non-text channel")
        if "thread_metadata" in room:
            meta = room["thread_metadata"]
            if meta["archived"] and meta["locked"]:
                raise Refuses(400, 50083, "Thread is archived")
            if meta["archived"]:
                self.change_thread(channel, archived=False)
            room["message_count"] += 1
        parent = self.channels.get(str(room.get("parent_id")))
        if parent is not None and parent["type"] == FORUM and not self.messages[channel]:
            message["id"] = room["id"]  # the first message of a post has the post's id
        self.messages[channel].append(message)
        room["last_message_id"] = message["id"]
        if heard:
            self.emit("MESSAGE_CREATE", self.heard(message))
        return message

    def shown(self, channel: str, author: str, body: Mapping[str, Any]) -> Json:
        """A message as it would stand there. Raises when Discord would not take it."""
        checked(body)
        reference = body.get("message_reference")
        referred = self._referred(channel, reference) if reference else None
        content = body.get("content") or ""
        return {
            "id": self.snowflake(),
            "channel_id": channel,
            "author": self.users[author],
            "content": content,
            "timestamp": self.stamp(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [u for i, u in self.users.items() if f"<@{i}>" in content],
            "mention_roles": [],
            "attachments": body.get("attachments") or [],
            "embeds": body.get("embeds") or [],
            "components": body.get("components") or [],
            "pinned": False,
            "type": 19 if reference else 0,
            "flags": body.get("flags") or 0,
            **({"nonce": body["nonce"]} if body.get("nonce") else {}),
            **({"message_reference": {"guild_id": GUILD, "channel_id": channel} | reference} if reference else {}),
            **({"referenced_message": referred} if reference else {}),
        }

    def _referred(self, channel: str, reference: Mapping[str, Any]) -> Json | None:
        try:
            return self.message(reference.get("channel_id") or channel, str(reference["message_id"]))
        except Refuses:
            if reference.get("fail_if_not_exists", True):
                raise invalid("message_reference", "Unknown message") from None
            return None

    def heard(self, message: Json) -> Json:
        """As the gateway tells it."""
        room = self.channels[message["channel_id"]]
        if room["type"] == DM:
            return {**message, "channel_type": DM}
        member = {k: v for k, v in self.members.get(message["author"]["id"], {}).items() if k != "user"}
        return {**message, "guild_id": GUILD, "channel_type": room["type"], "member": member}

    def edit(self, channel: str, message: str, body: Mapping[str, Any], *, heard: bool = True) -> Json:
        checked(body, edit=True)
        found = self.message(channel, message)
        changed = [k for k in ("content", "embeds", "components", "attachments") if k in body]
        found |= {k: body[k] or type(found[k])() for k in changed}
        found["edited_timestamp"] = self.stamp()
        if heard:
            self.emit("MESSAGE_UPDATE", self.heard(found))
        return found

    def delete(self, channel: str, message: str, *, heard: bool = True) -> None:
        found = self.message(channel, message)
        self.messages[channel].remove(found)
        guild = {} if self.channels[channel]["type"] == DM else {"guild_id": GUILD}
        if heard:
            self.emit("MESSAGE_DELETE", {"id": message, "channel_id": channel, **guild})

    def guild(self) -> Json:
        """As GUILD_CREATE tells it."""
        threads = [c for c in self.channels.values() if "thread_metadata" in c and not c["thread_metadata"]["archived"]]
        channels = [c for c in self.channels.values() if c["type"] != DM and "thread_metadata" not in c]
        return payloads.guild_of(self.stamp()) | {
            "roles": [everyone(), *self.roles.values()],
            "channels": channels,
            "threads": threads,
            "members": [self.members[BOT]],
            "member_count": len(self.members),
        }


def peopled(realm: Realm) -> None:
    """Alice asks, Ben answers, Moda moderates; #general, #hospital-days, and the forum #questions."""
    realm.roles[MODERATORS] = payloads.role(MODERATORS, "Moderators")
    realm.enter(BOT, "winwin", bot=True)
    realm.enter(ALICE, "alice")
    realm.enter(BEN, "ben")
    realm.enter(MODA, "moda", roles=[MODERATORS])
    realm.open_channel(GENERAL, "general")
    realm.open_channel(HOSPITAL, "hospital-days")
    realm.open_channel(QUESTIONS, "questions", FORUM)
