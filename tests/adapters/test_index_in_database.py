"""A community whose library is kept in the database: chosen by size or by a setting, the same decisions, and what one
process publishes the next question to another finds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from adapters import settings as settings_module
from adapters.commands.checking_index import index
from adapters.embedders import pair
from adapters.embedders.pair import WIDTH
from adapters.settings import LARGE, SettingsError, read_settings
from adapters.storage import postgres_database
from adapters.storage.database import Database
from adapters.storage.errors import Away
from adapters.storage.shared_index.index import PostgresIndex
from adapters.wiring.community import Community, community
from bot.ports import StoreAway
from knowledge.embedding import Vectors
from knowledge.resources import Resource, ReviewState
from tests.fakes.postgres_server import Databases
from tests.knowledge.toy import ToyEmbedder

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
SCHOOL = Resource("school", "Absence letters for school", "Ask the office to excuse days.", topics=("school",))
POUCH = Resource("pouch", "A leaking pouch at night", "Measure the opening again and warm the wafer.")
DOSE = replace(POUCH, id="dose", medical=True, clinician="web:local:ada", topics=("stoma",))
PLAIN = "DO $$ BEGIN CREATE ROLE plain LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"


class Wide(ToyEmbedder):
    """As long as the default model's, and no reader."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.pad(super().embed(texts), ((0, 0), (0, WIDTH - self.dimension)))

    def read(self, texts: Sequence[object]) -> Vectors:
        return np.zeros((len(texts), 8), np.float32)


class Town:
    """Processes on one database; here they share an event loop, not more."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self.url = url
        self._stack = stack

    async def process(self, index: str = "pgvector") -> Community:
        settings = read_settings(None, database_url=self.url, winwin_index=index)
        c = await self._stack.enter_async_context(community(settings, connect=True, load=Wide))
        c.triage.start()
        await c.triage.loaded()
        await c.librarian.open()
        return c


@pytest.fixture
async def town(postgres: Databases) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        yield Town(await postgres.emptied(), stack)


async def publish(c: Community, *resources: Resource) -> None:
    """As `winwin import` does it: stored, and nobody's index is told."""
    async with c.store.begin() as tx:
        await tx.resources.put(resources, NOW)


async def found(c: Community, text: str, **options: bool) -> list[str]:
    (matches,) = await c.librarian.find([text], 3, **options)
    return [resource.id for resource, _ in matches]


async def test_what_one_process_publishes_the_next_question_to_another_finds(town: Town) -> None:
    one, other = await town.process(), await town.process()
    await publish(one, SCHOOL)
    await one.librarian.put([SCHOOL])
    assert await found(other, "letters for school") == ["school"]
    await publish(other, POUCH, DOSE)  # imported beside: either follows up by itself
    assert await one.librarian.refresh() is False
    assert await found(other, "leaking pouch") == ["pouch", "dose", "school"]
    assert await found(other, "leaking pouch", reviewed_only=True) == ["dose"]
    await publish(one, replace(POUCH, state=ReviewState.RETIRED))
    assert await found(other, "leaking pouch") == ["dose", "school"]
    await other.librarian.refresh()
    assert (len(other.library), other.library.topics()) == (2, ("school", "stoma"))


async def test_whoever_was_late_does_not_bring_back_what_was_taken_out(town: Town) -> None:
    """A resource that was read before somebody else's edit, and reaches the index after it."""
    one, other = await town.process(), await town.process()
    early = replace(POUCH, asked_as=("why does zarquonia vomit",))
    await publish(one, early, SCHOOL)
    await one.librarian.refresh()
    await publish(other, replace(POUCH, version=2))
    await other.librarian.refresh()
    await one.librarian.refresh()
    await one.librarian.put([early, SCHOOL])
    assert sorted(await shelved(one)) == ["pouch 2", "school 1"]
    await publish(other, replace(POUCH, version=2, state=ReviewState.RETIRED))
    await other.librarian.refresh()
    await one.librarian.put([early])
    assert sorted(await shelved(one)) == ["school 1"]


async def test_what_was_put_in_or_taken_out_by_mistake_is_mended_at_the_next_look(town: Town) -> None:
    one = await town.process()
    await publish(one, POUCH, SCHOOL)
    for _ in range(2):
        await one.librarian.refresh()
    await one.librarian.put([replace(POUCH, state=ReviewState.RETIRED)])  # retired once, published again since
    await one.librarian.remove("school")
    assert await shelved(one) == []
    await one.librarian.refresh()
    assert sorted(await shelved(one)) == ["pouch 1", "school 1"]


