"""The library: what a community has published, and which of it matches what somebody asked."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from threading import RLock
from typing import Protocol

from knowledge.calibration import Calibration
from knowledge.confidence import DEPTH, Confidence, fitted
from knowledge.embedding import Vector, Vectors
from knowledge.glossary import Glossary
from knowledge.glossary_file import packaged
from knowledge.index import Candidates, Index, MemoryIndex, Reading
from knowledge.reasons import reasons
from knowledge.resources import Resource, ReviewState
from knowledge.text import Words
from knowledge.ways_in import ways_in

__all__ = ["Candidates", "Index", "Library", "Match", "MemoryIndex", "Reading", "SharedIndex"]


@dataclass(frozen=True, slots=True)
class Match:
    """One resource for one question. `score` orders the list; `confidence` is the probability that it helps, 0 to 1.

    `why` holds at most four phrases, in the resource's own words, that the question shares with it. `shipped` is the
    confidence without the community's own calibration.
    """

    resource_id: str
    title: str
    score: float
    confidence: float
    why: tuple[str, ...] = ()
    shipped: float = field(default=0.0, compare=False)


class SharedIndex(Index, Protocol):
    """An index that several processes have in common, for libraries too large for memory. It takes time: whoever asks
    does so in a thread. The resources themselves stand in the store; it gives those that it leads to."""

    def __len__(self) -> int:
        """How many resources it had at the last look."""
        ...

    def get(self, resource_id: str) -> Resource | None:
        """The published resource of this id."""
        ...

    def find(
        self,
        question: str | Reading,
        vector: Vector,
        depth: int,
        allowed: Callable[[str], bool] | None = None,
        reviewed: bool = False,
    ) -> Candidates:
        """See Index. With `reviewed`, only what is `reviewed_medical` is looked at; `allowed` asks for it as well."""
        ...

    def topics(self) -> tuple[str, ...]:
        """Every topic that a resource here had at the last look, in order."""
        ...

    def behind(self) -> tuple[list[str], list[str]]:
        """Ids of what the store has published and is not here in that version; and of what is not published any
        more. A look."""
        ...

    def settle(self) -> None:
        """After much has been put in: make finding quick. Waits for whoever does so already."""
        ...

    def tend(self) -> bool:
        """Every now and then: leave nothing of what was taken out, and stay known as somebody who uses it. Returns
        whether it was lost and begins anew: then everything is to be put in again."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Library:
    """Published resources and how to find them. One writer and any number of readers, in any threads.

    An edit is visible to the next `rank`. Resources that are not published are not kept. They are kept in memory, or
    where `shared` says.
    """

    def __init__(
        self,
        dimension: int,
        confidence: Confidence | None = None,
        shared: SharedIndex | None = None,
        glossary: Glossary | None = None,
    ) -> None:
        self._glossary = glossary or packaged()
        self._words = Words(self._glossary)
        self._shared = shared
        self._index: Index = MemoryIndex(dimension, self._words) if shared is None else shared
        self._resources: dict[str, Resource] = {}  # none where they are shared
        self._lock = RLock() if shared is None else nullcontext()
        self._confidence = confidence or fitted()
        self._own: Calibration | None = None

    def __len__(self) -> int:
        return len(self._resources if self._shared is None else self._shared)

    @property
    def shared(self) -> SharedIndex | None:
        """Where it is kept, if that is not this process's memory: then whatever is asked here takes a while."""
        return self._shared

    @property
    def shipped(self) -> Confidence:
        """The numbers as they were shipped."""
        return self._confidence

    def calibrate(self, own: Calibration | None) -> None:
        """From now on a community's own numbers; None: the shipped ones."""
        self._own = own

    @property
    def silent_below(self) -> float:
        """The confidence under which the bot says nothing."""
        return (self._own or self._confidence).silent_below

    @property
    def sure_from(self) -> float:
        """The confidence from which nine in ten are right; between the two, `this may help` is honest wording."""
        return (self._own or self._confidence).sure_from

    def ways_in(self, resource: Resource) -> tuple[str, ...]:
        """The texts to embed for `put`, in order."""
        return ways_in(resource).texts()

    def put(self, resource: Resource, vectors: Vectors) -> None:
        """Add or replace; vectors as `ways_in` orders them, shape (n, d). A draft or retired resource is removed.

        Raises ValueError when the vectors do not fit.
        """
        self.put_all([resource], vectors)

    def put_all(self, resources: Sequence[Resource], vectors: Vectors, counts: Sequence[int] | None = None) -> None:
        """The same for several resources of different ids, much faster; `vectors` has those of the published ones, one
        after the other, and `counts` how many each of these has, where that is known."""
        published = [resource for resource in resources if resource.state is ReviewState.PUBLISHED]
        with self._lock:
            for resource in resources:
                if resource.state is not ReviewState.PUBLISHED:
                    self.remove(resource.id)
            self._index.put_all(published, vectors, counts)
            if self._shared is None:
                self._resources |= {resource.id: resource for resource in published}

    def remove(self, resource_id: str) -> bool:
        """Take a resource out; False when it was not there."""
        with self._lock:
            self._resources.pop(resource_id, None)
            return self._index.remove(resource_id)

    def get(self, resource_id: str) -> Resource | None:
        """The published resource of this id."""
        return self._resources.get(resource_id) if self._shared is None else self._shared.get(resource_id)

    def topics(self) -> tuple[str, ...]:
        """Every topic that a resource here has, in order."""
        if self._shared is not None:
            return self._shared.topics()
        return tuple(sorted({topic for resource in self._resources.values() for topic in resource.topics}))

    def read(self, text: str) -> Reading:
        """Begin with the words of a question while its vector is still being made; for `rank`."""
        return self._index.read(text)

    def meant(self, text: str) -> list[str]:
        """The stems of a text, names read as what they mean."""
        return self._words.stems(text)

    def rank(
        self,
        question: str | Reading,
        vector: Vector,
        limit: int = 10,
        allowed: Callable[[Resource], bool] | None = None,
        explained: int | None = None,
        explained_from: float = 0.0,
        *,
        reviewed_only: bool = False,
    ) -> tuple[Match, ...]:
        """The resources nearest to a question, best first, at most `limit`, those not `allowed` left out. With
        `reviewed_only`, only medical ones that a clinician has reviewed.

        `explained`: how many of them get their `why`, all when it is None; none gets it below the confidence
        `explained_from`. Nothing is cut off by confidence here: the caller compares it with `silent_below`.
        """
        with self._lock:
            may = [one for one in (allowed, _reviewed if reviewed_only else None) if one is not None]
            permit = (lambda i: (r := self.get(i)) is not None and all(one(r) for one in may)) if may else None
            depth = max(limit, DEPTH)
            if self._shared is None:
                found = self._index.find(question, vector, depth, permit)
            else:
                found = self._shared.find(question, vector, depth, permit, reviewed_only)
            known = [self.get(i) for i in found.ids[:limit]]
        own, shipped = self._own, self._confidence.judge(found, found.asked)
        likely = shipped if own is None else own.curve.of(shipped)
        told = limit if explained is None else explained
        return tuple(
            Match(
                resource_id=resource.id,
                title=resource.title,
                score=round(float(found.score[place]), 6),
                confidence=round(float(likely[place]), 6),
                why=reasons(resource, found.matched[place], self._words)
                if place < told and likely[place] >= explained_from
                else (),
                shipped=round(float(shipped[place]), 6),
            )
            for place, resource in enumerate(known)
            if resource is not None  # elsewhere it may have been taken out meanwhile
        )


def _reviewed(resource: Resource) -> bool:
    return resource.reviewed_medical
