"""Two desks in two processes on one PostgreSQL: what one has in hand the other leaves alone, and takes up when it is
gone; one that was taken for gone and wakes up says and changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from adapters.storage.database import Database
from bot.effects import Notify
from bot.events import MessageEdited
from bot.news import Notice
from bot.post import Wish
from tests.fakes.community import Community, key, member, peopled
from tests.fakes.postgres_server import Databases

Begin = Callable[..., Awaitable[Community]]
ASKED = "What helps with school on infusion days?"


@pytest.fixture
async def begin(postgres: Databases) -> AsyncIterator[Begin]:
    """A desk in a process of its own, with the same clock; not handing on by itself."""
    url = await postgres.emptied()
    async with AsyncExitStack() as stack:
        made: list[Community] = []

        async def one(*, joined: bool = True) -> Community:
            database = await Database.open(url)
            stack.push_async_callback(database.close)
            if joined:
                await database.join()
            community = Community(database)
            if made:
                community.clock = made[0].clock
                community.messenger.clock = made[0].clock
                community.desk, community.librarian = community._made()
                await community.librarian.open()
            else:
                await peopled(community)
            made.append(community)
            stack.push_async_callback(community.close)
            return community

        yield one


async def work(desk: Community) -> None:
    """What the ticks do."""
    await desk.desk.keep_hold()
    while await desk.desk.handle_one() or await desk.desk.deliver_one():
        pass


async def test_what_one_has_in_hand_is_handled_by_the_other_only_when_it_is_gone(begin: Begin) -> None:
    one, other = await begin(), await begin()
    message = one.posted("dana", ASKED)
    await one.desk.receive([message])
    await work(other)
    async with other.store.read() as tx:
        assert await tx.questions.in_threads([message.place.thread_key]) == {}
    await one.store.close()
    for _ in range(5):  # the database sees within some looks that a connection is gone
        await work(other)
        if other.public():
            break
    assert (await other.question(message)).text == ASKED
    assert "Infusion days and school" in other.public()


async def test_who_wakes_up_late_does_not_bring_back_what_was_reworded_since(begin: Begin) -> None:
    late, quick = await begin(joined=False), await begin()
    message = late.posted("dana", ASKED)
    await quick.desk.receive([message])
    await quick.desk.open()
    await quick.desk.settle()

    def edited(text: str) -> MessageEdited:
        return MessageEdited(
            message.place, member("dana"), text, late.clock.move(timedelta(seconds=1)) or late.clock.now()
        )

    await late.desk.receive([edited(f"{ASKED} One")])
    await work(quick)
    await quick.receive(edited(f"{ASKED} Two"))
    await late.desk.open()
    await late.desk.settle()
    assert (await quick.question(message)).text == f"{ASKED} Two"


async def test_who_wakes_up_late_says_nothing_that_another_has_said(begin: Begin) -> None:
    late, quick = await begin(joined=False), await begin()
    now = late.clock.now()
    notice = Wish("k1", "lane", "web", "", key("dana"), Notify(key("dana"), Notice.SETTINGS_SAVED))
    async with late.store.post() as tx:
        rows = await tx.outbox.add([notice], now, now + timedelta(hours=1))
    await work(quick)
    assert quick.messenger.sends == ["k1"]
    await late.desk._delivery.deliver(rows[0])
    assert late.messenger.sends == []


async def test_a_process_that_is_there_keeps_what_it_has_however_long_it_takes(begin: Begin) -> None:
    slow, other = await begin(), await begin()
    await slow.desk.receive([slow.posted("dana", ASKED)])
    slow.desk._line.take_in(await slow.desk._line.arrived.get())
    for _ in range(4):
        slow.clock.move(timedelta(minutes=9))
        await slow.desk.keep_hold()
        assert not await other.desk.handle_one()
    slow.clock.move(timedelta(minutes=11))
    assert await other.desk.handle_one()
