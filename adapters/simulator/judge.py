"""A judge who knows: what is routed is simulated, not what is understood. No model is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.simulator.arrivals import Asked
from bot.judging import ActionTaken, Heard, Judge, Judgement
from bot.librarian import Librarian
from bot.policy import Policy
from bot.safety.triage import Triage

ANSWER, SAME_HERE = "Here is what we did, and it went well.", "Same here, following."


class NoModel:
    """See bot.ports.Model. Nobody asks it for anything in a simulation."""

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise AssertionError(f"{len(texts)} texts for a model that is not there")

    async def read(self, texts: Sequence[str | tuple[str, str]]) -> NDArray[np.float32]:
        raise AssertionError(f"{len(texts)} texts for a reader that is not there")


class KnowingJudge(Judge):
    """The library is silent, every question is seen as one, every answer as one, and nothing else."""

    def __init__(self, triage: Triage, librarian: Librarian, policy: Policy, asked: Mapping[str, Asked]) -> None:
        super().__init__(triage, librarian, NoModel(), policy)
        self._asked = asked

    def look_ahead(self, heard: Heard) -> None:
        pass

    async def judge(self, heard: Sequence[Heard]) -> list[Judgement]:
        return [self._known(h) for h in heard]

    async def judge_replies(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [0.95 if reply == ANSWER else 0.05 for _, reply in pairs]

    def _known(self, heard: Heard) -> Judgement:
        q = self._asked.get(heard.text)
        if q is None:
            return Judgement(heard.findings, 0.0, False, (), (), ActionTaken.IGNORE)
        return Judgement(
            heard.findings,
            0.95,
            True,
            (),
            (),
            ActionTaken.ROUTE,
            topics=q.topics,
            medical=q.medical,
            urgent=q.urgent,
            language=q.language,
        )
