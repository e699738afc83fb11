"""Private details in a text: where they stand, what they are, and the text without them. Pure.

Two kinds of eyes. The reviewed rules (`rules.privacy.yaml`, code P1) find what identifies a family; what they find is
never stored. Wider ones look at what is to be kept for long, a resource or an answer that is brought over: every
handle, long number and member's name. A moderator sees what was found, and may say that something is none
(a helpline's number, a name that is a word).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.community import MemberRecord
from bot.safety.findings import Code
from bot.safety.rules import Rule, load_raw
from bot.safety.triage import whereabouts, windows

LINE = 120  # characters: an address that is announced ("we live at …") is taken to reach no further
SHORTEST = 3  # letters of a name that is looked for by itself
LONGEST = 4  # words of a name
TRIES = 4  # what is found is taken out, and the rest is looked at again; then whole sentences go


class Kind(StrEnum):
    EMAIL = "e-mail"
    PHONE = "phone number"
    ADDRESS = "address"
    RECORD = "record number"
    BIRTHDAY = "date of birth"
    PASSWORD = "password"  # noqa: S105 -- the word, not one
    HANDLE = "handle"
    NAME = "name"
    SENTENCE = "private details"  # a sentence that names somebody in a way that can not be cut out


@dataclass(frozen=True, slots=True)
class Detail:
    """Where something private stands in a text: `start` and `end` in characters."""

    kind: Kind
    start: int
    end: int

    @property
    def stand_in(self) -> str:
        return f"[{self.kind}]"


_OF_RULE = {
    "p1-email": Kind.EMAIL,
    "p1-phone": Kind.PHONE,
    "p1-address": Kind.ADDRESS,
    "p1-record": Kind.RECORD,
    "p1-name-with-diagnosis": Kind.NAME,
}
_BORN = re.compile(r"\W*(?:dob|d\.o\.b|date of birth|born|birth|fecha|naci|f\.? ?nac)", re.IGNORECASE)
_SECRET = re.compile(r"\W*(?:password|passcode|contrase|clave|pin\b|log ?in|user)", re.IGNORECASE)
_DIGITS = re.compile(r"\+?\(?\d.*\d", re.DOTALL)
_ANNOUNCED = re.compile(r"(?:(?:we|i) live|vivo en|(?:my|our|home) address|mi direcci[oó]n)\b", re.IGNORECASE)
_CAPITALS = re.compile(
    r"[A-ZÀ-Þ][\w'’\-]*(?:\.(?= ))?(?: (?:(?:de|del|la|van|von|da|der) ){0,2}[A-ZÀ-Þ][\w'’\-]*(?:\.(?= [A-Z]))?)+"
)
_BEFORE = re.compile(rf"({_CAPITALS.pattern})[,:;( \-]{{1,3}}\w?$")  # whose birthday it is
_NUMBER = re.compile(r"\D*(?:(?! [a-z]{2}).)*", re.DOTALL)  # a number ends where words begin again
_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]?")
_WIDE = (
    (Kind.EMAIL, re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,32}){1,4}")),
    (Kind.HANDLE, re.compile(r"(?<![\w.])@[A-Za-z0-9_.]{1,31}[A-Za-z0-9_]")),
    (
        Kind.HANDLE,
        re.compile(
            r"\b(?:insta(?:gram)?|ig|snap(?:chat)?|tik ?tok|twitter|discord|telegram|kik|facebook|fb)\b"
            r"(?: (?:is|es|handle|user|name|me|:|=)){0,3}[ :=]{1,3}(?=\S*[\d_.]\S)[\w.]{2,31}\w",
            re.IGNORECASE,
        ),
    ),
    (Kind.PHONE, re.compile(r"(?<![\w.,])\+?\(?\d(?:[ ().-]{0,2}\d){8,14}(?![\w])")),
    (Kind.PHONE, re.compile(r"(?<![\w.,])\+?\(?\d{2,4}\)?(?:[ .-]\d{2,4}){2,4}(?![\w.])")),
    (Kind.RECORD, re.compile(r"\b(?:MRN|record|chart|patient id)\W{0,3}(?=[A-Z-]{0,6}\d)[A-Z0-9-]{4,20}\b", re.I)),
)
_DATE = re.compile(r"(?:\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ]\d{4})")
_WORD = re.compile(r"[^\W_](?:[^\W_]|['’\-](?=[^\W_]))*")


def details(
    text: str, names: Iterable[str] = (), *, wide: bool = True, spare: Iterable[str] = ()
) -> tuple[Detail, ...]:
    """What is private in the text, in its order; nothing overlaps. `names`: members' names, with their first names.
    `wide`: also what only looks like it, for what is kept for long. `spare`: what somebody said is not private."""
    found = [detail for rule in _rules() for detail in _by_rule(rule, text)]
    if wide:
        found += [
            Detail(kind, match.start(), match.end())
            for kind, pattern in _WIDE
            for match in pattern.finditer(text)
            if not (kind is Kind.PHONE and _DATE.fullmatch(match[0]))
        ]
    found += _named(text, names)
    spared = frozenset(spare)
    return tuple(d for d in _apart(found) if text[d.start : d.end] not in spared)


def without(text: str, names: Iterable[str] = (), *, wide: bool = True, spare: Iterable[str] = ()) -> str:
    """The text with what is private taken out. Of what the rules find nothing is left: a sentence in which
    they still see somebody when the details are out goes as a whole."""
    known, spared = list(names), frozenset(spare)
    for _ in range(TRIES):
        found = details(text, known, wide=wide, spare=spared)
        if not found:
            return text
        text = taken_out(text, found)
    for match in reversed(list(_SENTENCE.finditer(text))):
        if match[0].strip() and details(match[0], (), wide=False, spare=spared):
            text = f"{text[: match.start()]}[{Kind.SENTENCE}]{text[match.end() :]}"
    return text if not details(text, (), wide=False, spare=spared) else f"[{Kind.SENTENCE}]"


def without_together(texts: Sequence[str]) -> list[str]:
    """Texts that are read as one, each without what the rules find in all of them together; it may go from one into the
    next."""
    left = list(texts)
    for _ in range(TRIES):
        found, start = details(" ".join(left).replace("\n", " "), wide=False), 0
        for number, text in enumerate(left):
            end = start + len(text)
            inside = [d for d in found if d.start < end and d.end > start]
            here = (Detail(d.kind, max(d.start, start) - start, min(d.end, end) - start) for d in inside)
            left[number], start = taken_out(text, here), end + 1
    return left


def taken_out(text: str, found: Iterable[Detail]) -> str:
    for detail in sorted(found, key=lambda d: d.start, reverse=True):
        text = f"{text[: detail.start]}{detail.stand_in}{text[detail.end :]}"
    return text


def names_of(members: Iterable[MemberRecord]) -> list[str]:
    """The members' names, and the parts of them that could stand alone."""
    names = [m.name for m in members if m.name.strip()]
    return [*names, *(part for name in names for part in name.split())]


