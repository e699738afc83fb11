"""Turns what people type into what the rules read: plain lower-case words, one blank after each.

    "I'm gonna K1LL my-self!!"  ->  "i am going to kill myself . "

A sentence ends with the word ".", a comma is the word ",".

In this order: invisible and combining marks out, NFKC, look-alike letters of other scripts to Latin, accents
folded, emoji out (those with a meaning are named in a second reading), disguises undone (digits for letters,
letters spaced or repeated, words run together), chat short forms written out, spelling corrected towards the
rules' words. Time grows linearly with the text. Nothing is kept between two calls.

Sources: Unicode UAX 15 (NFKC), UTS 39 (confusables: the Latin look-alikes of Cyrillic and Greek).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.safety.spelling import LEET, Speller

LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕԁԛԝкмтнвгпиαεοικνρτυχγβηωıłøđħŧſʟᴀʙᴄᴅᴇꜰɢʜɪᴊᴋᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢⅼ",
    "aeopcyxijsdqwkmthbrnuaeoiknptuxybnwilodhtslabcdefghijkmnoprstuvwyzl",
)
CAPITALS = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abekmhopctyxijsabezhikmnoptyx")
APOSTROPHES = str.maketrans("’‘`´ʼ′＇", "'''''''")
LAUGH = "emojilaugh"  # kept at the end of the first reading: it tells a joke from a threat wherever it stands
FILLERS = "\u3164\u115f\u1160\u2800\ufffc"
JOINT = "\x01"  # stands where an emoji was, so that "ki🙂ll" and "die🙂now" can be told apart
_PIECE = re.compile(r"\S+")
# A row of one sign is looked at from its first only: a message of nothing but dots takes no longer than another.
_BREAK = re.compile(r"[\n\r]+|(?<![.!?;:…])[.!?;:…]+(?=[\s\"')\]*_~]|$)|(?<![^\S\n\r])\s++[-–—]++\s+|[—–]")
_COMMA = re.compile(r",(?=\s|$)")
_WORD = re.compile(r"[a-z]+")
_UNITS = (
    "mg|mgs|mcg|ml|mls|g|kg|kgs|c|f|h|hr|hrs|min|mins|am|pm|yo|y|yr|yrs|m|mo|mth|mths|wk|wks|w|d|th|s|x|cm|mm|l|k|lb|lbs"
    "|p|ish"
)
_UNIT = re.compile(rf"(\d+)({_UNITS}|days?|hours?|weeks?|years?|tabs?|pills|times|(?<=1)st|(?<=2)nd|(?<=3)rd)")
_RUN = re.compile(r"(.)\1{2,}")
_APART = re.compile(r"[^a-z0-9]+")
_EDGES = "\"'()[]{}<>*_~,.!?;:-/\\#@&=+^%|“”«»¡¿…" + JOINT
_CONTRACTED = re.compile(r"([a-z]+?)(n't|'(?:m|ll|ve|re|d|s))")
_ENDINGS = {"n't": "not", "'m": "am", "'ll": "will", "'ve": "have", "'re": "are", "'d": "would", "'s": "is"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as the rules read it. `words`: normalised; `named`: the same with the names of telling emoji,
    None when there is none; `plain`: case and digits kept, for what identifies people."""

    words: str
    named: str | None
    plain: str


