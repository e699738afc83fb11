"""What Discord takes, as simcord knows it, and the limits that simcord does not know."""

from __future__ import annotations

import re
from typing import Any

from simcord.components import validate_message_state, validate_modal, walk_components

from adapters.discord.limits import size

Json = dict[str, Any]

FORBIDDEN = re.compile(r"<(@|#|:|a:|t:|/|id:)|@(here|everyone)\b", re.IGNORECASE)


def calls_nobody(text: str) -> None:
    """No mention, no call to everybody, nothing written backwards."""
    assert not FORBIDDEN.search(text), text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


def message_is_good(content: str, embeds: list[Json], components: list[Json]) -> None:
    validate_message_state(components, flags=0, content=content, embeds=embeds, require_nonempty=True)
    assert size(content) <= 2_000
    assert sum(size(t) for e in embeds for t in embed_texts(e)) <= 6_000
    for embed in embeds:
        assert size(embed.get("title", "")) <= 256
        assert size(embed.get("description", "")) <= 4_096
        assert embed.get("title") or embed.get("description") or embed.get("footer")
    buttons = [c for c in walk_components(components) if c["type"] == 2]
    assert len(buttons) <= 25
    assert all(0 < size(b["label"]) <= 80 for b in buttons)


def modal_is_good(modal: Json) -> None:
    validate_modal(modal)
    for label in (c for c in modal["components"] if c["type"] == 18):
        control = label["component"]
        assert size(label["label"]) <= 45
        assert size(label.get("description", "x")) <= 100
        assert size(control.get("value", "")) <= control.get("max_length", 4_000)
        options = control.get("options", ())
        assert len([o for o in options if o.get("default")]) <= control.get("max_values", 25)


def embed_texts(embed: Json) -> list[str]:
    return [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]


def texts(content: str, embeds: list[Json], components: list[Json]) -> list[str]:
    """Every text that a reader sees."""
    labels = [c["label"] for c in walk_components(components) if "label" in c]
    return [content, *(t for e in embeds for t in embed_texts(e)), *labels]
