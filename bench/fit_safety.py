"""Fit the numbers of bot/safety/detector.npz: `python -m bench.fit_safety --data FOLDER [--write] [--store FILE]`.

Learns from sentences composed by bench/phrases, from messages that authors who had not seen the rules wrote for this
project (bench/phrases/*.jsonl) and, with --data, from public and authored sets beneath FOLDER (numbers only are
written, never a word of them). Figures are held out by author: what is said of somebody's messages comes from a
model that has seen none of theirs. They are of the letters alone, and so is what is fitted here; what the reader says
(bench/fit_reader.py) is weighed beside them, with LETTERS and SAID. `--judge FILE` shows what both add to the rules on
another set, `--half even|odd` on every second line of it; of these files figures are printed, never a word.
"""

import argparse
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from adapters.embedders import OnnxEmbedder
from bench.phrases import CODES, HERE, phrases
from bench.sets import read_lines
from bot.reading import CRISIS
from bot.safety.both import given
from bot.safety.detector import BUCKETS, grams, stretches
from bot.safety.findings import is_crisis
from bot.safety.rules import RuleBook, load_rules
from bot.safety.triage import Triage

OUT = Path(__file__).parent.parent / "bot" / "safety" / "detector.npz"
FOLDS, SEED, EACH, WORKERS = 3, 7, 18, 2
OWN = "third"  # written by the hand that wrote the rules: learnt from, not counted
SCALE, STRENGTH = 6.0, 0.5
LETTERS, SAID = 0.8, 1.0  # what the letters and what the reader count for, where the reader is asked
ROUNDS = 2
PHRASE, WRITTEN = 0.1, 2.0  # what a composed sentence, and what a person's message weighs
TOLD = 0.6  # a crisis, from here: chosen on a set that is not learnt from, see docs/safety.md
SURE = (0.001, 0.01)  # of ordinary messages and of hard negatives by unknown authors told by the letters alone
Floats = NDArray[np.float64]
_SHARED: list[Any] = []
Held = tuple[NDArray[np.bool_], Floats]  # which texts were held out, and what the letters made of these


@dataclass(frozen=True, slots=True)
class Example:
    """`author`: who wrote it; what one author wrote is held out together. `kind`: phrase, public, hard_negative, …"""

    text: str
    code: str
    author: str
    kind: str
    weight: float = 1.0


def composed() -> list[Example]:
    return [Example(p.text, p.code, "composed", "phrase", PHRASE) for p in phrases(EACH, SEED)]


def written() -> list[Example]:
    """Messages that were written for this project, a file an author."""
    return [
        Example(str(r["text"]), str(r["label"]), path.stem, str(r["kind"]), WRITTEN)
        for path in sorted(HERE.glob("*.jsonl"))
        for r in read_lines(path)
    ]


def authored(data: Path) -> list[Example]:
    """The labelled messages of other people; what is no crisis there is none here."""
    rows = [row for path in sorted(data.rglob("safety*.jsonl")) for row in read_lines(path)]
    crises = set(CODES)
    return [
        Example(
            str(r["text"]),
            label if (label := str(r.get("label"))) in crises else "none",
            "authored",
            str(r["kind"]),
            WRITTEN,
        )
        for r in rows
    ]


def everyday() -> list[Example]:
    """What people ask, answer and chat about, written for this project for other purposes: what rules call a crisis
    is left out, for some of it is one."""
    rows = [(path, "text") for path in sorted((HERE.parent / "listening").glob("*.jsonl"))]
    rows += [(path, "reply") for path in sorted((HERE.parent / "replies").glob("*.jsonl"))]
    rows += [(path, "text") for path in sorted((HERE.parent / "communities").glob("*/queries.jsonl"))]
    texts, triage = dict.fromkeys(str(row[key]) for path, key in rows for row in read_lines(path)), Triage.load()
    calm = [text for text in texts if not is_crisis(triage.check(text))]
    return [Example(text, "none", f"public {zlib.crc32(text.encode()) % FOLDS}", "chat", 1.0) for text in calm]


def public(data: Path) -> list[Example]:
    """Chat and questions in which nobody is in danger."""
    found: dict[str, Example] = {}
    for name, key, most in (
        ("authored/listening.jsonl", "text", 400),
        ("authored/queries.jsonl", "text", 300),
        ("authored/replies.jsonl", "reply", 300),
        ("authored/resources.jsonl", "title", 70),
        ("public/vira/queries.jsonl", "text", 700),
        ("public/meqsum/queries.jsonl", "text", 150),
        ("public/offtopic/queries.jsonl", "text", 200),
        ("public/medquad_gov/resources.jsonl", "title", 500),
        ("public/vira/queries_es_vs_en.jsonl", "text", 700),
        ("public/dialog_act/utterances.jsonl", "text", 642),
    ):
        path = data / name
        rows = read_lines(path) if path.exists() else []
        for row in sorted(rows, key=lambda r: zlib.crc32(str(r.get(key)).encode()))[:most]:
            text = str(row.get(key, ""))
            if text:
                kind = "chat" if name.startswith("authored") else "public"
                author = f"public {zlib.crc32(text.encode()) % FOLDS}"
                found.setdefault(text, Example(text, "none", author, kind, 1.0))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Look:
    """A text as the detector reads it: a short one whole, of a long one the likeliest of its stretches."""

    text: str
    words: str
    parts: tuple[str, ...]

    @classmethod
    def at(cls, book: RuleBook, text: str) -> "Look":
        words = book.normaliser.read(text).words
        return cls(text, words, tuple(stretches(words)))

    def embedded(self, part: str) -> str:
        """What the reader is given of it."""
        return given(self.text, self.words, part)


