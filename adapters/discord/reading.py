"""One message as it stands on Discord now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.discord.client import DiscordApi, DiscordRefusal
from adapters.discord.identity import id_of, made_at, member_of, part, word
from adapters.discord.inbound import posted, words_of
from adapters.discord.markup import mentions
from adapters.discord.town import Kind, Town
from bot.events import MessagePosted, Place

MESSAGE = "/channels/{channel_id}/messages/{message_id}"


class DiscordReader:
    """See bot.ports.Reader."""

    def __init__(self, api: DiscordApi, town: Town) -> None:
        self._api = api
        self._town = town

    async def message(self, place: Place) -> MessagePosted | None:
        """See Reader."""
        for channel in self._where(place):
            try:
                found = part(await self._api.call("GET", MESSAGE, channel_id=channel, message_id=place.message))
            except DiscordRefusal as refused:
                if refused.permanent:
                    continue
                raise
            return self._said({"channel_id": channel, **found}, place)
        return None

    def _where(self, place: Place) -> tuple[str, ...]:
        """A message of a thread stands in a channel of the thread's own id; one that answers another by reference, and
        one on which a thread hangs, in the channel itself."""
        site = self._town.site(place.channel)
        if site is not None and site.kind is Kind.FORUM:
            return (place.thread,)
        both = (place.channel, place.thread) if place.opens_thread else (place.thread, place.channel)
        return tuple(dict.fromkeys(both))

    def _said(self, message: Mapping[str, Any], place: Place) -> MessagePosted | None:
        """After a start a private conversation may be one that no event has told of."""
        said = posted(message, self._town, place.thread)
        author, at = part(message.get("author")), made_at(place.message)
        text, by = words_of(message, self._town), id_of(author.get("id"))
        if said is not None or at is None or not text or not by or author.get("bot") or message.get("webhook_id"):
            return said
        addressed = mentions(word(message.get("content")), self._town.bot)
        return MessagePosted(place, member_of(by, place.space), text, at, mentions_bot=addressed)
