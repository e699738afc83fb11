"""Are there people to call when somebody is in danger? Whoever owns the community is told once a day when there are not
enough of them."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.community import MemberRecord, Role
from bot.effects import Notify
from bot.news import Notice
from bot.policy import Policy
from bot.ports import Clock, Store, Transaction
from bot.safety.alerts import ENOUGH
from bot.steps import Steps

_log = structlog.get_logger("winwin.manning")


@dataclass(frozen=True, slots=True)
class OnWatch:
    """How many persons are paged in a crisis, how many of them when a child may not be safe, and whom to tell of it."""

    people: int
    leads: int
    told: tuple[str, ...]
    accounts: frozenset[str]

    @property
    def enough(self) -> bool:
        return self.people >= ENOUGH


async def on_watch(tx: Transaction) -> OnWatch:
    leads, moderators, owners = [
        [m for m in await tx.members.with_role(role) if not m.deactivated]
        for role in (Role.SAFETY_LEAD, Role.MODERATOR, Role.OWNER)
    ]
    told = owners or moderators or leads
    everybody = [*leads, *moderators, *owners]
    accounts = frozenset(m.key for m in everybody)
    return OnWatch(_heads(everybody), _heads([*leads, *owners]), tuple(m.key for m in told), accounts)


def _heads(members: list[MemberRecord]) -> int:
    """Two accounts of one person are one person, who sleeps at night."""
    return len({m.person for m in members})


class Manning:
    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def look_one(self) -> bool:
        """Tell whoever answers for it, once a day. An empty community, that nobody has joined yet, needs nobody."""
        async with self._store.read() as tx:
            found = await on_watch(tx)
            if found.enough or not await tx.members.all():
                return False
        _log.warning("few_on_watch", people=found.people)
        async with self._store.begin() as tx:
            steps = Steps(tx, self._clock, self._policy, leased_until=self._clock.now())
            notices = tuple(Notify(m, Notice.FEW_WATCH, str(found.people)) for m in found.told)
            await steps.say(notices, f"few-watch:{self._clock.now():%Y-%m-%d}")
        return False  # one look is enough for a tick
