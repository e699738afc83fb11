"""Lets another library rank, in an environment of its own: `python bench/peers_run.py txtai|chroma GIVEN RANKED`.

GIVEN is a JSON file {"model": folder, "depth": n, "sets": [{"ids": [...], "texts": [...], "questions": [...]}]};
RANKED is written: {"version": ..., "sets": [[[[id, score], ...] for each question] for each set]}, best first. Each
library does what its documentation shows for a search over texts and keeps its own defaults. Nothing of winwin is
imported here, since it isn't installed where this runs.
"""

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

Ranked = list[list[tuple[str, float]]]  # of each question
BATCH = 64  # questions asked together
MISSING = 3  # how the program ends where the library is not installed


def by_txtai(model: str, ids: list[str], texts: list[str], questions: list[str], depth: int) -> Ranked:
    """Hybrid: BM25 and vectors half each."""
    from txtai import Embeddings

    embeddings = Embeddings(path=model, hybrid=True, content=True)
    embeddings.index(zip(ids, texts, strict=True))
    ranked: Ranked = []
    for start in range(0, len(questions), BATCH):
        for found in embeddings.batchsearch(questions[start : start + BATCH], depth):
            ranked.append([(row["id"], float(row["score"])) for row in found])
    embeddings.close()
    return ranked


def by_chroma(model: str, ids: list[str], texts: list[str], questions: list[str], depth: int) -> Ranked:
    """A collection whose texts are embedded by the model; a small distance is a high score."""
    import chromadb
    from chromadb.config import Settings
    from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

    client = chromadb.EphemeralClient(Settings(anonymized_telemetry=False))
    read: Any = SentenceTransformerEmbeddingFunction(model_name=model)
    collection = client.create_collection("resources", embedding_function=read)
    collection.add(ids=ids, documents=texts)
    ranked: Ranked = []
    for start in range(0, len(questions), BATCH):
        asked = questions[start : start + BATCH]
        found: Any = collection.query(query_texts=asked, n_results=min(depth, len(ids)), include=["distances"])
        for near, far in zip(found["ids"], found["distances"], strict=True):
            ranked.append([(one, -float(distance)) for one, distance in zip(near, far, strict=True)])
    client.delete_collection("resources")
    return ranked


LIBRARIES = {"txtai": ("txtai", by_txtai), "chroma": ("chromadb", by_chroma)}


def main() -> None:
    name, given, ranked = sys.argv[1:]
    package, rank = LIBRARIES[name]
    try:
        found = version(package)
    except PackageNotFoundError:
        sys.exit(MISSING)
    wanted = json.loads(Path(given).read_text("utf-8"))
    answered = [
        rank(wanted["model"], one["ids"], one["texts"], one["questions"], wanted["depth"]) for one in wanted["sets"]
    ]
    Path(ranked).write_text(json.dumps({"version": found, "sets": answered}), "utf-8")


if __name__ == "__main__":
    main()
