"""The messages in which questions were said, where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import one_of, upsert
from adapters.storage.prepared import Prepared
from adapters.storage.question_tables import part
from adapters.storage.records import place_of, place_values
from bot.community import Part

_OF = Prepared(select(part).where(one_of(part.c.question, "questions")).order_by(part.c.at, part.c.place_key))
_AT = Prepared(select(part).where(part.c.place_key == bindparam("place")).order_by(part.c.question))
_REMOVE = Prepared(delete(part).where(part.c.question == bindparam("question"), part.c.place_key == bindparam("place")))
_DROP = Prepared(delete(part).where(part.c.question == bindparam("question")))


class Parts:
    """See bot.ports.PartStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, said: Part) -> None:
        """See PartStore."""
        place = said.place
        row = {"question": said.question, "place_key": place.key, "thread_key": place.thread_key}
        values = {**row, **place_values(place), "text": said.text, "at": said.at}
        await self._connection.execute(upsert(self._connection, part), values)

    async def of(self, questions: Sequence[str]) -> list[Part]:
        """See PartStore."""
        return [_part(row) for row in await _OF.all(self._connection, questions=questions)] if questions else []

    async def at(self, place_key: str) -> list[Part]:
        """See PartStore."""
        return [_part(row) for row in await _AT.all(self._connection, place=place_key)]

    async def remove(self, question: str, place_key: str) -> None:
        """See PartStore."""
        await _REMOVE.run(self._connection, {"question": question, "place": place_key})

    async def drop(self, question: str) -> None:
        """See PartStore."""
        await _DROP.run(self._connection, {"question": question})


def _part(row: Row[Any]) -> Part:
    return Part(row.question, place_of(row), row.text, row.at)
