"""The reviewed rules: read from YAML, checked, compiled. See grammar.py for how a pattern is written.

A file `rules.*.yaml` is a list of rules. Every rule has `id`, `code`, `languages`, examples (`matches`,
`spares`) and one of
  patterns   lines of which one must be found in the normalised text
  all        groups of lines: one of each group, at most NEAR characters apart
  raw        RE2 expressions, of which one must be found in the text as typed
  all_raw    groups of them, anywhere in the text
and may have `unless` (lines: a match in whose sentence one is found does not count), `unless_raw` (a match
that this overlaps does not count), `firm` (negation and past tense do not lower C1), `speaker`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from bot.safety.findings import Code, Speaker
from bot.safety.grammar import Pattern, PatternError, WordLists, compile_patterns, compile_raw, literals
from bot.safety.needed import Needed, Needs
from bot.safety.normalise import Normaliser
from bot.safety.spelling import Speller

FIELDS = frozenset(
    {
        "id",
        "code",
        "languages",
        "patterns",
        "all",
        "raw",
        "all_raw",
        "unless",
        "unless_raw",
        "firm",
        "speaker",
        "matches",
        "spares",
    }
)
SCOPES = (
    *("negation", "long_ago", "current", "relapse", "better", "resolved", "past", "other", "child", "adult", "says"),
    *("mourned", "topic", "at_work", "somebody", "fiction", "anybody", "general", "has_it", "some_day", "settled"),
)


class RuleError(ValueError):
    """A rule file cannot be used. Says which rule, and why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reviewed rule. `groups`: each must be found; `plain`: in the text as typed; `needed`: for each line
    of the first group, words without which it cannot be found (see bot.safety.needed)."""

    id: str
    code: Code
    languages: tuple[str, ...]
    groups: tuple[Pattern, ...]
    needed: tuple[tuple[Needed, ...], ...]
    plain: bool
    unless: Pattern | None
    firm: bool
    speaker: Speaker | None
    matches: tuple[str, ...]
    spares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything triage needs: rules, idioms to spare, words that change a meaning, and the normaliser."""

    rules: tuple[Rule, ...]
    idioms: Pattern
    scopes: Mapping[str, Pattern]
    normaliser: Normaliser


def load_rules(folder: Traversable | None = None) -> RuleBook:
    """The packaged rules, or those of `folder`. Raises RuleError with the rule's id."""
    place = folder if folder is not None else files("bot.safety")
    lexicon = _read(place / "lexicon.yaml")
    lists = {name: tuple(_strings(lines, name)) for name, lines in lexicon["words"].items()}
    words = WordLists(lists | {"negation": tuple(_strings(lexicon["negation"], "negation"))})
    entries = _entries(place)
    needs = Needs(words)
    rules = tuple(_rule(entry, words, needs) for entry in entries)
    ids = [rule.id for rule in rules]
    if len(set(ids)) < len(ids):
        raise RuleError(f"Two rules have the same id: {sorted(i for i in set(ids) if ids.count(i) > 1)}.")
    idioms = compile_patterns(_strings(lexicon["idioms"], "idioms"), words)
    scopes = {name: compile_patterns(words[name], words) for name in SCOPES}
    speller = Speller(vocabulary(lexicon, entries), _real_words(place))
    return RuleBook(rules, idioms, scopes, Normaliser(lexicon["short"], lexicon["emoji"], speller))


def load_raw(name: str, folder: Traversable | None = None) -> tuple[Rule, ...]:
    """The rules of one file that are read from the text as typed. Raises RuleError."""
    place = folder if folder is not None else files("bot.safety")
    words = WordLists({})
    raw = [entry for entry in _read(place / name) if "raw" in entry or "all_raw" in entry]
    return tuple(_rule(entry, words, Needs(words)) for entry in raw)


def load_speller(real: Iterable[str], folder: Traversable | None = None) -> Speller:
    """The corrector that belongs to the rules, with another list of real words."""
    place = folder if folder is not None else files("bot.safety")
    return Speller(vocabulary(_read(place / "lexicon.yaml"), _entries(place)), real)


def vocabulary(lexicon: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Every word that the rules, the word lists and the short forms use, and how often."""
    lines = [line for group in lexicon["words"].values() for line in group] + list(lexicon["idioms"])
    for entry in entries:
        lines += [*entry.get("patterns", ()), *entry.get("unless", ())]
        lines += [line for group in entry.get("all", ()) for line in group]
    found = Counter(word for line in lines for word in literals(line))
    found.update(form for form in lexicon["short"] if form.isalpha())
    found.update(word for full in lexicon["short"].values() for word in full.split())
    return found


def _entries(place: Traversable) -> list[Mapping[str, Any]]:
    names = sorted(file.name for file in place.iterdir() if file.name.endswith(".yaml"))
    return [entry for name in names if name.startswith("rules.") for entry in _read(place / name)]


def _read(source: Traversable) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(source.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe loaders
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RuleError(f"{source.name} cannot be read: {error}") from error


def _real_words(place: Traversable) -> list[str]:
    return (place / "real-words.txt").read_text(encoding="utf-8").split()


def _rule(entry: Mapping[str, Any], words: WordLists, needs: Needs) -> Rule:
    name = entry.get("id", "?")
    unknown = set(entry) - FIELDS
    if unknown:
        raise RuleError(f"Rule {name}: unknown field {sorted(unknown)}.")
    try:
        groups, needed_words, plain = _groups(entry, words, needs)
        return Rule(
            id=entry["id"],
            code=Code(entry["code"]),
            languages=tuple(entry["languages"]),
            groups=groups,
            needed=needed_words,
            plain=plain,
            unless=_unless(entry, words),
            firm=bool(entry.get("firm", False)),
            speaker=Speaker(entry["speaker"]) if "speaker" in entry else None,
            matches=tuple(_strings(entry["matches"], "matches")),
            spares=tuple(_strings(entry["spares"], "spares")),
        )
    except (KeyError, ValueError, PatternError) as error:
        raise RuleError(f"Rule {name}: {error}") from error


def _groups(
    entry: Mapping[str, Any], words: WordLists, needs: Needs
) -> tuple[tuple[Pattern, ...], tuple[tuple[Needed, ...], ...], bool]:
    kinds = [kind for kind in ("patterns", "all", "raw", "all_raw") if kind in entry]
    if len(kinds) != 1:
        raise RuleError("it needs exactly one of patterns, all, raw, all_raw.")
    lines = entry[kinds[0]]
    groups = lines if kinds[0].startswith("all") else [lines]
    if "raw" in kinds[0]:
        raw = tuple(compile_raw(_strings(group, "raw")) for group in groups)
        return raw, (), True
    checked = [_strings(group, "patterns") for group in groups]
    compiled = tuple(compile_patterns(group, words) for group in checked)
    return compiled, tuple(needs.of(line) for line in checked[0]), False


def _unless(entry: Mapping[str, Any], words: WordLists) -> Pattern | None:
    if "unless_raw" in entry:
        return compile_raw(_strings(entry["unless_raw"], "unless_raw"))
    return compile_patterns(_strings(entry["unless"], "unless"), words) if "unless" in entry else None


def _strings(lines: Iterable[object], where: str) -> list[str]:
    """The lines as they are; YAML turns a bare `no` or `1` into something else, which must not pass unseen."""
    checked: list[str] = []
    for line in lines:
        if not isinstance(line, str):
            raise RuleError(f"{line!r} in {where} is not text: put it in quotes.")
        checked.append(line)
    return checked
