"""The front door: triage in memory, one short transaction for all that arrived together, then the acknowledgement."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import takewhile

from bot.cards import Form
from bot.events import FormSubmitted, MessageDeleted, MessageEdited, MessagePosted, PlatformEvent
from bot.judging import Heard, Judge
from bot.piecing import Pieces
from bot.ports import Clock, Store, StoreAway
from bot.post import Arrival, InboxRow
from bot.private_details import without
from bot.safety.findings import without as sparing
from bot.safety.notes import to_strings
from bot.safety.triage import Code, Finding, Triage, is_crisis
from bot.second_look import SecondLook

SPOKEN = frozenset({Form.ANSWER, Form.ASK, Form.WRITE_BACK})  # people write to people
SHELVED = frozenset({Form.SAVE_RESOURCE, Form.EDIT_DRAFT, Form.MERGE_DRAFT, Form.ADD_PHRASE, Form.EDIT_RESOURCE})
TYPED = ("title", "text", "asked_as")  # fields of forms that hold sentences, in which numbers and addresses are hidden
LEASE = timedelta(minutes=10)
Message = MessagePosted | MessageEdited
TOGETHER = 500  # arrivals in one transaction at most
BUSY = 0.02  # seconds: when the last commit is no older than this, more is coming
GATHER = 0.01  # seconds that arrivals are gathered then


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands in line to be stored: it is being read, and somebody waits for it. `last`: nothing of it stands
    further back in the line."""

    reading: asyncio.Future[list[Arrival]]
    stored: asyncio.Future[None]
    last: bool = True

    @property
    def urgent(self) -> bool:
        """It has been read, and is a crisis."""
        if not self.reading.done() or self.reading.cancelled() or self.reading.exception() is not None:
            return False
        return any(arrival.crisis for arrival in self.reading.result())

    def overtaking(self) -> tuple[Slot, list[Slot]]:
        """The crisis alone, and what stays in line: what it takes back can only be taken back once it is there."""
        crisis, *before = self.reading.result()
        if not before:
            return self, []
        return Slot(_known([crisis]), self.stored, last=False), [replace(self, reading=_known(before))]


