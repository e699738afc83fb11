"""The commands and menus that Discord shows, as JSON, in English and Spanish. Pure.

Who may do what is asked when it is done, of winwin's own list and of the server's roles. So Discord hides none of them
by a permission of its own: a clinician has none, and would not find *Save as resource*. A server's owner can still hide
them under Integrations.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from bot.showing.commands import described, menus
from bot.wording import say_in

Json = dict[str, Any]

SPANISH = ("es-ES", "es-419")
CALLED = {"ask": "preguntar", "resources": "recursos", "follow": "seguir", "volunteer": "voluntariado"}
PARTS = (  # of /winwin
    *("home", "web", "my-data", "forget-me", "opt-out", "opt-in"),
    *("block", "country"),
    *("link", "unlink", "why", "channel", "roles", "appoint", "unmask", "help"),
)
TYPED = {"link": "code", "why": "link", "unmask": "link", "country": "name"}  # the parts that take a word
ASKED = {"ask": "question", "resources": "about", "follow": "topic"}
SAVE, WHY, ASK = "Save as resource", "Why this?", "Ask a person about this"
LONGEST = {"question": 4_000, "about": 200, "topic": 100, "code": 40, "link": 200, "name": 80}

_COMMAND, _MENU, _PART, _WORDS = 1, 3, 1, 3


def commands() -> list[Json]:
    """Everything that is to be registered."""
    made = [_command(name, [_typed(name, ASKED[name])] if name in ASKED else []) for name in CALLED]
    made.append(_command("winwin", [_part(part) for part in PARTS]))
    spanish = menus(say_in("es"))
    for key, name in menus(say_in("en")).items():
        shown = dict.fromkeys(SPANISH, spanish[key])
        made.append({"type": _MENU, "name": name, "name_localizations": shown, **_where()})
    return made


def fingerprint(made: Sequence[Json]) -> str:
    """The same for the same commands: they are registered only when it changes."""
    words = json.dumps(list(made), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def as_called(words: str, locale: str) -> str:
    """Words that name commands, with the names that Discord shows to somebody whose language this is."""
    if locale not in SPANISH:
        return words
    return re.sub(r"(?<!\S)/([a-z]+)\b", lambda m: f"/{CALLED.get(m.group(1), m.group(1))}", words)


def _where() -> Json:
    """On servers and in private with the bot, for whoever is there."""
    return {"contexts": [0, 1], "integration_types": [0], "default_member_permissions": None}


def _command(name: str, options: list[Json]) -> Json:
    called = dict.fromkeys(SPANISH, CALLED[name]) if name in CALLED else {}
    return {"type": _COMMAND, "name": name, "name_localizations": called, **_says(name), "options": options, **_where()}


def _part(part: str) -> Json:
    """The names of the parts of /winwin stay what they are: the bot's own words name them."""
    options = [_typed(f"winwin {part}", TYPED[part])] if part in TYPED else []
    return {"type": _PART, "name": part, **_says(f"winwin {part}"), "options": options}


def _typed(command: str, name: str) -> Json:
    return {
        "type": _WORDS,
        "name": name,
        **_says(f"{command} {name}"),
        "required": False,
        "max_length": LONGEST[name],
    }


def _says(key: str) -> Json:
    spanish = described(say_in("es"))[key]
    return {
        "description": described(say_in("en"))[key],
        "description_localizations": dict.fromkeys(SPANISH, spanish),
    }
