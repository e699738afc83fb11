"""Several messages that are one, and one message that is several: pure judgements of words.

Who writes fast writes "Hi all", "we have our first infusion on tuesday", "what should we bring?" as three messages, and
"he's 9 btw" a moment later. What leans on what was said before belongs to it; what stands by itself and asks something
else is a question of its own. A message with two needs that have nothing to do with each other is two questions. When
in doubt a statement belongs to the question before it, and a question with words of its own is a new one: then nothing
that was asked is hidden behind something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from itertools import pairwise

from bot import listening
from bot.listening_cues import NEED_CUES
from knowledge.text import Words, spoken

WITHIN = timedelta(minutes=2)  # between two messages that are one; as long as bot.piecing looks back
PARTS = 8  # messages of one question at most
MOST = 4_000  # characters of them all
NEEDS = 3  # questions in one message at most
THANKING = 12  # words of a message that thanks, and says no more
FEW = 3  # words of a message that says nothing by itself
LEANING = 2  # content words of its own that a message may have which begins with "and"
POINTING = 1  # of one that says "it", or hardly anything
MARKED, UNMARKED = 0.35, 0.6  # what the surface of a sentence says from which it asks, with a question mark and without
OWN = 2  # content words that a need has of its own to be another one

_GOES_ON = re.compile(
    r"^\W*(?:(?:oh|ah|um|so|ok|okay|sorry|perdón|perdon)\W+)*"
    r"(?:and|or|plus|but|btw|by the way|i mean|i meant|edit|typo|ps|p\.s\.|"
    r"y|e|o|pero|por cierto|quise decir|quería decir|digo)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\b(?:it|its|it's|that|those|these|they|them|their|he|he's|she|she's|him|yours|one|ones|there|"
    r"él|ella|ellos|ellas|lo|le|les|eso|esto|ese|esos|allí|ahí)\b",
    re.IGNORECASE,
)
_INTRODUCES = re.compile(r"\b(?:my|our|mi|mis|nuestr[oa]s?)\s+\w+", re.IGNORECASE)
_ANOTHER = (
    r"(?:(?:and|also|oh|y|también|además)\W+){0,2}"
    r"(?:separately|unrelated(?:ly)?|"
    r"(?:on )?(?:a |an )?(?:totally |completely )?(?:different|separate|unrelated|another) "
    r"(?:question|topic|note|thing|subject|issue)|(?:second|another|other|next|one more) (?:question|thing)|"
    r"(?:second|secondly|2)[.):,](?=\W)|"
    r"(?:otra|segunda) (?:pregunta|cosa|duda)|aparte|por otro lado|por otra parte|cambiando de tema)(?:\b|(?<=[.):,]))"
)
_NAMES_ANOTHER = re.compile(rf"^\W*{_ANOTHER}", re.IGNORECASE)
_AT_ANOTHER = re.compile(
    rf"(?:(?<=[.!?…\n,;:)–—-])|(?<=[.!?…\n,;:)–—-]\s)|(?=\b(?:and|also|y|también|además)\b)){_ANOTHER}", re.IGNORECASE
)
_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")
_LETTER = re.compile(r"[^\W\d_]")
_GREETS = re.compile(
    r"^\W*(?:hi|hey|hello|good (?:morning|afternoon|evening|night)|morning|hola|buen[oa]s(?: d[ií]as| tardes| noches)?)"
    r"(?:\W+(?:all|everyone|everybody|folks|guys|there|again|team|a tod[oa]s|tod[oa]s))*\W*$",
    re.IGNORECASE,
)
_TO_OTHERS = re.compile(
    r"^\W*(?:<@|@\w|(?:yes|yeah|yep|yup|no(?! (?:idea|clue|one|s[eé])\b)|nope|nah|sure|agreed|exactly|true|same|"
    r"me too|us too|welcome|"
    r"congrat\w*|"
    r"lol|haha\w*|s[ií]|claro|igual|jaja\w*|felicid\w*|bienvenid\w*)\b)",
    re.IGNORECASE,
)
_ASKING = frozenset({"cuant", "anyon", "btw", "curious", "recommend"})  # stems of words with which people ask
_TALK = ("laughs", "cheer", "news", "social", "joins_quietly")


def is_aside(text: str) -> bool:
    """Whether it is said to others, or is about company: no part of a question."""
    if listening.withdraws(text) or listening.invites(text):
        return True
    if listening.thanks(text) and len(text.split()) <= THANKING:
        return True
    seen = listening.excerpt(text)
    return bool(_TO_OTHERS.search(text)) or any(NEED_CUES[name].search(seen) for name in _TALK)


def leads(text: str) -> bool:
    """Whether it may be the beginning of what is asked next. A greeting says nothing of that."""
    return not _GREETS.match(text) and not is_aside(text)


def leans(text: str, before: str, language: str = "en") -> bool:
    """Whether what asks something goes on with what was said before it. Compares the words that carry a topic."""
    if _NAMES_ANOTHER.search(text):
        return False
    own = _content(text, language) - _content(before, language)
    if _GOES_ON.search(text):
        return len(own) <= LEANING
    points = _POINTS.search(text) and not _INTRODUCES.search(text)
    return len(own) <= (POINTING if points or len(spoken(text)) <= FEW else 0)


def goes_on(text: str) -> bool:
    """Whether it begins as the next half of a sentence does."""
    return bool(_GOES_ON.search(text) or _POINTS.search(text))


def shared(text: str, other: str, language: str = "en") -> int:
    """How many of the words that carry a topic both have."""
    return len(_content(text, language) & _content(other, language))


def says_nothing(text: str, language: str = "en") -> bool:
    """Whether it is made of words that carry no topic, like "anybody there?"."""
    return not _content(text, language)


def again(text: str, before: str) -> bool:
    """Whether it has been said already, word for word."""
    return _plain(text) != "" and _plain(text) in {_plain(line) for line in (before, *before.splitlines())}


def joined(texts: Iterable[str]) -> str:
    """As one text, a line each; what was said twice, once."""
    said: dict[str, str] = {}
    for text in texts:
        if text.strip():
            said.setdefault(_plain(text) or text, text.strip())
    return "\n".join(said.values())


def needs_in(text: str) -> tuple[str, ...]:
    """The message once for each need in it that has nothing to do with the others: its own sentences with those that
    ask nothing. All of it, once, when there is one need."""
    if len(text) > MOST:  # nobody has asked two things in so many words; all of it is one
        return (text,)
    said = [part.strip() for piece in _cut(text) for part in _SENTENCES.split(piece) if _LETTER.search(part)]
    groups: list[list[int]] = []
    for number, sentence in enumerate(said):
        if not _asks(sentence) or listening.invites(sentence):
            continue
        if groups and (len(groups) == NEEDS or not _another(said, number, groups)):
            groups[-1].append(number)
        else:
            groups.append([number])
    if len(groups) < 2:
        return (text,)
    asking = {number for group in groups for number in group}
    return tuple(_of_group(said, set(group), asking) for group in groups)


def _cut(text: str) -> list[str]:
    """Before each place where its author turns to another matter."""
    at = [0, *(match.start() for match in _AT_ANOTHER.finditer(text)), len(text)]
    return [text[start:end].strip(" ,;–—-") for start, end in pairwise(at)]


def _of_group(said: Sequence[str], group: set[int], asking: set[int]) -> str:
    return " ".join(s for number, s in enumerate(said) if number in group or number not in asking)


def _another(said: Sequence[str], number: int, groups: Sequence[Sequence[int]]) -> bool:
    """Said to be another one by its author; else it stays with what was asked before it."""
    sentence = said[number]
    named = bool(_NAMES_ANOTHER.search(sentence))
    if not named and number:  # "One more thing. Does anybody know …?"
        named = bool(_NAMES_ANOTHER.search(said[number - 1])) and not _asks(said[number - 1])
    if not named:
        return False
    before, language = " ".join(said[i] for group in groups for i in group), "es" if "¿" in sentence else "en"
    return len(_content(_NAMES_ANOTHER.sub("", sentence), language) - _content(before, language)) >= OWN


def _asks(sentence: str) -> bool:
    return listening.quick_need(sentence) >= (MARKED if "?" in sentence else UNMARKED)


@cache
def _words() -> tuple[Words, frozenset[str]]:
    words = Words()
    return words, words.everyday()


def _content(text: str, language: str) -> frozenset[str]:
    words, everyday = _words()
    return frozenset(words.stems(text, language)) - everyday - _ASKING


def _plain(text: str) -> str:
    return " ".join(spoken(text.casefold()))
