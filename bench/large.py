"""What a question costs in large libraries, in memory and on PostgreSQL with pgvector: `python -m bench.large`.

Alone and with nineteen others at once; how much memory is taken; how many of the ten best resources are those that an
exact comparison of everything finds. Each size in a process of its own. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from sqlalchemy.engine import make_url

from adapters.embedders import load_embedder
from adapters.storage.shared_index.index import PostgresIndex
from adapters.storage.wire import Wire
from bench.costs import QUESTIONS, TOGETHER, Cost, tables
from bench.crowded import Asked, Crowd
from knowledge.embedding import Embedder
from knowledge.glossary_file import packaged
from knowledge.index import SHORTLIST
from knowledge.search import Library

SIZES = (1_000, 10_000, 100_000, 1_000_000)  # the last takes ten minutes
BYTES = 7_000  # of memory for a passage, in the process and on the server
SERVER = {
    "shared_buffers": "2GB",
    "maintenance_work_mem": "2GB",
    "max_wal_size": "8GB",
    "autovacuum": "on",
    "max_parallel_maintenance_workers": "2",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="passages")
    parser.add_argument("--one", nargs=2, metavar=("SIZE", "URL"), help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, help="add the figures to this file, a line each")
    given = parser.parse_args()
    if given.one:
        for cost in one(int(given.one[0]), given.one[1]):
            print(json.dumps(asdict(cost)), flush=True)
    else:
        run(given.sizes, given.json)


def run(sizes: Sequence[int] = SIZES, kept: Path | None = None) -> None:
    costs: list[Cost] = []
    for size in sizes:
        if size * BYTES > (free := _free()):
            need = f"{size * BYTES / 1e9:.0f} GB, {free / 1e9:.0f} are free"
            Console().print(f"{size:,} passages are left out: they need {need}.")
            continue
        costs += _measured(size)
        if kept is not None:
            with kept.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(cost)) + "\n" for cost in costs[-2:])
    Console().print(*tables(costs), sep="\n")


def _measured(size: int) -> list[Cost]:
    """In a process of its own, on a server of its own."""
    import pytest

    from tests.fakes.postgres_server import QUICK, Databases, postgres_server

    try:
        with postgres_server(QUICK | SERVER) as server:
            url = asyncio.run(Databases(server).fresh())
            return _in_a_process(size, url)
    except pytest.skip.Exception as missing:
        Console().print(f"Memory alone is measured. {missing}")
        return _in_a_process(size, "")


def _in_a_process(size: int, url: str) -> list[Cost]:
    command = [sys.executable, "-m", "bench.large", "--one", str(size), url]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    costs = [json.loads(line) for line in said.splitlines()]
    return [Cost(**{k: tuple(v) if isinstance(v, list) else v for k, v in cost.items()}) for cost in costs]


# --- one size -----------------------------------------------------------------------------------------------


def one(size: int, url: str) -> list[Cost]:
    """In memory, and on the database there. They are asked in turns: whatever else the machine does it does to both."""
    embedder = load_embedder()
    crowd = Crowd(embedder)
    asked = crowd.asked(QUESTIONS)
    in_memory, begun = _memory(crowd, size, embedder.dimension)
    exact = _exact(in_memory, asked)
    libraries, known, index = {"memory": in_memory}, {"memory": begun}, None
    if url:
        index = asyncio.run(PostgresIndex.open(make_url(url), "bench", 600.0, "bench", embedder.dimension, packaged()))
        libraries["pgvector"] = Library(embedder.dimension, shared=index)
        known["pgvector"] = _pgvector(crowd, size, index, libraries["pgvector"])
    found, alone, embedding = _alone(libraries, asked, embedder)
    together = _together(libraries, asked)
    costs = [
        Cost(
            place=place,
            passages=size,
            resources=len(library),
            edit=_edit(crowd, size, library),
            alone=_points(alone[place]),
            together=_points(together[place]),
            recall=float(np.mean([_shared(f, e) for f, e in zip(found[place], exact, strict=True)])),
            first=float(np.mean([f[:1] == e[:1] for f, e in zip(found[place], exact, strict=True)])),
            embedding=embedding,
            server=0.0 if index is None or place == "memory" else _server(index),
            **known[place],
        )
        for place, library in libraries.items()
    ]
    if index is not None:
        index.close()
    return costs


def _shared(found: Sequence[str], exact: Sequence[str]) -> float:
    return len({*found} & {*exact}) / max(1, len(exact))


def _alone(
    libraries: Mapping[str, Library], asked: Sequence[Asked], embedder: Embedder
) -> tuple[dict[str, list[list[str]]], dict[str, list[float]], float]:
    """What each finds, milliseconds, and those of embedding a question: in turns, question by question."""
    found: dict[str, list[list[str]]] = {place: [] for place in libraries}
    alone: dict[str, list[float]] = {place: [] for place in libraries}
    embedding = list[float]()
    for library in libraries.values():
        for q in asked[:10]:
            _ids(library, q)
    for q in asked:
        embedding.append(_timed(lambda q=q: embedder.embed([q.text])))
        for place, library in libraries.items():
            begun = time.perf_counter()
            found[place].append(_ids(library, q))
            alone[place].append((time.perf_counter() - begun) * 1e3)
    return found, alone, _middle(embedding)


def _together(libraries: Mapping[str, Library], asked: Sequence[Asked]) -> dict[str, list[float]]:
    """Milliseconds of each of TOGETHER at once, in turns."""
    taken: dict[str, list[float]] = {place: [] for place in libraries}
    with ThreadPoolExecutor(TOGETHER) as pool:
        for start in range(0, len(asked), TOGETHER):
            some = asked[start : start + TOGETHER]
            for place, library in libraries.items():
                begun = time.perf_counter()
                taken[place] += pool.map(lambda q, b=begun, to=library: _since(b, lambda: _ids(to, q)), some)
    return taken


def _edit(crowd: Crowd, size: int, library: Library) -> float:
    resources, vectors, counts = next(iter(crowd.parts(size)))
    ends = np.cumsum(counts)
    rows = [(r, vectors[end - n : end]) for r, end, n in zip(resources[:50], ends, counts, strict=False)]
    return _middle([_timed(lambda r=r, v=v: library.put_all([r], v, [len(v)])) for r, v in rows])


def _memory(crowd: Crowd, size: int, dimension: int) -> tuple[Library, dict[str, float]]:
    before = _resident("self")
    library, begun = Library(dimension), time.perf_counter()
    for resources, vectors, counts in crowd.parts(size):
        library.put_all(resources, vectors, counts)
    filled = time.perf_counter() - begun
    gc.collect()
    return library, {"filled": filled, "settled": 0.0, "process": _resident("self") - before}


def _exact(library: Library, asked: Sequence[Asked]) -> list[list[str]]:
    """What is found when every resource is compared by all its ways in."""
    index: Any = library._index
    index._shortlist = len(library)
    found = [_ids(library, q) for q in asked]
    index._shortlist = SHORTLIST
    return found


def _pgvector(crowd: Crowd, size: int, index: PostgresIndex, library: Library) -> dict[str, float]:
    gc.collect()
    before, begun = _resident("self"), time.perf_counter()
    for resources, vectors, counts in crowd.parts(size):
        _published(index, resources)
        library.put_all(resources, vectors, counts)
    filled = time.perf_counter() - begun
    settled = _timed(index.settle) / 1e3
    _begin(library, crowd)
    return {"filled": filled, "settled": settled, "process": max(0.0, _resident("self") - before)}


def _begin(library: Library, crowd: Crowd) -> None:
    """Ask something, so that the sample is in memory."""
    for q in crowd.asked(5, seed=3):
        _ids(library, q)


def _published(index: PostgresIndex, resources: Sequence[Any]) -> None:
    """In the store, as if imported."""
    wire = Wire()
    rows = [(r.id, r.state.value, r.version, wire.encode(r)) for r in resources]
    columns = ("id", "state", "version", "payload")
    index._aside.wait(index._aside.do(lambda c: c.copy_records_to_table("resource", columns=columns, records=rows)))


def _ids(library: Library, q: Asked) -> list[str]:
    return [match.resource_id for match in library.rank(library.read(q.text), q.vector, explained=3)]


def _timed(step: Callable[[], object]) -> float:
    begun = time.perf_counter()
    step()
    return (time.perf_counter() - begun) * 1e3


def _since(begun: float, step: Callable[[], object]) -> float:
    step()
    return (time.perf_counter() - begun) * 1e3


def _middle(values: Sequence[float]) -> float:
    return float(np.median(values))


def _points(values: Sequence[float]) -> tuple[float, float]:
    return float(np.percentile(values, 50)), float(np.percentile(values, 95))


def _free() -> int:
    """Bytes of memory that may be taken."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))


def _resident(process: str) -> float:
    """Megabytes of physical memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _server(index: PostgresIndex) -> float:
    """Of all its processes together; what they share counts once."""
    row = index._aside.wait(index._aside.do(lambda c: c.fetch("SELECT pg_backend_pid()")))
    status = Path(f"/proc/{row[0][0]}/status").read_text(encoding="ascii")
    parent = next(line.split()[1] for line in status.splitlines() if line.startswith("PPid"))
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    total = 0.0
    for pid in (parent, *children):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e3
    return total


if __name__ == "__main__":
    main()
