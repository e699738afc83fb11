"""The front door: triage in memory, one short transaction for all that arrived together, then the acknowledgement."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.cards import Form
from bot.events import FormSubmitted, MessageEdited, MessagePosted, PlatformEvent
from bot.judging import Heard, Judge
from bot.ports import Clock, Store
from bot.post import Arrival, InboxRow
from bot.private_details import without
from bot.safety.findings import without as sparing
from bot.safety.notes import to_strings
from bot.safety.triage import Code, Triage, is_crisis

SPOKEN = frozenset({Form.ANSWER, Form.ASK, Form.WRITE_BACK})
LEASE = timedelta(minutes=10)
TOGETHER = 500  # arrivals in one transaction at most
BUSY = 0.02  # seconds: when the last commit is no older than this, more is coming
GATHER = 0.01  # seconds that arrivals are gathered then


class Reception:
    """`receive` returns when the facts are safe. New rows come back through `fresh`, in order."""

    def __init__(
        self, store: Store, clock: Clock, triage: Triage, judge: Judge, fresh: asyncio.Queue[list[InboxRow]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._triage = triage
        self._judge = judge
        self._fresh = fresh
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._written_at = float("-inf")  # by the event loop's clock

    async def receive(self, events: Sequence[PlatformEvent]) -> None:
        """Commit the facts; what arrives at the same moment shares one commit. Raises what the store raises."""
        loop = asyncio.get_running_loop()
        done: list[asyncio.Future[None]] = []
        for event in events:
            future: asyncio.Future[None] = loop.create_future()
            arrival = self.triaged(event)
            self._look_ahead(arrival)
            self._waiting.append((arrival, future))
            done.append(future)
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write())
        await asyncio.gather(*done)

    def triaged(self, event: PlatformEvent) -> Arrival:
        """The fact with its findings. A crisis loses its words here; phone numbers and the like are never stored."""
        if isinstance(event, FormSubmitted):
            return self._triaged_form(event)
        if not isinstance(event, MessagePosted | MessageEdited) or event.by_bot:
            return Arrival(event)
        findings = sparing(self._triage.check(event.text), getattr(event, "spared", ()))
        if is_crisis(findings):
            return Arrival(replace(event, text=""), to_strings(findings), crisis=True)
        if any(f.code is Code.P1 for f in findings):
            event = replace(event, text=without(event.text, wide=False))
        return Arrival(event, to_strings(findings))

    def _triaged_form(self, event: FormSubmitted) -> Arrival:
        """Forms in which people write to people are read like messages; the others hold settings or resources."""
        if event.form not in SPOKEN:
            return Arrival(event)
        text = event.values.get("text", "")
        findings = self._triage.check(text)
        if is_crisis(findings):
            return Arrival(replace(event, values={}), to_strings(findings), crisis=True)
        if any(f.code is Code.P1 for f in findings):
            event = replace(event, values={**event.values, "text": without(text, wide=False)})
        return Arrival(event, to_strings(findings))

    def _look_ahead(self, arrival: Arrival) -> None:
        """The model may begin with what opens a thread; a crisis never comes near it."""
        event = arrival.event
        if isinstance(event, MessagePosted) and event.place.opens_thread and not (event.by_bot or arrival.crisis):
            self._judge.look_ahead(Heard(event.text, (), event.mentions_bot or event.direct))

    async def _write(self) -> None:
        while self._waiting:
            if asyncio.get_running_loop().time() - self._written_at < BUSY:
                await asyncio.sleep(GATHER)  # a stream: let the next few share the commit
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            now = self._clock.now()
            try:
                async with self._store.post() as tx:
                    rows = await tx.inbox.add([arrival for arrival, _ in batch], now, now + LEASE)
            except Exception as error:  # the caller is told; the platform will deliver again
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            self._written_at = asyncio.get_running_loop().time()
            for _, future in batch:
                if not future.done():
                    future.set_result(None)
            if rows:
                self._fresh.put_nowait(rows)
