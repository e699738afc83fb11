"""The outbox: a wish goes out once, lanes keep their order, what became of it is known."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from storage_values import ANA, BEN, DAY, LEASE, MINUTE, NOW, offer, place, posted, wish

from bot import effects as do
from bot.crisis_effects import PageSafety
from bot.news import News, Notice, OfferEnd
from bot.ports import Store
from bot.post import OutboxRow, Wish

LATER = LEASE + MINUTE


async def add(store: Store, *wishes: Wish) -> list[OutboxRow]:
    async with store.begin() as tx:
        return await tx.outbox.add(wishes, NOW, LEASE)


async def claim(store: Store, limit: int = 10, now: datetime = LATER) -> list[OutboxRow]:
    async with store.begin() as tx:
        return await tx.outbox.claim(limit, now, now + MINUTE)


async def test_what_may_go_at_once_is_leased_and_the_rest_of_its_lane_waits(store: Store) -> None:
    rows = await add(store, wish("k1", "lane"), wish("k2", "lane"), wish("k3"))
    assert [(r.wish.key, r.leased, r.attempts, r.created_at) for r in rows] == [
        ("k1", True, 1, NOW),
        ("k2", False, 0, NOW),
        ("k3", True, 1, NOW),
    ]
    assert await claim(store, now=NOW) == []


async def test_every_kind_of_wish_comes_back_as_it_was(store: Store) -> None:
    kinds = [
        do.ShowSuggestions("q1"),
        do.TellAsker("q1", News.ASLEEP, NOW, ANA.key),
        do.OfferQuestion("q1", BEN.key, 2),
        do.CloseOffer("q1", BEN.key, 2, OfferEnd.TAKEN),
        do.WarnClaimant("q1", BEN.key, NOW),
        do.NudgePrivacy(place("m1"), ANA),
        PageSafety("al1", BEN.key, 3),
        do.Notify(ANA.key, Notice.INVALID, "choose a topic é"),
    ]
    await add(store, *(wish(f"k{n}", effect=effect) for n, effect in enumerate(kinds)))
    assert [r.wish.effect for r in await claim(store)] == kinds


async def test_a_known_key_is_left_out_and_does_not_hold_up_its_lane(store: Store) -> None:
    (row,) = await add(store, wish("k1", "lane"))
    async with store.begin() as tx:
        await tx.outbox.delivered(row.id, NOW, None)
    rows = await add(store, wish("k1", "lane"), wish("k2", "lane"), wish("k2", "lane"))
    assert [(r.wish.key, r.leased) for r in rows] == [("k2", True)]
    assert await add(store) == []
    assert await add(store, wish("k1", "lane")) == []


async def test_a_lane_keeps_its_order_through_retry(store: Store) -> None:
    first, *_ = await add(store, wish("k1", "lane"), wish("k2", "lane"), wish("k3"))
    async with store.begin() as tx:
        await tx.outbox.retry(first.id, NOW + 10 * MINUTE, "rate limited")
    assert [r.wish.key for r in await claim(store)] == ["k3"]
    (again,) = [r for r in await claim(store, now=NOW + 10 * MINUTE) if r.wish.key == "k1"]
    assert (again.attempts, again.error, again.leased) == (2, "rate limited", True)
    async with store.begin() as tx:
        await tx.outbox.delivered(again.id, NOW, posted("b1"))
    assert [r.wish.key for r in await claim(store, now=NOW + 10 * MINUTE)] == ["k2"]


async def test_parked_and_dropped_rows_let_the_lane_go_on(store: Store) -> None:
    rows = await add(store, wish("k1", "lane"), wish("k2", "lane"), wish("k3", "lane"))
    async with store.begin() as tx:
        await tx.outbox.park(rows[0].id, NOW, "no such channel")
    (second,) = await claim(store)
    async with store.begin() as tx:
        await tx.outbox.drop(second.id, NOW, "already answered")
    assert [r.wish.key for r in await claim(store)] == ["k3"]
    async with store.read() as tx:
        assert [(r.wish.key, r.error, r.parked_at) for r in await tx.outbox.parked()] == [
            ("k1", "no such channel", NOW)
        ]
        assert [r.dropped for r in await tx.outbox.of("q1")] == ["", "already answered", ""]
        assert await tx.outbox.waiting() == 1


async def test_where_a_card_went_is_known_by_kind_and_member_and_message(store: Store) -> None:
    one, two, three = await add(
        store, offer("k1", ANA.key), offer("k2", BEN.key), wish("k3", effect=do.ShowSuggestions("q1"))
    )
    async with store.begin() as tx:
        await tx.outbox.delivered(one.id, NOW, posted("b1"))
        await tx.outbox.delivered(two.id, NOW + MINUTE, posted("b2"))
        await tx.outbox.delivered(three.id, NOW + MINUTE, None)
    async with store.read() as tx:
        assert await tx.outbox.posted("OfferQuestion", "q1") == posted("b2")
        assert await tx.outbox.posted("OfferQuestion", "q1", ANA.key) == posted("b1")
        assert await tx.outbox.posted("ShowSuggestions", "q1") is None
        assert await tx.outbox.posted("OfferQuestion", "q2") is None
        found = await tx.outbox.by_message("web", "help", "b1")
        assert found == replace(one, leased=False, delivered_at=NOW, posted=posted("b1"))
        assert await tx.outbox.by_message("slack", "help", "b1") is None
        assert [r.wish.key for r in await tx.outbox.of("q1")] == ["k1", "k2", "k3"]


async def test_a_message_belongs_to_the_wish_that_made_it_not_to_those_that_changed_it(store: Store) -> None:
    show, close = await add(
        store, wish("k1", effect=do.ShowSuggestions("q1")), wish("k2", effect=do.CloseSuggestions("q1"))
    )
    async with store.begin() as tx:
        await tx.outbox.delivered(show.id, NOW, posted("b1"))
        await tx.outbox.delivered(close.id, NOW, posted("b1"))
    async with store.read() as tx:
        found = await tx.outbox.by_message("web", "help", "b1")
    assert found is not None
    assert found.id == show.id


async def test_what_is_delivered_stays_delivered(store: Store) -> None:
    (row,) = await add(store, wish("k1"))
    async with store.begin() as tx:
        await tx.outbox.delivered(row.id, NOW, posted("b1"))
        await tx.outbox.retry(row.id, NOW, "late complaint")
        await tx.outbox.park(row.id, NOW, "late complaint")
        await tx.outbox.drop(row.id, NOW, "late complaint")
        (kept,) = await tx.outbox.of("q1")
    assert kept == replace(row, leased=False, delivered_at=NOW, posted=posted("b1"))
    assert await claim(store) == []


async def test_released_leases_can_be_taken_at_once_but_what_was_put_off_stays_so(store: Store) -> None:
    """Also when the clock was set back since."""
    _, two = await add(store, wish("k1"), wish("k2"))
    async with store.begin() as tx:
        await tx.outbox.retry(two.id, NOW + DAY, "later")
        await tx.outbox.release()
    assert [r.wish.key for r in await claim(store, now=NOW - DAY)] == ["k1"]


async def test_two_who_claim_at_once_never_get_the_same_row(store: Store) -> None:
    await add(store, *(wish(f"k{n}", f"lane{n % 30}") for n in range(60)))
    taken = await asyncio.gather(*(claim(store, 4) for _ in range(12)))
    ids = [row.id for rows in taken for row in rows]
    assert len(ids) == len(set(ids)) == 30
