"""The file of a glossary: what stands in it, and what is wrong with it, by line.

One line of YAML is one meaning: `long form: [other names]`. A name that means more than one thing carries its
condition: `PIP: as written`, or `PA: [insur, denied]`, the words (or how they begin) beside which it counts. What
stands under `leave alone` means nothing. A community's file comes on top of the packaged one: its names win.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

from knowledge.glossary import Glossary, Term, merged
from knowledge.text import EVERYDAY, STOP_EN, STOP_ES, Words, letters

LEAVE_ALONE = "leave alone"
AS_WRITTEN = "as written"
LARGEST = 1_000_000  # bytes of a file
LONGEST = 8  # words of a name

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one written in C, where it was built
_EVERYDAY = EVERYDAY | STOP_EN | STOP_ES


class _FaultError(Exception):
    """What is wrong with one line, and what to do."""

    def __init__(self, node: yaml.Node, says: str) -> None:
        super().__init__(f"line {node.start_mark.line + 1}: {says}")


@cache
def packaged() -> Glossary:
    """The one that comes with winwin, made once."""
    return Glossary(_packaged_terms())


@cache
def _packaged_terms() -> tuple[Term, ...]:
    terms, faults = read_terms((files("knowledge") / "glossary.yaml").read_text(encoding="utf-8"))
    assert not faults, faults
    return terms


def load_glossary(own: Path | None) -> tuple[Glossary, tuple[str, ...]]:
    """The packaged glossary with a community's own file on top, if it has one. What cannot be read of that is left out
    and told, a line for each fault; nothing is raised."""
    if own is None:
        return packaged(), ()
    try:
        if own.stat().st_size > LARGEST:
            return packaged(), (f"{own} is larger than {LARGEST // 1_000_000} MB",)
        text = own.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        return packaged(), (f"{own} {reason}",)
    terms, faults = read_terms(text)
    return Glossary(merged(_packaged_terms(), terms)), tuple(f"{own.name}, {fault}" for fault in faults)


def read_terms(text: str) -> tuple[tuple[Term, ...], tuple[str, ...]]:
    """The names of a file, and its faults; a name with a fault is left out, the others count."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "line 1"
        return (), (f"{where}: this is no YAML ({getattr(error, 'problem', None) or 'a sign it may not hold'})",)
    if root is None:
        return (), ()
    if not isinstance(root, yaml.MappingNode):
        return (), ("line 1: write lines like `long form: [other names]`",)
    terms: dict[tuple[tuple[str, ...], tuple[str, ...]], Term] = {}
    faults: list[str] = []
    for key, value in root.value:
        for found in _line(key, value):
            if isinstance(found, _FaultError):
                faults.append(str(found))
                continue
            node, term = found
            known = terms.setdefault((term.words, term.beside), term)
            if known.means != term.means:
                faults.append(
                    str(_FaultError(node, f"{term.name!r} means {known.means!r} already; keep one of the two"))
                )
    return tuple(terms.values()), tuple(faults)


def _line(key: yaml.Node, value: yaml.Node) -> Iterator[tuple[yaml.Node, Term] | _FaultError]:
    try:
        means = _means(key)
        names = _names(value)
    except _FaultError as fault:
        yield fault
        return
    for node in names:
        try:
            yield node, _term(node, means)
        except _FaultError as fault:
            yield fault


def _means(key: yaml.Node) -> str:
    """Raises _FaultError."""
    means = _text(key, "the long form")
    if means == LEAVE_ALONE:
        return ""
    if not Words().stems(means):
        raise _FaultError(key, f"{means!r} has no word with a meaning; write the long form first")
    return means


def _names(value: yaml.Node) -> list[yaml.Node]:
    """Raises _FaultError."""
    if not isinstance(value, yaml.SequenceNode) or not value.value:
        raise _FaultError(value, "write the other names in brackets: `long form: [name, name]`")
    return list(value.value)


def _term(node: yaml.Node, means: str) -> Term:
    """Raises _FaultError."""
    exact, name = False, node
    beside: tuple[str, ...] = ()
    if isinstance(node, yaml.MappingNode):
        if len(node.value) != 1:
            raise _FaultError(node, "write one name with its condition: `PA: [insur, denied]`")
        name, condition = node.value[0]
        exact, beside = _condition(name, condition)
    term = Term(_text(name, "a name"), means, exact, beside)
    if not 0 < len(term.words) <= LONGEST:
        raise _FaultError(node, f"{term.name!r}: a name has one to {LONGEST} words")
    if means and term.sure and len(term.words) == 1 and _says_little(term.words[0]):
        do = f"`{term.name}: [words]` says beside which words it counts"
        raise _FaultError(node, f"{term.name!r} is too common a word to mean one thing; {do}")
    return term


def _condition(name: yaml.Node, condition: yaml.Node) -> tuple[bool, tuple[str, ...]]:
    """Whether it counts only as written, and beside which words. Raises _FaultError."""
    if isinstance(condition, yaml.ScalarNode) and condition.value == AS_WRITTEN:
        return True, ()
    if not isinstance(condition, yaml.SequenceNode) or not condition.value:
        raise _FaultError(condition, f"the condition of a name is `{AS_WRITTEN}` or words in brackets")
    beside = tuple(word for node in condition.value for word in letters(_text(node, "a word beside it")))
    if not beside:
        raise _FaultError(condition, "the words beside it hold no letters")
    return any(letter.isupper() for letter in _text(name, "a name")), beside


def _text(node: yaml.Node, what: str) -> str:
    """Raises _FaultError."""
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise _FaultError(node, f"{what} is missing, or not plain text (put it in quotes)")
    return " ".join(node.value.split())


def _says_little(word: str) -> bool:
    return len(word) < 2 or word.isdigit() or word in _EVERYDAY
