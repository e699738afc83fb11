"""Rows of the inbox are handled: together in one transaction, alone when that fails, later when it fails again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.applying import Applying
from bot.around import Judged
from bot.community import Audit
from bot.delivery import POISON, Delivery, pause
from bot.effects import Notify
from bot.librarian import Librarian
from bot.line import Line
from bot.meeting import Meeting, meet
from bot.news import Notice
from bot.ports import Conflict, Store, StoreAway
from bot.post import InboxRow
from bot.publishing import After
from bot.sending_off import SendingOff
from bot.skills import Skills
from bot.stepping import Stepping
from knowledge.resources import Resource

AWAY = 1.0  # seconds until a store that was away is tried again

_log = structlog.get_logger("winwin.desk")


class Handling:
    def __init__(
        self,
        store: Store,
        line: Line,
        meeting: Meeting,
        applying: Applying,
        stepping: Stepping,
        sending: SendingOff,
        delivery: Delivery,
        librarian: Librarian,
        skills: Skills,
    ) -> None:
        self._store = store
        self._line = line
        self._meeting = meeting
        self._applying = applying
        self._stepping = stepping
        self._sending = sending
        self._delivery = delivery
        self._librarian = librarian
        self._skills = skills
        self._unindexed: list[Resource] = []
        self._lock = asyncio.Lock()

    async def handle(self, rows: Sequence[InboxRow]) -> None:
        """Judge together, apply in one transaction; when that fails, one by one, so that neighbours go on."""
        async with self._lock:
            try:
                await self._meeting.through_platforms(rows)
                judged = await self._applying.judge(rows)
                await self._apply(judged)
            except StoreAway as away:
                await self._wait_for_store(rows, away)
            except Exception as error:
                try:
                    if len(rows) == 1 and not isinstance(error, Conflict):  # then it is judged anew
                        await self._not_handled(rows[0], error)
                    else:
                        for row in rows:
                            await self._handle_alone(row)
                except StoreAway as away:
                    await self._wait_for_store(rows, away)
            finally:
                self._line.let_go(rows)

    async def _wait_for_store(self, rows: Sequence[InboxRow], away: StoreAway) -> None:
        """Nothing is wrong with the rows: they come next once more, in a moment. One that was handled is ours no longer
        and does nothing."""
        _log.warning("store_away", reason=str(away), rows=len(rows))
        await asyncio.sleep(AWAY)
        self._line.again(rows)

    async def _handle_alone(self, row: InboxRow) -> None:
        try:
            await self._apply(await self._applying.judge([row]))
        except StoreAway:
            raise
        except Exception as error:  # recorded, tried again later, parked in the end
            await self._not_handled(row, error)

    async def _apply(self, judged: Sequence[Judged]) -> None:
        after = After()
        async with self._store.begin() as tx:
            steps = self._stepping.steps(tx)
            ours = await tx.inbox.still_ours([one.row.id for one in judged])  # or another process has handled them
            judged = [one for one in judged if one.row.id in ours]
            await meet(judged, steps)
            for one in judged:
                await self._applying.apply(one, steps, after)
            await tx.inbox.finish([one.row.id for one in judged], steps.now)
        await self._index(after.index)
        self._delivery.give_back(steps.returned)
        self._sending.send_off(steps.outgoing, steps.fresh)
        if after.helped:
            self._sending.in_background(self._skills.learn(after.helped), "winwin-learn")

    async def _index(self, changed: Sequence[Resource]) -> None:
        """The facts are handled by now: a model that fails here must not have them handled again."""
        self._unindexed += changed
        if not self._unindexed:
            return
        try:
            await self._librarian.put(self._unindexed)
            self._unindexed = []
        except Exception:  # tried again with the next rows, and at the next start
            _log.exception("indexing_broke", resources=[r.id for r in self._unindexed])

    async def _not_handled(self, row: InboxRow, error: Exception) -> None:
        """Tried again with a pause; after five tries parked, with an alert."""
        _log.warning("row_not_handled", row=row.id, attempts=row.attempts, error=type(error).__name__, exc_info=error)
        async with self._store.begin() as tx:
            steps = self._stepping.steps(tx)
            if row.attempts < POISON:
                due = steps.now + timedelta(seconds=pause(row.attempts))
                await tx.inbox.retry(row.id, due, type(error).__name__)
            else:
                await tx.inbox.park(row.id, steps.now, type(error).__name__)
                notices = tuple(Notify(m, Notice.UNHANDLED) for m in await steps.moderators())
                await steps.say(notices, f"inbox:{row.id}:parked")
                await tx.audit.append([Audit(steps.now, "winwin", "parked", f"inbox:{row.id}", type(error).__name__)])
        self._sending.send_off(steps.outgoing)
