"""How the form opens in which an answer is saved: its words without private details, and the question it was for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.community import Answer
from bot.news import Notice
from bot.ports import Transaction
from bot.private_details import names_of
from bot.question import Question, Refused
from bot.stand_ins import Marks, Taken
from knowledge.resources import MAX_TITLE

TITLE = 80  # characters of a title that is made of a question


@dataclass(frozen=True, slots=True)
class Prefilled:
    """The form SAVE_RESOURCE as it opens. `author` is the member whose words they are."""

    title: str
    text: str
    topics: tuple[str, ...]
    asked_as: str
    medical: bool
    author: str
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerThere:
    """What the store knows of a message: the answer it took it for, the question, the names of members."""

    answer: Answer | None
    question: Question | None
    names: Sequence[str]

    def prefilled(self, text: str, author: str) -> Prefilled:
        """`text` and `author` as a surface sees them. Raises Refused."""
        answer, question = self.answer, self.question
        own = answer.text if answer else ""  # of what the bot has posted for somebody, a surface sees the whole card
        words = own if answer is not None and answer.relay else text or own
        if not words.strip():
            raise Refused(Notice.GONE)
        marks = Marks(self.names)
        kept = marks.mark(words).strip()
        asked = " ".join(marks.mark(question.text).split())[:MAX_TITLE] if question else ""
        return Prefilled(
            title=_title(asked),
            text=kept,
            topics=question.topics if question else (),
            asked_as=asked,
            medical=bool(question and question.medical),
            author=answer.member if answer else author,
            taken=tuple(marks.taken),
        )


async def answer_there(tx: Transaction, place_key: str, thread_key: str) -> AnswerThere:
    answer = await tx.answers.at(place_key)
    question = await _question_of(tx, answer.question if answer else "", thread_key)
    return AnswerThere(answer, question, names_of(await tx.members.all()))


async def _question_of(tx: Transaction, question_id: str, thread_key: str) -> Question | None:
    """A private question gives nothing away: its words were for one person."""
    found = await tx.questions.get(question_id) if question_id else None
    if found is None and thread_key:
        found = (await tx.questions.in_threads([thread_key])).get(thread_key)
    return None if found is None or found.private else found


def _title(asked: str) -> str:
    """The question's last sentence that asks, or its first: what a tired parent would look for."""
    sentences = [s.strip() for s in re.split(r"(?<=[.!?])\s+", asked) if s.strip()]
    asking = [s for s in sentences if s.endswith("?")] or sentences[:1]
    title = asking[-1] if asking else ""
    return title if len(title) <= TITLE else title[:TITLE].rsplit(" ", 1)[0] + " …"