# --- the rules ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in load_raw("rules.privacy.yaml") if rule.code is Code.P1)


def _by_rule(rule: Rule, text: str) -> Iterator[Detail]:
    kind = _OF_RULE.get(rule.id, Kind.RECORD)
    at = 0
    for part in windows(text):
        at = text.index(part, at)
        for found in whereabouts(rule, part):
            start, end = at + found.start, at + found.end
            yield from _narrowed(kind, text, start, end)


def _narrowed(kind: Kind, text: str, start: int, end: int) -> Iterator[Detail]:
    """What of a match is private: "my son" before the name is not."""
    words = text[start:end]
    core: re.Match[str] | None = None
    if kind is Kind.PHONE:
        core = _DIGITS.search(words)
    elif kind is Kind.NAME:
        core = max(_CAPITALS.finditer(words), key=lambda m: len(m[0]), default=None)
    elif kind is Kind.ADDRESS and _ANNOUNCED.search(words):
        rest = _SENTENCE.match(text, end, end + LINE)
        end = max(end, rest.end() if rest else end)
        words = text[start:end]
    elif kind is Kind.RECORD:
        kind = Kind.BIRTHDAY if _BORN.match(words) else Kind.PASSWORD if _SECRET.match(words) else kind
        if kind is Kind.BIRTHDAY and (whose := _BEFORE.search(text[max(0, start - LINE) : start + 1])):
            shift = max(0, start - LINE)
            yield Detail(Kind.NAME, shift + whose.start(1), shift + whose.end(1))
        core = _NUMBER.match(words) if kind is Kind.RECORD else None
    if core is not None:
        start, end = start + core.start(), start + core.end()
    while start < end and not (text[start].isalnum() or text[start] in "+(@"):
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] == ")"):
        end -= 1
    if end > start:
        yield Detail(kind, start, end)


