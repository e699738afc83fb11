"""Properties: whatever the order of adding, claiming, failing and finishing, threads and lanes keep their order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

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
    now, waiting, held, count = NOW, {}, {}, 0  # waiting: id -> (thread, crisis); held: id -> lease's end
    async with opened() as store:
        for step, number, flag in steps:
            async with store.begin() as tx:
                if step == "add":
                    count += 1
                    await tx.inbox.add([arrival(f"m{count}", f"t{number}", crisis=flag)], now, now + 10 * SECOND)
                    waiting[count] = (f"t{number}", flag)
                    if not any(
                        t == f"t{number}" and (c or not flag) and held.get(i, now) <= now
                        for i, (t, c) in waiting.items()
                        if i < count
                    ):
                        held[count] = now + 10 * SECOND
                elif step == "claim":
                    rows = await tx.inbox.claim(number, now, now + 10 * SECOND)
                    free = [i for i in waiting if held.get(i, now) <= now and not _blocked(waiting, i)]
                    free.sort(key=lambda i: (not waiting[i][1], i))
                    assert [int(r.arrival.event.place.message[1:]) for r in rows] == free[:number]
                    held |= dict.fromkeys(free[:number], now + 10 * SECOND)
                elif step == "wait":
                    now += number * SECOND
                elif held and number < len(held):
                    chosen = sorted(held)[number]
                    if step == "retry":
                        await tx.inbox.retry(chosen, now + 5 * SECOND, "x")
                        held[chosen] = now + 5 * SECOND
                        continue
                    await (tx.inbox.finish([chosen], now) if step == "finish" else tx.inbox.park(chosen, now, "x"))
                    held.pop(chosen)
                    waiting.pop(chosen)
            async with store.read() as tx:
                assert await tx.inbox.waiting() == len(waiting)


def _blocked(waiting: dict[int, tuple[str, bool]], row: int) -> bool:
    thread, crisis = waiting[row]
    return any(t == thread and i < row and (c or not crisis) for i, (t, c) in waiting.items())


@CAREFUL
@given(steps=STEPS)
def test_an_outbox_row_is_never_given_behind_an_undelivered_one_of_its_lane(opened: Opened, steps: list) -> None:
    asyncio.run(_outbox(opened, steps))


async def _outbox(opened: Opened, steps: list) -> None:
    now, waiting, held, count = NOW, {}, {}, 0  # waiting: id -> lane
    async with opened() as store:
        for step, number, _ in steps:
            async with store.begin() as tx:
                if step == "add":
                    count += 1
                    (row,) = await tx.outbox.add([wish(f"k{count}", f"l{number}")], now, now + 10 * SECOND)
                    assert row.leased == (f"l{number}" not in waiting.values())
                    waiting[count] = f"l{number}"
                    if row.leased:
                        held[count] = now + 10 * SECOND
                elif step == "claim":
                    rows = await tx.outbox.claim(number, now, now + 10 * SECOND)
                    first = {lane: i for i, lane in sorted(waiting.items(), reverse=True)}
                    free = sorted(i for i in first.values() if held.get(i, now) <= now)[:number]
                    assert [r.id for r in rows] == free
                    held |= dict.fromkeys(free, now + 10 * SECOND)
                elif step == "wait":
                    now += number * SECOND
                elif held and number < len(held):
                    chosen = sorted(held)[number]
                    if step == "retry":
                        await tx.outbox.retry(chosen, now + 5 * SECOND, "x")
                        held[chosen] = now + 5 * SECOND
                        continue
                    await (
                        tx.outbox.delivered(chosen, now, None) if step == "finish" else tx.outbox.park(chosen, now, "x")
                    )
                    held.pop(chosen)
                    waiting.pop(chosen)
            async with store.read() as tx:
                assert await tx.outbox.waiting() == len(waiting)
