"""The bot's mouth on Discord: in the thread of a question, in a channel, in a forum, in private.

A card that stands in a Discord thread says so in its space (`server/thread`): its channel is the one the thread hangs
on, as everywhere else, and it is changed in the thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from adapters.discord.barred import Barred
from adapters.discord.client import (
    ARCHIVED,
    CHANNEL_GONE,
    MESSAGE_GONE,
    NO_PERMISSION,
    DiscordApi,
    DiscordRefusal,
    Json,
    Upload,
)
from adapters.discord.figures import Figures
from adapters.discord.guilds import Guilds
from adapters.discord.identity import PLATFORM, id_of, made_at
from adapters.discord.invite import FILES, IN_THREADS, SEND
from adapters.discord.known_rooms import KnownRooms, keep
from adapters.discord.marking import file_name
from adapters.discord.outbound import link_to, rendered
from adapters.discord.posting import MESSAGES, SILENT, Parcel, Posting
from adapters.discord.refusals import CLOSED, PICTURELESS, UNPLACED, explained
from adapters.discord.threads import Threads
from adapters.discord.town import Kind, Town
from bot.cards import BESIDE, Address, Card, Direct, InThread, OnlyFor, Posted, Quote, Text
from bot.events import Member, Place
from bot.ports import Clock, DeliveryError

ALT = 1_000  # characters of what a picture shows in words

_log = structlog.get_logger("winwin.discord")


class DiscordMessenger:
    """See bot.ports.Messenger."""

    def __init__(
        self, api: DiscordApi, town: Town, clock: Clock, figures: Figures | None = None, barred: Barred | None = None
    ) -> None:
        self._api = api
        self._town = town
        self._clock = clock
        self._barred = barred or Barred(Guilds(), clock)
        self._posting = Posting(api, town, clock, figures or Figures())
        self._threads = Threads(api, self._posting, town)
        self._rooms = KnownRooms(api, town)
        self._begun: OrderedDict[str, None] = OrderedDict()  # threads that are there, as far as we know
        self.elsewhere: Callable[[Place], str] = lambda _: ""  # where people open what stands on another platform
        self.threads_in: Callable[[str], bool] = lambda _: True  # whether it may speak in a channel's threads
        self.corner: Callable[[str], str] = lambda _: ""  # of a server: a channel for threads with one member
        self.beside: Callable[[Member, Card, str], Awaitable[str]] = _in_private  # what they pressed: see Beside

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        if isinstance(to, Direct) and not tried and (shown := await self.beside(to.member, card, key)):
            return Posted(PLATFORM, f"{to.member.space}{BESIDE}", "", shown, self._clock.now())
        return await self._sent(to, Parcel(key, self._body(card), title_of(card), tried=tried, asks=quotes(card)))

    async def send_picture(self, to: Address, card: Card, png: bytes, alt: str, key: str, *, tried: int = 0) -> Posted:
        """One message with the card's words and the picture under them; where no file may be sent, the card alone."""
        picture = Upload(file_name(key), png, alt[:ALT])
        parcel = Parcel(key, self._body(card), title_of(card), (picture,), tried)
        try:
            return await self._sent(to, parcel)
        except DiscordRefusal as refused:
            if refused.code not in PICTURELESS:
                raise
            _log.warning("picture_refused", code=refused.code, needs=FILES.name)
            if isinstance(to, InThread):
                self._barred.noticed(refused, to.place.space, to.place.channel)
            return await self._sent(to, replace(parcel, files=()))

    async def revise(self, posted: Posted, card: Card) -> None:
        _, slash, thread = posted.space.partition("/")
        site = self._town.site(posted.channel)
        if not slash and site is not None and site.kind is Kind.FORUM:
            thread = posted.message
        body = self._body(card) | {"allowed_mentions": {"parse": []}}
        body.pop("flags", None)
        try:
            await self._revised(thread or posted.channel, posted.message, body)
        except DiscordRefusal as refused:
            if thread or refused.code not in (MESSAGE_GONE, CHANNEL_GONE):
                plain = explained(refused, thread or posted.channel, SEND)
                raise self._barred.noticed(plain, posted.space.partition("/")[0], posted.channel) from refused
            await self._revised(posted.message, posted.message, body)  # the first of a forum's post, as far as we know

    async def _revised(self, channel: str, message: str, body: Json) -> None:
        path = f"{MESSAGES}/{{message_id}}"
        try:
            await self._api.call("PATCH", path, json=body, channel_id=channel, message_id=message)
        except DiscordRefusal as refused:
            if refused.code != ARCHIVED:
                raise
            await self._threads.wake(channel)
            await self._api.call("PATCH", path, json=body, channel_id=channel, message_id=message)

    def link(self, place: Place) -> str:
        """Where people open a message. It needs nothing from Discord, so it can stand in any card."""
        return link_to(place, self._town) if place.platform == PLATFORM else self.elsewhere(place)

    def _body(self, card: Card) -> Json:
        shown = rendered(card, self.link)
        body: Json = {"content": shown.content, "embeds": shown.embeds, "components": shown.components}
        return body | ({"flags": SILENT} if card.quiet else {})

    # --- where it goes ----------------------------------------------------------------------------------------

    async def _sent(self, to: Address, parcel: Parcel) -> Posted:
        doubtful = self._posting.begin(parcel)
        try:
            match to:
                case InThread(place, reply):
                    return await self._in_place(place, parcel, doubtful=doubtful, reply=reply)
                case OnlyFor(place, member):
                    return await self._only_for(place, member, parcel, doubtful=doubtful)
                case Direct(member):
                    return await self._to(member, parcel, doubtful=doubtful)
        except DeliveryError as error:
            self._posting.failed(parcel.key)
            if isinstance(to, Direct) or not isinstance(error, DiscordRefusal):
                raise
            noticed = self._barred.noticed(error, to.place.space, to.place.channel)
            if noticed is not error:
                raise noticed from error
            raise

    async def _in_place(self, place: Place, parcel: Parcel, *, doubtful: bool, reply: bool) -> Posted:
        kind = await self._rooms.kind(place.channel)
        forum, thread = kind is Kind.FORUM, place.thread or place.message
        if doubtful:
            found = await self._stands(place, parcel, forum=forum)
            if found is not None:
                return found
        if forum:
            made = await (
                self._threads.into(thread, parcel) if thread else self._threads.new_post(place.channel, parcel)
            )
            return self._posted(place.space, place.channel, made, thread)
        if not thread:
            made = await self._posting.post(place.channel, parcel, SEND)
            if parcel.asks and kind is Kind.TEXT and not reply:
                await self._begin(place.channel, id_of(made.get("id")), parcel.title)
            return self._posted(place.space, place.channel, made)
        if kind is not Kind.DIRECT and not reply:
            made_there = await self._in_thread(place, thread, parcel)
            if made_there is not None:
                return self._posted(place.space, place.channel, made_there, thread)
        made = await self._posting.post(place.channel, parcel.answering(place.channel, thread), SEND)
        return self._posted(place.space, place.channel, made)

    async def _in_thread(self, place: Place, thread: str, parcel: Parcel) -> Json | None:
        """None where there can be no thread, or nothing can be said in it: then it is said in the channel."""
        site = self._town.site(thread)
        begun = thread in self._begun or (site is not None and site.is_thread)
        try:
            if begun:
                return await self._threads.into(thread, parcel)
        except DiscordRefusal as refused:
            if refused.code not in UNPLACED:
                raise
            self._begun.pop(thread, None)
            self._barred.noticed(refused, place.space, place.channel)
            _log.info("thread_not_to_be_used", thread=thread, reason=str(refused))
            return None
        if not self.threads_in(place.channel):  # nothing could be said in the one that it would begin
            known = explained(DiscordRefusal(NO_PERMISSION, "not tried", permanent=True), place.channel, IN_THREADS)
            self._barred.noticed(known, place.space, place.channel)
            _log.info("no_thread", channel=place.channel, reason=str(known))
            return None
        try:
            await self._threads.start(place.channel, thread, parcel.title)
        except DiscordRefusal as refused:
            if not refused.permanent:
                raise
            _log.info("no_thread", channel=place.channel, reason=str(refused))
            self._barred.noticed(refused, place.space, place.channel)
            if place.opens_thread and refused.code != MESSAGE_GONE:
                return None
        try:
            made = await self._threads.into(thread, parcel)
        except DiscordRefusal as refused:
            if refused.code not in UNPLACED:
                raise
            self._barred.noticed(refused, place.space, place.channel)
            return None
        keep(self._begun, thread, None)
        return made

    async def _begin(self, channel: str, message: str, title: str) -> None:
        """The post says that it is answered in its thread. Where there can be none, an answer by reference will do."""
        try:
            await self._threads.start(channel, message, title)
        except DeliveryError as error:
            _log.info("no_thread", channel=channel, reason=str(error))
        else:
            keep(self._begun, message, None)

    async def _only_for(self, place: Place, member: Member, parcel: Parcel, *, doubtful: bool) -> Posted:
        """In private; who takes no private messages is told in a thread of their own: where they wrote, or, where there
        can be none, in a channel that everybody can view."""
        if doubtful and (channel := await self._beside(place)):
            thread = await self._threads.private_known(place.space, channel, member.id)
            found = await self._posting.stands(parcel, [thread]) if thread else None
            if found is not None:
                return self._posted(place.space, channel, found, thread)
        try:
            return await self._to(member, parcel, doubtful=doubtful)
        except DiscordRefusal as refused:
            channel = await self._beside(place) if refused.code in CLOSED else ""
            if not channel:
                raise
        thread = await self._threads.private(place.space, channel, member.id)
        try:
            made = await self._threads.into(thread, parcel)
        except DiscordRefusal as refused:
            self._threads.forget(channel, member.id)
            if refused.code != CHANNEL_GONE:
                raise
            thread = await self._threads.private(place.space, channel, member.id)
            made = await self._threads.into(thread, parcel)
        return self._posted(place.space, channel, made, thread)

    async def _beside(self, place: Place) -> str:
        """The channel for a thread that only one member sees; empty: there is none."""
        if place.channel and await self._rooms.kind(place.channel) is Kind.TEXT:
            return place.channel
        return self.corner(place.space)

    async def _to(self, member: Member, parcel: Parcel, *, doubtful: bool) -> Posted:
        channel = await self._rooms.conversation(member)
        found = await self._posting.stands(parcel, [channel]) if doubtful else None
        try:
            made = found or await self._posting.post(channel, parcel, SEND)
        except DiscordRefusal as refused:
            if refused.code == CHANNEL_GONE:
                self._rooms.forget(member)
            raise
        return self._posted(member.space, channel, made)

    async def _stands(self, place: Place, parcel: Parcel, *, forum: bool) -> Posted | None:
        """What a try before this one has posted: in the thread, or in the channel where there could be none."""
        thread = place.thread or place.message
        if not forum:
            found = await self._posting.stands(parcel, filter(None, (thread, place.channel)))
        elif thread:
            found = await self._posting.stands(parcel, [thread])
        else:
            found = await self._posting.stands(parcel, await self._threads.posts(place.space, place.channel))
        if found is None:
            return None
        return self._posted(place.space, place.channel, found, thread)

    def _posted(self, guild: str, channel: str, made: Json, thread: str = "") -> Posted:
        """Discord may give back a message of an earlier try, which stands in the channel and not in the thread."""
        message, where = id_of(made.get("id")), id_of(made.get("channel_id"))
        space = f"{guild}/{thread}" if thread and where in ("", thread) else guild
        return Posted(PLATFORM, space, channel, message, made_at(message) or self._clock.now())


async def _in_private(_member: Member, _card: Card, _wish: str) -> str:
    return ""


def quotes(card: Card) -> bool:
    """Whether it brings somebody's words."""
    return any(isinstance(block, Quote) for block in card.blocks)


def title_of(card: Card) -> str:
    """What a thread or a post that begins with this card is about: the words it quotes, or its first line."""
    quoted = [block.text for block in card.blocks if isinstance(block, Quote)]
    said = [block.text for block in card.blocks if isinstance(block, Text)]
    return next((text for text in (*quoted, *said) if text.strip()), "")