class Reception:
    """`receive` returns when the facts are safe. New rows come back through `fresh`, in order."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        triage: Triage,
        judge: Judge,
        fresh: asyncio.Queue[list[InboxRow]],
        *,
        scan_opted_out: bool = True,
    ) -> None:
        """`scan_opted_out`: whether messages of members who opted out are still read for a crisis."""
        self._store = store
        self._scan_opted_out = scan_opted_out
        self._clock = clock
        self._judge = judge
        self._fresh = fresh
        self._pieces = Pieces(triage)
        self._second_look = SecondLook(judge, clock, self.receive)
        self._waiting: list[Slot] = []
        self._one_read = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._written_at = float("-inf")  # by the event loop's clock

    async def receive(self, events: Sequence[PlatformEvent]) -> None:
        """Commit the facts; what arrives at the same moment shares one commit. Raises what the store raises."""
        loop = asyncio.get_running_loop()
        done: list[asyncio.Future[None]] = []
        for event in events:
            future: asyncio.Future[None] = loop.create_future()
            reading = loop.create_task(self._read(event))
            reading.add_done_callback(lambda _: self._one_read.set())
            self._waiting.append(Slot(reading, future))
            done.append(future)
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write())
        await asyncio.gather(*done)

    async def _read(self, event: PlatformEvent) -> list[Arrival]:
        """Nothing where nobody said anything that would be kept; with a crisis also what is taken back for it."""
        if not self._scan_opted_out and isinstance(event, Message) and await self._left_alone(event):
            return [] if await self._asks_there(event) else [Arrival(replace(event, text="", beside=""))]
        arrival, before = await self.at_the_door(event)
        passed_on = isinstance(event, MessagePosted) and event.beside and not event.text
        if passed_on and not arrival.crisis:
            return []
        self._look_ahead(arrival)
        return [arrival, *map(Arrival, before)]

    async def _left_alone(self, event: Message) -> bool:
        """Said among people by somebody who opted out, in a community that reads nothing of theirs then. What is said
        to the bot itself is read. Where it can't be looked up, it is read too: that mistake harms nobody."""
        if event.direct or (isinstance(event, MessagePosted) and event.mentions_bot):
            return False
        try:
            async with self._store.read() as tx:
                author = (await tx.members.get([event.author.key])).get(event.author.key)
        except StoreAway:
            return False
        return author is not None and author.opted_out

    async def _asks_there(self, event: Message) -> bool:
        """Whether what is not read is an edit of something they asked before: that stays as it was. Without its words
        it would look as if they had taken them out."""
        if not isinstance(event, MessageEdited):
            return False
        try:
            async with self._store.read() as tx:
                here = await tx.questions.all_in([event.place.thread_key])
        except StoreAway:
            return True
        return any(q.asker == event.author.key for q in here.get(event.place.thread_key, ()))

    async def triaged(self, event: PlatformEvent) -> Arrival:
        """The fact with its findings. A crisis loses its words here; phone numbers and the like are never stored."""
        return (await self.at_the_door(event))[0]

    async def at_the_door(self, event: PlatformEvent) -> tuple[Arrival, tuple[MessageDeleted, ...]]:
        """The same, with what was said before and belongs to it, if it is a crisis in pieces."""
        if isinstance(event, FormSubmitted):
            return await self._triaged_form(event), ()
        if not isinstance(event, MessagePosted | MessageEdited) or event.by_bot:
            return Arrival(event), ()
        findings = await self._findings(event, f"{event.text}\n{event.beside}" if event.beside else event.text)
        findings = sparing(findings, getattr(event, "spared", ()))
        event = replace(event, beside="")
        before: tuple[MessageDeleted, ...] = ()
        if isinstance(event, MessagePosted):
            crisis = is_crisis(findings)
            together = self._pieces.leading_to(event, findings) if crisis else self._pieces.joined(event)
            findings, before = together.findings or findings, together.before
            if together.let_go:
                return Arrival(replace(event, text="")), ()
        if is_crisis(findings):
            return Arrival(replace(event, text=""), to_strings(findings), crisis=True), before
        if any(f.code is Code.P1 for f in findings):
            event = replace(event, text=without(event.text, wide=False))
        return Arrival(event, to_strings(findings)), ()

    async def _triaged_form(self, event: FormSubmitted) -> Arrival:
        """All that was typed is read like a message, whatever the form is for. What a resource says of red flags of
        the body is for those who read drafts (bot.forms refuses it); it pages nobody."""
        typed = "\n".join(value for value in event.values.values() if value)
        findings = await self._findings(event, typed)
        shelved = event.form in SHELVED
        if is_crisis(f for f in findings if not (shelved and f.code is Code.C3)):
            return Arrival(replace(event, values={}), to_strings(findings), crisis=True)
        if event.form not in SPOKEN:
            return Arrival(event)
        if any(f.code is Code.P1 for f in findings):
            hidden = {k: without(v, wide=False) if k in TYPED else v for k, v in event.values.items()}
            event = replace(event, values=hidden)
        return Arrival(event, to_strings(findings))

    async def _findings(self, event: MessagePosted | MessageEdited | FormSubmitted, text: str) -> tuple[Finding, ...]:
        heed = await self._judge.read(text)
        if heed.again and not is_crisis(heed.findings):
            self._second_look.later(event, text)
        return heed.findings

    def _look_ahead(self, arrival: Arrival) -> None:
        """The model may begin with what opens a thread; a crisis is judged no further."""
        event = arrival.event
        if isinstance(event, MessagePosted) and event.place.opens_thread and not (event.by_bot or arrival.crisis):
            self._judge.look_ahead(Heard(event.text, (), event.mentions_bot or event.direct))

    async def _been_read(self) -> list[Slot]:
        """The next that have been read, in their order. None overtakes another but a crisis: it waits for no model that
        reads what came before it."""
        while True:
            self._one_read.clear()
            ready = list(takewhile(lambda slot: slot.reading.done(), self._waiting))[:TOGETHER]
            others: list[Slot] = []
            batch = list(ready)
            for slot in self._waiting[len(ready) :]:
                early, left = slot.overtaking() if slot.urgent else (None, [slot])
                batch += [] if early is None else [early]
                others += left
            if batch:
                self._waiting = others
                return batch
            await self._one_read.wait()

    async def _write(self) -> None:
        while self._waiting:
            if asyncio.get_running_loop().time() - self._written_at < BUSY:
                await asyncio.sleep(GATHER)  # a stream: let the next few share the commit
            batch = await self._been_read()
            try:
                arrivals = [arrival for slot in batch for arrival in slot.reading.result()]
                now = self._clock.now()
                async with self._store.post() as tx:
                    rows = await tx.inbox.add(arrivals, now, now + LEASE)
            except Exception as error:  # the caller is told; the platform will deliver again
                for slot in batch:
                    if not slot.stored.done():
                        slot.stored.set_exception(error)
                continue
            self._written_at = asyncio.get_running_loop().time()
            for slot in batch:
                if slot.last and not slot.stored.done():
                    slot.stored.set_result(None)
            if rows:
                self._fresh.put_nowait(rows)


def _known(arrivals: list[Arrival]) -> asyncio.Future[list[Arrival]]:
    known: asyncio.Future[list[Arrival]] = asyncio.get_running_loop().create_future()
    known.set_result(arrivals)
    return known
