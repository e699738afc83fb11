"""What a Slack workspace remembers: people, channels, messages with their threads. No network in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEAM, APP, BOT, BOT_ID = "T01TEST", "A01APP", "U0BOT", "B0BOT"


class Refuses(Exception):  # noqa: N818 -- reads as what happened
    """Slack answers `ok: false`. `more` are further fields of the answer, as `needed` of missing_scope."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass
class Channel:
    id: str
    name: str = ""
    members: set[str] = field(default_factory=set)
    private: bool = False
    archived: bool = False
    direct: str = ""  # the person it is a private conversation with
    messages: list[Json] = field(default_factory=list)  # oldest first, replies among them

    def find(self, ts: str) -> Json | None:
        return next((m for m in self.messages if m["ts"] == ts), None)

    def of_thread(self, ts: str) -> list[Json]:
        return [m for m in self.messages if m["ts"] == ts or m.get("thread_ts") == ts]

    def described(self) -> Json:
        if self.direct:
            return {"id": self.id, "is_im": True, "user": self.direct, "is_archived": False}
        kind = {"is_channel": not self.private, "is_group": self.private, "is_private": self.private, "is_im": False}
        more = {"is_member": BOT in self.members, "is_archived": self.archived, "num_members": len(self.members)}
        return {"id": self.id, "name": self.name} | kind | more


@dataclass
class Workspace:
    """`now` gives seconds; timestamps never repeat."""

    now: Callable[[], float] = time.time
    channels: dict[str, Channel] = field(default_factory=dict)
    people: dict[str, Json] = field(default_factory=dict)
    views: dict[str, Json] = field(default_factory=dict)  # what is open, by view id
    homes: dict[str, Json] = field(default_factory=dict)  # App Homes by person
    files: list[Json] = field(default_factory=list)
    reactions: list[tuple[str, str, str, str]] = field(default_factory=list)  # (name, channel, ts, who)
    _last: int = 0
    _count: int = 0

    def ts(self) -> str:
        micro = max(int(self.now() * 1_000_000), self._last + 1)
        self._last = micro
        return f"{micro // 1_000_000}.{micro % 1_000_000:06d}"

    def number(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count:04d}"

    # --- who and where ------------------------------------------------------------------------------------

    def enter(self, user: str, name: str, **facts: object) -> None:
        """`facts` of users.info: deleted, is_bot, is_restricted, tz, locale, …"""
        profile = {"real_name": name.title(), "display_name": name}
        known = {"id": user, "name": name, "team_id": TEAM, "deleted": False, "is_bot": False, "tz": "Europe/Madrid"}
        self.people[user] = {**known, "profile": profile, **facts}

    def open_channel(self, channel: str, name: str, *, private: bool = False, joined: bool = True) -> Channel:
        members = (set(self.people) - {BOT}) | ({BOT} if joined else set())
        self.channels[channel] = Channel(channel, name, members, private)
        return self.channels[channel]

    def direct(self, user: str) -> Channel:
        """The private conversation of the bot with somebody; made when there is none."""
        person = self.people.get(user)
        if person is None:
            raise Refuses("user_not_found")
        if person["is_bot"]:
            raise Refuses("cannot_dm_bot")
        if person["deleted"]:
            raise Refuses("user_disabled")
        found = next((c for c in self.channels.values() if c.direct == user), None)
        if found is None:
            found = Channel(f"D{user[1:]}", members={user, BOT}, direct=user)
            self.channels[found.id] = found
        return found

    def channel(self, name: object, *, speaking: bool = False) -> Channel:
        """Raises Refuses as Slack does. `speaking`: the bot wants to post there."""
        found = self.channels.get(str(name)) or (self.direct(str(name)) if name in self.people else None)
        if found is None or (found.private and BOT not in found.members):
            raise Refuses("channel_not_found")
        if speaking and found.archived:
            raise Refuses("is_archived")
        if BOT not in found.members:
            raise Refuses("not_in_channel")
        return found

    # --- messages -----------------------------------------------------------------------------------------

    def post(self, channel: Channel, user: str, text: str, thread: str = "", **more: object) -> Json:
        message: Json = {"type": "message", "user": user, "text": text, "ts": self.ts(), "team": TEAM, **more}
        if user == BOT:
            message |= {"bot_id": BOT_ID, "app_id": APP}
        if thread:
            root = channel.find(thread)
            if root is not None:
                root |= {"thread_ts": thread, "reply_count": root.get("reply_count", 0) + 1}
                root["latest_reply"] = message["ts"]
            message["thread_ts"] = thread
        channel.messages.append(message)
        return message

    def edit(self, channel: Channel, ts: str, user: str, **new: object) -> tuple[Json, Json]:
        """The message before and after."""
        message = channel.find(ts)
        if message is None:
            raise Refuses("message_not_found")
        before = dict(message)
        message |= {**new, "edited": {"user": user, "ts": self.ts()}}
        return before, message

    def delete(self, channel: Channel, ts: str) -> Json:
        """A message with replies leaves a tombstone."""
        message = channel.find(ts)
        if message is None:
            raise Refuses("message_not_found")
        gone = dict(message)
        if len(channel.of_thread(ts)) > 1:
            message.clear()
            stone = {
                "type": "message",
                "subtype": "tombstone",
                "user": "USLACKBOT",
                "text": "This message was deleted.",
            }
            message |= {**stone, "ts": ts, "thread_ts": ts, "hidden": True}
        else:
            channel.messages.remove(message)
        return gone
