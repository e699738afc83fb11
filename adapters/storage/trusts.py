"""Which roles of a platform the community trusts, and as what."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import upsert
from adapters.storage.people_tables import trust
from adapters.storage.prepared import Prepared
from bot.community import Role, Trust

_ALL = Prepared(select(trust).order_by(trust.c.key, trust.c.role))


class Trusts:
    """See bot.ports.TrustStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> tuple[Trust, ...]:
        """See TrustStore."""
        return tuple(Trust(row.key, Role(row.role), row.name) for row in await _ALL.all(self._connection))

    async def put(self, trusted: Trust) -> None:
        """See TrustStore."""
        row = {"key": trusted.key, "role": trusted.role.value, "name": trusted.name}
        await self._connection.execute(upsert(self._connection, trust), row)

    async def remove(self, key: str, role: Role) -> None:
        """See TrustStore."""
        await self._connection.execute(delete(trust).where(trust.c.key == key, trust.c.role == role.value))
