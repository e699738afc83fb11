"""A step of the desk: one transaction, and what it wishes is sent off as soon as that is committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.delivery import HELD
from bot.policy import Policy
from bot.ports import Clock, Conflict, Store, Transaction
from bot.recollection import Recollection
from bot.sending_off import SendingOff
from bot.steps import Steps


class Stepping:
    def __init__(self, store: Store, clock: Clock, policy: Policy, known: Recollection, sending: SendingOff) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._known = known
        self._sending = sending

    def steps(self, tx: Transaction) -> Steps:
        return Steps(tx, self._clock, self._policy, self._clock.now() + HELD, self._known)

    async def take(self, step: Callable[[Steps], Awaitable[None]]) -> bool:
        """One transaction; when somebody else was faster, nothing: the deadline is looked at again at the next tick."""
        try:
            async with self._store.begin() as tx:
                steps = self.steps(tx)
                await step(steps)
        except Conflict:
            return False
        self._sending.send_off(steps.outgoing)
        return True
