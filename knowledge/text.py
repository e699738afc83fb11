"""Words: how a text is cleaned, cut into passages, and turned into stems.

Everything here is about letters, not meaning. `clean` makes any text safe to store and embed; `passages` cuts a
long text at sentence ends; `Words` gives the stemmed content words that lexical search counts.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Protocol

from Stemmer import Stemmer

MAX_TEXT = 100_000  # characters of one resource; a longer one is refused, a longer question is cut
PASSAGE = 700  # characters: about 150 word pieces, well inside what the default model reads (256)
STEM = "="  # begins a word that is a stem already; no word of a text does
LANGUAGES = {"en": "english", "es": "spanish"}  # those that are stemmed, by the names Snowball has for them
STEM_CACHE = 50_000  # distinct words whose stems are kept; a community's vocabulary is smaller

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_LETTERS = re.compile(r"[^\W_]+")
# What _LETTERS and fold do with ASCII, a byte at a time: three times as fast as a letter at a time.
_ASCII = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256))
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n{2,}")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")

# Function words carry no topic. English and Spanish only: the two languages that ship.
STOP_EN = frozenset(
    """a about after again all also am an and any anybody anyone anything are as at be because been before being both
    but by can cannot could did do does doing done don for from further get gets getting go goes going got had has
    have having he hello help her here hers hey hi him his how i if in into is it its just know let like ll long me
    more most much my need needs no not now of off ok okay on once one ones only or other our ours out over own please
    really re s same she should since so some somebody someone something such t take tell than thank thanks that the
    their theirs them then there these they thing things this those though through to too until up us ve very want
    wants was way we well were what when where whether which while who whom whose why will with would yes yet you
    your yours""".split()  # noqa: SIM905 - nobody would read it as a list of two hundred strings
)
STOP_ES = frozenset(
    """a al algo alguien alguna alguno algun ante antes aqui asi aun aunque cada como con cual cuando de del desde
    donde dos e el ella ellas ellos en entre era es esa ese eso esta estan este esto estoy fue ha hace han hasta hay
    hola la las le les lo los mas me mi mis mucho muy nada ni no nos nosotros nuestra nuestro o os otra otro para
    pero por porque puede pueden puedo que quien saben sabe se ser si sin sobre son su sus tambien te tengo tener
    tiene tienen tu tus un una uno unos y ya yo gracias favor""".split()  # noqa: SIM905 - as above
)
_STOP = STOP_EN | STOP_ES

# Words of any family's day. They carry a little meaning, but two texts that share only these share no topic; in a
# small library their measured rarity would say otherwise.
EVERYDAY = frozenset(
    """ago advice ask baby back bad best better big bit boy brother call came car care child children come coming couple
    dad daughter day days deal different easy end even ever every experience family feel feeling felt find fine first
    friend friends girl give given good great guess happen happened happy hard hear hope hour hours house husband idea
    ideas issue keep keeps kid kids kind last later leave left life little live long look looking lot love made make
    makes making man mark maybe mean mind minute minutes mom moment month months morning mother move name new next nice
    night number old parent parents people person place point problem put question questions read ready right said saw
    say says second see seem seems send set show sister small son soon sort sounds start started stay still stop story
    struggling stuff suggestions sure talk teen teenager think thought time times tip tips today together told tomorrow
    tonight took tried trouble try trying turn understand use used using wait wanted week weeks wife wish without woman
    wonder wondering word work works worried worry worse wrong year years yesterday young
    ano anos ayuda bebe bien buscar busco casa consejo consejos cosa cosas dia dias esposo familia gente hija hijas hijo
    hijos hora horas hoy ir mama manana mes meses mismo momento mujer nina ninas nino ninos noche nueva nuevo papa
    pregunta saber semana semanas siempre tiempo toma vez veces vida""".split()  # noqa: SIM905 - as above
)


def language_code(language: str) -> str:
    """The language whose stemmer is used: any but Spanish counts as English."""
    return "es" if language[:2] == "es" else "en"


def clean(text: str) -> str:
    """The same text without NULs, other control characters and lone surrogates; outer blanks gone."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub(" ", text).strip()


def fold(text: str) -> str:
    """Lower case without accents, so that `infusión` and `infusion` are one word."""
    return unaccented(text.lower())


def unaccented(text: str) -> str:
    """The same letters without their accents."""
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def letters(text: str) -> list[str]:
    """The words of a text without apostrophes and accents, in lower case, in order: what is stemmed."""
    if not text.isascii():
        return _LETTERS.findall(fold(text))
    return text.encode("ascii").translate(_ASCII).decode("ascii").split()


def slug(text: str, length: int = 80) -> str:
    """Letters and digits of the folded text joined by dashes, at most `length` characters, perhaps empty."""
    return _NOT_SLUG.sub("-", fold(text)).strip("-")[:length].strip("-")


