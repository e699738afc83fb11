"""What is installed is whole: every file of the packages, the Slack app's manifest among them, is in the wheel."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[1]
PACKAGES = ("adapters", "bot", "knowledge", "samples")
BUILD = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel that is built of a copy, so that nothing is left here."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-c", BUILD, str(folder)]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(folder / built.stdout.splitlines()[-1]) as made:
        return set(made.namelist())


def test_the_manifest_of_the_slack_app_is_in_the_wheel(wheel):
    assert "adapters/slack/manifest.yaml" in wheel


def test_every_file_of_the_packages_is_in_the_wheel(wheel):
    here = {
        file.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for file in (ROOT / name).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    notes = {name for name in here if name.endswith(".pot")}  # for translators
    assert here - notes - wheel == set()
