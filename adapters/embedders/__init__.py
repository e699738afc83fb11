"""The engines behind knowledge.embedding.Embedder.

packaged.py   where installed packages keep the two models of the default, and that these are the published ones
e5.py         what the file of one of them holds
export.py     their graphs, made once (tracing.py, lora.py) and kept
asking.py     how what people ask is read; reading.py: what a message is
serving.py    one of the models on ONNX Runtime, and the reader
pair.py       both side by side: the default, what the running bot uses
reference.py  any other sentence-transformers model, on torch

Nothing is ever downloaded. `python -m adapters.embedders` prepares the default.
"""

from adapters.embedders.packaged import MODEL, ModelError
from adapters.embedders.pair import PairEmbedder
from adapters.embedders.reference import SentenceTransformerEmbedder
from adapters.embedders.serving import OnnxEmbedder
from knowledge.embedding import Embedder

__all__ = ["MODEL", "ModelError", "OnnxEmbedder", "PairEmbedder", "SentenceTransformerEmbedder", "load_embedder"]

ALIASES = frozenset({MODEL, f"sentence-transformers/{MODEL}"})


def load_embedder(model: str | None = None) -> Embedder:
    """The engine for a model's name or folder; the default pair when none is named. Raises ModelError."""
    if not model:
        return PairEmbedder()
    return OnnxEmbedder() if model in ALIASES else SentenceTransformerEmbedder(model)
