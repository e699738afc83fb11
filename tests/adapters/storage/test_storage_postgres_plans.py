"""Reading one volunteer on PostgreSQL looks at that volunteer's rows, however many there are of others."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from adapters.storage import members, pooling
from adapters.storage.database import Database
from adapters.storage.drivers import POSTGRESQL
from adapters.storage.prepared import _bound
from bot.community import MemberRecord, Role, Skill, VolunteerSettings
from bot.effects import OfferQuestion
from bot.post import Wish
from tests.contracts.storage.storage_values import ANA, NOW, question
from tests.fakes.postgres_server import Databases

OTHERS = 2500
LONG_AGO = NOW.replace(year=2000)
COPIED = {  # table: which of its columns name the copy
    "member": ("key",),
    "volunteer": ("member",),
    "volunteer_topic": ("member",),
    "skill": ("member", "answer"),
    "question": ("id", "claimed_by", "offered_to"),
    "outbox": ("key", "to_member"),
}


async def _crowded(database: Database) -> None:
    """One volunteer as the code keeps them, and many copies with other keys."""
    async with database.begin() as tx:
        await tx.members.save(MemberRecord(ANA.key, "p", "Ana"))
        await tx.volunteers.save(VolunteerSettings(ANA.key, topics=frozenset({"school"})))
        await tx.volunteers.learn([Skill("s", ANA.key, b"1234", NOW)])
        await tx.questions.add(question(claimed_by=ANA.key, offered_to=ANA.key))
        await tx.outbox.add([Wish("k", "k", "web", "q", ANA.key, OfferQuestion("q", ANA.key, 1))], NOW, NOW)
        for table, names in COPIED.items():
            other = ", ".join(f"'{name}', n.{name} || i" for name in names)
            number = ", 'id', 10 + i" if table == "outbox" else ""
            copy = f"jsonb_populate_record(n, jsonb_build_object({other}{number}))"
            many = f"INSERT INTO {table} SELECT ({copy}).* FROM {table} n, generate_series(1, {OTHERS}) i"
            await tx.connection.execute(text(many))


def _looked_at(node: dict[str, Any]) -> int:
    """Rows that were read and thrown away, or given on, by the leaves of a plan."""
    below = node.get("Plans", ())
    own = 0 if below else node["Actual Rows"]
    return int(own + node.get("Rows Removed by Filter", 0)) + sum(map(_looked_at, below))


async def test_reading_one_volunteer_looks_at_no_others(postgres: Databases) -> None:
    database = await Database.open(await postgres.emptied())
    try:
        await _crowded(database)
        async with database.begin() as tx:
            await tx.connection.execute(text("ANALYZE"))  # as a server does by itself
            await tx.connection.execute(text("SET LOCAL random_page_cost = 1.1"))  # in memory, as such small tables are
            looked_at = {}
            for name, both in vars(pooling).items():
                if isinstance(both, pooling._Both):
                    compiled = both._some._compile(POSTGRESQL)
                    values = _bound(compiled, {"members": [ANA.key], "week": LONG_AGO, "recently": LONG_AGO})
                    pooled = await tx.connection.get_raw_connection()
                    assert pooled.driver_connection is not None
                    said = await pooled.driver_connection.fetchval(
                        f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled.sql}", *values
                    )
                    looked_at[name] = _looked_at(json.loads(said)[0]["Plan"])
    finally:
        await database.close()
    assert len(looked_at) == 2
    assert {n: v for n, v in looked_at.items() if v > 20} == {}


async def test_who_looks_after_the_community_is_found_among_the_few(postgres: Databases) -> None:
    database = await Database.open(await postgres.emptied())
    try:
        async with database.begin() as tx:
            nurse = MemberRecord(ANA.key, "p", "Ana", frozenset({Role.CLINICIAN}))
            await tx.members.save(nurse)
            copy = "jsonb_populate_record(n, jsonb_build_object('key', n.key || i))"
            copy = f"INSERT INTO member SELECT ({copy}).* FROM member n, generate_series(1, {OTHERS}) i"
            await tx.connection.execute(text(copy))
            await tx.members.save(replace(nurse, key="web:home:moda", roles=frozenset({Role.MODERATOR})))
            await tx.connection.execute(text("ANALYZE"))
            compiled = members._OF_THE_FEW._compile(POSTGRESQL)
            pooled = await tx.connection.get_raw_connection()
            assert pooled.driver_connection is not None
            bound = _bound(compiled, {"said": "%moderator%"})
            said = await pooled.driver_connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled.sql}", *bound)
            assert _looked_at(json.loads(said)[0]["Plan"]) == 1
            assert [m.key for m in await tx.members.with_role(Role.MODERATOR)] == ["web:home:moda"]
    finally:
        await database.close()
