"""A toy engine: every word is a fixed random direction, so that texts sharing words are near each other."""

import hashlib
from collections.abc import Sequence

import numpy as np

from knowledge.embedding import Vectors, parted

DIMENSION = 64


class ToyEmbedder:
    """Deterministic and instant; remembers what it was asked to embed."""

    name = "toy"
    dimension = DIMENSION

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        words = [parted(text)[1].lower().split() or [""] for text in texts]
        rows = [np.sum([_direction(word) for word in some], axis=0) for some in words]
        vectors = np.array(rows, np.float32).reshape(len(texts), DIMENSION)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _direction(word: str) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
