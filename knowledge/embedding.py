"""Texts as vectors: what an engine must offer, and how no text is ever embedded twice."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.resources import content_hash

Vector = NDArray[np.float32]  # shape (d,), length 1
Vectors = NDArray[np.float32]  # shape (n, d), rows of length 1


_ASKED = "query: "


def asked(text: str) -> str:
    """Marks a text as a question, which an engine may read in a way of its own. The mark is part of the text, so that
    both readings are kept under hashes of their own."""
    return _ASKED + text


def parted(text: str) -> tuple[bool, str]:
    """Whether a text is marked as a question, and the text without the mark."""
    return text.startswith(_ASKED), text.removeprefix(_ASKED)


class Embedder(Protocol):
    """An engine that turns texts into unit vectors: what resources say, and what people ask (`asked`)."""

    @property
    def name(self) -> str:
        """Identity of model and weights. Two engines with one name give the same vectors (to 1e-4)."""
        ...

    @property
    def dimension(self) -> int:
        """d, the length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row per text, float32, shape (n, d); n may be 0. Row i depends on texts[i] only (to 1e-5)."""
        ...


class VectorCache(Protocol):
    """Vectors kept by (model, content hash)."""

    def get(self, model: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """Those of the hashes that are known; the others are missing from the answer."""
        ...

    def put(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors under their content hashes."""
        ...


class MemoryVectorCache:
    """A cache that lives as long as the process; also what a scratch index uses."""

    def __init__(self) -> None:
        self._vectors: dict[tuple[str, str], Vector] = {}

    def get(self, model: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """See VectorCache."""
        return {h: self._vectors[model, h] for h in hashes if (model, h) in self._vectors}

    def put(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """See VectorCache."""
        self._vectors.update({(model, h): np.array(v, np.float32) for h, v in vectors.items()})


def embed_cached(embedder: Embedder, cache: VectorCache, texts: Sequence[str]) -> Vectors:
    """Vectors of the texts, shape (n, d); only texts whose hash the cache lacks go through the engine, once each."""
    hashes = [content_hash(text) for text in texts]
    known = dict(cache.get(embedder.name, list(dict.fromkeys(hashes))))
    missing = {h: text for h, text in zip(hashes, texts, strict=True) if h not in known}
    if missing:
        fresh = dict(zip(missing, embedder.embed(list(missing.values())), strict=True))
        cache.put(embedder.name, fresh)
        known |= fresh
    if not hashes:
        return np.empty((0, embedder.dimension), np.float32)
    return np.stack([known[h] for h in hashes]).astype(np.float32, copy=False)
