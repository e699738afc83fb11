"""What volunteers are known for: answers of theirs that helped, by their embeddings, of those who agreed to it.

The model runs here, so no transaction is open while it does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence

import structlog

from bot.community import Skill
from bot.judging import Judge
from bot.ports import Clock, Store
from bot.question import Outcome, Question
from bot.recollection import Recollection

_log = structlog.get_logger("winwin.skills")


class Skills:
    def __init__(self, store: Store, clock: Clock, judge: Judge, recollection: Recollection) -> None:
        self._store = store
        self._clock = clock
        self._judge = judge
        self._known = recollection

    async def recall(self, questions: Iterable[str]) -> None:
        """Before somebody may be looked for: what these questions are about, where this process does not know it (any
        more) and somebody is known for anything. Without it, declared topics decide."""
        unknown = [q for q in questions if not self._known.vectors.of(q)]
        if not unknown or not self._known.roster.any_skill:
            return
        async with self._store.read() as tx:
            found = [q for key in unknown if (q := await tx.questions.get(key)) is not None and q.text]
        for question, vector in zip(found, await _tried(self._judge.vectors([q.text for q in found])), strict=False):
            self._known.vectors.keep(question.id, vector)

    async def learn(self, helped: Sequence[str]) -> None:
        """These questions were closed as helped: what the answers were about is kept for those who wrote them."""
        for question_id in helped:
            await self._learn(question_id)

    async def _learn(self, question_id: str) -> None:
        async with self._store.read() as tx:
            question = await tx.questions.get(question_id)
            if question is None or question.outcome is not Outcome.HELPED:
                return
            said = [a for a in await tx.answers.of(question_id) if a.text and _credited(a.member, question)]
            agreed = {a.member for a in said if (v := await tx.volunteers.get(a.member)) is not None and v.learns}
        said = [a for a in said if a.member in agreed]
        vectors = await _tried(self._judge.vectors_of_answers([a.text for a in said]))
        if not vectors:
            return
        new = [Skill(a.place.key, a.member, v, a.at) for a, v in zip(said, vectors, strict=True)]
        async with self._store.begin() as tx:
            still = {m for m in agreed if (v := await tx.volunteers.get(m)) is not None and v.learns}
            there = [skill for skill in new if skill.member in still and await tx.answers.at(skill.answer) is not None]
            await tx.volunteers.learn(there)
        self._known.roster.touch(still, self._clock.now())


async def _tried(vectors: Awaitable[list[bytes]]) -> list[bytes]:
    try:
        return await vectors
    except Exception:  # nothing is lost: declared topics decide, and the next answer that helps is learned from
        _log.exception("embedding_broke")
        return []


def _credited(member: str, question: Question) -> bool:
    return member in question.answered_by and member != question.asker
