"""How often a question is linked to an earlier one of the same need: `python -m bench.twice --data FOLDER`.

Of VIRA (FOLDER/public/vira) half of the questions of each draw were asked before, the others are asked now; questions
of one resource are of the same need. Harder: for half of the needs nobody has asked before, and only neighbours are
there. MeQSum (FOLDER/public/meqsum): short questions were asked before, long letters are asked now, half of them of a
need that nobody had. FOLDER/authored: families' own words. bench/phrases/twice.txt: pairs, some of the same need, some
alike in wording only.
"""

import argparse
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from adapters.embedders import load_embedder
from bench.sets import Vectors, load_corpus, load_queries
from knowledge.sameness import ALIKE, COMMON, SHARED, Likeness, Sameness
from knowledge.text import looks_spanish

PAIRS = Path(__file__).parent / "phrases" / "twice.txt"
DRAWS = 8
LOOKED_AT = 5  # nearest earlier questions that are compared, as in bot.earlier
COSINES, SHARES = (0.85, 0.9, 0.93, ALIKE), (0.0, 0.5, SHARED, 0.7)


@dataclass(frozen=True, slots=True)
class Asked:
    text: str
    need: str


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of one question: the best earlier one, whether it is of the same need, and whether any is."""

    text: str
    likeness: Likeness
    right: bool
    possible: bool


def main() -> None:
    """Print precision and share found, by threshold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--store", type=Path, help="a .npz file that keeps vectors between runs")
    arguments = parser.parse_args()
    vectors, sameness, console = Vectors(load_embedder(), arguments.store), Sameness(), Console()
    vira = _asked(arguments.data / "public/vira")
    sets = {
        "VIRA": [_halves(vira, seed, 0.0) for seed in range(DRAWS)],
        "VIRA, half of the needs new": [_halves(vira, seed, 0.5) for seed in range(DRAWS)],
        "MeQSum": [_letters(arguments.data / "public/meqsum")],
        "families": [_halves(_asked(arguments.data / "authored"), seed, 0.0) for seed in range(DRAWS)],
    }
    everything = [a.text for draws in sets.values() for before, now in draws for a in (*before, *now)]
    vectors.warm([], everything)
    for name, draws in sets.items():
        found = [one for before, now in draws for one in _link(before, now, vectors, sameness)]
        _report(name, found, console)
    _pairs(vectors, sameness, console)


def _asked(folder: Path) -> list[Asked]:
    return [Asked(q.text, min(q.relevant)) for q in load_queries(folder / "queries.jsonl") if q.relevant]


def _halves(asked: Sequence[Asked], seed: int, new: float) -> tuple[list[Asked], list[Asked]]:
    """(asked before, asked now); of the needs a share `new` was never asked before."""
    draw = random.Random(seed)
    mixed = draw.sample(asked, len(asked))
    needs = sorted({a.need for a in asked})
    unheard = set(draw.sample(needs, int(new * len(needs))))
    half = len(mixed) // 2
    return [a for a in mixed[:half] if a.need not in unheard], mixed[half:]


def _letters(folder: Path) -> tuple[list[Asked], list[Asked]]:
    before = [Asked(r.title, r.id) for r in load_corpus(folder, "meqsum").resources]
    now = [Asked(q.text, min(q.relevant, default="")) for q in load_queries(folder / "queries.jsonl")]
    return before, now


def _link(before: Sequence[Asked], now: Sequence[Asked], vectors: Vectors, sameness: Sameness) -> Iterable[Linked]:
    past = vectors.of([a.text for a in before])
    needs = {a.need for a in before}
    for asked, cosines in zip(now, vectors.of([a.text for a in now]) @ past.T, strict=True):
        nearest = [int(i) for i in np.argsort(-cosines)[:LOOKED_AT]]
        language = "es" if looks_spanish(asked.text) else "en"
        likely = [(sameness.of(asked.text, before[i].text, float(cosines[i]), language), i) for i in nearest]
        best, place = next(((like, i) for like, i in likely if like.same), likely[0])
        yield Linked(asked.text, best, before[place].need == asked.need, asked.need in needs)


def _report(name: str, found: Sequence[Linked], console: Console) -> None:
    """One table: precision (and the share of what could be found that is) by cosine and share of words."""
    table = Table(title=f"{name}: {len(found)} questions, {np.mean([f.possible for f in found]):.0%} asked before")
    for heading in ("cosine from", *(f"words from {share}" for share in SHARES)):
        table.add_column(heading)
    for cosine in COSINES:
        table.add_row(str(cosine), *(_cell([f for f in found if _over(f, cosine, share)], found) for share in SHARES))
    console.print(table)
    linked = [f for f in found if f.likeness.same]
    console.print(f"shipped (cosine {ALIKE}, words {SHARED}, {COMMON} in common): {_cell(linked, found)}")
    if linked:
        console.print("95 % interval of the precision, by question: {:.2f}–{:.2f}".format(*_interval(linked)))


def _over(f: Linked, cosine: float, share: float) -> bool:
    return f.likeness.cosine >= cosine and f.likeness.share >= share


def _cell(linked: Sequence[Linked], found: Sequence[Linked]) -> str:
    possible = sum(f.possible for f in found)
    right = sum(f.right for f in linked)
    return f"{right / len(linked):.3f} of {len(linked)} ({right / max(1, possible):.0%} found)" if linked else "–"


def _interval(linked: Sequence[Linked]) -> tuple[float, float]:
    """Bootstrap over distinct questions: one may be asked in several draws."""
    by_text: dict[str, list[bool]] = {}
    for one in linked:
        by_text.setdefault(one.text, []).append(one.right)
    right = np.array([sum(rows) for rows in by_text.values()], float)
    count = np.array([len(rows) for rows in by_text.values()], float)
    drawn = np.random.default_rng(0).integers(0, len(right), (2_000, len(right)))
    low, high = np.quantile(right[drawn].sum(1) / count[drawn].sum(1), (0.025, 0.975))
    return float(low), float(high)


def _pairs(vectors: Vectors, sameness: Sameness, console: Console) -> None:
    for kind in ("same", "other"):
        linked = [p for k, *p in read_pairs() if k == kind]
        ones, others = (vectors.of([p[side] for p in linked]) for side in (0, 1))
        likely = [
            sameness.of(one, other, float(cosine), "es" if looks_spanish(one) else "en")
            for (one, other), cosine in zip(linked, (ones * others).sum(axis=1), strict=True)
        ]
        console.print(f"pairs, {kind}: {sum(like.same for like in likely)} of {len(likely)} linked")


def read_pairs() -> list[tuple[str, str, str]]:
    """(same or other, a question, another)"""
    lines = [line for line in PAIRS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    split = [(kind, *pair.split(" | ")) for kind, _, pair in (line.partition(": ") for line in lines)]
    return [(kind, one, other) for kind, one, other in split]


if __name__ == "__main__":
    main()
