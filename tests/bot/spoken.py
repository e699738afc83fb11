"""What the bot says, read from its source, and the catalogues it is translated by."""

from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

BOT = Path(__file__).parents[2] / "bot"


@cache
def said() -> frozenset[str]:
    """Everything inside a `say("…")` of the core, read once."""
    found = extract_from_dir(BOT, method_map=[("**.py", "python")], keywords={"say": None})
    return frozenset(str(message) for _, _, message, _, _ in found)


def catalogue(name: str) -> Catalog:
    with (BOT / "locale" / name).open("rb") as file:
        return read_po(file)
