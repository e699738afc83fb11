"""Measures triage on labelled messages: recall, false alarms, recall under disguise, time.

    python -m bench.safety --data FOLDER [--misses] [--ordinary FILE ...] [--rules-only] [--half even|odd]

Beneath FOLDER every `safety*.jsonl` (or FOLDER is such a file) is read, one {"text", "label", "kind"} a line: label
C1..P1 or none, kind explicit, implicit, ordinary or hard_negative. --ordinary adds files of {"text"} in which nothing
should be found. Both detectors are measured, together and each alone; time is the process's own.
Intervals are Wilson's at 95 %. --misses prints what was missed: for reading at the desk, never for logs.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.embedders import OnnxEmbedder
from bench.disguises import DISGUISES
from bot.reading import CRISIS
from bot.safety.both import UNLIKELY, given
from bot.safety.detector import Detector
from bot.safety.findings import Finding, by_severity, is_crisis
from bot.safety.triage import CRISES, Triage

Z = 1.959964
SEED = 7


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    label: str
    kind: str


class Door:
    """Both detectors as the running bot uses them: what the rules call a crisis is read no further. Without an
    `embedder` the rules read alone."""

    def __init__(self, triage: Triage, embedder: OnnxEmbedder | None) -> None:
        self.triage = triage
        self._embedder = embedder
        self._detector = Detector.load() if embedder is not None else None

    def check(self, text: str) -> tuple[Finding, ...]:
        return self.check_all([text])[0]

    def check_all(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        found = [self.triage.check(text) for text in texts]
        if self._embedder is None or self._detector is None:
            return found
        words = [self.triage.words(text) for text in texts]
        parts = [self._detector.likeliest(said) for said in words]
        doubtful = []
        for at, findings in enumerate(found):
            if is_crisis(findings) or self._detector.judge(parts[at], None).crisis < UNLIKELY:
                continue
            added = self._detector.find(parts[at], None)
            if added is None:
                doubtful.append(at)
            else:
                found[at] = by_severity([*findings, added])
        if not doubtful:
            return found
        said = self._embedder.read([given(texts[at], words[at], parts[at]) for at in doubtful])
        for at, row in zip(doubtful, said, strict=True):
            added = self._detector.find(parts[at], row[CRISIS])
            if added is not None:
                found[at] = by_severity([*found[at], added])
        return found


def sets_in(place: Path) -> list[Path]:
    """The labelled sets of a folder, however deep. Raises SystemExit with what to do."""
    found = [place] if place.is_file() else sorted(place.rglob("safety*.jsonl"))
    if not found:
        raise SystemExit(f"no safety*.jsonl beneath {place}; name a folder that holds one, or the file itself")
    return found


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if total == 0:
        return 0.0, 1.0
    share, z2 = hits / total, Z * Z
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return max(0.0, centre - half), min(1.0, centre + half)


def read(path: Path) -> list[Row]:
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Row(e["text"], e.get("label") or "none", e.get("kind") or "ordinary") for e in entries]


# --- figures -------------------------------------------------------------------------------------------


def share(hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    return f"{hits:4d} of {total:4d}  {100 * hits / max(total, 1):5.1f} %  ({100 * low:.1f} to {100 * high:.1f})"


def codes(door: Door, texts: Sequence[str]) -> list[set[str]]:
    return [{finding.code.value for finding in found} for found in door.check_all(texts)]


def recall(door: Door, rows: list[Row], misses: bool) -> None:
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.label != "none":
            groups[row.label, row.kind].append(row)
    crises = {code.value for code in CRISES}
    print("recall: the labelled code found | for crises: any crisis found")
    for (label, kind), members in sorted(groups.items()):
        found = codes(door, [row.text for row in members])
        exact = sum(label in f for f in found)
        any_crisis = sum(bool(f & crises) for f in found)
        note = f" | {share(any_crisis, len(members))}" if label in crises else ""
        print(f"  {label} {kind:13s} {share(exact, len(members))}{note}")
        if misses:
            for row, f in zip(members, found, strict=True):
                if label not in f:
                    print(f"      missed {label} (found {sorted(f)}): {row.text!r}")


def false_alarms(door: Door, rows: Iterable[Row], name: str, misses: bool) -> None:
    members = list(rows)
    found = list(zip(members, door.check_all([row.text for row in members]), strict=True))
    crises = [(row, f) for row, f in found if any(x.code in CRISES for x in f)]
    others = [(row, f) for row, f in found if f and not any(x.code in CRISES for x in f)]
    print(f"  {name:28s} crisis {share(len(crises), len(members))} | M and P only {share(len(others), len(members))}")
    if misses:
        for row, f in [*crises, *others]:
            print(f"      alarm {[(x.code.value, x.rules) for x in f]}: {row.text!r}")


def disguised(door: Door, rows: list[Row]) -> None:
    members = [row for row in rows if row.label in {"C1", "C2", "C3", "C4", "C5"}]
    crises = {code.value for code in CRISES}
    before = sum(bool(found & crises) for found in codes(door, [row.text for row in members]))
    print(f"any crisis found under disguise; as typed {share(before, len(members))}")
    for name, change in DISGUISES.items():
        dice = random.Random(SEED)
        after = sum(bool(found & crises) for found in codes(door, [change(row.text, dice) for row in members]))
        print(f"  {name:15s} {share(after, len(members))}  {100 * (after - before) / max(len(members), 1):+.1f} points")


def timing(door: Door, rows: list[Row]) -> None:
    for name, check in (("rules", door.triage.check), ("both", door.check)):
        used, waited = [], []
        for row in rows[:500]:
            start, began = time.process_time(), time.perf_counter()
            check(row.text)
            used.append((time.process_time() - start) * 1000)
            waited.append((time.perf_counter() - began) * 1000)
        for what, spans in (("by the clock", sorted(waited)), ("of processor", sorted(used))):
            at = (spans[len(spans) // 2], spans[int(len(spans) * 0.99)], spans[-1])
            print(f"ms a message {what}, {name}: p50 {at[0]:.2f}, p99 {at[1]:.2f}, worst {at[2]:.2f}")
    text = " ".join(row.text for row in rows)
    text = (text * (100_000 // len(text) + 1))[:100_000]
    for size in (25_000, 50_000, 100_000):
        start = time.process_time()
        door.triage.check(text[:size])
        print(f"  a text of {size // 1000} kB: {(time.process_time() - start) * 1000:.0f} ms (beside the event loop)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with safety sets beneath it")
    parser.add_argument(
        "--ordinary", type=Path, nargs="*", default=[], help="more files in which nothing should be found"
    )
    parser.add_argument("--misses", action="store_true", help="print what was missed and what was a false alarm")
    parser.add_argument("--rules-only", action="store_true", help="leave the second detector out")
    parser.add_argument("--half", choices=("even", "odd"), help="only every second line; the first line is odd")
    options = parser.parse_args()
    start = time.process_time()
    triage = Triage.load()
    print(f"rules loaded in {time.process_time() - start:.2f} s of processor time")
    triage.warm_up()
    rules = Door(triage, None)
    door = rules if options.rules_only else Door(triage, OnnxEmbedder())
    for path in sets_in(options.data):
        rows = read(path)
        rows = rows if options.half is None else rows[options.half == "even" :: 2]
        print(f"\n{path}: {len(rows)} messages")
        for name, one in (("both detectors", door), ("the rules alone", rules)):
            print(f"-- {name}")
            recall(one, rows, options.misses and one is door)
            print("false alarms: on a crisis code | on M and P codes only")
            for kind in ("ordinary", "hard_negative"):
                calm = [r for r in rows if r.label == "none" and r.kind == kind]
                false_alarms(one, calm, kind, options.misses and one is door)
        disguised(door, rows)
        timing(door, rows)
    for path in options.ordinary:
        false_alarms(door, read(path), path.stem[:28], options.misses)


if __name__ == "__main__":
    main()
