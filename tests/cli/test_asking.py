import json
import os
import select
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

from tests.fakes import warm
from tests.fakes.command_line import PROGRAM, ROOT, SAMPLES, heeding_ctrl_c, one_line
from tests.fakes.tables import tables

SHAPE = ["id", "triage", "question", "is_question", "matches", "action"]
MANY = 400  # lines: more than are read ahead
NEED = "my son's school marks infusion days as unexcused, what can we do?"


@pytest.fixture(scope="module")
def imported() -> list[bytes]:
    """The database with three resources in it, once the first test that asks for it has imported them."""
    return []


@pytest.fixture
def library(winwin, resources, tmp_path, imported):
    file = tmp_path / "winwin.db"
    if not imported:
        tables(file)
        assert winwin("import", resources).exit_code == 0
        imported.append(file.read_bytes())
    file.write_bytes(imported[0])
    return winwin


def test_the_decision_has_the_shape_others_rely_on(library):
    found = json.loads(library("explain", NEED, "--json").stdout)
    assert list(found) == SHAPE
    assert (found["id"], found["triage"]) == (None, None)
    assert 0 <= found["question"] <= 1
    assert found["action"] in ("suggest", "route", "ignore")
    assert list(found["matches"][0]) == ["id", "title", "score", "confidence", "why"]
    assert found["matches"][0]["id"] == "school"


def test_a_crisis_has_no_matches(library):
    found = json.loads(library("explain", "I want to kill myself tonight", "--json").stdout)
    assert (found["triage"], found["matches"], found["action"]) == ("C1", [], "crisis")
    asked = library("ask", "I want to kill myself tonight")
    assert asked.stdout.startswith("This reads like a crisis: no suggestion.")


def test_ask_answers_in_words_and_in_json(library):
    assert json.loads(library("ask", NEED, "--json").stdout).keys() == {"action", "suggestions"}
    assert library("ask", "anyone up for pizza on friday?").stdout.startswith("Silence: ")


@pytest.mark.parametrize("command", ["ask", "explain"])
def test_an_empty_text_is_refused(winwin, command):
    result = winwin(command, " ")
    assert result.exit_code == 1
    assert one_line(result) == "winwin: the text is empty; write a question in quotes"


def test_a_stream_gets_one_line_for_each_line_in_order_and_survives_bad_ones(library):
    lines = [
        json.dumps({"id": "a", "text": NEED}),
        "not json",
        "",
        '{"id": 1e999, "text": "x"}',
        '{"id": [1], "text": "x"}',
        '{"id": "e", "text": ""}',
        '{"id": "f"}',
        "[1]",
        '"' + "[" * 100_000,
        json.dumps({"id": 7, "text": "<b>🧸</b> \u0000 \ud800 \u202e"}),
        json.dumps({"id": "long", "text": "what now? " * 10_000}),
        json.dumps({"id": "huge", "text": "x" * 2_000_000}),
        json.dumps({"id": None, "text": NEED}),
    ]
    result = library("explain", "-", stdin="\n".join(lines))
    assert result.exit_code == 0
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in found] == ["a", None, None, None, None, "e", "f", None, None, 7, "long", None, None]
    bad = [n for n, row in enumerate(found, 1) if "error" in row]
    assert bad == [2, 3, 4, 5, 6, 7, 8, 9, 12]
    assert all(f"line {n}" in found[n - 1]["error"] for n in bad)
    assert all(list(row) == SHAPE for row in found if "error" not in row)
    assert found[0]["matches"] == found[-1]["matches"]


def test_an_empty_stream_is_answered_with_nothing(library):
    result = library("explain", "-", stdin="")
    assert (result.exit_code, result.stdout) == (0, "")


def test_hundreds_of_lines_go_through_the_model_in_batches(library, model):
    calls, model.most = model.texts, 1
    lines = "".join(json.dumps({"id": n, "text": f"{NEED} {n}"}) + "\n" for n in range(MANY))
    result = library("explain", "-", stdin=lines)
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == list(range(MANY))
    assert model.texts == calls + MANY
    assert 1 < model.most < MANY


def test_what_the_stream_says_is_what_a_single_text_gets(library):
    single = json.loads(library("explain", NEED, "--json").stdout)
    [streamed] = [json.loads(library("explain", "-", stdin=json.dumps({"id": None, "text": NEED})).stdout)]
    assert streamed == single


@pytest.mark.process
@pytest.mark.model
def test_the_real_program_answers_each_line_as_it_comes_and_stops_at_ctrl_c(tmp_path):
    environment = {**os.environ, "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/w.db"}
    command = [*PROGRAM, "explain", "-"]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, **pipes, env=environment, cwd=tmp_path, preexec_fn=heeding_ctrl_c) as program:
        for identity in (1, 2):
            program.stdin.write(json.dumps({"id": identity, "text": NEED}).encode() + b"\n")
            program.stdin.flush()
            assert select.select([program.stdout], [], [], 60)[0], "no answer while stdin stays open"
            assert json.loads(program.stdout.readline())["id"] == identity
            time.sleep(0.1)
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=20)
    assert program.returncode == 130
    assert said.decode().splitlines() == ["winwin: stopped; what was not finished has not been written"]


@pytest.mark.model
@pytest.mark.process
@pytest.mark.timeout(300)
def test_the_sample_library_answers_the_readme_question(folder):
    """Most of the samples were embedded once a run; the import embeds the rest."""
    with closing(sqlite3.connect(folder / "winwin.db")) as connection, connection:
        connection.execute("DELETE FROM embedding WHERE rowid % 60 = 0")
    environment = {**os.environ, "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/winwin.db"}

    command = [*PROGRAM, "import", str(SAMPLES)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr

    def asked(text: str) -> dict[str, object]:
        return json.loads(warm.told([*PROGRAM, "ask", text, "--json"], environment, ROOT))

    found = asked("my son's school marks infusion days as unexcused")
    assert (found["action"], found["suggestions"][0]["id"]) == ("suggest", "school-infusion-absences")
    assert asked("anyone up for pizza on friday?")["suggestions"] == []
