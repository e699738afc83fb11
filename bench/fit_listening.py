"""Fit the numbers of bot/listening.json: `python -m bench.fit_listening --data FOLDER [--write]`.

They weigh the surface of a message alone: the quick look that spares the model most chatter, and what decides where
there is no reader (bench/fit_reader.py). Learnt from messages of this project (bench/listening, bench/replies) and
from authored/listening.jsonl, replies.jsonl, queries.jsonl and public/dialog_act/utterances.jsonl beneath FOLDER. The
figures printed are held out: ten folds; all replies to one question in one fold. Only weights are written: of readable
cues, of hashed words.
"""

import argparse
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from bench.sets import read_lines
from bot.listening import BUCKETS, QUICK_NEED, buckets, excerpt, tokenise
from bot.listening_cues import ANSWER_CUES, NEED_CUES
from knowledge.text import fold

FOLDS = 10
OUT = Path(__file__).parent.parent / "bot" / "listening.json"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One text; `tested` when figures are taken on it; `question` is what a reply replies to."""

    text: str
    positive: bool
    weight: float = 1.0
    tested: bool = False
    group: str = ""
    question: str = ""


Cues = Mapping[str, re.Pattern[str]]
JUDGES: Mapping[str, Cues] = {"need": NEED_CUES, "answer": ANSWER_CUES}
WORDS = 0.25  # a smaller scale is held back more
HERE = Path(__file__).parent


def main() -> None:
    """Fit two judges, print what they do on texts they have not seen, write the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace bot/listening.json")
    arguments = parser.parse_args()
    found = {
        "need": need_examples(arguments.data) + own_needs(),
        "answer": answer_examples(arguments.data) + own_answers(),
    }
    table = Table("judge", "texts", "AUROC", "F1", "precision", "recall", title="held out")
    judges = {}
    for name, cues in JUDGES.items():
        rows = design(found[name], cues)
        report(table, name, found[name], cross_validate(found[name], rows))
        judges[name] = weights(found[name], rows, cues)
    Console().print(table)
    numbers = {
        "about": "logistic models of bot/listening.py, fitted by bench/fit_listening.py",
        "fitted_at": datetime.now(UTC).date().isoformat(),
        "judges": judges,
    }
    if arguments.write:
        OUT.write_text(json.dumps(numbers, separators=(",", ":")) + "\n", "utf-8")
        print(f"{OUT.name}: {OUT.stat().st_size / 1000:.0f} kB")


def need_examples(data: Path) -> list[Example]:
    """Messages that need something, and messages that do not."""
    found = [
        Example(str(r["text"]), r["label"] == "need", tested=True, group=str(r["text"]))
        for r in read_lines(data / "authored/listening.jsonl")
    ]
    found += [
        Example(str(r["text"]), r["kind"] != "chatter", 0.6, group=str(r["text"]))
        for r in read_lines(data / "authored/queries.jsonl")
    ]
    for row in read_lines(data / "authored/replies.jsonl"):
        found.append(Example(str(row["question"]), True, 0.3, group=str(row["question"])))
        if "?" not in str(row["reply"]):
            found.append(Example(str(row["reply"]), False, 0.5, group=str(row["reply"])))
    for row in read_lines(data / "public/dialog_act/utterances.jsonl"):
        if row["label"] not in ("concern", "negative_reaction", "other"):
            found.append(Example(str(row["text"]), row["label"] == "query", 0.2, group=str(row["text"])))
    return found + [_unmarked(e) for e in found if e.positive and e.text.rstrip().endswith("?")]


def _unmarked(example: Example) -> Example:
    """The same need typed in a hurry: no question mark, no capitals, no accents. Learned from, never tested on."""
    text = fold(example.text).replace("?", "").replace("¿", "").strip()
    return Example(text, True, example.weight / 2, group=example.group)


