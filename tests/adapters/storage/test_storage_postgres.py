"""PostgreSQL and several processes: claims never meet, and a process that is gone leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import or_, select, text, update

from adapters.storage import question_tables
from adapters.storage.chat import Chat
from adapters.storage.database import Database
from adapters.storage.dialect import gone
from bot.community import Audit
from bot.effects import Notify
from bot.events import Member, MessagePosted, Place
from bot.news import Notice
from bot.post import Arrival, Wish
from knowledge.resources import Resource
from tests.contracts.storage.storage_values import question
from tests.fakes.postgres_server import Databases

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
ANA = Member("web", "home", "ana")


class Office:
    """Processes on one database, each with a connection of its own; here they share an event loop, not more."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self.url = url
        self._stack = stack

    async def process(self, *, joined: bool = True) -> Database:
        database = await Database.open(self.url)
        self._stack.push_async_callback(database.close)
        if joined:
            await database.join()
        return database


@pytest.fixture
async def office(postgres: Databases) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        yield Office(await postgres.emptied(), stack)


def arrival(number: int, thread: str = "") -> Arrival:
    place = Place("web", "home", "help", f"m{number}", thread or f"m{number}")
    return Arrival(MessagePosted(place, ANA, f"words {number}", NOW))


def wish(number: int, lane: str = "", platform: str = "web") -> Wish:
    return Wish(f"k{number}", lane or f"lane{number}", platform, "", ANA.key, Notify(ANA.key, Notice.GONE))


async def taken(database: Database, line: str) -> None:
    """Wait until it has the line."""
    async with asyncio.timeout(10):
        while not await database.take_line(line):  # noqa: ASYNC110 -- the server does not call when it is free
            await asyncio.sleep(0.02)


async def test_processes_share_the_deadlines_that_are_due(office: Office) -> None:
    """None of them twice; those of a process that is gone, or takes too long, are taken up by the others."""
    one, two, three = [await office.process() for _ in range(3)]

    async def claim(database: Database, now: datetime = NOW, limit: int = 2) -> list[str]:
        async with database.post() as tx:
            return [name for name, _ in await tx.questions.claim_due(limit, now, now + timedelta(seconds=20))]

    async with one.begin() as tx:
        for n in range(9):
            await tx.questions.add(question(f"q{n}", deadline=NOW - timedelta(seconds=n)))
    shared = await asyncio.gather(*(claim(database) for database in (one, two, three)))
    assert sum(map(len, shared)) == len({name for names in shared for name in names}) > 0
    taken = {name for names in shared for name in names}
    rest = await claim(one, limit=9)
    assert taken | set(rest) == {f"q{n}" for n in range(9)}
    assert await claim(two, limit=9) == await claim(three, limit=9) == []
    async with two.begin() as tx:  # decided: nobody has it in hand any more
        saved = await tx.questions.get(rest[0])
        assert saved is not None
        await tx.questions.save(replace(saved, deadline=NOW - timedelta(hours=1), version=saved.version + 1))
    assert await claim(three, limit=9) == [rest[0]]
    await three.close()
    assert rest[0] in await claim(two, limit=9)
    assert len(await claim(one, NOW + timedelta(seconds=20), limit=9)) == 9