async def test_nothing_is_looked_for_where_nothing_has_changed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await town.process()
    await publish(one, SCHOOL)
    await one.librarian.refresh()
    assert one.library.shared is not None
    monkeypatch.setattr(one.library.shared, "behind", lambda: pytest.fail("looked again"))
    await one.librarian.refresh()


async def test_an_index_that_was_dropped_is_filled_again_at_the_next_look(town: Town) -> None:
    one = await town.process()
    await publish(one, SCHOOL)
    await one.librarian.refresh()
    index = one.library.shared
    assert isinstance(index, PostgresIndex)
    async with one.store.begin() as tx:
        await tx.connection.execute(sa.text(f"DROP SCHEMA {index._names.schema} CASCADE"))
    with pytest.raises(StoreAway):
        await found(one, "letters for school")
    await one.librarian.refresh()
    assert await found(one, "letters for school") == ["school"]


async def test_a_look_that_failed_is_made_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await town.process()
    await publish(one, SCHOOL, POUCH)
    await one.librarian.refresh()
    index = one.library.shared
    assert isinstance(index, PostgresIndex)
    async with one.store.begin() as tx:
        await tx.connection.execute(sa.text(f"DROP SCHEMA {index._names.schema} CASCADE"))

    def away(*_: object) -> None:
        raise Away("kept locked")

    settled: list[str] = []
    monkeypatch.setattr(index, "settle", lambda: settled.append("settled"))
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(index, "put_all", away)
        with pytest.raises(StoreAway):
            await one.librarian.refresh()
    await one.librarian.refresh()
    assert (sorted(await shelved(one)), settled) == (["pouch 1", "school 1"], ["settled"])


async def shelved(c: Community) -> list[str]:
    """What is in the index, whatever the store has: "id version", and any word that must be nowhere."""
    index = c.library.shared
    assert isinstance(index, PostgresIndex)
    wanted = f"SELECT id, version, words::text FROM {index._names.schema}.shelf"
    rows = await asyncio.wrap_future(index._aside.begin(index._aside.do(lambda link: link.fetch(wanted))))
    return [f"{row[0]} {row[1]}{' zarquonia' * ('zarq' in row[2])}" for row in rows]


async def test_a_process_that_starts_gives_the_index_what_it_lacks(town: Town) -> None:
    early = await town.process("memory")
    await publish(early, *(replace(SCHOOL, id=f"s{n}") for n in range(30)), POUCH)
    late = await town.process()
    assert len(late.library) == 31
    assert (await found(late, "leaking pouch"))[0] == "pouch"
    assert early.library.shared is None
    embedder = await late.model.embedder()
    embedder.embedded.clear()  # type: ignore[attr-defined]
    again = await town.process()
    assert len(again.library) == 31
    assert (await again.model.embedder()).embedded == []  # type: ignore[attr-defined]


