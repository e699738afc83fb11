"""One-time links and signed-in browsers, the same in every storage."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from storage_values import ANA, BEN, MINUTE, NOW, record

from adapters.storage.database import Database
from bot.community import SignedIn
from bot.ports import Store
from tests.fakes.postgres_server import Databases
from tests.fakes.tables import tables

HOUR = timedelta(hours=1)


async def test_a_link_is_good_once_and_until_its_time_is_over(store: Store) -> None:
    async with store.begin() as tx:
        await tx.sign_ins.offer("h1", ANA.key, NOW, NOW + MINUTE)
        await tx.sign_ins.offer("h2", ANA.key, NOW, NOW + HOUR)
        assert await tx.sign_ins.meant("h1", NOW) == ANA.key
        assert await tx.sign_ins.meant("h1", NOW + MINUTE) == await tx.sign_ins.meant("other", NOW) == ""
        assert [await tx.sign_ins.spend(h, NOW + MINUTE) for h in ("h1", "h2", "h2", "other")] == ["", ANA.key, "", ""]
        assert await tx.sign_ins.meant("h2", NOW) == ""
        assert await tx.sign_ins.offered(ANA.key, NOW - MINUTE) == 2
        assert await tx.sign_ins.offered(ANA.key, NOW) == await tx.sign_ins.offered(BEN.key, NOW - MINUTE) == 0


async def test_a_browser_is_signed_in_until_it_is_signed_out_or_its_time_is_over(store: Store) -> None:
    async with store.begin() as tx:
        await tx.sign_ins.open("b1", ANA.key, NOW, NOW + HOUR)
        await tx.sign_ins.open("b2", ANA.key, NOW + MINUTE, NOW + HOUR)
        await tx.sign_ins.open("b3", BEN.key, NOW, NOW + HOUR)
        assert await tx.sign_ins.of(ANA.key) == (SignedIn(NOW, NOW + HOUR), SignedIn(NOW + MINUTE, NOW + HOUR))
        assert await tx.sign_ins.signed_in("b1", NOW) == ANA.key
        assert await tx.sign_ins.signed_in("b1", NOW + HOUR) == await tx.sign_ins.signed_in("other", NOW) == ""
        await tx.sign_ins.close("b1")
        assert [await tx.sign_ins.signed_in(b, NOW) for b in ("b1", "b2", "b3")] == ["", ANA.key, BEN.key]


async def test_signing_out_everywhere_ends_the_links_too_and_nobody_else(store: Store) -> None:
    async with store.begin() as tx:
        for key in (ANA.key, BEN.key):
            await tx.sign_ins.offer(f"h-{key}", key, NOW, NOW + HOUR)
            await tx.sign_ins.open(f"b-{key}", key, NOW, NOW + HOUR)
        await tx.sign_ins.close_all(ANA.key)
        assert [await tx.sign_ins.meant(f"h-{key}", NOW) for key in (ANA.key, BEN.key)] == ["", BEN.key]
        assert [await tx.sign_ins.signed_in(f"b-{key}", NOW) for key in (ANA.key, BEN.key)] == ["", BEN.key]
        assert await tx.sign_ins.offered(ANA.key, NOW - MINUTE) == 1


async def test_what_is_over_is_dropped(store: Store) -> None:
    async with store.begin() as tx:
        for name, until in (("old", NOW), ("new", NOW + HOUR)):
            await tx.sign_ins.offer(name, ANA.key, NOW - HOUR, until)
            await tx.sign_ins.open(name, ANA.key, NOW - HOUR, until)
        await tx.sign_ins.clear(NOW)
        assert await tx.sign_ins.offered(ANA.key, NOW - HOUR - MINUTE) == 1
        assert await tx.sign_ins.of(ANA.key) == (SignedIn(NOW - HOUR, NOW + HOUR),)


async def test_whoever_is_forgotten_is_signed_in_nowhere(store: Store) -> None:
    async with store.begin() as tx:
        for member in (ANA, BEN):
            await tx.members.save(record(member))
            await tx.sign_ins.offer(f"h-{member.key}", member.key, NOW, NOW + HOUR)
            await tx.sign_ins.open(f"b-{member.key}", member.key, NOW, NOW + HOUR)
        await tx.members.forget(ANA.key, NOW)
        assert [await tx.sign_ins.offered(key, NOW - MINUTE) for key in (ANA.key, BEN.key)] == [0, 1]
        assert [await tx.sign_ins.signed_in(f"b-{key}", NOW) for key in (ANA.key, BEN.key)] == ["", BEN.key]


async def test_of_several_processes_that_spend_one_link_at_once_one_does(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tables(tmp_path / 'winwin.db')}"
    await _spent_once([await Database.open(url) for _ in range(2)])


async def test_of_several_processes_that_spend_one_link_at_once_one_does_on_a_server(postgres: Databases) -> None:
    url = await postgres.emptied()
    await _spent_once([await Database.open(url) for _ in range(2)])


async def _spent_once(processes: list[Database]) -> None:
    try:
        async with processes[0].begin() as tx:
            for link in range(5):
                await tx.sign_ins.offer(f"h{link}", ANA.key, NOW, NOW + HOUR)

        async def spend(process: Database, link: str) -> str:
            async with process.begin() as tx:
                return await tx.sign_ins.spend(link, NOW)

        for link in range(5):
            spent = await asyncio.gather(*(spend(process, f"h{link}") for process in processes * 5))
            assert sorted(spent) == [""] * 9 + [ANA.key]
    finally:
        for process in processes:
            await process.close()