def spoken(text: str) -> list[str]:
    """The words of a text as people wrote them, in order."""
    return _WORD.findall(text)


def looks_spanish(text: str) -> bool:
    """A guess from the function words: more of Spanish than of English, or an opening question mark."""
    if "¿" in text or "¡" in text:
        return True
    words = set(_LETTERS.findall(fold(text)))
    return len(words & (STOP_ES - STOP_EN)) > len(words & (STOP_EN - STOP_ES))


def passages(text: str, size: int = PASSAGE) -> tuple[str, ...]:
    """Cut a long text at sentence ends into pieces of about `size` characters; a short text gives none."""
    if len(text) <= size:
        return ()
    pieces: list[str] = []
    current = ""
    for sentence in _sentences(text, size):
        if current and len(current) + len(sentence) + 1 > size:
            pieces.append(current)
            current = sentence
        else:
            current = f"{current} {sentence}".strip()
    return (*pieces, current) if current else tuple(pieces)


def _sentences(text: str, size: int) -> list[str]:
    """Sentences, none longer than `size` (a text without full stops is cut hard)."""
    found = (sentence.strip() for sentence in _SENTENCE_END.split(text))
    return [sentence[i : i + size] for sentence in found for i in range(0, len(sentence), size)]


class Meanings(Protocol):
    """What words stand for: see knowledge.glossary."""

    def read(self, words: list[str], text: str) -> list[str]: ...
    def places(self, text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]: ...
    def slip(self, stem: str) -> tuple[str, ...]: ...


class Words:
    """Turns text into stemmed content words; safe to share between threads. `meanings`: how terms are read.

    The Snowball stemmers keep state while they work, so one lock guards them and the cache of stems.
    """

    def __init__(self, meanings: Meanings | None = None) -> None:
        self._meanings = meanings
        self._lock = Lock()
        self._stemmers = {code: Stemmer(name) for code, name in LANGUAGES.items()}
        self._cache: dict[tuple[str, str], str] = {}

    def stems(self, text: str, language: str = "en") -> list[str]:
        """Stems of the content words, in order, with repeats. Any language but Spanish counts as English."""
        return [stem for stem in self.each(self.said(text), language) if stem]

    def said(self, text: str) -> list[str]:
        """The words of a text as `letters` gives them; those of a known term as the stems of what it means, after a
        sign (STEM): they are the same whatever language the term is in."""
        found = letters(text)
        return self._meanings.read(found, text) if self._meanings else found

    def slip(self, stem: str) -> tuple[str, ...]:
        """The stems of what a term means whose name is one slip of the keyboard from this stem; empty for none."""
        return self._meanings.slip(stem) if self._meanings else ()

    def each(self, words: Iterable[str], language: str = "en") -> list[str]:
        """The stem of each word as `letters` or `said` gives it; empty for a function word."""
        code = language_code(language)
        with self._lock:
            return [self._stem(word, code) for word in words]

    def pairs(self, text: str, language: str = "en") -> list[tuple[str, str]]:
        """(word as written, its stem); the stem of a function word is empty, and `School's` counts as `school`."""
        code, written = language_code(language), spoken(text)
        folded = fold("\n".join(written)).replace("’", "'").split("\n") if written else []
        with self._lock:
            return [(word, self._stem(w.partition("'")[0], code)) for word, w in zip(written, folded, strict=True)]

    def units(self, text: str, language: str = "en") -> list[tuple[str, Sequence[str]]]:
        """(as written, its stems): the pairs of a text, each known term as one with all the stems of what it means."""
        found: list[tuple[str, Sequence[str]]] = []
        at = 0
        for start, end, stems in self._meanings.places(text) if self._meanings else ():
            found += [(word, (stem,)) for word, stem in self.pairs(text[at:start], language)]
            found.append((text[start:end], stems))
            at = end
        return [*found, *((word, (stem,)) for word, stem in self.pairs(text[at:], language))]

    def everyday(self) -> frozenset[str]:
        """The stems of EVERYDAY."""
        return frozenset(self.stems(" ".join(EVERYDAY))) | frozenset(self.stems(" ".join(EVERYDAY), "es"))

    def _stem(self, word: str, code: str) -> str:
        if word.isdigit():
            return word[:40]  # no language inflects a number, and the cache would fill with them
        stem = self._cache.get((code, word))
        if stem is None:
            if word[:1] == STEM:
                return word[1:]
            silent = word in _STOP or len(word) < 2
            stem = "" if silent else str(self._stemmers[code].stemWord(word[:40]))
            if len(self._cache) >= STEM_CACHE:
                self._cache.clear()
            self._cache[code, word] = stem
        return stem