def answer_examples(data: Path) -> list[Example]:
    """Replies that answer, and replies that do not."""
    found = [
        Example(str(r["reply"]), r["label"] == "answer", 1.0, True, str(r["question"]), str(r["question"]))
        for r in read_lines(data / "authored/replies.jsonl")
    ]
    acts = ("positive_reaction", "greeting", "farewell", "negative_reaction")
    for row in read_lines(data / "public/dialog_act/utterances.jsonl"):
        if row["label"] in acts:
            found.append(Example(str(row["text"]), False, 0.1, group=str(row["text"]), question=found[0].question))
    return found


def own_needs() -> list[Example]:
    """Messages that were written for this project, a file an author."""
    rows = [row for path in sorted((HERE / "listening").glob("*.jsonl")) for row in read_lines(path)]
    return [Example(str(r["text"]), r["label"] == "need", tested=True, group=str(r["text"])) for r in rows]


def own_answers() -> list[Example]:
    rows = [row for path in sorted((HERE / "replies").glob("*.jsonl")) for row in read_lines(path)]
    return [
        Example(str(r["reply"]), r["label"] == "answer", 1.0, True, str(r["question"]), str(r["question"]))
        for r in rows
    ]


def design(examples: Sequence[Example], cues: Cues) -> Floats:
    """One row per text: length, cues, hashed words."""
    seen = [excerpt(e.text) for e in examples]
    tokens = [tokenise(text) for text in seen]
    words = np.zeros((len(examples), BUCKETS))
    for row, found in enumerate(tokens):
        words[row, list(buckets(found))] = WORDS
    cued = [[cue.search(text) is not None for cue in cues.values()] for text in seen]
    return np.hstack([np.log1p([[len(found)] for found in tokens]), np.array(cued, float), words])


def train(examples: Sequence[Example], rows: Floats) -> LogisticRegression:
    """Logistic regression; both classes weigh the same."""
    positive = np.array([e.positive for e in examples])
    weight = np.array([e.weight for e in examples])
    weight = np.where(positive, weight / weight[positive].sum(), weight / weight[~positive].sum())
    weight *= sum(e.weight for e in examples) / weight.sum()
    return LogisticRegression(max_iter=5_000).fit(rows, positive, weight)


def cross_validate(examples: Sequence[Example], rows: Floats) -> Floats:
    """Probability of each text from a model that has seen neither it nor another of its group."""
    folds = np.array([zlib.crc32(e.group.encode()) % FOLDS for e in examples])
    likely = np.zeros(len(examples))
    for fold_ in range(FOLDS):
        seen = folds != fold_
        model = train([e for e, keep in zip(examples, seen, strict=True) if keep], rows[seen])
        likely[~seen] = model.predict_proba(rows[~seen])[:, 1]
    return likely


def weights(examples: Sequence[Example], rows: Floats, cues: Cues) -> dict[str, object]:
    """The fitted numbers as bot/listening.py reads them, scales undone."""
    model = train(examples, rows)
    found, words = model.coef_[0], 1 + len(cues)
    return {
        "bias": round(float(model.intercept_[0]), 4),
        "length": round(float(found[0]), 4),
        "cues": {n: round(float(w), 3) for n, w in zip(cues, found[1:words], strict=True)},
        "words": [round(float(w * WORDS), 3) for w in found[words:]],
    }


def report(table: Table, name: str, examples: Sequence[Example], likely: Floats) -> None:
    """Figures on the tested texts; for the quick look also what it loses and what it spares the model."""
    tested = np.array([e.tested for e in examples])
    truth, found = np.array([e.positive for e in examples])[tested], likely[tested]
    said = found >= 0.5
    cells = (f1_score(truth, said), precision_score(truth, said), recall_score(truth, said))
    table.add_row(name, str(tested.sum()), f"{roc_auc_score(truth, found):.3f}", *(f"{c:.3f}" for c in cells))
    if name == "need":
        for threshold in sorted({0.05, 0.1, 0.15, 0.2, 0.25, 0.3, QUICK_NEED}):
            lost, spared = (found[truth] < threshold).mean(), (found[~truth] < threshold).mean()
            print(f"quick look at {threshold:.2f}: loses {lost:.1%} of needs, spares {spared:.1%} of the rest")


if __name__ == "__main__":
    main()
