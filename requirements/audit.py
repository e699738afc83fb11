"""Whether anything in the locks is known to be unsafe, by pip-audit and npm audit.

Ends with 0 when nothing is known, with 1 when something is (or could not be looked up by itself: strict), and with
NOT_CHECKED when an advisory service did not answer: that is nobody's fault here, and no proof either. Needs nothing but
Python; `make audit` starts it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCKS = (("run.txt", "dev.txt", "beside-torch.txt"), ("torch.txt",))  # with hashes, and without: pip-audit won't mix
NOT_CHECKED = 3
SECONDS = 600.0
AWAY = (  # how the tools say that nobody answers
    *("Max retries exceeded", "ConnectionError", "ConnectTimeout", "ReadTimeout", "timed out", "Connection refused"),
    *("Name or service not known", "Temporary failure in name resolution", "Failed to establish a new connection"),
    *("ServiceError", "503 Server Error", "502 Server Error", "504 Server Error", "429 Client Error"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """What one tool came to: `known` is what is wrong, a line each; `unchecked` why it could not be looked up."""

    tool: str
    packages: int = 0
    known: tuple[str, ...] = ()
    unchecked: str = ""


def main(arguments: Sequence[str] = ()) -> int:
    """`--must`: not checked counts as wrong as well."""
    looks = (python_packages(), npm_packages())
    for look in looks:
        for line in look.known:
            print(f"{look.tool}: {line}")
        if look.unchecked:
            print(f"{look.tool}: not checked: {look.unchecked}")
        elif not look.known:
            print(f"{look.tool}: nothing is known against {look.packages} packages")
    if any(look.known for look in looks):
        return 1
    unchecked = any(look.unchecked for look in looks)
    return NOT_CHECKED if unchecked and "--must" in arguments else 0


def python_packages() -> Look:
    tool = "pip-audit"
    packages: list[dict[str, Any]] = []
    for locks in LOCKS:
        order = (f"--requirement={ROOT / 'requirements' / lock}" for lock in locks)
        said = _run(tool, "--disable-pip", "--no-deps", "--format=json", "--progress-spinner=off", *order)
        if isinstance(said, str):
            return Look(tool, unchecked=f"{said}; `pipx install pip-audit` brings it")
        found = _json(said.stdout).get("dependencies")
        if not isinstance(found, list):
            return _broken(tool, said)
        packages += found
    skipped = [p for p in packages if p.get("skip_reason")]
    known = tuple(_known(packages))
    if packages and len(skipped) == len(packages):
        return Look(tool, unchecked=f"the advisory service knows none of {len(packages)} packages")
    strict = tuple(f"{p.get('name')} could not be looked up: {p['skip_reason']}" for p in skipped)
    return Look(tool, len(packages), known + strict)


def npm_packages() -> Look:
    tool = "npm"
    said = _run(tool, "audit", "--package-lock-only", "--json")
    if isinstance(said, str):
        return Look("npm audit", unchecked=said)
    found = _json(said.stdout)
    counts = found.get("metadata", {}).get("vulnerabilities") if isinstance(found.get("metadata"), dict) else None
    if not isinstance(counts, dict):
        why = str(found.get("message") or "the registry did not answer").split(" - ")[0]
        return Look("npm audit", unchecked=why)
    total = found["metadata"].get("dependencies", {}).get("total", 0)
    advisories = found.get("vulnerabilities", {}).items()
    known = tuple(f"{name}: {entry.get('severity', 'of unknown severity')}" for name, entry in advisories)
    if counts.get("total") and not known:
        known = (f"{counts['total']} of {total} packages",)
    return Look("npm audit", total, known)


def _known(packages: Sequence[dict[str, Any]]) -> Iterator[str]:
    for package in packages:
        for advisory in package.get("vulns", ()):
            mended = ", ".join(advisory.get("fix_versions", ())) or "no version yet"
            yield f"{package['name']} {package.get('version')}: {advisory.get('id')}; mended in {mended}"


def _broken(tool: str, said: subprocess.CompletedProcess[str]) -> Look:
    """It gave no answer: nobody was there, or it did not understand what it was asked."""
    lines = [line.strip() for line in said.stderr.splitlines() if line.strip()] or ["it did not say why"]
    if any(sign in said.stderr for sign in AWAY):
        return Look(tool, unchecked="the advisory service does not answer")
    return Look(tool, known=(f"broke: {lines[-1][:300]}",))


def _run(tool: str, *order: str) -> subprocess.CompletedProcess[str] | str:
    """What it said, or why it was not asked."""
    program = shutil.which(tool)
    if program is None:
        return f"{tool} is not installed"
    try:
        return subprocess.run([program, *order], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"{tool} had no answer within {SECONDS:.0f} s"


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
