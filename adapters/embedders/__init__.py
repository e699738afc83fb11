"""The engines behind knowledge.embedding.Embedder.

packaged.py   the default model that comes with an installed package: its weights checked, exported once to ONNX
serving.py    that export on ONNX Runtime: what the running bot uses
reference.py  any other sentence-transformers model, on torch

Nothing is ever downloaded. `python -m adapters.embedders` prepares the default model.
"""

from adapters.embedders.packaged import MODEL, ModelError
from adapters.embedders.reference import SentenceTransformerEmbedder
from adapters.embedders.serving import THREADS, OnnxEmbedder
from knowledge.embedding import Embedder

__all__ = ["MODEL", "ModelError", "OnnxEmbedder", "SentenceTransformerEmbedder", "load_embedder"]

ALIASES = frozenset({MODEL, f"sentence-transformers/{MODEL}"})


def load_embedder(model: str | None = None, threads: int = THREADS) -> Embedder:
    """The engine for a model's name or folder; the default model when none is named. Raises ModelError."""
    if not model or model in ALIASES:
        return OnnxEmbedder(threads)
    return SentenceTransformerEmbedder(model, threads)
