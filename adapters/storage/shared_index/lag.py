"""What an index has otherwise than the store, which has the last word: both are in one database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from adapters.storage.shared_index.schema import Names
from knowledge.resources import Resource


async def behind(connection: asyncpg.Connection[Any], names: Names) -> tuple[list[str], list[str]]:
    """Ids of what the store has published and is not here in that version; and of what is not published any more."""
    changed = (
        f"SELECT r.id FROM resource r LEFT JOIN {names.schema}.shelf i ON i.id = r.id "
        "WHERE r.state = 'published' AND i.version IS DISTINCT FROM r.version ORDER BY r.id"
    )
    gone = (
        f"SELECT i.id FROM {names.schema}.shelf i LEFT JOIN resource r ON r.id = i.id AND r.state = 'published' "
        "WHERE r.id IS NULL ORDER BY i.id"
    )
    first, second = await connection.fetch(changed), await connection.fetch(gone)
    return [row[0] for row in first], [row[0] for row in second]


async def late(connection: asyncpg.Connection[Any], resources: Sequence[Resource]) -> frozenset[str]:
    """Ids of those that are not to be put in: whoever writes may have been overtaken since they read the store, by an
    edit, or by somebody who took their words back."""
    overtaken = (
        "SELECT r.id FROM resource r JOIN unnest($1::text[], $2::int[]) AS given (id, version) ON given.id = r.id "
        "WHERE r.version > given.version OR r.state <> 'published'"
    )
    ids, versions = [resource.id for resource in resources], [resource.version for resource in resources]
    return frozenset(row[0] for row in await connection.fetch(overtaken, ids, versions))
