"""Sentences to learn from, composed by a small grammar out of our own words: family of meaning, language, voice."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.disguises import EMOJI, typo

HERE = Path(__file__).parent
CODES = ("none", "C1", "C2", "C3", "C4", "C5")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_LIST = re.compile(r"<(\w+)>")
_SHORT = {"you": "u", "because": "bc", "tonight": "2nite", "please": "pls", "are": "r", "right now": "rn", "que": "q"}
_SHORTEN = re.compile(rf"\b({'|'.join(_SHORT)})\b")
OPENERS = {
    "en": (
        *("", "", "", "", "", "", "hi all, ", "please help. ", "sorry to post this here. ", "not sure where to ask. "),
        *("idk who else to tell ", "hey ", "um so ", "this is hard to write but ", "long day. ", "ok so "),
        *("my name is not important. ", "i am a grandmother and not good with computers. ", "excuse my english, "),
        *("We had a scope on monday and infusions every 8 weeks. ", "new here, hello. ", "mums of teens, "),
    ),
    "es": (
        *(
            "",
            "",
            "",
            "",
            "hola a todos, ",
            "por favor ayuda. ",
            "perdonad que escriba aquí. ",
            "no sé a quién decirlo. ",
        ),
        *("buenas noches, ", "soy la abuela de un niño con crohn. ", "es la primera vez que escribo. "),
    ),
}
CLOSERS = {
    "en": (
        *("", "", "", "", "", "", "", ".", "!!", "...", " thanks for reading", " sorry", " any advice?", " x"),
        *(" anyone there?", " the stoma nurse is off until monday", " thank you", " lol", " 😔", " we live in ohio"),
    ),
    "es": ("", "", "", "", "", ".", "...", " gracias", " perdón", " ¿alguien?", " un saludo", " 😔"),
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One composed sentence. `family`: the line it came from; what is learnt from a family is tested on others."""

    text: str
    code: str
    language: str
    family: str


def phrases(each: int, seed: int) -> list[Phrase]:
    """About `each` sentences of every line, the same for the same seed; no sentence twice."""
    dice = random.Random(seed)
    words = _load("words")
    found: dict[str, Phrase] = {}
    for code in CODES:
        for language, lines in _load(code.lower()).items():
            for number, line in enumerate(lines):
                for text in _composed(line, words, each, dice):
                    said = _voiced(text, language, dice)
                    found.setdefault(said, Phrase(said, code, language, f"{code}.{language}.{number}"))
    return list(found.values())


def _load(name: str) -> Mapping[str, list[str]]:
    loaded: Mapping[str, list[str]] = yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
    return loaded


def _composed(line: str, words: Mapping[str, list[str]], each: int, dice: random.Random) -> Iterator[str]:
    seen: set[str] = set()
    for _ in range(3 * each):
        text = line
        while "{" in text or "<" in text:
            text = _CHOICE.sub(lambda m: dice.choice(m.group(1).split("|")), text)
            text = _LIST.sub(lambda m: str(dice.choice(words[m.group(1)])), text)
        text = " ".join(text.split())
        if text not in seen and len(seen) < each:
            seen.add(text)
            yield text


def _voiced(text: str, language: str, dice: random.Random) -> str:
    """As somebody would type it: with what stands around it, in a hurry, shouting, without accents, with slips."""
    said = f"{dice.choice(OPENERS[language])}{text}{dice.choice(CLOSERS[language])}"
    way = dice.random()
    if way < 0.25:
        said = said[0].upper() + re.sub(r"\bi\b", "I", said[1:])
    elif way < 0.32:
        said = said.upper()
    elif way < 0.42:
        said = _SHORTEN.sub(lambda m: _SHORT[m.group(1)], said)
    if language == "es" and dice.random() < 0.4:
        said = "".join(c for c in unicodedata.normalize("NFD", said) if not unicodedata.combining(c))
    if dice.random() < 0.15:
        said = typo(said, dice)
    return f"{said} {dice.choice(EMOJI)}" if dice.random() < 0.05 else said
