"""Other libraries are asked through files: what comes back belongs to what was asked, or is refused."""

import sys
from pathlib import Path

import pytest

from bench.peers import HOW, Answers, NotInstalled, ask
from bench.rankings import by_peer
from bench.sets import Corpus
from knowledge.evaluation import Outcome, Query
from knowledge.resources import Resource

HERE = Path(sys.executable)
SCHOOL, TRAVEL, FEEDING = (
    Resource(name, name.title(), f"All about {name}.") for name in ("school", "travel", "feeding")
)
CORPORA = [
    Corpus("small", [SCHOOL], [Query("1", "school", ("school",)), Query("2", "nothing of ours", ())]),
    Corpus("larger", [SCHOOL, TRAVEL, FEEDING], [Query("1", "feeding and school", ("school",))]),
]
FAKE = """
import json, sys
from pathlib import Path
peer, given, ranked = sys.argv[1:]
wanted = json.loads(Path(given).read_text("utf-8"))
assert wanted["model"] == "/the/model" and wanted["depth"] == 10
sets = []
for one in wanted["sets"]:
    texts = dict(zip(one["ids"], one["texts"], strict=True))
    said = [[[i, float(len(i))] for i in texts if i in question and i in texts[i]] for question in one["questions"]]
    sets.append([sorted(found, key=lambda row: -row[1]) for found in said])
{wrong}
Path(ranked).write_text(json.dumps({{"version": peer + " 1", "sets": sets}}), "utf-8")
"""


@pytest.fixture
def program(tmp_path):
    """A library that finds the ids which a question spells out, the longest first; `wrong` is done to its answer."""

    def write(wrong=""):
        file = tmp_path / "fake.py"
        file.write_text(FAKE.format(wrong=wrong), "utf-8")
        return file

    return write


def asked(program):
    return ask("fake", CORPORA, Path("/the/model"), HERE, program)


def test_every_question_of_every_set_gets_its_own_answer(program):
    answers = asked(program())
    small, larger = [[("school", 6.0)], []], [[("feeding", 7.0), ("school", 6.0)]]
    assert answers == Answers("fake 1", [small, larger])
    assert by_peer(CORPORA[0], answers.sets[0]) == [Outcome(1, (0,), 6.0, False), Outcome(0, (), -1e9, False)]
    assert by_peer(CORPORA[1], answers.sets[1]) == [Outcome(1, (1,), 7.0, False)]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("sets[0].pop()", id="a question without an answer"),
        pytest.param("sets.pop()", id="a set without an answer"),
        pytest.param("sets[0][0][0][0] = '0'", id="a place in place of an id"),
        pytest.param("sets[1][0][1][0] = 'feeding'", id="an id twice"),
        pytest.param("sets[1][0].reverse()", id="the worst first"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(program, wrong):
    with pytest.raises(ValueError, match=r"fake (answered|did not)"):
        asked(program(wrong))


def test_a_library_that_fails_says_why(program):
    with pytest.raises(RuntimeError, match="fake failed: OSError: no model there"):
        asked(program("raise OSError('no model there')"))


def test_where_it_is_not_installed_the_table_says_how():
    with pytest.raises(NotInstalled, match="make bench-matching"):
        ask("txtai", CORPORA, Path("/the/model"), HERE)  # this environment has winwin, and no txtai
    with pytest.raises(NotInstalled) as reason:
        ask("txtai", CORPORA, Path("/the/model"), Path("/nowhere/python"))
    assert str(reason.value) == HOW
