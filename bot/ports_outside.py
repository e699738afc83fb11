"""What the core needs of the world, as small Protocols: the time, platforms, a painter, the sentence model."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.cards import Address, Card, Posted
from bot.chart import Chart
from bot.events import ChannelRenamed, Member, MemberChanged, MessagePosted, Place


class DeliveryError(Exception):
    """A platform did not take what was sent. `permanent` means trying again is of no use."""

    def __init__(self, reason: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after  # seconds the platform asked us to wait


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class Messenger(Protocol):
    """One platform's mouth. All of them raise DeliveryError and nothing else."""

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        """`key` is the same when the same wish is sent again: the platform's help against posting twice. `tried`: how
        often it was tried before, also by a process that was killed; any of these tries may have gone through."""
        ...

    async def send_picture(self, to: Address, card: Card, png: bytes, alt: str, key: str, *, tried: int = 0) -> Posted:
        """Like `send`, with a picture under the card; `alt` says in words what there is to see."""
        ...

    async def revise(self, posted: Posted, card: Card) -> None: ...

    def link(self, place: Place) -> str:
        """An address a person can open to see the message, whichever platform it stands on; empty without one."""
        ...


class Directory(Protocol):
    """One platform's word on who people and channels are. Raises DeliveryError."""

    async def person(self, member: Member, space: str) -> MemberChanged | None:
        """`space`: where they were seen, which need not be their own. None: the platform does not say."""
        ...

    async def channel(self, place: Place) -> ChannelRenamed | None:
        """Its name, and whether everybody there may read it. None: the platform does not say."""
        ...


class Reader(Protocol):
    """One platform's messages, as they stand there now. Raises DeliveryError."""

    async def message(self, place: Place) -> MessagePosted | None:
        """None: it is gone, or the platform does not let the bot read it."""
        ...


class Painter(Protocol):
    """Draws charts, off the event loop."""

    async def paint(self, chart: Chart) -> bytes:
        """A PNG of at most 1,000 by 1,000 pixels."""
        ...


class Model(Protocol):
    """The sentence model, off the event loop and in batches."""

    def embed(self, texts: Sequence[str]) -> Awaitable[NDArray[np.float32]]:
        """Shape (n, d), unit rows."""
        ...

    def read(self, texts: Sequence[str | tuple[str, str]]) -> Awaitable[NDArray[np.float32]]:
        """What each message, or each question with a reply, is: shape (n, bot.reading.WIDTH). Only of a model that is
        made into a reader."""
        ...
