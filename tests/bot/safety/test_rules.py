"""Every rule finds its own examples and spares the others; a broken rule file is refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.safety.findings import Code
from bot.safety.grammar import LONG_GAP, PatternError, WordLists, Written, compile_patterns, translate
from bot.safety.rules import Rule, RuleBook, RuleError, load_rules
from bot.safety.triage import Triage
from tests.fakes.rulebook import rulebook

RULES = rulebook().rules
MATCHES = [pytest.param(rule, text, id=f"{rule.id}-{n}") for rule in RULES for n, text in enumerate(rule.matches)]
SPARES = [pytest.param(rule, text, id=f"{rule.id}-{n}") for rule in RULES for n, text in enumerate(rule.spares)]


def rules_that_fire(triage: Triage, text: str) -> set[str]:
    return {rule for finding in triage.check(text) for rule in finding.rules}


@pytest.mark.parametrize(("rule", "text"), MATCHES)
def test_a_rule_finds_its_examples(triage: Triage, rule: Rule, text: str) -> None:
    assert rule.id in rules_that_fire(triage, text)


@pytest.mark.parametrize(("rule", "text"), SPARES)
def test_a_rule_spares_what_it_must_not_match(triage: Triage, rule: Rule, text: str) -> None:
    assert rule.id not in rules_that_fire(triage, text)


def test_every_rule_has_both_kinds_of_examples() -> None:
    assert [rule.id for rule in RULES if not rule.matches or not rule.spares] == []


def test_every_code_has_rules_in_both_languages() -> None:
    covered = {(rule.code, language) for rule in RULES for language in rule.languages}
    assert covered == {(code, language) for code in Code for language in ("en", "es")}


def test_files_of_medical_rules_ask_for_a_sign_off() -> None:
    folder = Path(load_rules.__code__.co_filename).parent
    heads = {p.name: p.read_text(encoding="utf-8").split("- id:", 1)[0].lower() for p in folder.glob("rules.*.yaml")}
    medical = {name: head for name, head in heads.items() if "privacy" not in name}
    assert [name for name, head in medical.items() if "signed off by" not in head or "before use" not in head] == []


# --- the rule language ---------------------------------------------------------------------------------

WORDS = WordLists({"animal": ("cat", "guinea pig")})


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("my <animal> sleeps", "my guinea pig sleeps ", True),
        ("my <animal>? sleeps", "my sleeps ", True),
        ("(red|dark blue) bag", "a dark blue bag ", True),
        ("red (very)? bag", "red bag ", True),
        ("sleep* well", "sleeping well ", True),
        ("red .. bag", "red big old bag ", True),
        ("red .. bag", "red big old torn bag ", False),
        ("red ... bag", "red a b c d e bag ", True),
        ("red ... bag", "red a b c d e f bag ", False),
        ("red ... bag", "red . bag ", False),
        ("red / bag", "red . bag ", True),
        ("red bag $", "red bag . next ", True),
        ("red bag $", "red bag next ", False),
        ("ed bag", "red bag ", False),
    ],
)
def test_the_rule_language_means_what_the_docs_say(pattern: str, text: str, found: bool) -> None:
    assert (compile_patterns([pattern], WORDS).search(text) is not None) is found


@pytest.mark.parametrize("pattern", ["(open", "closed)", "my <dragon>", "a [bc]", "(a+)+", "x{2,}", "a.*b", "*"])
def test_anything_else_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_patterns([pattern], WORDS)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("my <dragon>? sleeps", "no word list <dragon> for the pattern 'my <dragon>"),
        ("a [bc]", r"'\[' is not part of the rule language, in the pattern 'a \[bc"),
        ("red . bag", r"'\.' is not part"),
        ("(red) bag)", "Brackets do not pair in the pattern '.red. bag"),
        (")red(", "Brackets do not pair"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_which_pattern(pattern: str, said: str) -> None:
    with pytest.raises(PatternError, match=said):
        translate(pattern, WORDS)


def test_a_list_is_named_with_the_pattern_of_the_list_that_names_it() -> None:
    words = WordLists({"pet": ("<animal>", "<dragon> egg")} | {"animal": ("cat",)})
    with pytest.raises(PatternError, match="no word list <dragon> for the pattern '<dragon> egg'"):
        translate("my <pet>", words)


def test_re2_takes_every_pattern_of_ours() -> None:
    book = load_rules()
    patterns = [book.idioms, *book.scopes.values()]
    patterns += [pattern for rule in book.rules for pattern in (*rule.groups, rule.unless) if pattern is not None]
    written = [pattern for pattern in patterns if isinstance(pattern, Written)]
    assert len(written) > len(book.rules)
    for pattern in written:
        pattern.compiled()


def test_a_pattern_that_re2_refuses_is_told_when_it_is_looked_for() -> None:
    with pytest.raises(PatternError, match="RE2 refuses"):
        Written("(").search("anything")


def test_gaps_are_bounded_and_never_nested() -> None:
    repeats = set(re.findall(r"\{[^}]*\}", translate("a .. b ... c", WordLists({}))))
    assert repeats == {"{0,2}", f"{{0,{LONG_GAP}}}"}


# --- what a community can get wrong --------------------------------------------------------------------

LEXICON = """
short: {im: i am}
emoji: {}
idioms: [dying to know]
negation: [not]
words:
  {long_ago: [x], current: [x], relapse: [x], better: [x], resolved: [x], past: [x],
   other: [x], child: [x], adult: [x], says: [x],
   mourned: [x], topic: [x], somebody: [x], general: [x], has_it: [x],
   at_work: [x], fiction: [x], anybody: [x], some_day: [x], settled: [x]}
"""
GOOD = """
- id: only
  code: C2
  languages: [en]
  patterns: [wish to vanish]
  matches: [I wish to vanish]
  spares: [I wish you well]
"""


def folder_with(tmp_path: Path, rules: str) -> Path:
    (tmp_path / "lexicon.yaml").write_text(LEXICON, encoding="utf-8")
    (tmp_path / "rules.own.yaml").write_text(rules, encoding="utf-8")
    (tmp_path / "real-words.txt").write_text("", encoding="utf-8")
    return tmp_path


def test_a_community_can_have_its_own_rules(tmp_path: Path) -> None:
    book: RuleBook = load_rules(folder_with(tmp_path, GOOD))
    assert rules_that_fire(Triage(book), "some days i wish to vanish") == {"only"}


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (GOOD.replace("[wish to vanish]", "[(wish]"), "Rule only: Brackets do not pair"),
        (GOOD.replace("C2", "C9"), "Rule only: 'C9' is not a valid Code"),
        (GOOD.replace("patterns", "pattern"), r"Rule only: unknown field \['pattern'\]"),
        (GOOD.replace("  spares: [I wish you well]\n", ""), "Rule only: 'spares'"),
        (GOOD + "  raw: ['a']\n", "exactly one of"),
        (GOOD.replace("[wish to vanish]", "[no]"), "False in patterns is not text: put it in quotes"),
        (GOOD + GOOD, r"same id: \['only'\]"),
        ("- id: [", "rules.own.yaml cannot be read"),
    ],
)
def test_a_broken_rule_file_is_refused_with_the_rule_and_the_reason(tmp_path: Path, broken: str, says: str) -> None:
    with pytest.raises(RuleError, match=says):
        load_rules(folder_with(tmp_path, broken))
