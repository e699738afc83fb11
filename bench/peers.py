"""txtai and Chroma beside winwin: asked in an environment of their own, which `make bench-matching` sets up.

They bring a hundred packages that winwin has no use for, so they are in none of its locks. What is asked and answered
goes through files (bench/peers_run.py says how they look), and an answer that doesn't fit what was asked is refused.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers_run import MISSING, Ranked
from bench.rankings import full_text
from bench.sets import Corpus
from knowledge.evaluation import DEPTH

# Of vectors alone both make what the model alone makes (measured: the same hit@1), so txtai is asked for its hybrid.
PEERS = {
    "txtai": "title with text; all-MiniLM-L6-v2; hybrid (BM25 and vectors, half each) with content, else its defaults",
    "chroma": "title with text; all-MiniLM-L6-v2 by its SentenceTransformerEmbeddingFunction; else its defaults",
}
ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
PROGRAM = ROOT / "bench" / "peers_run.py"
HOW = "not installed: `make bench-matching` sets it up in .venv-peers"
PATIENCE = 3_600  # seconds for all sets


class NotInstalled(RuntimeError):  # noqa: N818 - it says what is the matter
    """The library, or its environment, isn't there."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a library made of every question of every set, in order."""

    version: str
    sets: list[Ranked]


def ask(
    peer: str,
    corpora: Sequence[Corpus],
    model: Path,
    python: Path = PYTHON,
    program: Path = PROGRAM,
) -> Answers:
    """Let a library rank. Raises NotInstalled; RuntimeError when it fails; ValueError when its answer doesn't fit."""
    if not python.exists():
        raise NotInstalled(HOW)
    sets = [
        {
            "ids": [resource.id for resource in corpus.resources],
            "texts": full_text(corpus),
            "questions": [query.text for query in corpus.queries],
        }
        for corpus in corpora
    ]
    with tempfile.TemporaryDirectory() as folder:
        given, ranked = Path(folder, "given.json"), Path(folder, "ranked.json")
        given.write_text(json.dumps({"model": str(model), "depth": DEPTH, "sets": sets}), "utf-8")
        # -I: the folder of the program holds a discord.py and a slack.py, which nobody there is to find
        command = [str(python), "-I", str(program), peer, str(given), str(ranked)]
        offline = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=offline, cwd=folder)
        if done.returncode == MISSING:
            raise NotInstalled(HOW)
        if done.returncode:
            raise RuntimeError(f"{peer} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        answered = json.loads(ranked.read_text("utf-8"))
    if len(answered["sets"]) != len(sets):
        raise ValueError(f"{peer} answered {len(answered['sets'])} sets of {len(sets)}")
    checked = [_fitting(peer, one, found) for one, found in zip(sets, answered["sets"], strict=True)]
    return Answers(str(answered["version"]), checked)


def _fitting(peer: str, asked: dict[str, list[str]], found: list[list[list[Any]]]) -> Ranked:
    """The answer to one set. Raises ValueError."""
    if len(found) != len(asked["questions"]):
        raise ValueError(f"{peer} answered {len(found)} questions of {len(asked['questions'])}")
    known, ranked = set(asked["ids"]), []
    for question, rows in zip(asked["questions"], found, strict=True):
        ids, scores = [one for one, _ in rows], [float(score) for _, score in rows]
        if len(ids) > DEPTH or len(set(ids)) < len(ids) or not known.issuperset(ids):
            raise ValueError(f"{peer} answered ids that nobody gave it, twice the same, or too many: {ids[:3]}")
        if scores != sorted(scores, reverse=True):
            raise ValueError(f"{peer} did not answer best first: {scores[:3]} ({question[:40]!r})")
        ranked.append(list(zip(ids, scores, strict=True)))
    return ranked
