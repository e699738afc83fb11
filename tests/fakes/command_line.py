"""What tests of the command line share: a sentence model that needs no loading, and looks at what was said."""

import hashlib
import re
import signal
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from typer.testing import Result

from adapters.embedders.pair import WIDTH, name
from knowledge.embedding import parted
from tests.fakes.reader import said_of

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples" / "resources.jsonl"
PROGRAM = [sys.executable, "-c", "from adapters.cli import main; main()"]


class WordModel:
    """Fits knowledge.embedding.Embedder: a text is the sum of its words' directions. `texts` counts what it embeds,
    `most` at once."""

    name = name()
    dimension = WIDTH

    def __init__(self) -> None:
        self.texts = self.most = 0

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += len(texts)
        self.most = max(self.most, len(texts))
        rows = [sum(map(_direction, re.findall(r"\w+", parted(text)[1].lower()) or ["-"])) for text in texts]
        vectors = np.array(rows, np.float32).reshape(len(texts), WIDTH)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def read(self, texts: Sequence[str | tuple[str, str]]) -> np.ndarray:
        return said_of(texts)


@lru_cache(50_000)
def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "little")
    return np.random.default_rng(seed).standard_normal(WIDTH)


def one_line(result: Result) -> str:
    """What was said on stderr, which must be one clear line and no traceback."""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


def heeding_ctrl_c() -> None:
    """In the child, before the program starts (preexec_fn): a shell that began the tests in the background has it
    ignore Ctrl-C, and so would whatever they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
