"""A fault in the file is told with its line and leaves the other lines as they are."""

from pathlib import Path

import pytest

from knowledge.glossary_file import load_glossary, packaged, read_terms
from knowledge.text import Words

GOOD = "shake weeks: [EEN]\n"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nutrition: EEN2", "line 2: write the other names in brackets: `long form: [name, name]`"),
        ("nutrition: []", "line 2: write the other names in brackets: `long form: [name, name]`"),
        ("the: [EEN2]", "line 2: 'the' has no word with a meaning; write the long form first"),
        ("nutrition: [week]", "line 2: 'week' is too common a word to mean one thing; `week: [words]` says beside"),
        ("nutrition: [504]", "line 2: '504' is too common a word"),
        ("nutrition: ['?!']", "line 2: '?!': a name has one to 8 words"),
        ("nutrition: [a b c d e f g h i]", "line 2: 'a b c d e f g h i': a name has one to 8 words"),
        ("nutrition: [PA: sometimes]", "line 2: the condition of a name is `as written` or words in brackets"),
        ("nutrition: [PA: ['?']]", "line 2: the words beside it hold no letters"),
        ("nutrition: [{PA: [x], PB: [y]}]", "line 2: write one name with its condition"),
        ("nutrition: [[PA]]", "line 2: a name is missing, or not plain text"),
        ("nutrition: [een]", "line 2: 'een' means 'shake weeks' already; keep one of the two"),
        ("? [a]\n: [EEN2]", "line 2: the long form is missing, or not plain text"),
    ],
)
def test_a_fault_is_told_in_one_line_and_the_others_count(line: str, says: str) -> None:
    terms, faults = read_terms(f"{GOOD}{line}\nfamily day: [FD3]\n")
    assert [fault[: len(says)] for fault in faults] == [says]
    assert [(term.name, term.means) for term in terms] == [("EEN", "shake weeks"), ("FD3", "family day")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{GOOD}nutrition: [x", "line 3: this is no YAML"),
        (f"{GOOD}a\0: [x]", "line"),
        ("- EEN", "line 1: write lines like"),
        ("[" * 20_000, "line"),
    ],
)
def test_what_is_no_glossary_at_all_is_told(text: str, says: str) -> None:
    terms, faults = read_terms(text)
    assert (terms, [fault[: len(says)] for fault in faults]) == ((), [says])


def test_an_empty_file_says_nothing() -> None:
    assert read_terms("# nothing yet\n") == ((), ())


def test_the_same_name_may_mean_two_things_beside_different_words() -> None:
    terms, faults = read_terms("prior approval: [PA: [insur]]\nphysician: [PA: [appointment]]")
    assert (len(terms), faults) == (2, ())


def test_a_community_without_a_file_has_ours() -> None:
    assert load_glossary(None) == (packaged(), ())


def test_a_file_that_cannot_be_read_leaves_ours(tmp_path: Path) -> None:
    missing, other = tmp_path / "none.yaml", tmp_path / "other.yaml"
    other.write_bytes(b"\xff\xfe\xfa")
    assert load_glossary(missing) == (packaged(), (f"{missing} cannot be read",))
    assert load_glossary(other) == (packaged(), (f"{other} is not UTF-8 text",))


def test_a_file_with_a_fault_counts_but_for_that(tmp_path: Path) -> None:
    own = tmp_path / "glossary.yaml"
    own.write_text(f"{GOOD}nutrition: [the]\n", encoding="utf-8")
    glossary, faults = load_glossary(own)
    assert Words(glossary).stems("EEN, UC") == Words().stems("shake weeks, ulcerative colitis")
    assert [fault.startswith("glossary.yaml, line 2: 'the' is too common") for fault in faults] == [True]