def letters(parts: Sequence[str]) -> csr_matrix:
    rows = [grams(part) for part in parts]
    columns = np.concatenate([np.array(r, int) for r in rows])
    values = np.concatenate([np.full(len(r), 1 / np.sqrt(max(len(r), 1))) for r in rows])
    starts = np.cumsum([0, *(len(r) for r in rows)])
    return csr_matrix((values * SCALE, columns, starts), shape=(len(rows), BUCKETS))


def likeliest(model: LogisticRegression, looks: Sequence[Look]) -> list[str]:
    """Of each text the part that the letters find most like a crisis (bot.safety.detector.Detector.likeliest)."""
    likely = 1 - model.predict_proba(letters([part for look in looks for part in look.parts]))[:, 0]
    ends = np.cumsum([len(look.parts) for look in looks])
    return [
        look.parts[int(np.argmax(likely[end - len(look.parts) : end]))] for look, end in zip(looks, ends, strict=True)
    ]


def reader(examples: Sequence[Example], looks: Sequence[Look]) -> LogisticRegression:
    """The model of the letters alone: what it finds likeliest in long texts, it learns from in its next round
    (multiple instance learning: S. Andrews and others, 2002)."""
    parts = [look.words for look in looks]
    for _ in range(ROUNDS):
        model = train(examples, letters(parts))
        parts = likeliest(model, looks)
    return train(examples, letters(parts))


def train(examples: Sequence[Example], rows: csr_matrix) -> LogisticRegression:
    labels = np.array([CODES.index(e.code) for e in examples])
    weight = np.array([e.weight for e in examples])
    weight = np.where(labels == 0, weight / weight[labels == 0].sum(), weight / weight[labels > 0].sum())
    weight *= len(examples) / weight.sum()
    return LogisticRegression(C=STRENGTH, max_iter=120, tol=1e-3).fit(rows, labels, weight)


def people_of(examples: Sequence[Example]) -> list[str]:
    """The authors who are held out, each in turn. The hand that wrote the rules is none of them."""
    return sorted({e.author for e in examples if e.kind == "explicit" and e.author != OWN})


def held_out(examples: Sequence[Example], looks: Sequence[Look], author: str) -> Held:
    """Which texts are by this author, or of one part of the public ones, and what letters make of them that have seen
    none of them."""
    part = people_of(examples).index(author) % FOLDS
    out = np.array([e.author in (author, f"public {part}") for e in examples])
    seen, unseen = np.flatnonzero(~out), [looks[i] for i in np.flatnonzero(out)]
    model = reader([examples[i] for i in seen], [looks[i] for i in seen])
    return out, model.predict_proba(letters(likeliest(model, unseen)))


def threshold(
    examples: Sequence[Example], likely: Floats, alarms: NDArray[np.bool_], most: tuple[float, float]
) -> float:
    """Where at most these shares of ordinary messages and of hard negatives are told that the rules leave in peace."""
    found = []
    for kinds, share in ((("ordinary", "chat", "public"), most[0]), (("hard_negative",), most[1])):
        calm = [e.kind in kinds and e.code == "none" and not a for e, a in zip(examples, alarms, strict=True)]
        crisis = np.sort(1 - likely[np.array(calm), 0])[::-1]
        found.append(crisis[int(share * len(crisis))] + 1e-4)
    return float(np.clip(max(found), 0.3, 0.9995))


def figures(examples: Sequence[Example], likely: Floats, alarms: Sequence[bool] | NDArray[np.bool_], at: float) -> None:
    """By kind and code: found by the rules, by the detector, by either."""
    rules, learnt = np.array(alarms), 1 - likely[:, 0] >= at
    for kind in ("explicit", "implicit", "ordinary", "hard_negative", "chat", "public"):
        for code in CODES:
            which = np.array([e.kind == kind and e.code == code for e in examples])
            if which.any():
                n, a, b, c = which.sum(), rules[which].sum(), learnt[which].sum(), (rules | learnt)[which].sum()
                print(f"  {kind:13s} {code:4s} {n:5d}  rules {a / n:6.1%}  detector {b / n:6.1%}  either {c / n:6.1%}")