class Normaliser:
    """`short`: chat forms written out; `emoji`: names of those with a meaning; `speller`: the rules' words."""

    def __init__(self, short: Mapping[str, str], emoji: Mapping[str, str], speller: Speller) -> None:
        self._short = {form: tuple(full.split()) for form, full in short.items()}
        self._names = {ord(sign): f" {name} " for sign, name in emoji.items()}
        self._speller = speller

    def read(self, text: str) -> Reading:
        """Never raises for any str, lone surrogates and NUL included."""
        plain = tidy(text)
        folded = plain if plain.isascii() else plain.translate(CAPITALS)
        folded = folded.lower().translate(APOSTROPHES)
        if folded.isascii():
            return Reading(self._words(folded), None, plain)
        named = folded.translate(self._names)
        words = self._words(_latin(folded))
        if named == folded:
            return Reading(words, None, plain)
        told = self._words(_latin(named))
        return Reading(words + (f"{LAUGH} " if LAUGH in told else ""), told, plain)

    def _words(self, text: str) -> str:
        spaced = _COMMA.sub(" , ", _BREAK.sub(" . ", text))
        pieces = _unspace(_PIECE.findall(spaced), self._resolves)
        leet = any(self._hidden(piece.strip(_EDGES)) for piece in set(pieces))
        seen: dict[str, tuple[str, ...]] = {}
        out: list[str] = []
        for piece in pieces:
            if piece not in seen:
                seen[piece] = (piece,) if piece in {".", ","} else tuple(self._piece(piece, leet))
            out.extend(seen[piece])
        return " ".join(out) + " " if out else ""

    def _piece(self, piece: str, leet: bool) -> Iterable[str]:
        """The words in one stretch without blanks; with `leet`, numbers too may be words ("70" for "to")."""
        bare = piece.strip(_EDGES)
        if bare in self._short or _WORD.fullmatch(bare):
            return self._word(bare)
        contracted = _CONTRACTED.fullmatch(bare.translate(LEET) if leet else bare)
        if contracted:
            return self._contraction(contracted.group(1), contracted.group(2))
        hidden = self._hidden(bare) or (self._speller.spell(bare) if leet else None)
        if hidden:
            return self._word(hidden)
        parts = [part for part in _APART.split(bare) if part]
        joined = "".join(parts)
        if len(parts) > 1 and (self._speller.uses(joined) or all(len(part) == 1 for part in parts)):
            return self._word(joined)
        return [word for part in parts for word in (self._word(part) if part.isalpha() else self._coded(part))]

    def _hidden(self, bare: str) -> str | None:
        """The word behind letters mixed with digits or signs, if there is one."""
        if bare.isalpha() or bare.isdigit() or _UNIT.fullmatch(bare) or not any(c.isalpha() for c in bare):
            return None
        return self._speller.unmask(bare)

    def _coded(self, part: str) -> Iterable[str]:
        """Letters with digits: a number with its unit (38c, 2hrs), a disguised word, or neither."""
        unit = _UNIT.fullmatch(part)
        if unit:
            return unit.group(1), *self._word(unit.group(2))
        hidden = self._hidden(part)
        return self._word(hidden) if hidden else (part,)

    def _resolves(self, word: str) -> bool:
        """Whether letters that stood apart make words of the rules."""
        speller = self._speller
        return speller.uses(word) or speller.correct(word) is not None or speller.split(word) is not None

    def _contraction(self, stem: str, ending: str) -> Iterable[str]:
        whole = self._short.get(stem + ending)
        if whole:
            return whole
        return (*self._word(stem), _ENDINGS[ending])

    def _word(self, word: str) -> tuple[str, ...]:
        if word in self._short:
            return self._short[word]
        if self._speller.uses(word):
            return (word,)
        if _RUN.search(word):
            return self._stretched(word)
        if self._speller.knows(word):
            return (word,)
        better = self._speller.correct(word)
        if better:
            return self._short.get(better, (better,))
        parts = self._speller.split(word) if len(word) >= 6 else None
        return tuple(full for part in parts for full in self._short.get(part, (part,))) if parts else (word,)

    def _stretched(self, word: str) -> tuple[str, ...]:
        once, twice = _RUN.sub(r"\1", word), _RUN.sub(r"\1\1", word)
        for form in (once, twice):
            if form in self._short or self._speller.knows(form):
                return self._short.get(form, (form,))
        better = self._speller.correct(once) or self._speller.correct(twice)
        return (better or once,)


def tidy(text: str) -> str:
    """NFKC without invisible and combining marks, still in its own case. Marks go first: putting long runs of
    them in order is what makes Unicode normalisation slow."""
    if text.isascii():
        return text.replace("\x00", "")
    sound = text.encode("utf-8", "replace").decode("utf-8")
    kept = "".join(c for c in sound if c.isascii() or not _invisible(c))
    composed = unicodedata.normalize("NFKC", kept).replace("\x00", "")
    return "".join(c for c in composed if c.isascii() or not _invisible(c))


def _invisible(c: str) -> bool:
    return c in FILLERS or unicodedata.category(c) in {"Mn", "Me", "Cf"}


def _latin(text: str) -> str:
    """Look-alikes and accented letters as a-z; letter-like signs as letters; any other sign as a joint."""
    out: list[str] = []
    for c in unicodedata.normalize("NFD", text.translate(LOOK_ALIKES)):
        if c.isascii():
            out.append(c)
        elif not _invisible(c):
            out.append(_letter(c))
    return "".join(out)


def _letter(c: str) -> str:
    code = ord(c)
    for first in (0x1F150, 0x1F170, 0x1F1E6):  # circled, squared and flag letters, which NFKC leaves alone
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    if c.isalpha():
        return {"ß": "ss", "æ": "ae", "œ": "oe"}.get(c, c)
    return c if c in "“”«»¡¿…—–" else JOINT


def _unspace(pieces: list[str], makes_words: Callable[[str], bool]) -> list[str]:
    """Joins letters that stand alone, three or more in a row ("k i l l"), where they make words."""
    out: list[str] = []
    run: list[str] = []
    for piece in [*pieces, "."]:
        bare = piece.strip(_EDGES)
        if len(bare) == 1 and bare.isalpha():
            run.append(bare)
            continue
        joined = "".join(run)
        out.extend([joined] if len(run) >= 3 and makes_words(joined) else run)
        run = []
        out.append(piece)
    return out[:-1]