# --- names --------------------------------------------------------------------------------------------------


ALSO_WORDS = frozenset(  # names that are words as well
    """amber angel april art august autumn baker ball banks bell best bill black blanca brown bush carter chase clara
    consuelo cook cooper crystal cruz daisy dawn day dolores don drew esperanza eve faith fields flores frank gene
    ginger grace gray green grey guy heather holly hope hunter iris ivy jack jade joy june king leon lily long love luna
    luz mar mark mason may new olive page park parker pat paz pearl pilar price reina rey rice rich rob rosa rose ruby
    rusty sharp short small sol stone strong sue summer swift violet ward white will wise wolf wood woods young
    """.split()  # noqa: SIM905
)


def _named(text: str, names: Iterable[str]) -> Iterator[Detail]:
    """Names of members, whole or in part. A part that is also a word counts with a capital, where no sentence
    begins."""
    wanted: dict[str, set[tuple[str, ...]]] = {}
    for name in names:
        words = tuple(word.lower() for word in _WORD.findall(name))[:LONGEST]
        if words and (len(words) > 1 or len(words[0]) >= SHORTEST):
            wanted.setdefault(words[0], set()).add(words)
    if not wanted:
        return
    there = list(_WORD.finditer(text))
    spoken = [_bare(match[0]) for match in there]
    n = 0
    while n < len(there):
        fit = [w for w in wanted.get(spoken[n], ()) if tuple(spoken[n : n + len(w)]) == w]
        best = max(fit, key=len, default=())
        if not best or (len(best) == 1 and not _is_name(text, there[n])):
            n += 1
            continue
        last = n + len(best) - 1
        end = there[last].start() + len(spoken[last])
        initial = len(spoken[last]) == 1 and text[end : end + 1] == "."
        yield Detail(Kind.NAME, there[n].start(), end + initial)
        n += len(best)


def _bare(word: str) -> str:
    """Without a possessive."""
    lower = word.lower()
    return lower[:-2] if lower.endswith(("'s", "’s")) else lower


def _is_name(text: str, match: re.Match[str]) -> bool:
    if _bare(match[0]) not in ALSO_WORDS:
        return True
    before = text[: match.start()].rstrip()
    return match[0][0].isupper() and bool(before) and before[-1] not in '.!?:\n"“'


def _apart(found: Iterable[Detail]) -> tuple[Detail, ...]:
    """Of those that overlap one remains, as wide as all of them; it is what the widest of them is."""
    apart: list[Detail] = []
    for detail in sorted(found, key=lambda d: (d.start, -d.end)):
        if apart and detail.start < apart[-1].end:
            last = apart[-1]
            widest = max(last, detail, key=lambda d: d.end - d.start)
            apart[-1] = Detail(widest.kind, last.start, max(last.end, detail.end))
        else:
            apart.append(detail)
    return tuple(apart)
