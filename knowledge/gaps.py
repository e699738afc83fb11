"""What people ask that nobody has written about yet: unmet questions gathered into topics."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vectors
from knowledge.text import Words

# Cosine of a question to its group's centre. Of 200 questions of each of three communities the groups agree best with
# what answers them between 0.25 and 0.35 (adjusted Rand index 0.17 to 0.30; under it, matters of one day mix).
ALIKE = 0.3
ROUNDS = 10  # passes of regrouping; groups settle in three or four
NAME_WORDS = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """A topic without a resource: its name in the askers' own words, and who asked, oldest id first as given."""

    name: str
    size: int
    question_ids: tuple[str, ...]


def find_gaps(
    question_ids: Sequence[str], texts: Sequence[str], vectors: Vectors, smallest: int = 1
) -> tuple[Gap, ...]:
    """Group unmet questions by likeness, largest group first; groups under `smallest` are left out.

    `vectors` has shape (n, d) with unit rows, one per text. The same input gives the same groups.
    """
    if not question_ids:
        return ()
    groups = _group(np.asarray(vectors, np.float32))
    words = Words()
    stems = [words.pairs(text) for text in texts]
    common = Counter(stem for pairs in stems for stem in {s for _, s in pairs if s})
    gaps = [
        Gap(
            name=_name([stems[i] for i in members], common, len(texts)),
            size=len(members),
            question_ids=tuple(question_ids[i] for i in members),
        )
        for members in groups
        if len(members) >= smallest
    ]
    return tuple(sorted(gaps, key=lambda gap: (-gap.size, gap.question_ids)))


def _group(vectors: NDArray[np.float32]) -> list[list[int]]:
    """Leader clustering from the densest question outward, then regrouping around the groups' centres."""
    neighbours = np.array([int((vectors @ vector >= ALIKE).sum()) for vector in vectors])
    order = sorted(range(len(vectors)), key=lambda i: (-neighbours[i], i))
    centres = np.empty((0, vectors.shape[1]), np.float32)
    for place in order:
        if not len(centres) or float((centres @ vectors[place]).max()) < ALIKE:
            centres = np.vstack([centres, vectors[place]])
    label = np.argmax(vectors @ centres.T, axis=1)
    for _ in range(ROUNDS):
        centres = np.stack([_centre(vectors[label == group]) for group in np.unique(label)])
        likeness = vectors @ centres.T
        moved = likeness.argmax(axis=1)
        strays = np.flatnonzero(likeness.max(axis=1) < ALIKE)
        moved[strays] = len(centres) + np.arange(len(strays))
        _, moved = np.unique(moved, return_inverse=True)
        if np.array_equal(moved, label):
            break
        label = moved
    return [np.flatnonzero(label == group).tolist() for group in np.unique(label)]


def _centre(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = vectors.mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)


def _name(members: Sequence[Sequence[tuple[str, str]]], common: Counter[str], total: int) -> str:
    """The content words most of these questions share and few others have, as most of them write the word."""
    inside = Counter(stem for pairs in members for stem in {s for _, s in pairs if s})
    written = {s: Counter(w.lower() for pairs in members for w, stem in pairs if stem == s) for s in inside}
    weight = {s: count * np.log(1 + total / common[s]) for s, count in inside.items()}
    best = sorted(inside, key=lambda s: (-weight[s], s))[:NAME_WORDS]
    return " ".join(min(written[s], key=lambda w: (-written[s][w], w)) for s in best) or "…"
