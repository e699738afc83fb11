"""The bot's mouth in the web community: writes its cards into the chat and wakes the open pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from adapters.web.chat import BOT, PLATFORM, SPACE, ChatStore, private_channel, private_member
from adapters.web.codec import dump_card
from adapters.web.live import Viewers
from bot.cards import BESIDE, Address, Block, Card, Direct, Link, OnlyFor, Posted
from bot.events import Place
from bot.ports import Clock, DeliveryError

T = TypeVar("T")


class WebMessenger:
    """`public_url` is the address of the site without a slash at its end, for links that leave it."""

    def __init__(self, chat: ChatStore, viewers: Viewers, clock: Clock, public_url: str = "") -> None:
        self._chat = chat
        self._viewers = viewers
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self.elsewhere: Callable[[Place], str] = lambda _: ""  # where people open what stands on another platform

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:  # noqa: ARG002 -- the key says it
        return await self._write(to, dump_card(self._addressed(card)), key, b"")

    async def send_picture(
        self,
        to: Address,
        card: Card,
        png: bytes,
        alt: str,
        key: str,
        *,
        tried: int = 0,  # noqa: ARG002 -- the key says it
    ) -> Posted:
        return await self._write(to, dump_card(self._addressed(card), alt), key, png)

    async def _write(self, to: Address, card: str, key: str, png: bytes) -> Posted:
        channel, thread, only_for = _where(to)
        if thread:
            root = await _kept(self._chat.get(thread))
            if root is None:
                raise DeliveryError(f"there is no post {thread} to answer under", permanent=True)
        post = await _kept(
            self._chat.add(
                channel=channel,
                author=BOT,
                at=self._clock.now(),
                thread=thread,
                card=card,
                only_for=only_for,
                key=key,
                reported=True,
                picture=png,
            )
        )
        self._viewers.wake()
        return Posted(PLATFORM, SPACE + BESIDE if only_for else SPACE, post.channel, post.id, post.at)

    async def revise(self, posted: Posted, card: Card) -> None:
        if await _kept(self._chat.revise(posted.message, dump_card(self._addressed(card)))) is None:
            raise DeliveryError(f"post {posted.message} is gone", permanent=True)
        self._viewers.wake()

    def link(self, place: Place) -> str:
        return self._public_url + path_of(place) if place.platform == PLATFORM else self.elsewhere(place)

    def _addressed(self, card: Card) -> Card:
        """A page is made from the chat alone, so a link out of the site takes its address along."""
        return replace(card, blocks=tuple(self._leading(block) for block in card.blocks))

    def _leading(self, block: Block) -> Block:
        if isinstance(block, Link) and block.place.platform != PLATFORM:
            return replace(block, address=self.elsewhere(block.place))
        return block


def path_of(place: Place) -> str:
    """The page on which a post is seen, at the post."""
    return page_of(place.channel, place.thread, place.message)


def page_of(channel: str, thread: str, message: str = "") -> str:
    anchor = f"#post-{message}" if message else ""
    if private_member(channel):
        return f"/private{anchor}"
    return f"/c/{channel}/t/{thread}{anchor}"


def _where(to: Address) -> tuple[str, str, str]:
    """Channel, thread, and for whom only."""
    if isinstance(to, Direct):
        return private_channel(to.member.id), "", ""
    if isinstance(to, OnlyFor):
        return to.place.channel, to.place.thread, to.member.id
    return to.place.channel, to.place.thread, ""


async def _kept(step: Awaitable[T]) -> T:
    """A store that fails is a platform that is down for a moment: the outbox tries again."""
    try:
        return await step
    except Exception as error:
        raise DeliveryError(f"the chat could not be written: {type(error).__name__}", permanent=False) from error
