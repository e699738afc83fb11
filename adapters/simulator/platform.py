"""The platform of the simulation: cards as people see them, and nothing that fails."""

from __future__ import annotations

from collections.abc import Callable

from bot.cards import Address, Card, Direct, InThread, Posted
from bot.events import Member, Place
from bot.ports import Clock, DeliveryError

Seen = Callable[[Member, str], None]  # somebody, and the message they were sent


class Platform:
    """See bot.ports.Messenger. `seen` is told of every card for one person alone."""

    def __init__(self, clock: Clock, seen: Seen) -> None:
        self._clock, self._seen = clock, seen
        self.cards: dict[str, Card] = {}  # by message, as it stands now
        self._keys: dict[str, Posted] = {}

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:  # noqa: ARG002 -- the port's
        """See Messenger."""
        if key in self._keys:
            return self._keys[key]
        message = f"b{len(self._keys) + 1}"
        channel = f"dm-{to.member.id}" if isinstance(to, Direct) else to.place.channel
        posted = self._keys[key] = Posted("web", "sim", channel, message, self._clock.now())
        self.cards[message] = card
        if not isinstance(to, InThread):
            self._seen(to.member, message)
        return posted

    async def send_picture(self, to: Address, card: Card, png: bytes, alt: str, key: str, *, tried: int = 0) -> Posted:  # noqa: ARG002 -- the port's
        """See Messenger."""
        return await self.send(to, card, key, tried=tried)

    async def revise(self, posted: Posted, card: Card) -> None:
        """See Messenger."""
        if posted.message not in self.cards:
            raise DeliveryError("that card is gone", permanent=True)
        self.cards[posted.message] = card

    def link(self, place: Place) -> str:
        """See Messenger."""
        return place.key
