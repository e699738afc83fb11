"""The exported graphs on ONNX Runtime: fast on short texts, and torch is never imported.

A graph is loaded when it is first needed: a bot that only listens and answers never loads those that read resources.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.embedders import reading
from adapters.embedders.export import find_or_export, graph_file
from adapters.embedders.packaged import DIMENSION, MODEL, WEIGHTS_SHA256, ModelError, packaged_folder
from bot.reading import WIDTH
from knowledge.embedding import Vectors, parted
from knowledge.text import clean

MAX_TOKENS = 256  # what the model was trained to read; the rest of a text is cut
MAX_CHARACTERS = 16_000  # cut before tokenising; far more than 256 word pieces of any prose
# Padded tokens that go through the model at once. Measured: 4,096 is no faster and holds 150 MB more.
BATCH_TOKENS = 1_024
THREADS = 2
# Model, weights and how much of a text is read: the identity under which vectors are kept.
NAME = f"{MODEL}@{WEIGHTS_SHA256[:12]}/{MAX_TOKENS}"


class OnnxEmbedder:
    """all-MiniLM-L6-v2 as it was published, fp32, and the reader made of it. Safe to share between threads."""

    def __init__(self, threads: int = THREADS, folder: Path | None = None) -> None:
        """Find the exported models, making them first (about a minute) if they are missing. Raises ModelError."""
        self.exported = find_or_export(folder)
        self.turn = Lock()  # whoever runs this model, or one like it, has it: two at once would take each other's cores
        self._threads = threads
        self._tokenizer = _tokenizer(MAX_TOKENS)
        self._reader_tokenizer = _tokenizer(reading.MAX_TOKENS)

    @property
    def name(self) -> str:
        """Model, weights and how much of a text is read."""
        return NAME

    @property
    def dimension(self) -> int:
        """See Embedder."""
        return DIMENSION

    @cached_property
    def _told(self) -> Any:
        return session(self.exported / graph_file("told"), self._threads)

    @cached_property
    def _reading(self) -> Any:
        return session(self.exported / graph_file("read"), self._threads)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder. Texts of like length go through together, so little is spent on padding."""
        return in_batches(self.tokens([told(text) for text in texts]), self._run)

    def tokens(self, texts: Sequence[str], most: int = MAX_TOKENS) -> list[list[int]]:
        """Numbers of the word pieces of each, at most `most`."""
        found = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        return [ids if len(ids) <= most else [*ids[: most - 1], ids[-1]] for ids in found]

    def read(self, texts: Sequence[str | tuple[str, str]]) -> NDArray[np.float32]:
        """What each message is, or each pair of a question and a reply: see bot.reading, shape (n, WIDTH)."""
        said = np.empty((len(texts), WIDTH), np.float32)
        if not texts:
            return said
        encoded = self._reader_tokenizer.encode_batch([_cleaned(text) for text in texts])
        for places in batches([len(encoding.ids) for encoding in encoded]):
            given = reading.padded([encoded[place] for place in places])
            with self.turn:
                said[places] = self._reading.run(None, given)[0]
        return said

    def _run(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        with self.turn:
            return run_tokens(self._told, tokens)


def in_batches(tokens: Sequence[Sequence[int]], run: Callable[[Sequence[Sequence[int]]], Vectors]) -> Vectors:
    """One row a text, shape (n, d): texts of like length through `run` together."""
    vectors = np.empty((len(tokens), DIMENSION), np.float32)
    for places in batches([len(ids) for ids in tokens]):
        vectors[places] = run([tokens[place] for place in places])
    return vectors


def run_tokens(graph: Any, tokens: Sequence[Sequence[int]]) -> Vectors:
    """Token ids of one batch, padded to its longest text, through a graph: shape (len(tokens), d)."""
    ids, mask = padded(tokens)
    output: Vectors = graph.run(None, {"input_ids": ids, "attention_mask": mask})[0]
    return output


def padded(tokens: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and what of them is no padding, both of shape (len(tokens), longest)."""
    ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
    mask = np.zeros_like(ids)
    for row, text in enumerate(tokens):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return ids, mask


def told(text: str) -> str:
    """A text as it goes to a tokenizer, whether it was asked or told."""
    return clean(parted(text)[1][:MAX_CHARACTERS])


def _cleaned(text: str | tuple[str, str]) -> str | tuple[str, str]:
    if isinstance(text, str):
        return clean(text[:MAX_CHARACTERS])
    question, reply = text
    return clean(question[:MAX_CHARACTERS]), clean(reply[:MAX_CHARACTERS])


def session(exported: Path, threads: int) -> Any:
    """Raises ModelError."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A spinning thread burns a core between operators and starves whatever else runs on it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(exported), options, ["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"the exported model {exported} cannot be read; delete it and start again") from error


def _tokenizer(most: int) -> Any:
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
    found.enable_truncation(most)
    found.no_padding()
    return found


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of the texts, longest first, in batches of at most BATCH_TOKENS padded tokens."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    start = 0
    while start < len(order):
        count = max(1, BATCH_TOKENS // lengths[order[start]])
        yield order[start : start + count]
        start += count
