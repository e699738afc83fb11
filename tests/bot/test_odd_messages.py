"""A message of nothing but one sign, over and over, holds up nobody: whoever reads it needs time in proportion to it.

A pattern that tries each place of a row anew would need minutes for these; the test would run out of its time.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot import judging, listening, several
from bot.phrases import phrase_of
from bot.private_details import without
from bot.safety.rules import load_rules
from bot.safety.triage import Triage
from knowledge.search import Library

SIZE = 12_000  # characters
ROWS = [
    *("❤️", "x", ".", "?", "¿", "-", "1", "é", "A", "'", "@", "<", "*", "_", "(", "+", " ", "\n", "\t", "🙏🏼"),
    *("a ", "1 ", "a@", "a.", "A. ", "0-", ", ", " - ", "1mg ", "i'm ", "so ", "no ", "I ", "Ana Bell ", "my son "),
    *("http://", "thanks ", "never mind ", "help me? ", "also, how do i? ", "is it ok to ", "flrbx qwxz "),
]
LIBRARY, TRIAGE = Library(2), Triage(load_rules())
READERS: dict[str, Callable[[str], object]] = {
    "triage": TRIAGE.check,
    "needs": listening.quick_need,
    "reader": listening.read_as,
    "thanks": listening.thanks,
    "withdrawals": listening.withdraws,
    "several needs": several.needs_in,
    "language": judging.language_of,
    "private details": without,
    "ways of asking": lambda text: phrase_of(text, ()),
    "words": LIBRARY.read,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("reader", READERS)
def test_a_row_of_anything_is_read_in_time(reader: str) -> None:
    for row in ROWS:
        many = row * (SIZE // len(row))
        for text in (f"{many}!q", f"any tips {many} from anna"):
            READERS[reader](text)
