"""The command line on a database of its own, with a sentence model that needs no loading."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from adapters import embedders
from adapters.cli import program
from adapters.settings import Settings, variable_of
from tests.fakes.command_line import WordModel


@pytest.fixture
def model(monkeypatch) -> WordModel:
    import adapters.wiring.community

    fake = WordModel()
    monkeypatch.setattr(adapters.wiring.community, "load_embedder", lambda *_: fake)
    monkeypatch.setattr(embedders, "load_embedder", lambda *_: fake)
    return fake


@pytest.fixture
def winwin(monkeypatch, tmp_path, model) -> Callable[..., Result]:
    """Run a command in an empty folder with an empty environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    before = structlog.get_config()

    def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
        return runner.invoke(program(), [str(argument) for argument in arguments], input=stdin)

    yield run
    structlog.configure(**before)


@pytest.fixture
def resources(tmp_path) -> Path:
    """A file with three resources."""
    rows = [
        {"id": "school", "title": "Infusion days at school", "text": "Ask for excused absences.", "topics": ["school"]},
        {
            "id": "travel",
            "title": "Flying with medicine",
            "text": "Carry the letter in the cabin.",
            "topics": ["travel"],
        },
        {"id": "party", "title": "Birthday parties", "text": "Call the host, take some food along.", "medical": False},
    ]
    path = tmp_path / "resources.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
