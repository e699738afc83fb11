import json
from pathlib import Path

import pytest

from adapters.commands.measuring import read_resources
from tests.fakes.command_line import one_line

FIGURES = ("hit@1", "hit@3", "hit@10", "MRR@10", "nDCG@10", "coverage at 90 % precision")


@pytest.fixture
def queries(tmp_path):
    rows = [
        {"id": "1", "text": "infusion days at school", "relevant": ["school"]},
        {"id": "2", "text": "birthday parties", "relevant": ["party"]},
        {"id": "3", "text": "pizza on friday", "relevant": []},
    ]
    path = tmp_path / "queries.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_figures_of_the_contract_come_with_intervals(winwin, resources, queries, tmp_path):
    result = winwin("eval", "--resources", resources, "--queries", queries, "--json")
    found = json.loads(result.stdout)
    assert (found["resources"], found["queries"], found["answerable"], found["bad_rows"]) == (3, 3, 2, 0)
    for name in FIGURES:
        assert list(found[name]) == ["value", "low", "high"]
    assert found["hit@1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert not (tmp_path / "winwin.db").exists()


def test_the_table_names_them_too(winwin, resources, queries):
    shown = winwin("eval", "--resources", resources, "--queries", queries).stdout
    assert "3 resources, 3 queries, 2 of them answerable" in shown
    assert all(name in shown for name in FIGURES)


def test_bad_rows_are_named_and_the_rest_is_measured(winwin, resources, queries):
    queries.write_text(queries.read_text() + 'x\n{"id": "4", "text": "y"}\n')
    resources.write_text(resources.read_text() + "{}\n")
    result = winwin("eval", "--resources", resources, "--queries", queries, "--json")
    assert json.loads(result.stdout)["bad_rows"] == 3
    assert f"{queries}, line 5: 'relevant' is not a list" in result.stderr


def test_what_cannot_be_measured_is_null(winwin, resources, queries):
    queries.write_text('{"id": "3", "text": "pizza on friday", "relevant": []}\n')
    found = json.loads(winwin("eval", "--resources", resources, "--queries", queries, "--json").stdout)
    assert found["hit@1"] == {"value": None, "low": None, "high": None}
    assert "n/a" in winwin("eval", "--resources", resources, "--queries", queries).stdout


def test_answers_that_are_not_there_are_mentioned(winwin, resources, queries):
    queries.write_text('{"id": "3", "text": "pizza", "relevant": ["none"]}\n')
    assert (
        "1 queries name resources that are not in"
        in winwin("eval", "--resources", resources, "--queries", queries).stderr
    )


def test_files_of_no_use_are_refused_in_one_line(winwin, resources, tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    assert one_line(winwin("eval", "--resources", resources, "--queries", empty)).endswith("is empty")
    assert "does not exist" in one_line(winwin("eval", "--resources", "none.jsonl", "--queries", empty))
    assert "is not a file" in one_line(winwin("eval", "--resources", resources, "--queries", "none.jsonl"))


def test_a_set_of_bare_titles_can_be_measured(tmp_path: Path) -> None:
    rows = tmp_path / "resources.jsonl"
    rows.write_text('{"id": "a", "title": "Travelling with a stoma"}\n{"id": "b", "title": "Needles at home"}\n')

    good, bad = read_resources(rows)

    assert ([resource.id for resource in good], bad) == (["a", "b"], 0)
