"""Answers people gave, and what the bot suggested before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.dialect import upsert
from adapters.storage.people_tables import skill
from adapters.storage.prepared import Prepared
from adapters.storage.question_tables import answer, suggestion
from adapters.storage.records import place_of, place_values
from bot.community import Answer, Suggestion


class Answers:
    """See bot.ports.AnswerStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, given: Answer) -> None:
        """See AnswerStore."""
        row = {
            **place_values(given.place),
            "place_key": given.place.key,
            "question": given.question,
            "member": given.member,
            "text": given.text,
            "probability": given.probability,
            "at": given.at,
            "relay": given.relay,
        }
        await self._connection.execute(upsert(self._connection, answer), row)

    async def at(self, place_key: str) -> Answer | None:
        """See AnswerStore."""
        row = (await self._connection.execute(select(answer).where(answer.c.place_key == place_key))).first()
        return _answer(row) if row else None

    async def of(self, question_id: str) -> list[Answer]:
        """See AnswerStore."""
        wanted = select(answer).where(answer.c.question == question_id).order_by(answer.c.at, answer.c.place_key)
        return [_answer(row) for row in await self._connection.execute(wanted)]

    async def by(self, member: str) -> list[Answer]:
        """See AnswerStore."""
        wanted = select(answer).where(answer.c.member == member).order_by(answer.c.at, answer.c.place_key)
        return [_answer(row) for row in await self._connection.execute(wanted)]

    async def remove(self, place_key: str) -> None:
        """See AnswerStore."""
        await self._connection.execute(delete(answer).where(answer.c.place_key == place_key))
        await self._connection.execute(delete(skill).where(skill.c.answer == place_key))


def _answer(row: Row[Any]) -> Answer:
    return Answer(place_of(row), row.question, row.member, row.text, row.probability, row.at, row.relay)


_CLEAR = Prepared(delete(suggestion).where(suggestion.c.question == bindparam("question")))
_PUT = Prepared.insert(suggestion)
_OF = Prepared(select(suggestion).where(suggestion.c.question == bindparam("question")).order_by(suggestion.c.rank))


class Suggestions:
    """See bot.ports.SuggestionStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, question_id: str, suggestions: Sequence[Suggestion]) -> None:
        """See SuggestionStore."""
        await _CLEAR.run(self._connection, {"question": question_id})
        rows = [
            {
                "question": question_id,
                "rank": rank,
                "resource": s.resource,
                "title": s.title,
                "score": s.score,
                "confidence": s.confidence,
                "why": s.why,
                "shipped": s.shipped,
                "basis": s.basis,
            }
            for rank, s in enumerate(suggestions)
        ]
        if rows:
            await _PUT.run(self._connection, *rows)

    async def of(self, question_id: str) -> list[Suggestion]:
        """See SuggestionStore."""
        rows = await _OF.all(self._connection, question=question_id)
        return [
            Suggestion(row.resource, row.title, row.score, row.confidence, row.why, row.shipped, row.basis)
            for row in rows
        ]
