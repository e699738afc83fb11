"""Properties: whatever the order of adding, claiming, failing and finishing, threads and lanes keep their order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage_values import NOW, arrival, wish

from bot.ports import Store

Opened = Callable[[], AbstractAsyncContextManager[Store]]

SECOND = timedelta(seconds=1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("claim"), st.integers(1, 4), st.booleans()),
        st.tuples(st.sampled_from(["finish", "retry", "park"]), st.integers(0, 5), st.booleans()),
        st.tuples(st.just("wait"), st.integers(1, 20), st.booleans()),
    ),
    max_size=30,
)
CAREFUL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@CAREFUL
@given(steps=STEPS)
def test_an_inbox_row_is_never_given_behind_an_unfinished_one_of_its_thread(opened: Opened, steps: list) -> None:
    asyncio.run(_inbox(opened, steps))


async def _inbox(opened: Opened, steps: list) -> None:
    model = Model()
    async with opened() as store:
        for step, number, flag in steps:
            async with store.begin() as tx:
                if step == "add":
                    row = model.add(f"t{number}", crisis=flag)
                    back = await tx.inbox.add([arrival(f"m{row}", f"t{number}", crisis=flag)], model.now, model.lease)
                    if any(i not in model.leased or model.due[i] <= model.now for i in model.before(row)):
                        assert back == []
                    else:
                        assert [r.id for r in back] == [row]
                        model.take([row])
                elif step == "claim":
                    rows = await tx.inbox.claim(number, model.now, model.lease)
                    assert [r.id for r in rows] == model.free()[:number]
                    model.take([r.id for r in rows])
                elif step == "wait":
                    model.now += number * SECOND
                elif row := model.nth_leased(number):
                    if step == "retry":
                        await tx.inbox.retry(row, model.put_off(row), "x")
                    elif step == "park":
                        await tx.inbox.park(model.end(row), model.now, "x")
                    else:
                        await tx.inbox.finish([model.end(row)], model.now)
            async with store.read() as tx:
                assert await tx.inbox.waiting() == len(model.due)


@CAREFUL
@given(steps=STEPS)
def test_an_outbox_row_is_never_given_behind_an_undelivered_one_of_its_lane(opened: Opened, steps: list) -> None:
    asyncio.run(_outbox(opened, steps))


async def _outbox(opened: Opened, steps: list) -> None:
    model = Model()
    async with opened() as store:
        for step, number, _ in steps:
            async with store.begin() as tx:
                if step == "add":
                    row = model.add(f"l{number}")
                    (back,) = await tx.outbox.add([wish(f"k{row}", f"l{number}")], model.now, model.lease)
                    assert (back.id, back.leased) == (row, not model.before(row))
                    model.take([row] if back.leased else [])
                elif step == "claim":
                    rows = await tx.outbox.claim(number, model.now, model.lease)
                    assert [r.id for r in rows] == model.free()[:number]
                    model.take([r.id for r in rows])
                elif step == "wait":
                    model.now += number * SECOND
                elif row := model.nth_leased(number):
                    if step == "retry":
                        await tx.outbox.retry(row, model.put_off(row), "x")
                    elif step == "park":
                        await tx.outbox.park(model.end(row), model.now, "x")
                    else:
                        await tx.outbox.delivered(model.end(row), model.now, None)
            async with store.read() as tx:
                assert await tx.outbox.waiting() == len(model.due)


class Model:
    """What is waiting, as simply as it can be said: when each row is due, and which of them somebody holds."""

    def __init__(self) -> None:
        self.now = NOW
        self.due: dict[int, datetime] = {}
        self.leased: set[int] = set()
        self._lanes: dict[int, tuple[str, bool]] = {}

    @property
    def lease(self) -> datetime:
        return self.now + 10 * SECOND

    def add(self, lane: str, *, crisis: bool = False) -> int:
        row = len(self._lanes) + 1
        self._lanes[row] = (lane, crisis)
        self.due[row] = self.now
        return row

    def before(self, row: int) -> list[int]:
        """Unfinished earlier rows of the lane; for a crisis only crises."""
        lane, crisis = self._lanes[row]
        return [i for i in self.due if i < row and self._lanes[i][0] == lane and (self._lanes[i][1] or not crisis)]

    def free(self) -> list[int]:
        found = [i for i in self.due if self.due[i] <= self.now and not self.before(i)]
        return sorted(found, key=lambda i: (not self._lanes[i][1], i))

    def take(self, rows: list[int]) -> None:
        self.leased |= set(rows)
        self.due |= dict.fromkeys(rows, self.lease)

    def nth_leased(self, number: int) -> int | None:
        return sorted(self.leased)[number] if number < len(self.leased) else None

    def put_off(self, row: int) -> datetime:
        self.leased.discard(row)
        self.due[row] = self.now + 5 * SECOND
        return self.due[row]

    def end(self, row: int) -> int:
        self.leased.discard(row)
        del self.due[row]
        return row
