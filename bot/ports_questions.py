"""Questions and what belongs to them, kept: answers, letters, suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.community import (
    Answer,
    Letter,
    Part,
    QuestionFilter,
    Suggestion,
)
from bot.question import Question


class QuestionStore(Protocol):
    async def add(self, question: Question) -> None: ...

    async def save(self, question: Question) -> None:
        """Raises Conflict unless the stored version is one less than `question.version`."""
        ...

    async def get(self, question_id: str) -> Question | None: ...

    async def in_threads(self, threads: Sequence[str]) -> dict[str, Question]:
        """By thread key (Place.thread_key): the thread of the question itself, or of a message that belongs to it. Of
        several that were asked in one message the first."""
        ...

    async def all_in(self, threads: Sequence[str]) -> dict[str, tuple[Question, ...]]:
        """The same with all that were asked in one message, the first of them first."""
        ...

    async def lately(self, askers: Sequence[str], since: datetime) -> list[Question]:
        """What these members have asked from that moment on. Oldest first."""
        ...

    async def due(self, now: datetime, limit: int) -> list[tuple[str, datetime]]:
        """(id, deadline) of questions whose deadline has come, oldest first."""
        ...

    async def claim_due(self, limit: int, now: datetime, held_until: datetime) -> list[tuple[str, datetime]]:
        """The same, of those that no other process has in hand: they are left to this one until they are saved, until
        `held_until`, or until it is gone. It keeps others from doing the same for nothing; what may be done is said by
        the deadline alone."""
        ...

    async def find(self, wanted: QuestionFilter) -> list[Question]:
        """Oldest first."""
        ...

    async def answered(self, after: tuple[datetime, str], limit: int) -> list[Question]:
        """Those that people may be led to by a link: answered after that moment (of the same moment by id), in a
        channel, with their words, and not about medicines. Who was answered first comes first."""
        ...

    async def worded(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of them that still have their words, and were not taken back."""
        ...

    async def drop_texts(self, closed_before: datetime) -> int:
        """Empty the words of questions closed before that moment, of the messages they were said in, of their answers
        and of their letters."""
        ...


class AnswerStore(Protocol):
    async def put(self, answer: Answer) -> None:
        """Add, or replace the one at the same place."""
        ...

    async def at(self, place_key: str) -> Answer | None: ...

    async def of(self, question_id: str) -> list[Answer]: ...

    async def by(self, member: str) -> list[Answer]:
        """Oldest first."""
        ...

    async def remove(self, place_key: str) -> None: ...


class PartStore(Protocol):
    """The messages in which questions were said, where there are several. A question's `text` is made of them."""

    async def put(self, part: Part) -> None:
        """Add, or replace the one of the same question at the same place."""
        ...

    async def of(self, questions: Sequence[str]) -> list[Part]:
        """In the order in which they were written."""
        ...

    async def at(self, place_key: str) -> list[Part]:
        """What stands there, of each question that it is a part of."""
        ...

    async def remove(self, question: str, place_key: str) -> None: ...

    async def drop(self, question: str) -> None:
        """All of them."""
        ...


class LetterStore(Protocol):
    """What people of one question write to each other through the bot."""

    async def put(self, letter: Letter) -> None:
        """Add, or replace the one with the same id."""
        ...

    async def get(self, letter_id: str) -> Letter | None: ...

    async def of(self, question_id: str) -> list[Letter]:
        """Oldest first."""
        ...

    async def remove(self, letter_id: str) -> None: ...


class SuggestionStore(Protocol):
    async def put(self, question_id: str, suggestions: Sequence[Suggestion]) -> None:
        """Replace what was suggested for the question."""
        ...

    async def of(self, question_id: str) -> list[Suggestion]:
        """Best first."""
        ...
