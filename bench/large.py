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
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import make_url

from adapters.embedders import load_embedder
from adapters.storage.shared_index.index import PostgresIndex
from adapters.storage.wire import Wire
from bench.crowded import Asked, Crowd
from knowledge.embedding import Embedder
from knowledge.index import SHORTLIST
from knowledge.search import Library

SIZES = (1_000, 10_000, 100_000)
ALL = (*SIZES, 1_000_000)
QUESTIONS, TOGETHER = 200, 20
SERVER = {
    "shared_buffers": "2GB",
    "maintenance_work_mem": "2GB",
    "max_wal_size": "8GB",
    "autovacuum": "on",
    "max_parallel_maintenance_workers": "2",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one library in one place: milliseconds, seconds, megabytes, shares."""

    place: str
    passages: int
    resources: int
    filled: float
    settled: float
    edit: float
    alone: tuple[float, float]  # p50, p95
    together: tuple[float, float]  # p50, p95 of one of twenty
    process: float
    server: float
    recall: float
    first: float
    embedding: float


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
        costs += _measured(size)
        if kept is not None:
            with kept.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(cost)) + "\n" for cost in costs[-2:])
    Console().print(table(costs))
    if left := [size for size in ALL if size not in sizes]:
        wanted = " ".join(map(str, left))
        Console().print(f"Not measured here: python -m bench.large --sizes {wanted}  (a million: half an hour)")


def table(costs: Sequence[Cost]) -> Table:
    """A question's own embedding, in the same process, is what its finding is compared with."""
    shown = Table(title=f"A question in large libraries ({QUESTIONS} questions)")
    shown.add_column("")
    for c in costs:
        shown.add_column(f"{c.passages:,}\n{c.place}", justify="right")
    lines: dict[str, Callable[[Cost], str]] = {
        "resources": lambda c: f"{c.resources:,}",
        "alone, p50 ms": lambda c: f"{c.alone[0]:.1f}",
        "alone, p95 ms": lambda c: f"{c.alone[1]:.1f}",
        "p50, of its embedding": lambda c: f"× {c.alone[0] / c.embedding:.2f}",
        f"{TOGETHER} at once, p50 ms": lambda c: f"{c.together[0]:.0f}",
        f"{TOGETHER} at once, p95 ms": lambda c: f"{c.together[1]:.0f}",
        "p50, of one alone": lambda c: f"× {c.together[0] / c.alone[0]:.1f}",
        "recall@10": lambda c: f"{c.recall:.3f}",
        "first the same": lambda c: f"{c.first:.3f}",
        "resident, process MB": lambda c: f"{c.process:.0f}",
        "resident, server MB": lambda c: f"{c.server:.0f}" if c.server else "",
        "filled in s": lambda c: f"{c.filled:.1f}",
        "made quick in s": lambda c: f"{c.settled:.1f}" if c.settled else "",
        "an edit, ms": lambda c: f"{c.edit:.1f}",
    }
    for name, told in lines.items():
        shown.add_row(name, *map(told, costs))
    return shown


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
    """In memory, then on the database there."""
    embedder = load_embedder()
    crowd = Crowd(embedder)
    asked = crowd.asked(QUESTIONS)
    embedding = _middle([_timed(lambda q=q: embedder.embed([q.text])) for q in asked])
    measure = _Measure(crowd, asked, size, embedding)
    in_memory, exact = _memory(measure, embedder)
    return [in_memory, _pgvector(measure, embedder, url, exact)] if url else [in_memory]


@dataclass(frozen=True, slots=True)
class _Measure:
    crowd: Crowd
    asked: Sequence[Asked]
    size: int
    embedding: float

    def cost(self, place: str, library: Library, exact: Sequence[Sequence[str]], **known: Any) -> Cost:
        """Ask all of them one by one, then in twenties."""
        for q in self.asked[:10]:
            _ids(library, q)
        alone, found = list[float](), list[list[str]]()
        for q in self.asked:
            begun = time.perf_counter()
            found.append(_ids(library, q))
            alone.append((time.perf_counter() - begun) * 1e3)
        together = list[float]()
        with ThreadPoolExecutor(TOGETHER) as pool:
            for start in range(0, len(self.asked), TOGETHER):
                some = self.asked[start : start + TOGETHER]
                begun = time.perf_counter()
                together += pool.map(lambda q, begun=begun: _since(begun, lambda: _ids(library, q)), some)
        edit = self._edit(library)
        return Cost(
            place=place,
            passages=self.size,
            resources=len(library),
            edit=edit,
            alone=_points(alone),
            together=_points(together),
            recall=float(np.mean([len({*f} & {*e}) / max(1, len(e)) for f, e in zip(found, exact, strict=True)])),
            first=float(np.mean([f[:1] == e[:1] for f, e in zip(found, exact, strict=True)])),
            embedding=self.embedding,
            **known,
        )

    def _edit(self, library: Library) -> float:
        resources, vectors, counts = next(iter(self.crowd.parts(self.size)))
        ends = np.cumsum(counts)
        rows = [(r, vectors[end - n : end]) for r, end, n in zip(resources[:50], ends, counts, strict=False)]
        return _middle([_timed(lambda r=r, v=v: library.put_all([r], v, [len(v)])) for r, v in rows])


def _memory(measure: _Measure, embedder: Embedder) -> tuple[Cost, list[list[str]]]:
    before = _resident("self")
    library, begun = Library(embedder.dimension), time.perf_counter()
    for resources, vectors, counts in measure.crowd.parts(measure.size):
        library.put_all(resources, vectors, counts)
    filled = time.perf_counter() - begun
    gc.collect()
    taken = _resident("self") - before
    index: Any = library._index
    index._shortlist = len(library)
    exact = [_ids(library, q) for q in measure.asked]
    index._shortlist = SHORTLIST
    return measure.cost("memory", library, exact, filled=filled, settled=0.0, process=taken, server=0.0), exact


def _pgvector(measure: _Measure, embedder: Embedder, url: str, exact: Sequence[Sequence[str]]) -> Cost:
    gc.collect()
    before = _resident("self")
    opened = PostgresIndex.open(make_url(url), "bench", 600.0, "bench", embedder.dimension)
    index = asyncio.run(opened)
    try:
        library, begun = Library(embedder.dimension, shared=index), time.perf_counter()
        for resources, vectors, counts in measure.crowd.parts(measure.size):
            _published(index, resources)
            library.put_all(resources, vectors, counts)
        filled = time.perf_counter() - begun
        settled = _timed(index.settle) / 1e3
        index.settle()
        cost = measure.cost(
            "pgvector", library, exact, filled=filled, settled=settled, process=_resident("self") - before, server=0.0
        )
        held = {"process": max(0.0, _resident("self") - before), "server": _server(index)}
        return Cost(**{**asdict(cost), **held})
    finally:
        index.close()


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
