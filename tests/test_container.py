"""The container: not root, nothing writable but its data, no way to more rights; and the program can live with that."""

from __future__ import annotations

import ctypes
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.fakes.command_line import ROOT
from tests.fakes.winwin_process import OURS, PATIENCE

DROP_FROM_BOUNDING_SET, NO_NEW_PRIVILEGES = 24, 38  # of prctl(2)
DOCKERFILE = ROOT / "Dockerfile"
QUICK = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    "import adapters.embedders as embedders\n"
    "from tests.fakes.command_line import WordModel\n"
    "embedders.load_embedder = lambda *_: WordModel()\n"
    "from adapters.cli import main; main()"
)


def without_rights() -> None:
    """In the child: as with `cap_drop: [ALL]` and `no-new-privileges`. Also root can't write what is not writable then;
    who is not root has none of these rights anyway."""
    libc = ctypes.CDLL(None)
    for right in range(64):
        libc.prctl(DROP_FROM_BOUNDING_SET, right, 0, 0, 0)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def statements() -> list[tuple[str, str]]:
    """(word, what follows) of each statement of the Dockerfile."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in text.splitlines() if line.strip()]


def environment() -> dict[str, str]:
    pairs = [pair for word, rest in statements() if word == "ENV" for pair in shlex.split(rest)]
    return dict(pair.split("=", 1) for pair in pairs)


def service() -> dict[str, object]:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return dict(composed["services"]["winwin"])


def test_the_base_image_is_of_one_version():
    images = [rest for word, rest in statements() if word == "FROM"]
    [given] = [rest for word, rest in statements() if word == "ARG" and rest.startswith("PYTHON=")]
    assert all(image.split(" ")[0] == "${PYTHON}" for image in images)
    assert re.fullmatch(r"PYTHON=python:3\.\d+\.\d+-slim-\w+", given)


def test_the_program_runs_as_a_user_with_a_number_who_is_not_root():
    words = [word for word, _ in statements()]
    last = len(words) - 1 - words[::-1].index("FROM")
    users = [rest for word, rest in statements()[last:] if word == "USER"]
    assert users == ["10001"]
    assert words[last:].index("USER") < words[last:].index("CMD")


def test_everything_is_installed_from_the_locks_with_hashes_but_torch():
    installs = [
        one for word, rest in statements() if word == "RUN" for one in re.split(r"&&|;", rest) if "pip install" in one
    ]
    loose = [one for one in installs if "--require-hashes" not in one]
    assert [one.strip().split()[-1] for one in loose] == ["torch==2.13.0", "."]
    assert all("--no-build-isolation" in one for one in loose if "torch" not in one)


def test_no_secret_can_be_baked_in():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {".env*", "secrets", "*.key", ".git", "*.db*"} <= set(ignored)
    assert [rest for word, rest in statements() if re.search(r"TOKEN|PASSWORD|SECRET_KEY", rest)] == []


def test_the_example_can_write_its_data_only_and_has_no_rights():
    found = service()
    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert found["volumes"] == ["data:/data"]
    assert found["tmpfs"] == ["/tmp:size=64m,mode=1777"]
    assert "privileged" not in found
    assert all(str(port).startswith("127.0.0.1:") for port in found["ports"])  # type: ignore[attr-defined]
    assert [rest for word, rest in statements() if word == "VOLUME"] == ["/data"]


# --- the program under such conditions ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Narrow:
    """A folder for data that can be written, one for what is passing, and one to stand in that can't be written."""

    data: Path
    passing: Path
    locked: Path

    def run(self, *order: str, port: int) -> subprocess.Popen[str]:
        given = {k: v for k, v in os.environ.items() if not k.startswith(OURS) and k not in ("XDG_DATA_HOME", "HOME")}
        ours = {
            k: v.replace("/data", str(self.data)).replace("/tmp", str(self.passing)) for k, v in environment().items()
        }
        del ours["PATH"]
        ours |= {"HOME": str(self.locked), "TMPDIR": str(self.passing), "WINWIN_HOST": "127.0.0.1"}
        ours |= {"WINWIN_PORT": str(port), "DATABASE_URL": f"sqlite+aiosqlite:///{self.data / 'winwin.db'}"}
        return subprocess.Popen(
            [sys.executable, "-c", QUICK, *order],
            env={**given, **ours},
            cwd=self.locked,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=without_rights,
        )


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Narrow]:
    found = Narrow(tmp_path / "data", tmp_path / "passing", tmp_path / "locked")
    for folder in (found.data, found.passing, found.locked):
        folder.mkdir()
    found.locked.chmod(0o555)
    yield found
    found.locked.chmod(0o755)


@contextmanager
def running(narrow: Narrow) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with narrow.run("run", "--local", port=port) as program:
        try:
            _until_ready(program, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            program.send_signal(signal.SIGTERM)
            said, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, said
    assert "Traceback" not in said, said


def _until_ready(program: subprocess.Popen[str], address: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert program.poll() is None, program.communicate()[0]
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("not ready in time")


@pytest.mark.process
def test_the_bot_lives_without_rights_where_only_its_data_can_be_written(narrow: Narrow):
    with running(narrow) as address, urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
        assert answer.status == 200
    assert list(narrow.locked.iterdir()) == []
    assert "winwin.db" in {f.name for f in narrow.data.iterdir()}
    with narrow.run("backup", "copy.db", port=1) as program:
        said, _ = program.communicate(timeout=PATIENCE)
    assert (program.returncode, "Traceback" in said) == (1, False), said
