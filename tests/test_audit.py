"""`make audit`: what is known is told and fails, what could not be asked is not taken for safe."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements"

LINE = r"([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)(?:\s*;[^-]*)?((?:\s+--hash=sha256:[0-9a-f]{64})*)\s*"

CLEAN = {"dependencies": [{"name": "aiohttp", "version": "3.14.5", "vulns": []}], "fixes": []}
ADVISORY = {"id": "PYSEC-2026-1", "fix_versions": ["3.14.6"], "aliases": [], "description": "bad"}
KNOWN = {"dependencies": [{"name": "aiohttp", "version": "3.14.5", "vulns": [ADVISORY]}]}
UNKNOWN = {"name": "winwin-x", "skip_reason": "Dependency not found on PyPI and could not be audited"}
NPM_CLEAN = {"metadata": {"vulnerabilities": {"total": 0}, "dependencies": {"total": 1}}, "vulnerabilities": {}}
NPM_KNOWN = {
    "metadata": {"vulnerabilities": {"total": 1}, "dependencies": {"total": 1}},
    "vulnerabilities": {"local-slack-linux-x64": {"severity": "high"}},
}
NPM_AWAY = {"message": "405 Method Not Allowed - POST https://registry.example/-/npm/v1", "statusCode": 405}
NO_ANSWER = "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='x'): Max retries exceeded with url: /x"

Audit = Callable[..., tuple[int, str]]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """The script, where the tools on PATH say what they are told to."""

    def tool(name: str, says: object, ends: int, complains: str) -> None:
        text = says if isinstance(says, str) else json.dumps(says)
        program = tmp_path / name
        code = f"import sys\nprint({text!r})\nprint({complains!r}, file=sys.stderr)\nsys.exit({ends})"
        program.write_text(f"#!{sys.executable} -I\n{code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def run(
        python: object = CLEAN, npm: object = NPM_CLEAN, *order: str, complains: str = "", ends: int = 0
    ) -> tuple[int, str]:
        if python is not None:
            tool("pip-audit", python, ends, complains)
        if npm is not None:
            tool("npm", npm, 0, "")
        done = subprocess.run(
            [sys.executable, str(REQUIREMENTS / "audit.py"), *order],
            env={**os.environ, "PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout

    return run


def test_nothing_known_is_said_with_how_much_was_looked_at(audit: Audit):
    code, said = audit()
    assert code == 0
    assert "pip-audit: nothing is known against 2 packages" in said  # the lock, and torch
    assert "npm audit: nothing is known against 1 packages" in said


def test_what_is_known_fails_and_says_what_mends_it(audit: Audit):
    code, said = audit(KNOWN, NPM_KNOWN, ends=1)
    assert code == 1
    assert "aiohttp 3.14.5: PYSEC-2026-1; mended in 3.14.6" in said
    assert "local-slack-linux-x64: high" in said


@pytest.mark.parametrize("must", [False, True])
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"python": "", "complains": NO_ANSWER, "ends": 1}, "pip-audit: not checked: the advisory service does not"),
        ({"python": {"dependencies": [UNKNOWN]}}, "pip-audit: not checked: the advisory service knows none of"),
        ({"python": None}, "pip-audit: not checked: pip-audit is not installed; `pipx install pip-audit` brings it"),
        ({"npm": NPM_AWAY}, "npm audit: not checked: 405 Method Not Allowed"),
        ({"npm": ""}, "npm audit: not checked: the registry did not answer"),
        ({"npm": None}, "npm audit: not checked: npm is not installed"),
    ],
)
def test_what_could_not_be_asked_is_said_and_fails_for_who_must_know(audit: Audit, given, why, must):
    asked = {"python": CLEAN, "npm": NPM_CLEAN} | given
    python, npm = asked.pop("python"), asked.pop("npm")
    code, said = audit(python, npm, *(["--must"] if must else []), **asked)
    assert why in said
    assert code == (3 if must else 0)
    assert said.count("nothing is known") == 1


def test_one_package_that_the_service_does_not_know_fails(audit: Audit):
    code, said = audit({"dependencies": [*CLEAN["dependencies"], UNKNOWN]})
    assert (code, "winwin-x could not be looked up" in said) == (1, True)


def test_a_lock_that_can_not_be_read_fails(audit: Audit):
    code, said = audit("", complains="ERROR: requirement x==1 does not contain a hash", ends=1)
    assert (code, "does not contain a hash" in said) == (1, True)


def test_what_is_known_counts_also_where_the_other_service_is_away(audit: Audit):
    assert audit(KNOWN, NPM_AWAY)[0] == 1


# --- the locks ----------------------------------------------------------------------------------------------------


def pinned(name: str) -> dict[str, tuple[str, int]]:
    """Package -> (version, hashes)."""
    text = (REQUIREMENTS / name).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = {}
    for line in lines:
        match = re.fullmatch(
            r"([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)(?:\s*;[^-]*)?((?:\s+--hash=sha256:[0-9a-f]{64})*)\s*", line
        )
        assert match, line
        found[match[1]] = (match[2], match[3].count("--hash"))
    return found


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt", "beside-torch.txt", "peers.txt"])
def test_every_locked_package_has_one_version_and_a_hash(lock):
    found = pinned(lock)
    assert found
    assert [name for name, (_, hashes) in found.items() if not hashes] == []


def test_the_locks_agree():
    run, dev, beside = (pinned(name) for name in ("run.txt", "dev.txt", "beside-torch.txt"))
    assert [n for n in run if dev.get(n, ("missing", 0))[0] != run[n][0]] == []
    assert [n for n in beside if n in dev and dev[n][0] != beside[n][0]] == []


def test_torch_is_of_one_version_wherever_it_stands():
    version = pinned("torch.txt")["torch"][0]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"torch=={version}" in project["dependencies"]
    for file in ("Makefile", "Dockerfile", "requirements/without-torch.txt"):
        found = set(re.findall(r"torch==([\d.]+)", (ROOT / file).read_text("utf-8")))
        assert found == {version}, file


def test_what_torch_needs_is_locked_with_hashes():
    """As the wheel of torch 2.13 says, on a computer without a graphics card."""
    needs = {"filelock", "typing-extensions", "setuptools", "sympy", "mpmath", "networkx", "jinja2", "fsspec"}
    assert needs - {*pinned("run.txt"), *pinned("beside-torch.txt")} == set()


def test_the_lock_of_npm_has_a_hash_for_everything():
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert [name for name, entry in packages.items() if name and not entry.get("integrity")] == []
