"""What answered questions were about, by their embeddings: of those whose words are still kept, in memory only.

A process takes in what it sees answered itself, and at each tick what others did, or what was there before it started.
The words are not held here; once they are gone from the store (after 30 days, deleted, forgotten), the numbers go at
the next tick, and until then nobody is led by them (bot.earlier looks at what is stored).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.judging import Judge
from bot.policy import Policy
from bot.ports import Clock, Store
from bot.question import Question
from bot.stand_ins import without_stand_ins

MOST = 4096  # questions; 6 MB, and half a millisecond to compare one with all
BATCH = 16  # read and embedded in one step of a tick: other work goes in between
LOOKED_OVER = 512  # of which it is looked up in one tick whether their words are still there
LATE = timedelta(minutes=1)  # so long after the moment it bears, something may become readable to others

_log = structlog.get_logger("winwin.past")


class Past:
    """By question id, the newest ones: the embedding, and a hash of the words that it is of."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self._rows: tuple[int, list[str], NDArray[np.float32]] | None = None  # made anew after a change

    def keep(self, question: str, text: str, vector: bytes) -> None:
        """An empty vector says that it is not known."""
        if not vector or not text:
            return
        self._kept[question] = (vector, _hash(text))
        self._kept.move_to_end(question)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        self._rows = None

    def drop(self, question: str) -> None:
        if self._kept.pop(question, None) is not None:
            self._rows = None

    def is_of(self, question: str, text: str) -> bool:
        """Whether what is kept is of these words, and not of what they were before an edit."""
        return question in self._kept and self._kept[question][1] == _hash(text)

    def nearest(self, vector: bytes, count: int) -> list[tuple[str, float]]:
        """(question, cosine) of the nearest, best first; vectors of another model have another length."""
        ids, matrix = self._matrix(len(vector))
        if not ids or not vector:
            return []
        # One row after another in this thread, as in knowledge.index: threads are waited for on a busy machine.
        cosines = np.vecdot(matrix, np.frombuffer(vector, "<f4"))
        best = np.argsort(-cosines, kind="stable")[:count]
        return [(ids[i], float(cosines[i])) for i in best]

    def some(self, start: int, count: int) -> list[str]:
        """The questions from place `start` on, oldest first."""
        return list(islice(self._kept, start, start + count))

    def __len__(self) -> int:
        return len(self._kept)

    def _matrix(self, length: int) -> tuple[list[str], NDArray[np.float32]]:
        if self._rows is None or self._rows[0] != length:
            ids = [q for q, (vector, _) in self._kept.items() if len(vector) == length]
            joined = b"".join(self._kept[q][0] for q in ids)
            matrix = np.frombuffer(joined, "<f4").reshape(len(ids), -1) if ids else np.empty((0, 0), "<f4")
            self._rows = length, ids, matrix
        return self._rows[1:]


class Recalling:
    """The tick that keeps `Past` as the store is. The model runs here, so no transaction is open while it does."""

    def __init__(self, store: Store, clock: Clock, judge: Judge, past: Past, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._judge = judge
        self._past = past
        self._oldest = policy.keep_text + policy.ask_helped_after + policy.close_after  # whose words can still be there
        self._mark = (datetime.min.replace(tzinfo=UTC), "")
        self._place = 0

    async def recall_some(self) -> bool:
        """A few more. Returns whether there may be others."""
        start = (self._clock.now() - self._oldest, "")
        async with self._store.read() as tx:
            found = await tx.questions.answered(max(self._mark, start), BATCH)
        await self._take_in([q for q in found if not self._past.is_of(q.id, q.text)])
        if len(found) == BATCH and found[-1].answered_at is not None:
            self._mark = (found[-1].answered_at, found[-1].id)
            return True
        self._mark = (self._clock.now() - LATE, "")
        await self._look_over()
        return False

    async def _take_in(self, questions: Sequence[Question]) -> None:
        if not questions:
            return
        try:
            vectors = await self._judge.vectors([without_stand_ins(q.text) for q in questions])
        except Exception:  # nothing is lost: these are not linked to, and people are asked as ever
            _log.exception("embedding_broke")
            return
        for question, vector in zip(questions, vectors, strict=True):
            self._past.keep(question.id, question.text, vector)

    async def _look_over(self) -> None:
        """Drop what is of words that are gone."""
        ids = self._past.some(self._place, LOOKED_OVER)
        if ids:
            async with self._store.read() as tx:
                worded = await tx.questions.worded(ids)
            for gone in set(ids) - worded:
                self._past.drop(gone)
        self._place = self._place + LOOKED_OVER if self._place + LOOKED_OVER < len(self._past) else 0


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
