"""Ways in which the same words are typed: each changes a text, none changes what a person reads."""

from __future__ import annotations

import random
from collections.abc import Callable

EMOJI = "😀😢💜🙏🥺✨😭"
CYRILLIC = str.maketrans("aeopcxi", "аеорсхі")
LEET = str.maketrans("eoiast", "301457")
ACCENTS = str.maketrans("aeiou", "àéîöû")


def typo(text: str, dice: random.Random) -> str:
    """One slip in about every sixth word of four letters or more: a letter left out, doubled or swapped."""
    words = text.split(" ")
    for at, word in enumerate(words):
        if len(word) >= 4 and word.isalpha() and dice.random() < 1 / 6:
            i = dice.randrange(1, len(word) - 1)
            forms = [
                word[:i] + word[i + 1 :],
                word[:i] + word[i] + word[i:],
                word[:i] + word[i + 1] + word[i] + word[i + 2 :],
            ]
            words[at] = dice.choice(forms)
    return " ".join(words)


def emoji(text: str, dice: random.Random) -> str:
    return " ".join(w + (f" {dice.choice(EMOJI)}" if dice.random() < 0.3 else "") for w in text.split(" "))


def zero_width(text: str, dice: random.Random) -> str:
    return "".join(c + (dice.choice("\u200b\u200c\u2060\u00ad") if dice.random() < 0.2 else "") for c in text)


def leet(text: str, dice: random.Random) -> str:
    """Digits for letters in every third word."""
    return " ".join(w.translate(LEET) if w.isalpha() and dice.random() < 1 / 3 else w for w in text.split(" "))


def spaced(text: str, dice: random.Random) -> str:
    """One word in ten spelt with blanks."""
    return " ".join(" ".join(w) if len(w) > 3 and w.isalpha() and dice.random() < 0.1 else w for w in text.split(" "))


DISGUISES: dict[str, Callable[[str, random.Random], str]] = {
    "upper case": lambda text, _: text.upper(),
    "lower case": lambda text, _: text.lower(),
    "no apostrophes": lambda text, _: text.replace("'", "").replace("’", ""),
    "no punctuation": lambda text, _: "".join(c for c in text if c.isalnum() or c.isspace() or c == "'"),
    "typos": typo,
    "emoji": emoji,
    "zero width": zero_width,
    "leetspeak": leet,
    "look-alikes": lambda text, _: text.translate(CYRILLIC),
    "accents": lambda text, _: text.translate(ACCENTS),
    "full width": lambda text, _: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "spaced letters": spaced,
}
