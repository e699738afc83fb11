"""Writes bot/safety/real-words.txt: words people mean, which the spelling corrector must leave alone.

    python -m bench.safety_words english.txt spanish.txt > bot/safety/real-words.txt

The arguments are any word lists, one word a line (frequent words of the language). Only the words that the
corrector would otherwise change are printed. Run it again after adding rules with new words.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import Path

from bot.safety.rules import load_speller


def folded(word: str) -> str:
    """As the rules read it: no accents, lower case."""
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")


def main(lists: list[str]) -> None:
    speller = load_speller(real=())
    words = {folded(w) for name in lists for w in Path(name).read_text(encoding="utf-8").split()}
    plain = sorted(w for w in words if re.fullmatch("[a-z]{3,24}", w))
    print(
        "\n".join(w for w in plain if speller.correct(w) or (len(w) >= 6 and not speller.knows(w) and speller.split(w)))
    )


if __name__ == "__main__":
    main(sys.argv[1:])
