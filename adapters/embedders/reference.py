"""Any sentence-transformers model by name or folder, on torch: the reference engine."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.embedders.packaged import ModelError
from adapters.embedders.serving import THREADS, told
from knowledge.embedding import Vectors


class SentenceTransformerEmbedder:
    """Any sentence-transformers model on torch: the reference engine. Imports torch when made, not before."""

    def __init__(self, name_or_folder: str, threads: int = THREADS) -> None:
        """Load a model that is on this computer. Raises ModelError when it is not, or is none."""
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(name_or_folder, device="cpu", local_files_only=True)
        except Exception as error:
            raise ModelError(
                f"no model '{name_or_folder}' on this computer; put its folder there and set WINWIN_MODEL to the "
                "folder's path, or leave WINWIN_MODEL empty for the default model"
            ) from error
        self._dimension = len(self._encode(["a"])[0])
        self._name = f"{Path(name_or_folder).name}@{_digest(self._model)}/{self._model.max_seq_length}"

    @property
    def name(self) -> str:
        """Model, weights and how much of a text is read."""
        return self._name

    @property
    def dimension(self) -> int:
        """See Embedder."""
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        if not texts:
            return np.empty((0, self._dimension), np.float32)
        return self._encode([told(text) for text in texts])

    def _encode(self, texts: list[str]) -> Vectors:
        vectors: NDArray[np.float32] = self._model.encode(
            texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return vectors.astype(np.float32, copy=False)


def _digest(model: Any) -> str:
    """Twelve hexadecimal digits that stand for a model's weights."""
    digest = hashlib.sha256()
    for key, weights in sorted(model.state_dict().items()):
        digest.update(key.encode() + weights.detach().cpu().float().numpy().tobytes())
    return digest.hexdigest()[:12]