async def test_a_process_is_not_taken_for_gone_because_it_was_quicker(office: Office) -> None:
    """Whoever waited for a row that somebody took sees it anew; the question who is gone was not asked before that."""
    quick, late = [await office.process() for _ in range(2)]
    async with quick.begin() as tx:
        for n in range(3):  # the first was always seen rightly
            await tx.questions.add(question(f"q{n}", deadline=NOW))
    c = question_tables.question.c
    free = select(c.id).where(or_(c.held_until.is_(None), gone(c.holder))).with_for_update().cte("free")
    taking = update(question_tables.question).where(c.id.in_(select(free.c.id))).values(held_until=SOON).returning(c.id)

    async def waits() -> list[str]:
        async with late.post() as tx:
            return sorted(row.id for row in await tx.connection.execute(taking))

    async with quick.post() as tx:
        assert len(await tx.questions.claim_due(3, NOW, SOON)) == 3
        waiting = asyncio.create_task(waits())
        async with asyncio.timeout(10):
            while not (await tx.connection.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted"))).all():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert await waiting == []
    await quick.close()
    assert await waits() == ["q0", "q1", "q2"]


async def test_workers_that_claim_at_the_same_time_never_get_the_same_row(office: Office) -> None:
    workers = [await office.process() for _ in range(4)]
    async with workers[0].post() as tx:
        await tx.inbox.add([arrival(n) for n in range(60)], NOW, SOON)
        await tx.outbox.add([wish(n) for n in range(60)], NOW, SOON)
    claimed: dict[str, list[int]] = {"inbox": [], "outbox": []}

    async def work(database: Database) -> None:
        for _ in range(10):
            async with database.post() as tx:
                claimed["inbox"] += [row.id for row in await tx.inbox.claim(3, LATER, LATER + timedelta(hours=1))]
                claimed["outbox"] += [row.id for row in await tx.outbox.claim(3, LATER, LATER + timedelta(hours=1))]

    await asyncio.gather(*(work(database) for database in workers for _ in range(2)))
    for rows in claimed.values():
        assert len(rows) == 60
        assert len(set(rows)) == 60


async def test_a_claim_passes_over_what_another_has_in_hand_and_waits_for_nobody(office: Office) -> None:
    one, other = await office.process(), await office.process()
    async with one.post() as tx:
        await tx.outbox.add([wish(n) for n in range(4)], NOW, SOON)
    async with one.post() as mine:
        first = await mine.outbox.claim(2, LATER, LATER + timedelta(hours=1))
        async with asyncio.timeout(5), other.post() as theirs:  # while the first is not committed
            second = await theirs.outbox.claim(4, LATER, LATER + timedelta(hours=1))
    assert [r.wish.key for r in first] == ["k0", "k1"]
    assert [r.wish.key for r in second] == ["k2", "k3"]


async def test_a_lane_keeps_its_order_in_several_processes(office: Office) -> None:
    one, other = await office.process(), await office.process()
    async with one.post() as tx:
        added = await tx.outbox.add([wish(1, "lane"), wish(2, "lane")], NOW, LATER)
        assert [row.leased for row in added] == [True, False]
    async with other.post() as tx:
        assert await tx.outbox.claim(9, SOON, LATER) == []
        assert [row.leased for row in await tx.outbox.add([wish(3, "lane")], NOW, LATER)] == [False]
    async with one.begin() as tx:
        await tx.outbox.delivered(added[0].id, SOON, None)
    async with other.post() as tx:
        assert [row.wish.key for row in await tx.outbox.claim(9, SOON, LATER)] == ["k2"]


async def test_what_comes_behind_a_row_of_another_process_waits_for_it(office: Office) -> None:
    one, other = await office.process(), await office.process()
    async with one.post() as tx:
        (row,) = await tx.inbox.add([arrival(1, "t")], NOW, LATER)
        assert [r.id for r in await tx.inbox.add([arrival(2, "t")], NOW, LATER)] == [row.id + 1]
    async with other.post() as tx:
        assert await tx.inbox.add([arrival(3, "t")], NOW, LATER) == []
        assert await tx.inbox.claim(9, SOON, LATER) == []
    async with one.begin() as tx:
        await tx.inbox.finish([row.id, row.id + 1], SOON)
    async with other.post() as tx:
        assert [r.arrival for r in await tx.inbox.claim(9, SOON, LATER)] == [arrival(3, "t")]


async def test_leases_end_with_their_process_and_not_before(office: Office) -> None:
    gone, there, looks = [await office.process() for _ in range(3)]
    for number, database in enumerate((gone, there)):
        async with database.post() as tx:
            await tx.inbox.add([arrival(number)], NOW, LATER)
            await tx.outbox.add([wish(number)], NOW, LATER)
    await gone.close()
    async with looks.post() as tx:
        await tx.inbox.recover()
        await tx.outbox.release()
        assert [r.arrival for r in await tx.inbox.claim(9, NOW, LATER)] == [arrival(0)]
        assert [r.wish.key for r in await tx.outbox.claim(9, NOW, LATER)] == ["k0"]


async def test_who_was_taken_for_gone_finds_out_before_anything_is_said(office: Office) -> None:
    slow, quick = await office.process(joined=False), await office.process()
    async with slow.post() as tx:
        (heard,) = await tx.inbox.add([arrival(1)], NOW, LATER)
        (said,) = await tx.outbox.add([wish(1)], NOW, LATER)
        assert await tx.inbox.still_ours([heard.id]) == {heard.id}
        assert await tx.outbox.still_ours([said.id]) == {said.id}
    async with quick.post() as tx:
        await tx.inbox.recover()
        await tx.outbox.recover()
        assert len(await tx.inbox.claim(9, NOW, LATER)) == len(await tx.outbox.claim(9, NOW, LATER)) == 1
    async with slow.post() as tx:
        assert await tx.inbox.still_ours([heard.id]) == await tx.outbox.still_ours([said.id]) == set()
        await tx.inbox.retry(heard.id, NOW, "x")  # changes nothing of what is another's
        await tx.outbox.retry(said.id, NOW, "x")
        await tx.outbox.keep([said.id], NOW)
    async with quick.read() as tx:
        assert await tx.inbox.still_ours([heard.id]) == {heard.id}
        assert await tx.outbox.still_ours([said.id]) == {said.id}


async def test_those_who_decide_take_turns_and_post_goes_on_meanwhile(office: Office) -> None:
    one, other = await office.process(), await office.process()
    order: list[str] = []

    async def decide() -> None:
        async with other.begin():
            order.append("other")

    async with one.begin() as tx:
        deciding = asyncio.create_task(decide())
        async with asyncio.timeout(5), other.post() as post:
            await post.inbox.add([arrival(1)], NOW, LATER)
        await tx.audit.append([Audit(NOW, "ana", "x", "y")])
        await asyncio.sleep(0.05)
        order.append("one")
    await deciding
    assert order == ["one", "other"]


async def test_many_processes_write_one_whole_audit_log(office: Office) -> None:
    processes = [await office.process() for _ in range(3)]

    async def write(database: Database, number: int) -> None:
        async with database.begin() as tx:
            await tx.audit.append([Audit(NOW, "ana", "x", str(number))])

    await asyncio.gather(*(write(database, n) for database in processes for n in range(6)))
    async with processes[0].read() as tx:
        assert len(await tx.audit.all()) == 18
        assert await tx.audit.verify() is None


async def test_the_others_are_told_what_has_changed(office: Office) -> None:
    one, other = await office.process(), await office.process()
    heard: asyncio.Queue[str] = asyncio.Queue()
    other.on_news = heard.put_nowait
    async with one.begin() as tx:
        await tx.resources.put([Resource("r1", "Snacks", "Crisps.")], NOW)
    await Chat(one).open_channel("help", "Help", "")
    await Chat(one).add(channel="help", author="ana", at=NOW, text="hello")
    one.speaks = frozenset({"web"})
    async with one.begin() as tx:
        assert not (await tx.outbox.add([wish(1, platform="slack")], NOW, LATER))[0].leased
        assert await tx.outbox.claim(9, SOON, LATER) == []
    async with asyncio.timeout(5):
        assert [await heard.get() for _ in range(3)] == ["library", "chat", "outbox"]
    async with other.post() as tx:
        assert [row.wish.key for row in await tx.outbox.claim(9, SOON, LATER)] == ["k1"]


async def test_a_line_has_one_holder_and_comes_free_when_that_is_gone(office: Office) -> None:
    one, other = await office.process(), await office.process()
    assert await one.take_line("platforms")
    assert await one.take_line("platforms")
    assert not await other.take_line("platforms")
    assert await other.take_line("another")
    await one.close()
    await taken(other, "platforms")


async def test_a_cut_connection_is_followed_by_another(office: Office) -> None:
    one, other = await office.process(), await office.process()
    async with one.post() as tx:
        await tx.inbox.add([arrival(1)], NOW, LATER)
    async with other.read() as tx:
        cut = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
            "current_database()"
        )
        await tx.connection.execute(cut)
    async with asyncio.timeout(10):
        async with one.post() as tx:
            assert await tx.inbox.waiting() == 1
        async with one.read() as tx:
            assert await tx.inbox.waiting() == 1
    await taken(one, "x")  # it is there again
