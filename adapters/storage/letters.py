"""Letters: what people of one question write to each other through the bot."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import upsert
from adapters.storage.question_tables import letter
from bot.community import Letter


class Letters:
    """See bot.ports.LetterStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, written: Letter) -> None:
        """See LetterStore."""
        row = {column.name: getattr(written, column.name) for column in letter.c}
        await self._connection.execute(upsert(self._connection, letter), row)

    async def get(self, letter_id: str) -> Letter | None:
        """See LetterStore."""
        row = (await self._connection.execute(select(letter).where(letter.c.id == letter_id))).first()
        return _letter(row) if row else None

    async def of(self, question_id: str) -> list[Letter]:
        """See LetterStore."""
        wanted = select(letter).where(letter.c.question == question_id).order_by(letter.c.at, letter.c.id)
        return [_letter(row) for row in await self._connection.execute(wanted)]

    async def remove(self, letter_id: str) -> None:
        """See LetterStore."""
        await self._connection.execute(delete(letter).where(letter.c.id == letter_id))


def _letter(row: Row[Any]) -> Letter:
    return Letter(**row._mapping)