def doubt(examples: Sequence[Example], held: NDArray[np.bool_], likely: Floats) -> None:
    """How many calm messages the reader is asked about, and how many crises pass unseen, by the least likelihood from
    the letters."""
    calm = held & np.array([e.code == "none" and e.kind in ("ordinary", "chat", "public") for e in examples])
    crises = held & np.array([e.code != "none" for e in examples])
    for least in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3):
        asked, lost = np.mean(likely[calm] >= least), np.mean(likely[crises] < least)
        print(f"  letters {least}: {asked:.1%} of calm messages are read, {lost:.1%} of crises are not")


def packed(model: LogisticRegression, at: float) -> dict[str, Floats]:
    """As bot/safety/detector.py reads them, scales undone: the letters alone, and beside the reader."""
    bias, grams_ = model.intercept_, model.coef_.T * SCALE
    return {
        "surface_bias": bias.astype(np.float32),
        "surface_grams": grams_.astype(np.float16),
        "surface_said": np.zeros((0, len(CODES))),
        "surface_at": np.array(at),
        "full_bias": (LETTERS * bias).astype(np.float32),
        "full_grams": (LETTERS * grams_).astype(np.float16),
        "full_said": SAID * np.eye(len(CODES)),
        "full_at": np.array(TOLD),
    }


def fit(examples: Sequence[Example], judged: Mapping[str, Sequence[Example]]) -> dict[str, Floats]:
    """The numbers. Prints what the letters do on authors whom they have not read, and what both do on other sets."""
    book = load_rules()
    triage = Triage(book)
    alarms = np.array([e.kind != "phrase" and is_crisis(triage.check(e.text)) for e in examples])
    looks = [Look.at(book, e.text) for e in examples]
    held, likely = all_held_out(examples, looks)
    known = [e for e, h in zip(examples, held, strict=True) if h]
    at = threshold(known, likely[held], alarms[held], SURE)
    print(f"letters: {len(examples)} texts, told from {at:.4f}", flush=True)
    for author in people_of(examples):
        print(f"{author}, not learnt from:")
        which = np.array([e.author == author for e in examples])
        figures([e for e in examples if e.author == author], likely[which], alarms[which], at)
    doubt(examples, held & ~alarms, 1 - likely[:, 0])
    model = reader(examples, looks)
    said = OnnxEmbedder() if judged else None
    for path, told in judged.items():
        read = [Look.at(book, e.text) for e in told]
        parts = likeliest(model, read)
        by_reader = said.read([look.embedded(part) for look, part in zip(read, parts, strict=True)])[:, CRISIS]  # type: ignore[union-attr]
        total = LETTERS * model.decision_function(letters(parts)) + SAID * by_reader
        grown = np.exp(total - total.max(axis=1, keepdims=True))
        print(f"{path}, not learnt from, told from {TOLD}:")
        by_rules = [is_crisis(triage.check(e.text)) for e in told]
        figures(told, grown / grown.sum(axis=1, keepdims=True), by_rules, TOLD)
    return packed(model, at)


def all_held_out(examples: Sequence[Example], looks: Sequence[Look]) -> Held:
    """Every author by letters that have read none of them."""
    held, likely = np.zeros(len(examples), bool), np.zeros((len(examples), len(CODES)))
    with ProcessPoolExecutor(WORKERS, get_context("fork"), _share, (examples, looks)) as pool:
        for out, found in pool.map(_one_held_out, people_of(examples)):
            likely[out], held = found, held | out
    return held, likely


def _share(*what: Any) -> None:
    """A forked process has it all; sending it would take longer than the fit."""
    _SHARED[:] = what


def _one_held_out(author: str) -> Held:
    return held_out(_SHARED[0], _SHARED[1], author)


def half(path: Path, which: str | None) -> list[Example]:
    """The labelled messages of a file; only those on even or odd lines when asked (the first line is odd)."""
    rows = read_lines(path)
    rows = rows if which is None else rows[which == "even" :: 2]
    labels = [str(r["label"]) if str(r["label"]) in CODES else "none" for r in rows]
    kinds = [str(r.get("kind") or "explicit") for r in rows]
    return [Example(str(r["text"]), label, "", kind) for r, label, kind in zip(rows, labels, kinds, strict=True)]


def main() -> None:
    """Fit two models, print what they do on families they have not seen, write the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--judge", type=Path, nargs="*", default=[], help="JSONL files to look at, not learnt from")
    parser.add_argument("--half", choices=("even", "odd"), help="of the files to judge only every second line")
    parser.add_argument("--write", action="store_true", help="replace bot/safety/detector.npz")
    options = parser.parse_args()
    examples = composed() + written() + everyday() + authored(options.data) + public(options.data)
    kept = fit(examples, {path.name: half(path, options.half) for path in options.judge})
    if options.write:
        np.savez_compressed(OUT, **kept)
        print(f"{OUT.name}: {OUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
