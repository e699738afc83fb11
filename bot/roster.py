"""Everybody who volunteers, at hand. A small community is read for each search; of a large one what was read stays in
memory between searches, and whoever is chosen from it is read again, in the same transaction, before they are asked.

So nobody is asked above their cap or in their quiet hours, however old the rest is. What can be old is who is *not*
asked: somebody who signed up through another process is found within `KEPT` and a minute. A large community is read
anew in the background (`refresh`), a page at a time; no search waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from bot import effects as do
from bot.crowd import Crowd
from bot.ports import Clock, Store, Transaction
from bot.question import Decision
from bot.routing import Volunteer

SMALL = 200  # so many volunteers are read each time
PAGE = 50  # so many are read at once in the background: about ten milliseconds
KEPT = timedelta(minutes=10)
AT_MOST = timedelta(minutes=30)  # what is older than that, because nothing could be read since, is not relied upon
TOUCHED = timedelta(minutes=1)  # longer than any transaction: after that, what it changed has been seen
TRIES = 50  # people who turn out to be different from what was remembered, before everybody is read again


class Roster:
    def __init__(self) -> None:
        self._crowd: Crowd | None = None
        self._read_at: datetime | None = None
        self._touched: dict[str, datetime] = {}
        self._skilled = True
        self._refreshing = False

    def touch(self, members: Iterable[str], now: datetime) -> None:
        """Something about these members was changed, or is about to be."""
        self._touched |= dict.fromkeys((m for m in members if m), now)

    @property
    def any_skill(self) -> bool:
        """Whether anybody, as far as was read, is known for anything. Before that, so it may be."""
        return self._skilled

    async def refresh(self, store: Store, clock: Clock) -> None:
        """Read a large community anew, if it is time for that. Others go on meanwhile, with what was read before."""
        now = clock.now()
        if self._refreshing or not self._due(now):
            return
        self._refreshing = True
        try:
            async with store.read() as tx:
                keys = await tx.volunteers.everybody()
            if len(keys) <= SMALL:
                self._crowd = None
                return
            found: list[Volunteer] = []
            for first in range(0, len(keys), PAGE):
                async with store.read() as tx:
                    found += await tx.volunteers.pool(now, keys[first : first + PAGE])
                await asyncio.sleep(0)  # where reading waits for nothing, others would
            self._keep(await asyncio.to_thread(Crowd.laid_out, found, now), now)
            self._touched = dict.fromkeys(self._touched, clock.now())  # maybe after their page was read
        finally:
            self._refreshing = False

    async def crowd(self, tx: Transaction, now: datetime) -> Crowd:
        """As it is in this transaction, as far as this process knows."""
        known, read_at = self._crowd, self._read_at
        if known is None or read_at is None or len(known) <= SMALL or not read_at <= now < read_at + AT_MOST:
            return await self._read(tx, now)
        if not self._refreshing:
            self._touched = {m: at for m, at in self._touched.items() if at > now - TOUCHED}
        if self._touched:
            await self._refresh(known, sorted(self._touched), tx, now)
        return known

    async def decide(self, tx: Transaction, now: datetime, decision: Callable[[Crowd], Decision]) -> Decision:
        """What `decision` makes of everybody, made again while somebody it asks is not as they were remembered."""
        crowd = await self.crowd(tx, now)
        for _ in range(TRIES):
            decided = decision(crowd)
            asked = [e.to for e in decided.effects if isinstance(e, do.OfferQuestion)]
            before = [crowd.get(m) for m in asked]
            if not asked:
                return decided
            await self._refresh(crowd, asked, tx, now)
            if [crowd.get(m) for m in asked] == before:
                return decided
        return decision(await self._read(tx, now))

    def _due(self, now: datetime) -> bool:
        if self._crowd is None or self._read_at is None or self._crowd.untidy:
            return True
        return not self._read_at <= now < self._read_at + KEPT

    async def _read(self, tx: Transaction, now: datetime) -> Crowd:
        crowd = Crowd(await tx.volunteers.pool(now))
        self._keep(crowd, now)
        return crowd

    def _keep(self, crowd: Crowd, now: datetime) -> None:
        self._crowd, self._read_at = crowd, now
        self._skilled = any(v.skill for v in crowd)

    async def _refresh(self, crowd: Crowd, members: list[str], tx: Transaction, now: datetime) -> None:
        found = {v.member: v for v in await tx.volunteers.pool(now, members)}
        for member in members:
            if member in found:
                crowd.put(found[member])
                self._skilled = self._skilled or bool(found[member].skill)
            else:
                crowd.drop(member)
