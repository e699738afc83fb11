"""Threads that the bot begins or wakes: on a message, in a forum, and one for a single member."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any

from adapters.discord.client import ARCHIVED, HAS_THREAD, MESSAGE_GONE, DiscordApi, DiscordRefusal
from adapters.discord.identity import id_of, part, parts, word
from adapters.discord.markup import plain
from adapters.discord.outbound import thread_name
from adapters.discord.posting import MESSAGES, Parcel, Posting
from adapters.discord.refusals import LOCKED, PRIVATE, PUBLIC, SEND, SEND_IN_THREADS, TAG_WANTED, explained
from adapters.discord.town import Town
from bot.ports import DeliveryError

Json = dict[str, Any]

CHANNEL = "/channels/{channel_id}"
PRIVATE_THREAD = 12
MODERATED = "moderated"  # of a forum's tag: only moderators may set it
REMEMBERED = 2_000


class Threads:
    def __init__(self, api: DiscordApi, posting: Posting, town: Town) -> None:
        self._api = api
        self._posting = posting
        self._town = town
        self._private: OrderedDict[tuple[str, str], str] = OrderedDict()  # by channel and member

    async def into(self, thread: str, parcel: Parcel) -> Json:
        """Post in a thread, woken where it sleeps. One that moderators have locked stays so, also where the bot might
        speak. Raises DeliveryError."""
        site = self._town.site(thread)
        if site is not None and site.locked:
            raise explained(DiscordRefusal(LOCKED, "locked", permanent=True), thread, SEND_IN_THREADS)
        try:
            return await self._posting.post(thread, parcel, SEND_IN_THREADS)
        except DiscordRefusal as refused:
            if refused.code != ARCHIVED:
                raise
            await self.wake(thread)
        return await self._posting.post(thread, parcel, SEND_IN_THREADS)

    async def wake(self, thread: str) -> None:
        """Raises DeliveryError, also where the thread is locked."""
        found = part(await self._api.call("GET", CHANNEL, channel_id=thread))
        if part(found.get("thread_metadata")).get("locked") is True:
            raise explained(DiscordRefusal(LOCKED, "locked", permanent=True), thread, SEND_IN_THREADS)
        try:
            await self._api.call("PATCH", CHANNEL, json={"archived": False}, channel_id=thread)
        except DiscordRefusal as refused:
            raise explained(refused, thread, SEND_IN_THREADS) from refused

    async def start(self, channel: str, message: str, title: str) -> None:
        """A thread on a message, named by its first words. One that is there already will do. Raises DeliveryError."""
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        name = thread_name(await self._said(channel, message) or title)
        try:
            await self._api.call("POST", path, json={"name": name}, channel_id=channel, message_id=message)
        except DiscordRefusal as refused:
            if refused.code != HAS_THREAD:
                raise explained(refused, channel, PUBLIC) from refused

    async def _said(self, channel: str, message: str) -> str:
        """What stands in the message; empty where it cannot be read. Raises DeliveryError for one that is gone."""
        try:
            found = await self._api.call("GET", f"{MESSAGES}/{{message_id}}", channel_id=channel, message_id=message)
        except DiscordRefusal as refused:
            if refused.code == MESSAGE_GONE or not refused.permanent:
                raise
            return ""
        return plain(word(part(found).get("content")), self._town.bot)

    # --- forums -----------------------------------------------------------------------------------------------

    async def new_post(self, forum: str, parcel: Parcel) -> Json:
        """A new post in a forum; its first message. Where the forum wants a tag, the first that the bot may set."""
        path = "/channels/{channel_id}/threads"
        body: Json = {"name": thread_name(parcel.title), "message": parcel.sent()}
        try:
            made = await self._posting.write(path, forum, body, parcel, SEND)
        except DiscordRefusal as refused:
            if refused.code != TAG_WANTED:
                raise
            made = await self._posting.write(
                path, forum, {**body, "applied_tags": await self._a_tag(forum)}, parcel, SEND
            )
        return {"id": made.get("id"), "channel_id": made.get("id")}

    async def _a_tag(self, forum: str) -> list[str]:
        found = part(await self._api.call("GET", CHANNEL, channel_id=forum))
        free = [id_of(tag.get("id")) for tag in parts(found.get("available_tags")) if tag.get(MODERATED) is not True]
        return free[:1]

    async def posts(self, guild: str, forum: str) -> list[str]:
        """The bot's own posts in a forum that are not archived, newest first."""
        own = [t for t in await self._active(guild) if id_of(t.get("parent_id")) == forum]
        return sorted((id_of(t.get("id")) for t in own), key=lambda i: int(i or 0), reverse=True)

    async def _active(self, guild: str) -> list[Any]:
        found = part(await self._api.call("GET", "/guilds/{guild_id}/threads/active", guild_id=guild))
        mine = [
            t for t in parts(found.get("threads")) if not self._town.bot or id_of(t.get("owner_id")) == self._town.bot
        ]
        return list(mine)

    # --- for one member ---------------------------------------------------------------------------------------

    async def private(self, guild: str, channel: str, user: str) -> str:
        """The private thread in a channel with somebody, begun where there is none. Its name says nothing, because
        moderators see it. Raises DeliveryError."""
        known = self._private.get((channel, user)) or await self.private_known(guild, channel, user)
        if known:
            return known
        body = {"name": private_name(user), "type": PRIVATE_THREAD, "invitable": False}
        try:
            made = part(await self._api.call("POST", "/channels/{channel_id}/threads", json=body, channel_id=channel))
            thread = id_of(made.get("id"))
            await self._join(thread, user)
        except DiscordRefusal as refused:
            raise explained(refused, channel, PRIVATE) from refused
        return self._remembered(channel, user, thread)

    async def private_known(self, guild: str, channel: str, user: str) -> str:
        """The one that was begun before; empty: none."""
        for thread in await self._active(guild):
            if id_of(thread.get("parent_id")) == channel and thread.get("name") == private_name(user):
                await self._join(id_of(thread.get("id")), user)  # a try before may have ended before this
                return self._remembered(channel, user, id_of(thread.get("id")))
        return ""

    async def _join(self, thread: str, user: str) -> None:
        path = "/channels/{channel_id}/thread-members/{user_id}"
        await self._api.call("PUT", path, channel_id=thread, user_id=user)

    def _remembered(self, channel: str, user: str, thread: str) -> str:
        if not thread:
            raise DeliveryError("Discord began a thread and does not say which", permanent=False)
        self._private[channel, user] = thread
        while len(self._private) > REMEMBERED:
            self._private.popitem(last=False)
        return thread

    def forget(self, channel: str, user: str) -> None:
        self._private.pop((channel, user), None)


def private_name(user: str) -> str:
    return f"winwin {hashlib.sha256(user.encode()).hexdigest()[:8]}"
