"""What Slack takes: every block and view goes through slack_sdk's models, and through the limits they don't know."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

Json = dict[str, Any]

FORBIDDEN = re.compile(r"<!|<@|<#|<(?!https?://[^<>|]+(\|[^<>|]*)?>)|@(here|channel|everyone)\b", re.IGNORECASE)


def message_is_good(text: str, blocks: list[Json]) -> None:
    assert 0 < len(text) <= 40_000
    assert 0 < len(blocks) <= 50
    assert sum(len(t) for t in texts(blocks)) <= 13_000, "Slack refuses a message with more"
    blocks_are_good(blocks)


def view_is_good(view: Json) -> None:
    View(**view).validate_json()
    assert len(view["blocks"]) <= 100
    assert len(view.get("private_metadata", "")) <= 3_000
    for name in ("title", "submit", "close"):
        assert len(view.get(name, {"text": "x"})["text"]) <= 24
    blocks_are_good(view["blocks"])
    ids = Counter(b["block_id"] for b in view["blocks"] if "block_id" in b)
    assert not [i for i, n in ids.items() if n > 1]


def blocks_are_good(blocks: list[Json]) -> None:
    for block in blocks:
        parsed = Block.parse(block)
        assert parsed is not None, block
        parsed.validate_json()
        elements = [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else ())]
        actions = Counter(e["action_id"] for e in elements if "action_id" in e)
        assert all(n == 1 for n in actions.values()), actions
        assert all(len(a) <= 255 for a in actions)
        assert len(elements) <= 25
        for element in elements:
            assert len(element.get("value", "")) <= 2_000
            assert len(element.get("url", "")) <= 3_000
            if element["type"] == "button":
                assert 0 < len(element["text"]["text"]) <= 75
        if block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3_000
        if block["type"] == "header":
            assert 0 < len(block["text"]["text"]) <= 150
        if block["type"] == "input":
            assert len(block["label"]["text"]) <= 2_000
            assert len(block["element"].get("initial_value", "")) <= 3_000
            options = block["element"].get("options", ())
            assert len(options) <= 100
            assert all(0 < len(o["text"]["text"]) <= 75 and 0 < len(o["value"]) <= 150 for o in options)


def texts(value: Any) -> list[str]:
    """Every text that a reader sees, with Slack's markup."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [t for v in value.values() for t in texts(v) if not isinstance(v, str)]
    if isinstance(value, list):
        return [t for v in value for t in texts(v)]
    return []


def calls_nobody(text: str) -> None:
    """No mention, no link that is not ours, no call to everybody, nothing written backwards."""
    assert not FORBIDDEN.search(text), text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
