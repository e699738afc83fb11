"""The inbox: repeats end, order within a thread holds, crises overtake, nobody gets what somebody else has."""

from __future__ import annotations

import asyncio
from datetime import datetime

from storage_values import ANA, BEN, DAY, LEASE, MINUTE, NOW, arrival, place

from bot.events import ButtonPressed, FormSubmitted, MemberJoined, MessageDeleted, MessageEdited, PlatformEvent
from bot.ports import Store
from bot.post import Arrival, InboxRow

LATER = LEASE + MINUTE  # when the lease has run out


async def add(store: Store, *arrivals: Arrival) -> list[InboxRow]:
    async with store.begin() as tx:
        return await tx.inbox.add(arrivals, NOW, LEASE)


async def claim(store: Store, limit: int = 10, now: datetime = NOW) -> list[InboxRow]:
    async with store.begin() as tx:
        return await tx.inbox.claim(limit, now, now + MINUTE)


async def test_what_is_new_comes_back_in_order_leased_for_the_first_time(store: Store) -> None:
    rows = await add(store, arrival("m1"), arrival("m2", crisis=True))
    assert [(r.arrival, r.received_at, r.attempts) for r in rows] == [
        (arrival("m1"), NOW, 1),
        (arrival("m2", crisis=True), NOW, 1),
    ]
    assert rows[0].id < rows[1].id
    assert await claim(store) == []


async def test_every_kind_of_event_comes_back_as_it_was(store: Store) -> None:
    events: list[PlatformEvent] = [
        arrival("m1", text="é 🫂 \u202eabc\u202c z̴̢a̵lgo <b>&amp;</b>").event,
        MessageEdited(place("m1"), ANA, "better words", NOW, by_bot=True),
        MessageDeleted(place("m1"), NOW),
        ButtonPressed("press-1", "helped", "q1", BEN, NOW),
        FormSubmitted("sub-1", "volunteer", "", {"topics": "school", "ü": ""}, BEN, NOW),
        MemberJoined(BEN, "Ben", "web:home:help", NOW),
    ]
    arrivals = [Arrival(event, ("M1/self/rule+rule",)) for event in events]
    await add(store, *arrivals)
    async with store.begin() as tx:
        await tx.inbox.release()
    seen = []
    while rows := await claim(store, 10, NOW):
        seen += [row.arrival for row in rows]
        async with store.begin() as tx:
            await tx.inbox.finish([row.id for row in rows], NOW)
    assert sorted(seen, key=arrivals.index) == arrivals


async def test_a_repeat_is_left_out_even_within_one_batch(store: Store) -> None:
    await add(store, arrival("m1"))
    rows = await add(store, arrival("m2"), arrival("m1"), arrival("m2"), arrival("m3"))
    assert [r.arrival for r in rows] == [arrival("m2"), arrival("m3")]


async def test_a_repeat_of_what_is_long_handled_is_left_out(store: Store) -> None:
    (row,) = await add(store, arrival("m1"))
    async with store.begin() as tx:
        await tx.inbox.finish([row.id], NOW)
    assert await add(store, arrival("m1")) == []


async def test_adding_and_finishing_nothing_is_fine(store: Store) -> None:
    assert await add(store) == []
    async with store.begin() as tx:
        await tx.inbox.finish([], NOW)
        await tx.inbox.finish([99], NOW)


async def test_a_lease_that_ran_out_is_given_again_and_counted(store: Store) -> None:
    (row,) = await add(store, arrival("m1"))
    assert await claim(store, now=LEASE - MINUTE / 2) == []
    (again,) = await claim(store, now=LATER)
    assert (again.id, again.arrival, again.attempts) == (row.id, arrival("m1"), 2)


async def test_crises_come_first_then_the_oldest(store: Store) -> None:
    await add(store, arrival("m1"), arrival("m2"), arrival("m3", crisis=True), arrival("m4", crisis=True))
    rows = await claim(store, 3, LATER)
    assert [r.arrival.event.key for r in rows] == [f"posted:web:home:help:{m}" for m in ("m3", "m4", "m1")]


