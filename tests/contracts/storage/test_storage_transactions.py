"""A transaction is whole or not at all, and looking never waits for writing."""

from __future__ import annotations

import asyncio

import pytest
from storage_values import ANA, LEASE, MINUTE, NOW, arrival, draft, engagement, question, record, wish

from adapters.storage.errors import StorageError
from bot.community import Audit, QuestionFilter
from bot.ports import Store


class BoomError(Exception):
    pass


async def test_what_raises_leaves_nothing_behind(store: Store) -> None:
    async def step() -> None:
        async with store.begin() as tx:
            (row,) = await tx.inbox.add([arrival("m1")], NOW, LEASE)
            await tx.inbox.finish([row.id], NOW)
            await tx.outbox.add([wish("k1")], NOW, LEASE)
            await tx.questions.add(question())
            await tx.members.seen([(ANA, "Ana")], NOW)
            await tx.drafts.save(draft())
            await tx.engagement.add([engagement("k1")])
            await tx.audit.append([Audit(NOW, "ana", "x", "y")])
            raise BoomError

    with pytest.raises(BoomError):
        await step()
    async with store.begin() as tx:
        assert await tx.questions.get("q1") is None
        assert (
            await tx.members.all() == await tx.drafts.all() == await tx.engagement.all() == await tx.audit.all() == []
        )
        assert await tx.outbox.waiting() == 0
        assert len(await tx.inbox.add([arrival("m1")], NOW, LEASE)) == 1
        assert len(await tx.outbox.add([wish("k1")], NOW, LEASE)) == 1


async def test_what_was_there_before_a_step_that_raised_is_there_as_it_was(store: Store) -> None:
    async with store.begin() as tx:
        await tx.questions.add(question("q1"))
        await tx.members.save(record(ANA))

    async def step() -> None:
        async with store.begin() as tx:
            await tx.questions.save(question("q1", text="other", version=1))
            await tx.questions.add(question("q2"))
            await tx.members.save(record(ANA, name="Eve"))
            raise BoomError

    with pytest.raises(BoomError):
        await step()
    async with store.read() as tx:
        assert await tx.questions.find(QuestionFilter()) == [question("q1")]
        assert await tx.members.all() == [record(ANA)]


async def test_a_step_that_is_cancelled_leaves_nothing_and_the_next_goes_on(store: Store) -> None:
    began = asyncio.Event()

    async def step() -> None:
        async with store.begin() as tx:
            await tx.questions.add(question())
            began.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(step())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.begin() as tx:
        assert await tx.questions.get("q1") is None
        await tx.questions.add(question())
    async with store.read() as tx:
        assert await tx.questions.get("q1") == question()


async def test_steps_cancelled_at_any_moment_leave_a_store_that_works(store: Store) -> None:
    async def step(name: str) -> None:
        async with store.begin() as tx:
            await tx.inbox.add([arrival(name)], NOW, LEASE)
            await tx.questions.add(question(name))

    for n in range(30):
        task = asyncio.create_task(step(f"m{n}"))
        await asyncio.sleep(n * 0.0001)
        task.cancel()
        async with asyncio.timeout(4):  # no cancelled step may leave a lock behind
            await asyncio.gather(task, return_exceptions=True)
    async with store.read() as tx:
        kept = [n for n in range(30) if await tx.questions.get(f"m{n}")]
        assert await tx.inbox.waiting() == len(kept)


async def test_reading_sees_what_is_committed_and_does_not_wait_for_the_writer(store: Store) -> None:
    async with store.begin() as tx:
        await tx.questions.add(question("q1"))
        async with asyncio.timeout(2), store.read() as look:
            assert await look.questions.get("q1") is None
            async with store.read() as another:
                assert await another.questions.get("q1") is None
        assert await tx.questions.get("q1") == question("q1")
    async with store.read() as look:
        assert await look.questions.get("q1") == question("q1")


async def test_a_look_stays_the_same_while_others_write(store: Store) -> None:
    async with store.read() as look:
        assert await look.inbox.waiting() == 0
        async with store.begin() as tx:
            await tx.inbox.add([arrival("m1")], NOW, LEASE)
            await tx.members.save(record(ANA))
        assert await look.inbox.waiting() == 0
        assert await look.members.all() == []


async def test_writing_through_a_look_is_refused(store: Store) -> None:
    with pytest.raises(StorageError, match="cannot write"):
        async with store.read() as look:
            await look.members.seen([(ANA, "Ana")], NOW)
    async with store.read() as look:
        assert await look.members.all() == []


async def test_many_writers_take_turns(store: Store) -> None:
    async with store.begin() as tx:
        await tx.questions.add(question())

    async def bump() -> None:
        async with store.begin() as tx:
            stored = await tx.questions.get("q1")
            assert stored is not None
            await asyncio.sleep(0)
            await tx.questions.save(question(version=stored.version + 1, asked_at=NOW + MINUTE))

    await asyncio.gather(*(bump() for _ in range(20)))
    async with store.read() as tx:
        stored = await tx.questions.get("q1")
    assert stored is not None
    assert stored.version == 20
