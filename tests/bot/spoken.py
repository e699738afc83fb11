"""What the bot says, read from its source, and the catalogues it is translated by."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

BOT = Path(__file__).parents[2] / "bot"


def said() -> set[str]:
    """Everything inside a `say("…")` of the core."""
    found = extract_from_dir(BOT, method_map=[("**.py", "python")], keywords={"say": None})
    return {str(message) for _, _, message, _, _ in found}


def catalogue(name: str) -> Catalog:
    with (BOT / "locale" / name).open("rb") as file:
        return read_po(file)
