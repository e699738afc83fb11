"""The default model on ONNX Runtime: fast on short texts, and torch is never imported."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from adapters.embedders.packaged import DIMENSION, MODEL, WEIGHTS_SHA256, ModelError, find_or_export, packaged_folder
from knowledge.embedding import Vectors
from knowledge.text import clean

MAX_TOKENS = 256  # what the model was trained to read; the rest of a text is cut
MAX_CHARACTERS = 16_000  # cut before tokenising; far more than 256 word pieces of any prose
# Padded tokens that go through the model at once. Measured: 4,096 is no faster and holds 150 MB more.
BATCH_TOKENS = 1_024
THREADS = 2
# Model, weights and how much of a text is read: the identity under which vectors are kept.
NAME = f"{MODEL}@{WEIGHTS_SHA256[:12]}/{MAX_TOKENS}"


class OnnxEmbedder:
    """The default model on ONNX Runtime, fp32. Safe to share between threads."""

    def __init__(self, threads: int = THREADS, folder: Path | None = None) -> None:
        """Load the exported model, making it first (about 15 s) if it is missing. Raises ModelError."""
        import onnxruntime
        from tokenizers import Tokenizer

        exported = find_or_export(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A spinning thread burns a core between operators and starves whatever else runs on it.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(str(exported), options, ["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(f"the exported model {exported} cannot be read; delete it and start again") from error
        self._tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    @property
    def name(self) -> str:
        """Model, weights and how much of a text is read."""
        return NAME

    @property
    def dimension(self) -> int:
        """See Embedder."""
        return DIMENSION

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder. Texts of like length go through together, so little is spent on padding."""
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        if not texts:
            return vectors
        encoded = self._tokenizer.encode_batch([clean(text[:MAX_CHARACTERS]) for text in texts])
        tokens = [encoding.ids for encoding in encoded]
        for places in _batches([len(ids) for ids in tokens]):
            vectors[places] = self._run([tokens[place] for place in places])
        return vectors

    def _run(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Token ids of one batch, padded to its longest text, through the graph: shape (len(tokens), d)."""
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(tokens):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        output: Vectors = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return output


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of the texts, longest first, in batches of at most BATCH_TOKENS padded tokens."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    start = 0
    while start < len(order):
        count = max(1, BATCH_TOKENS // lengths[order[start]])
        yield order[start : start + count]
        start += count
