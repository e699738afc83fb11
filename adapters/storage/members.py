"""Members: accounts, and the person each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, bindparam, delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import insert, one_of, upsert
from adapters.storage.forget import Forget
from adapters.storage.forgetting import new_person
from adapters.storage.people_tables import LOOKING_AFTER, member
from adapters.storage.people_tables import block as block_table
from adapters.storage.prepared import Prepared
from adapters.storage.records import member_values, record_of
from bot.community import MemberRecord, Role
from bot.events import Member
from knowledge.resources import Resource

_GET = Prepared(select(member).where(one_of(member.c.key, "keys")).order_by(member.c.key))
_WITH_ROLES = Prepared(  # as the index says it; in an order it would not be used
    select(member).where(text("roles <> '[]' OR badges <> '[]'"))
)


def _naming(among: str) -> Prepared:
    """The same rows, or fewer, of which those that name no such role need not be made records of."""
    said = text("(roles LIKE :said OR badges LIKE :said)").bindparams(bindparam("said", type_=Text()))
    return Prepared(select(member).where(text(f"({among})"), said))


_NAMING = _naming("roles <> '[]' OR badges <> '[]'")
_OF_THE_FEW = _naming(LOOKING_AFTER)
_FEW = frozenset({Role.MODERATOR, Role.SAFETY_LEAD, Role.OWNER})
_OTHERS, _OWN = member.alias("others"), member.alias("own")
_BLOCKED = Prepared(
    select(_OTHERS.c.person)
    .join(block_table, block_table.c.other == _OTHERS.c.key)
    .join(_OWN, _OWN.c.key == block_table.c.member)
    .where(_OWN.c.person == bindparam("who"))
)
_BLOCKED_BY = Prepared(
    select(_OWN.c.person)
    .join(block_table, block_table.c.member == _OWN.c.key)
    .join(_OTHERS, _OTHERS.c.key == block_table.c.other)
    .where(_OTHERS.c.person == bindparam("who"))
)


class Members:
    """See bot.ports.MemberStore."""

    def __init__(self, connection: AsyncConnection, forget: Forget) -> None:
        self._connection = connection
        self._forget = forget

    async def seen(self, members: Iterable[tuple[Member, str]], now: datetime) -> None:
        """See MemberStore."""
        names: dict[str, str] = {}
        for somebody, name in members:
            names[somebody.key] = name or names.get(somebody.key, "")
        if not names:
            return
        rows = [member_values(MemberRecord(key, new_person(), name, joined_at=now)) for key, name in names.items()]
        new = insert(self._connection, member)
        renamed = (new.excluded.name != "") & (new.excluded.name != member.c.name)
        known = new.on_conflict_do_update(index_elements=["key"], set_={"name": new.excluded.name}, where=renamed)
        await self._connection.execute(known, rows)

    async def get(self, keys: Sequence[str]) -> dict[str, MemberRecord]:
        """See MemberStore."""
        if not keys:
            return {}
        return {row.key: record_of(row) for row in await _GET.all(self._connection, keys=keys)}

    async def save(self, record: MemberRecord) -> None:
        """See MemberStore."""
        await self._connection.execute(upsert(self._connection, member), member_values(record))

    async def with_role(self, role: str) -> list[MemberRecord]:
        """See MemberStore."""
        wanted = _OF_THE_FEW if role in _FEW else _NAMING
        rows = await wanted.all(self._connection, said=f"%{role}%")
        return [record for record in sorted(map(record_of, rows), key=lambda r: r.key) if role in record.held]

    async def with_badges(self) -> list[MemberRecord]:
        """See MemberStore."""
        return [record for record in await self._with_roles() if record.badges]

    async def all(self) -> list[MemberRecord]:
        """See MemberStore."""
        return await self._all(select(member))

    async def block(self, member: str, other: str, now: datetime) -> None:
        """See MemberStore."""
        row = {"member": member, "other": other, "at": now}
        await self._connection.execute(upsert(self._connection, block_table), row)

    async def unblock(self, member: str, other: str) -> None:
        """See MemberStore."""
        own = (block_table.c.member == member) & (block_table.c.other == other)
        await self._connection.execute(delete(block_table).where(own))

    async def blocks(self, member: str) -> tuple[str, ...]:
        """See MemberStore."""
        wanted = select(block_table.c.other).where(block_table.c.member == member).order_by(block_table.c.other)
        return tuple(await self._connection.scalars(wanted))

    async def blocked(self, person: str) -> frozenset[str]:
        """See MemberStore."""
        return frozenset(row.person for row in await _BLOCKED.all(self._connection, who=person))

    async def blocked_by(self, person: str) -> frozenset[str]:
        """See MemberStore."""
        return frozenset(row.person for row in await _BLOCKED_BY.all(self._connection, who=person))

    async def forget(self, key: str, now: datetime, person: str = "") -> list[Resource]:
        """See MemberStore."""
        return await self._forget.everything_of(key, now, person or new_person())

    async def _with_roles(self) -> list[MemberRecord]:
        rows = await _WITH_ROLES.all(self._connection)
        return sorted(map(record_of, rows), key=lambda record: record.key)

    async def _all(self, wanted: Select[Any]) -> list[MemberRecord]:
        rows = await self._connection.execute(wanted)
        return sorted((record_of(row) for row in rows), key=lambda record: record.key)
