"""A message that was no crisis after all is read again where it stands, and handled like any other.

Its words were dropped when the alert was raised, so its platform is asked for them. They are read by all rules again;
those that a person has called false for this very message do not count any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto

from bot.alarming import called_false
from bot.events import Place, PlatformEvent
from bot.ports import DeliveryError, Reader, Store, Transaction
from bot.post import Arrival
from bot.safety.alerts import Alert

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]


class Outcome(Enum):
    HANDLED = auto()  # like any other message
    ALARMING = auto()  # another rule has found something: people are paged again
    GONE = auto()  # it cannot be read any more


class Rereading:
    """`readers` by platform; `receive` is the front door, `triaged` what it makes of a fact."""

    def __init__(
        self,
        store: Store,
        readers: Mapping[str, Reader],
        receive: Receive,
        triaged: Callable[[PlatformEvent], Awaitable[Arrival]],
    ) -> None:
        self._store = store
        self._readers = readers
        self._receive = receive
        self._triaged = triaged

    async def read(self, alert: Alert) -> Outcome:
        """Raises DeliveryError when its platform may give it later."""
        reader = self._readers.get(alert.place.platform)
        if reader is None or not alert.place.channel:  # what was typed into a form stands nowhere
            return Outcome.GONE
        async with self._store.read() as tx:
            if await _taken_out(alert.place, tx):
                return Outcome.GONE
            spared = await called_false(alert.place, tx)
        try:
            said = await reader.message(alert.place)
        except DeliveryError as error:
            if not error.permanent:
                raise
            return Outcome.GONE
        if said is None or said.author.key != alert.author or said.by_bot:
            return Outcome.GONE
        again = replace(said, place=alert.place, direct=alert.private, again=alert.id, spared=spared)
        await self._receive([again])
        return Outcome.ALARMING if (await self._triaged(again)).crisis else Outcome.HANDLED


async def _taken_out(place: Place, tx: Transaction) -> bool:
    """A question that was edited into what looked like a crisis is closed, and not opened again."""
    question = (await tx.questions.in_threads([place.thread_key])).get(place.thread_key)
    return question is not None and place.opens_thread and not question.text
