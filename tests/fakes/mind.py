"""A toy model, ear, triage and confidence: deterministic, instant, and plain enough to foresee in a test."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.safety.findings import Code, Finding, Speaker, by_severity
from knowledge.embedding import parted
from knowledge.index import Candidates

DIMENSION = 768  # as the default engine's
SMALL = frozenset(
    re.findall(r"\w+", "a an the to of in on at for and or we i my our is are do does how what with it you your")
)

Vector = NDArray[np.float32]


class ToyModel:
    """See bot.ports.Model: every word is a random direction, a text the sum of its words."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.failures:
            raise self.failures.pop(0)
        return np.stack([_vector(text) for text in texts]) if texts else np.empty((0, DIMENSION), np.float32)


def _vector(text: str) -> Vector:
    words = [w.rstrip("s") for w in re.findall(r"\w+", parted(text)[1].lower()) if w not in SMALL] or ["nothing"]
    total = np.sum([_direction(word) for word in words], axis=0)
    return np.asarray(total / np.linalg.norm(total), np.float32)


@lru_cache(50_000)
def _direction(word: str) -> Vector:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.asarray(np.random.default_rng(seed).standard_normal(DIMENSION), np.float32)


class ToyEar:
    """See bot.judging.Ear: a need has a question mark, an answer has five words and does not just follow along."""

    def quick_need(self, text: str) -> float:
        return 0.9 if "?" in text else 0.01

    def judge_need(self, text: str, said: float | None) -> float:
        return self.quick_need(text)

    def judge_answer(self, reply_text: str, said: float | None) -> float:
        follows = reply_text.lower().startswith(("same here", "following", "hugs"))
        return 0.1 if follows or len(reply_text.split()) < 5 else 0.9


class ToyConfidence:
    """See knowledge.confidence.Confidence: the best cosine is the confidence."""

    silent_below = 0.3
    sure_from = 0.5
    mark = "toy"

    def judge(self, candidates: Candidates, words: int) -> NDArray[np.float64]:
        return np.clip(np.asarray(candidates.best, np.float64), 0.0, 1.0)


CANARY = "zebrafinch"  # stands in a crisis message: must be found nowhere afterwards

_RULES = (
    ("son says he wants to die", Code.C2, Speaker.OTHER),
    ("want to die", Code.C1, Speaker.SELF),
    ("chest pain", Code.C3, Speaker.SELF),
    ("hurts us at home", Code.C4, Speaker.OTHER),
    ("double the dose", Code.M1, Speaker.SELF),
    ("miracle cure", Code.M2, Speaker.SELF),
    ("@example.org", Code.P1, Speaker.SELF),
)


class ToyTriage:
    """See bot.safety.triage.Triage: a handful of phrases."""

    def check(self, text: str) -> tuple[Finding, ...]:
        found: dict[Code, Finding] = {}
        for phrase, code, speaker in _RULES:
            if phrase in text.lower():
                found.setdefault(code, Finding(code, speaker, (f"toy-{code.lower()}",)))
        if Code.C2 in found:
            found.pop(Code.C1, None)
        return by_severity(found.values())