async def test_one_of_a_thread_at_a_time_in_the_order_they_came(store: Store) -> None:
    await add(store, arrival("m1"), arrival("m2", "m1"), arrival("m3", "m1"), arrival("m4"))
    first = await claim(store, 10, LATER)
    assert [r.arrival for r in first] == [arrival("m1"), arrival("m4")]
    assert await claim(store, 10, LATER) == []
    async with store.begin() as tx:
        await tx.inbox.finish([first[0].id], LATER)
    assert [r.arrival for r in await claim(store, 10, LATER)] == [arrival("m2", "m1")]


async def test_a_row_behind_one_that_was_put_off_waits_for_it(store: Store) -> None:
    (row,) = await add(store, arrival("m1"))
    async with store.begin() as tx:
        await tx.inbox.retry(row.id, NOW + 5 * MINUTE, "model not ready")
    assert await add(store, arrival("m2", "m1")) == []
    assert await claim(store, now=LATER) == []
    assert [r.arrival for r in await claim(store, now=NOW + 5 * MINUTE)] == [arrival("m1")]


async def test_a_row_behind_one_that_is_in_hand_comes_back_at_once(store: Store) -> None:
    await add(store, arrival("m1"))
    assert [r.arrival for r in await add(store, arrival("m2", "m1"))] == [arrival("m2", "m1")]


async def test_a_crisis_does_not_wait_for_ordinary_rows_of_its_thread(store: Store) -> None:
    (row,) = await add(store, arrival("m1"))
    async with store.begin() as tx:
        await tx.inbox.retry(row.id, NOW + DAY, "broken")
    (crisis,) = await add(store, arrival("m2", "m1", crisis=True))
    async with store.begin() as tx:
        await tx.inbox.retry(crisis.id, NOW, "again")
    assert [r.arrival for r in await claim(store, now=LATER)] == [arrival("m2", "m1", crisis=True)]


async def test_a_parked_row_lets_its_neighbours_go_on_and_is_not_given_again(store: Store) -> None:
    row, _ = await add(store, arrival("m1"), arrival("m2", "m1"))
    async with store.begin() as tx:
        await tx.inbox.park(row.id, NOW, "broken for good")
        await tx.inbox.retry(row.id, NOW, "too late")
    assert [r.arrival for r in await claim(store, now=LATER)] == [arrival("m2", "m1")]
    assert await add(store, arrival("m1")) == []


async def test_waiting_counts_what_is_neither_handled_nor_parked(store: Store) -> None:
    rows = await add(store, arrival("m1"), arrival("m2"), arrival("m3"))
    async with store.begin() as tx:
        await tx.inbox.finish([rows[0].id], NOW)
        await tx.inbox.park(rows[1].id, NOW, "broken")
    async with store.read() as tx:
        assert await tx.inbox.waiting() == 1


async def test_released_leases_can_be_taken_at_once_but_what_was_put_off_stays_so(store: Store) -> None:
    """Also when the clock was set back since."""
    rows = await add(store, arrival("m1"), arrival("m2"))
    async with store.begin() as tx:
        await tx.inbox.retry(rows[1].id, NOW + DAY, "later")
        await tx.inbox.release()
    assert [r.arrival for r in await claim(store, now=NOW - DAY)] == [arrival("m1")]


async def test_keys_are_forgotten_when_they_are_old(store: Store) -> None:
    rows = await add(store, arrival("m1"), arrival("m2"), arrival("m3"), arrival("m4"))
    async with store.begin() as tx:
        await tx.inbox.finish([rows[0].id], NOW)
        await tx.inbox.finish([rows[1].id], NOW + DAY)
        await tx.inbox.park(rows[2].id, NOW, "broken")
        assert await tx.inbox.forget_keys(NOW + DAY) == 2
    assert [r.arrival for r in await add(store, *map(arrival, ("m1", "m2", "m3", "m4")))] == [
        arrival("m1"),
        arrival("m3"),
    ]


async def test_two_who_claim_at_once_never_get_the_same_row(store: Store) -> None:
    await add(store, *(arrival(f"m{n}") for n in range(60)))
    taken = await asyncio.gather(*(claim(store, 7, LATER) for _ in range(12)))
    ids = [row.id for rows in taken for row in rows]
    assert len(ids) == 60
    assert len(set(ids)) == 60


async def test_a_hundred_kilobytes_and_odd_characters_go_through(store: Store) -> None:
    text = "a\x00b" + "🫂" * 25_000
    (row,) = await add(store, arrival("m1", text=text))
    (again,) = await claim(store, now=LATER)
    assert again.arrival == row.arrival == arrival("m1", text=text)
