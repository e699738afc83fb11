import resource
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from adapters.cli import COMMANDS, program
from tests.fakes.command_line import PROGRAM

CONTRACT = {
    "demo",
    "run",
    "import",
    "export",
    "ask",
    "explain",
    "eval",
    "replay",
    "report",
    "simulate",
    "calibrate",
    "doctor",
    "drill",
    "migrate",
    "backup",
    "move",
    "forget",
    "audit",
}
READING = ("ask", "explain", "eval", "replay", "report", "simulate", "calibrate", "doctor", "drill", "import", "export")
READING += ("audit",)
HEAVY = ("numpy", "sqlalchemy", "fastapi", "pydantic", "rich", "httpx", "structlog", "torch", "onnxruntime", "yaml")


def test_every_command_of_the_contract_is_there():
    assert {name for name, _, _ in COMMANDS} == CONTRACT


@pytest.mark.parametrize(("name", "example"), [(name, example) for name, _, example in COMMANDS])
def test_each_help_shows_an_example(name, example):
    shown = CliRunner().invoke(program(), [name, "--help"])
    assert shown.exit_code == 0
    assert "Example:" in shown.stdout
    assert example.split("\n")[0] in shown.stdout


@pytest.mark.parametrize("name", READING)
def test_commands_that_read_answer_in_json(name):
    assert "--json" in CliRunner().invoke(program(), [name, "--help"]).stdout


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["ask"], ["import"], ["report", "--format", "png"], ["eval"], ["replay"]]
)
def test_wrong_usage_ends_with_2(arguments):
    shown = CliRunner().invoke(program(), arguments)
    assert shown.exit_code == 2
    assert "Traceback" not in shown.output


def test_the_version_is_shown():
    assert CliRunner().invoke(program(), ["--version"]).stdout.startswith("winwin 0.")


def test_help_loads_nothing_heavy():
    code = "import sys, adapters.cli; adapters.cli.program(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in HEAVY if name in loaded] == []


@pytest.mark.process
def test_help_comes_at_once():
    """Processor time, the best of ten: the machine that runs the tests may be busy, and help waits for nothing."""

    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def took() -> float:
        before = spent()
        subprocess.run([*PROGRAM, "--help"], capture_output=True, check=True)
        return spent() - before

    assert min(took() for _ in range(10)) <= 0.3
