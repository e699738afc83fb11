"""Measures triage on labelled messages: recall, false alarms, recall under disguise, time.

    python -m bench.safety --data FOLDER [--misses] [--ordinary FILE ...]

FOLDER holds `safety.jsonl`, one {"text", "label", "kind"} a line: label C1..P1 or none, kind explicit,
implicit, ordinary or hard_negative. --ordinary adds files of {"text"} in which nothing should be found.
Intervals are Wilson's at 95 %. --misses prints what was missed: for reading at the desk, never for logs.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.safety.triage import CRISES, Triage

Z = 1.959964
SEED = 7
EMOJI = "😀😢💜🙏🥺✨😭"
CYRILLIC = str.maketrans("aeopcxi", "аеорсхі")
LEET = str.maketrans("eoiast", "301457")
ACCENTS = str.maketrans("aeiou", "àéîöû")


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    label: str
    kind: str


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
    return [Row(e["text"], e.get("label", "none"), e.get("kind", "ordinary")) for e in entries]


# --- disguises: each changes a text, none changes what a person reads ----------------------------------


def typo(text: str, dice: random.Random) -> str:
    """One slip in about every sixth word of four letters or more: a letter left out, doubled or swapped."""
    words = text.split(" ")
    for at, word in enumerate(words):
        if len(word) >= 4 and word.isalpha() and dice.random() < 1 / 6:
            i = dice.randrange(1, len(word) - 1)
            forms = [
                word[:i] + word[i + 1 :],
                word[:i] + word[i] + word[i:],
                word[:i] + word[i + 1] + word[i] + word[i + 2 :],
            ]
            words[at] = dice.choice(forms)
    return " ".join(words)


def emoji(text: str, dice: random.Random) -> str:
    return " ".join(w + (f" {dice.choice(EMOJI)}" if dice.random() < 0.3 else "") for w in text.split(" "))


def zero_width(text: str, dice: random.Random) -> str:
    return "".join(c + (dice.choice("\u200b\u200c\u2060\u00ad") if dice.random() < 0.2 else "") for c in text)


def leet(text: str, dice: random.Random) -> str:
    """Digits for letters in every third word."""
    return " ".join(w.translate(LEET) if w.isalpha() and dice.random() < 1 / 3 else w for w in text.split(" "))


def spaced(text: str, dice: random.Random) -> str:
    """One word in ten spelt with blanks."""
    return " ".join(" ".join(w) if len(w) > 3 and w.isalpha() and dice.random() < 0.1 else w for w in text.split(" "))


DISGUISES: dict[str, Callable[[str, random.Random], str]] = {
    "upper case": lambda text, _: text.upper(),
    "lower case": lambda text, _: text.lower(),
    "no apostrophes": lambda text, _: text.replace("'", "").replace("’", ""),
    "no punctuation": lambda text, _: "".join(c for c in text if c.isalnum() or c.isspace() or c == "'"),
    "typos": typo,
    "emoji": emoji,
    "zero width": zero_width,
    "leetspeak": leet,
    "look-alikes": lambda text, _: text.translate(CYRILLIC),
    "accents": lambda text, _: text.translate(ACCENTS),
    "full width": lambda text, _: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "spaced letters": spaced,
}


# --- figures -------------------------------------------------------------------------------------------


def share(hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    return f"{hits:4d} of {total:4d}  {100 * hits / max(total, 1):5.1f} %  ({100 * low:.1f} to {100 * high:.1f})"


def codes(triage: Triage, text: str) -> set[str]:
    return {finding.code.value for finding in triage.check(text)}


def recall(triage: Triage, rows: list[Row], misses: bool) -> None:
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.label != "none":
            groups[row.label, row.kind].append(row)
    crises = {code.value for code in CRISES}
    print("recall: the labelled code found | for crises: any crisis found")
    for (label, kind), members in sorted(groups.items()):
        found = [codes(triage, row.text) for row in members]
        exact = sum(label in f for f in found)
        any_crisis = sum(bool(f & crises) for f in found)
        note = f" | {share(any_crisis, len(members))}" if label in crises else ""
        print(f"  {label} {kind:13s} {share(exact, len(members))}{note}")
        if misses:
            for row, f in zip(members, found, strict=True):
                if label not in f:
                    print(f"      missed {label} (found {sorted(f)}): {row.text!r}")


def false_alarms(triage: Triage, rows: Iterable[Row], name: str, misses: bool) -> None:
    members = list(rows)
    found = [(row, triage.check(row.text)) for row in members]
    crises = [(row, f) for row, f in found if any(x.code in CRISES for x in f)]
    others = [(row, f) for row, f in found if f and not any(x.code in CRISES for x in f)]
    print(f"  {name:28s} crisis {share(len(crises), len(members))} | M and P only {share(len(others), len(members))}")
    if misses:
        for row, f in [*crises, *others]:
            print(f"      alarm {[(x.code.value, x.rules) for x in f]}: {row.text!r}")


def disguised(triage: Triage, rows: list[Row]) -> None:
    members = [row for row in rows if row.label in {"C1", "C2", "C3", "C4", "C5"}]
    crises = {code.value for code in CRISES}
    before = sum(bool(codes(triage, row.text) & crises) for row in members)
    print(f"any crisis found under disguise; as typed {share(before, len(members))}")
    for name, change in DISGUISES.items():
        dice = random.Random(SEED)
        after = sum(bool(codes(triage, change(row.text, dice)) & crises) for row in members)
        print(f"  {name:15s} {share(after, len(members))}  {100 * (after - before) / max(len(members), 1):+.1f} points")


def timing(triage: Triage, rows: list[Row]) -> None:
    spans = []
    for _ in range(3):
        for row in rows:
            start = time.perf_counter()
            triage.check(row.text)
            spans.append((time.perf_counter() - start) * 1000)
    spans.sort()
    print(
        f"ms a message: p50 {spans[len(spans) // 2]:.2f}, p99 {spans[int(len(spans) * 0.99)]:.2f}, "
        f"worst {spans[-1]:.2f}"
    )
    text = " ".join(row.text for row in rows)
    text = (text * (100_000 // len(text) + 1))[:100_000]
    for size in (25_000, 50_000, 100_000):
        start = time.perf_counter()
        triage.check(text[:size])
        print(f"  a text of {size // 1000} kB: {(time.perf_counter() - start) * 1000:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with safety.jsonl")
    parser.add_argument(
        "--ordinary", type=Path, nargs="*", default=[], help="more files in which nothing should be found"
    )
    parser.add_argument("--misses", action="store_true", help="print what was missed and what was a false alarm")
    options = parser.parse_args()
    start = time.perf_counter()
    triage = Triage.load()
    print(f"rules loaded in {time.perf_counter() - start:.2f} s")
    rows = read(options.data / "safety.jsonl")
    recall(triage, rows, options.misses)
    print("false alarms: on a crisis code | on M and P codes only")
    for kind in ("ordinary", "hard_negative"):
        false_alarms(triage, (r for r in rows if r.label == "none" and r.kind == kind), kind, options.misses)
    for path in options.ordinary:
        false_alarms(triage, read(path), path.stem[:28], options.misses)
    disguised(triage, rows)
    timing(triage, rows)


if __name__ == "__main__":
    main()
