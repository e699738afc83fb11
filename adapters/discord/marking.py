"""How a message of the bot's shows which wish is behind it, so that a look into the place finds it again. Pure.

Discord takes a nonce with what is sent and posts nothing twice with it for some minutes, but its histories do not give
it back. What lasts is the number of the first row of buttons (Discord keeps one that is given), or a picture's name.
A message with neither is known by its words, where it was said lately: who has read them need not read them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.discord.identity import id_of, made_at, part, parts, word

Json = dict[str, Any]

NONCE = 24  # characters; Discord takes 25
PICTURE = "winwin-"  # what the names of our pictures begin with
GIVEN = 1 << 16  # numbers of components from here on are ours: Discord counts from 1


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def nonce_of(key: str) -> str:
    return _digest(key)[:NONCE]


def number_of(key: str) -> int:
    """31 bits of the key, in the range that is ours."""
    return GIVEN + int(_digest(key)[NONCE : NONCE + 8], 16) % ((1 << 31) - GIVEN)


def file_name(key: str) -> str:
    return f"{PICTURE}{_digest(key)[:12]}.png"


def marked(components: Sequence[Json], key: str) -> list[Json]:
    """The rows of buttons, the first of them with the number of the wish."""
    return [{**row, "id": number_of(key)} if n == 0 else row for n, row in enumerate(components)]


def is_it(message: Mapping[str, Any], body: Mapping[str, Any], key: str, since: datetime) -> bool:
    """Whether a message of the bot's is what this wish posted as `body`. By its words alone only from `since` on."""
    if nonce := word(message.get("nonce")):
        return nonce == nonce_of(key)
    files = [word(file.get("filename")) for file in parts(message.get("attachments"))]
    if pictures := [name for name in files if name.startswith(PICTURE)]:
        return file_name(key) in pictures
    number = next(iter(parts(message.get("components"))), {}).get("id")
    if isinstance(number, int) and number >= GIVEN:
        return number == number_of(key)
    made = made_at(id_of(message.get("id")))
    return made is not None and made >= since and _words(message) == _words(body)


def _words(message: Mapping[str, Any]) -> tuple[object, ...]:
    embeds = [
        (word(e.get("title")).strip(), word(e.get("description")).strip(), word(part(e.get("footer")).get("text")))
        for e in parts(message.get("embeds"))
    ]
    rows = parts(message.get("components"))
    return (
        word(message.get("content")).strip(),
        embeds,
        [b.get("custom_id") for r in rows for b in parts(r.get("components"))],
    )
