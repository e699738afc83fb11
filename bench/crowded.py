"""A library as large as you like, whose vectors lie in clusters as real ones do: each resource mixes a message that
somebody wrote (bench/listening) with others near it and a direction in which real ones differ. Uniform noise would be
useless here: in it nothing is near anything, and no index finds what is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Embedder, Vectors
from knowledge.resources import Resource

TOGETHER = 1_000  # resources in one part
EACH = 3.5  # ways in that a resource has on average: title, title with text, a passage, half a past question
LONG = 4  # passages of every fourth
NEIGHBOURS = 50  # messages among which one finds company
TAIL = 300_000  # words of a vocabulary whose rare end grows with the library, as brand names and places do

Part = tuple[list[Resource], Vectors, list[int]]


@dataclass(frozen=True, slots=True)
class Asked:
    text: str
    vector: NDArray[np.float32]


class Crowd:
    """Seeded: the same library each time."""

    def __init__(self, embedder: Embedder) -> None:
        rows = [json.loads(line) for file in sorted(_messages()) for line in file.read_text("utf-8").splitlines()]
        self.texts = list(dict.fromkeys(row["text"] for row in rows))
        self.vectors = embedder.embed(self.texts)
        alike = self.vectors @ self.vectors.T
        self.near = np.argsort(-alike, axis=1)[:, 1 : NEIGHBOURS + 1]

    def parts(self, passages: int) -> Iterator[Part]:
        """About as many ways in, in parts."""
        count = max(1, round(passages / EACH))
        for start in range(0, count, TOGETHER):
            yield self._part(start, min(TOGETHER, count - start))

    def asked(self, count: int, seed: int = 9) -> list[Asked]:
        """Questions: what one of them wrote, meant a little differently."""
        draw = np.random.default_rng(seed)
        main = draw.integers(len(self.texts), size=count)
        rows = self._mixed(draw, main, 0.35)
        return [Asked(self.texts[m], row) for m, row in zip(main, rows, strict=True)]

    def _part(self, start: int, count: int) -> Part:
        draw = np.random.default_rng(1_000 + start)
        main = draw.integers(len(self.texts), size=count)
        company = self.near[main[:, None], draw.integers(NEIGHBOURS, size=(count, 2))]
        weights = draw.dirichlet((3, 1, 1), size=count).astype(np.float32)[:, :, None]
        full = (self.vectors[np.column_stack((main, company))] * weights).sum(axis=1)
        full = self._off(draw, full, 0.3)
        tail = (TAIL ** draw.random((count, 3))).astype(int)
        resources: list[Resource] = []
        rows: list[NDArray[np.float32]] = []
        counts: list[int] = []
        for i in range(count):
            number = start + i
            parts, past = LONG * (number % 4 == 0), int(number % 2 == 0)
            own = self._off(draw, np.repeat(full[i : i + 1], 1 + parts, axis=0), 0.5)
            asked = self._off(draw, self.vectors[main[i : i + 1]], 0.5)[:past]
            rows += [own[:1], full[i : i + 1], own[1:], asked]
            counts.append(2 + parts + past)
            resources.append(self._resource(number, main[i], company[i], tail[i], past))
        return resources, np.concatenate(rows), counts

    def _resource(
        self, number: int, main: int, company: NDArray[np.intp], tail: NDArray[np.intp], past: int
    ) -> Resource:
        rare = " ".join(f"zq{word}x" for word in tail)
        text = " ".join((self.texts[main], *(self.texts[other] for other in company), rare))
        return Resource(f"r{number:07}", f"{self.texts[main][:50]} ({number})", text, asked_as=("asked",) * past)

    def _mixed(self, draw: np.random.Generator, main: NDArray[np.intp], far: float) -> Vectors:
        other = self.near[main, draw.integers(NEIGHBOURS, size=len(main))]
        return self._off(draw, self.vectors[main] + 0.5 * self.vectors[other], far)

    def _off(self, draw: np.random.Generator, rows: Vectors, far: float) -> Vectors:
        """A step away, as far as two messages differ from each other, in lengths of the vector."""
        one, two = draw.integers(len(self.texts), size=(2, len(rows)))
        step = self.vectors[one] - self.vectors[two]
        step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-6)
        moved = rows / np.linalg.norm(rows, axis=1, keepdims=True) + far * step
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def _messages() -> list[Path]:
    return list((Path(__file__).parent / "listening").glob("*.jsonl"))
