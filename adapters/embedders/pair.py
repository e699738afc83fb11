"""The default: two small models side by side, each reading what people ask in a way that was learnt (asking.py).

A vector is that of multilingual-e5-small and that of all-MiniLM-L6-v2, one after the other, so that a cosine is the
weighted mean of their two cosines. They are wrong about different things: together they find more than the better one
alone, and more than a model four times their size (docs/matching.md). A question in Spanish is left to the first: the
second was made for English.

The larger one runs in a thread of its own, beside the smaller one and the reader, which take turns: so two cores are
busy with one question for as long as the larger one takes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from adapters.embedders import asking, e5
from adapters.embedders.export import PIECES, graph_file
from adapters.embedders.packaged import DIMENSION, MODEL, WEIGHTS_SHA256, ModelError, digest, e5_file
from adapters.embedders.serving import MAX_TOKENS, THREADS, OnnxEmbedder, in_batches, padded, run_tokens, session, told
from knowledge.embedding import Vectors, parted
from knowledge.text import looks_spanish

Kind = Literal["asked", "told"]
WIDTH = 2 * DIMENSION  # of a vector
PAIR = f"{MODEL}+{e5.MODEL}"


class PairEmbedder:
    """Both models on ONNX Runtime. Safe to share between threads."""

    def __init__(self, threads: int | None = None, folder: Path | None = None) -> None:
        """Find the exported models, making them first (about a minute) if they are missing. `threads`: of each model
        that embeds; half of the cores, two at most, unless given. (The reader takes two: of most messages it alone is
        asked.) Raises ModelError."""
        threads = threads or max(1, min(THREADS, cores() // 2))
        self._minilm = OnnxEmbedder(folder=folder)
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="winwin-e5")
        self._exported, self._threads = self._minilm.exported, threads
        self.name = name()
        self.dimension = WIDTH
        try:
            self._pieces = e5.loaded_pieces(self._exported / PIECES)
            self._words = e5.Weights(e5_file())
        except (OSError, ValueError) as error:
            raise ModelError(f"{e5.MODEL} cannot be read; run `make setup` again") from error

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        vectors = np.empty((len(texts), WIDTH), np.float32)
        for kind in ("asked", "told"):
            places = [place for place, text in enumerate(texts) if parted(text)[0] == (kind == "asked")]
            if places:
                vectors[places] = self._pair(kind, [told(texts[place]) for place in places])
        return vectors

    def read(self, texts: Sequence[str | tuple[str, str]]) -> NDArray[np.float32]:
        """See OnnxEmbedder."""
        return self._minilm.read(texts)

    def _pair(self, kind: Kind, texts: Sequence[str]) -> Vectors:
        share = np.full(len(texts), asking.E5_SHARE, np.float32)
        if kind == "asked":
            share[[looks_spanish(text) for text in texts]] = 1.0
        beside = self._beside.submit(self._by_e5, kind, texts)
        second = np.zeros((len(texts), DIMENSION), np.float32)
        english = [place for place, part in enumerate(share) if part < 1]
        if english:
            second[english] = self._by_minilm(kind, [texts[place] for place in english])
        first = beside.result() * np.sqrt(share)[:, None]
        return np.concatenate([first, second * np.sqrt(1 - share)[:, None]], axis=1)

    def _by_minilm(self, kind: Kind, texts: Sequence[str]) -> Vectors:
        if kind == "told":
            return self._minilm.embed(texts)
        return in_batches(self._minilm.tokens(texts, asking.MOST_TOKENS), self._run_minilm)

    def _run_minilm(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        graph = self._minilm_asked
        with self._minilm.turn:
            return run_tokens(graph, tokens)

    def _by_e5(self, kind: Kind, texts: Sequence[str]) -> Vectors:
        prefix, most = asking.E5_PREFIX[kind], asking.E5_MOST_TOKENS[kind]
        return in_batches([self._pieces.of(prefix + text, most) for text in texts], partial(self._run_e5, kind))

    def _run_e5(self, kind: Kind, tokens: Sequence[Sequence[int]]) -> Vectors:
        ids, mask = padded(tokens)
        words = self._words.word_vectors(ids.ravel()).reshape(*ids.shape, DIMENSION)
        graph = self._e5_asked if kind == "asked" else self._e5_told
        output: Vectors = graph.run(None, {"inputs_embeds": words, "attention_mask": mask})[0]
        return output

    @cached_property
    def _minilm_asked(self) -> Any:
        return session(self._exported / graph_file("asked"), self._threads)

    @cached_property
    def _e5_asked(self) -> Any:
        return session(self._exported / graph_file("e5.asked"), self._threads)

    @cached_property
    def _e5_told(self) -> Any:
        return session(self._exported / graph_file("e5.told"), self._threads)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def name() -> str:
    """The identity under which vectors are kept. What is kept are resources' vectors, and questions that a resource
    answered: those change with what was learnt."""
    learnt = "".join(digest(file)[:6] for file in (asking.MINILM, asking.E5))
    return f"{PAIR}@{WEIGHTS_SHA256[:6]}{e5.SHA256[:6]}-{learnt}x{asking.STRENGTH}/{MAX_TOKENS}"
