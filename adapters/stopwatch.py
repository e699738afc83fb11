"""What a start is made of: how long each step took, from when on, and how much memory there was after it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    """`begins`: seconds since the program began; `takes`: seconds; `megabytes`: physical memory after it, 0 where that
    is not known. Steps may overlap."""

    name: str
    begins: float
    takes: float
    megabytes: int


class Stopwatch:
    """The program's processor time so far counts as its first step: Python itself and the command line."""

    def __init__(self) -> None:
        spent = time.process_time()
        self._zero = time.perf_counter() - spent
        self._steps = [Step("python and the command line", 0.0, spent, resident())]

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measures what is done inside, also when it fails."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._steps.append(Step(name, begun - self._zero, time.perf_counter() - begun, resident()))

    def told(self) -> list[dict[str, object]]:
        """The steps in the order in which they began, for the log."""
        steps = sorted(self._steps, key=lambda step: step.begins)
        return [asdict(replace(s, begins=round(s.begins, 3), takes=round(s.takes, 3))) for s in steps]


def resident() -> int:
    """Megabytes of physical memory that the process has; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
    except (OSError, ValueError):
        return 0
