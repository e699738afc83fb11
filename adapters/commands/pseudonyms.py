"""Names that stand for people in everything exported: HMAC-SHA256 with a key that is not in the database."""

import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING

from adapters.commands.screen import note

if TYPE_CHECKING:
    from adapters.settings import Settings

LENGTH = 16  # hexadecimal digits: no two of a million people share one by chance


def pseudonyms(settings: "Settings") -> Callable[[str], str]:
    """A key -> its pseudonym. The same WINWIN_SECRET_KEY gives the same pseudonyms; without it a key is made for this
    once and thrown away, and a note says so."""
    import secrets

    if settings.winwin_secret_key is not None:
        key = settings.winwin_secret_key.get_secret_value()
    else:
        key = secrets.token_hex(32)
        note("WINWIN_SECRET_KEY is not set: the pseudonyms are made for this once and match no other export's.")
    return lambda person: pseudonym(key, person)


def pseudonym(key: str, person: str) -> str:
    """What stands for the person; empty for nobody."""
    if not person:
        return ""
    return "p-" + hmac.new(key.encode(), person.encode(), hashlib.sha256).hexdigest()[:LENGTH]