async def test_a_process_that_starts_waits_for_another_that_makes_the_graph(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than a writer waits otherwise."""
    one = await town.process()
    await publish(one, SCHOOL)
    index = one.library.shared
    assert isinstance(index, PostgresIndex)
    monkeypatch.setattr(postgres_database, "PATIENCE", 0.04)
    async with one.store.engine.connect() as making:
        await making.execute(sa.text(f"SELECT pg_advisory_lock({index._names.key})"))
        late = asyncio.create_task(town.process())
        waits = sa.text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE :lock AND wait_event = 'advisory'")
        for _ in range(200):  # until it waits for as long as it takes: by then it has been turned away once
            if late.done() or await making.scalar(waits, {"lock": f"SELECT pg_advisory_lock({index._names.key})"}):
                break
            await making.rollback()  # each transaction sees one moment of it
            await asyncio.sleep(0.02)
        await making.execute(sa.text(f"SELECT pg_advisory_unlock({index._names.key})"))
    assert await found(await late, "letters for school") == ["school"]


async def test_the_judge_decides_as_with_the_index_in_memory(town: Town) -> None:
    shared = await town.process()
    await publish(shared, SCHOOL, POUCH, DOSE)
    await shared.librarian.refresh()
    alone = await town.process("memory")
    texts = [
        "How do I fix a leaking pouch?",
        "good morning all",
        "who excuses days at school?",
        "I want to die tonight",
    ]
    judged = []
    for c in (shared, alone):
        heard = [await c.judge.heard(text, thorough=True) for text in texts]
        judged.append(await c.judge.judge(heard))
    for one, other in zip(*judged, strict=True):
        assert [m.resource_id for m in one.matches] == [m.resource_id for m in other.matches]
        assert [m.confidence for m in one.matches] == pytest.approx([m.confidence for m in other.matches], abs=0.01)
        assert (one.action, one.topics, one.findings) == (other.action, other.topics, other.findings)
        assert [m.why for m in one.matches] == [m.why for m in other.matches]
    assert [len(one.matches) for one in judged[0]] == [3, 3, 3, 0]


async def test_a_large_library_on_postgresql_is_kept_there_by_itself(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = await town.process("auto")
    await publish(small, SCHOOL)
    await small.librarian.put([SCHOOL])
    monkeypatch.setattr(settings_module, "LARGE", 1)
    assert (await town.process("auto")).library.shared is not None
    monkeypatch.setattr(pair, "name", lambda: "the pair, fitted once more")  # nothing has vectors of it yet
    assert (await town.process("auto")).library.shared is not None
    assert (await town.process("memory")).library.shared is None
    assert small.library.shared is None


async def test_an_index_in_the_database_is_gone_when_memory_is_chosen(town: Town) -> None:
    """If nobody uses it any more: it would keep words that nobody takes out."""

    async def there() -> int:
        async with small.store.read() as tx:
            counted = "SELECT count(*) FROM pg_namespace WHERE starts_with(nspname, 'winwin_index_')"
            return await tx.connection.scalar(sa.text(counted)) or 0

    async with AsyncExitStack() as stack:
        large = await Town(town.url, stack).process()
        await publish(large, SCHOOL)
        await large.librarian.refresh()
        small = await town.process("memory")
        assert await there() == 1
        assert await found(large, "letters for school") == ["school"]
    small = await town.process("memory")
    assert await there() == 0


def test_where_the_index_is_kept() -> None:
    def kept(index: str, url: str = "postgresql+asyncpg://winwin@/w") -> list[bool]:
        settings = read_settings(None, winwin_index=index, database_url=url)
        return [settings.in_database(passages) for passages in (0, LARGE, LARGE + 1)]

    assert kept("auto") == [False, False, True]
    assert kept("auto", "sqlite+aiosqlite:///w.db") == kept("memory") == [False, False, False]
    assert kept("pgvector") == [True, True, True]
    with pytest.raises(SettingsError, match="WINWIN_INDEX"):
        read_settings(None, winwin_index="faiss")


async def test_the_doctor_says_where_it_is_searched_and_what_is_missing(
    postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await postgres.fresh()
    store = await Database.open(url)
    try:
        for wish, says, do in (("memory", "in memory", ""), ("pgvector", "in the database with pgvector", "")):
            check = await index(read_settings(None, database_url=url, winwin_index=wish), store)
            assert says in check.says
            assert check.do == do
        async with store.begin() as tx:
            await tx.vectors.put("own@1/256", {f"h{n}": np.ones(4, np.float32) for n in range(5)})
        monkeypatch.setattr(settings_module, "LARGE", 4)
        check = await index(read_settings(None, database_url=url, winwin_model="/own/model"), store)
        assert check.says == "5 passages, searched in the database with pgvector"
    finally:
        await store.close()
    guest = Database.as_it_is(url.replace("winwin@", "plain@"))
    postgres.server.sql(PLAIN)
    assert "CREATE EXTENSION vector" in await guest.lacks_index()
    await guest.close()
    nowhere = Database.as_it_is("sqlite+aiosqlite:///nowhere.db")
    assert "only PostgreSQL" in await nowhere.lacks_index()


async def test_where_it_cannot_be_kept_there_the_log_says_why_and_it_stays_in_memory(
    tmp_path, postgres: Databases
) -> None:
    postgres.server.sql(PLAIN)
    url = await postgres.fresh()
    name = url.rpartition("/winwin_")[2].partition("?")[0]
    for kind in ("TABLES", "SEQUENCES"):
        postgres.server.sql(f"GRANT ALL ON ALL {kind} IN SCHEMA public TO plain", f"winwin_{name}")
    guest = url.replace("winwin@", "plain@")
    file = f"sqlite+aiosqlite:///{tmp_path / 'w.db'}"
    for database, why in (
        (file, "only PostgreSQL can hold it"),
        (guest, "have a superuser say CREATE EXTENSION vector"),
    ):
        async with AsyncExitStack() as stack:
            with capture_logs() as logs:
                c = await Town(database, stack).process()
            told = [line for line in logs if line["event"] == "index_in_memory"]
            assert why in told[0]["why"]
            assert c.library.shared is None
    await (await Database.open(url)).close()
