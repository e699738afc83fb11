"""A card as JSON and back: so the chat keeps it as one string and shows it the same after a restart."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from bot.cards import Action, Block, Button, Card, Link, Quote, ResourceShown, Style, Text
from bot.events import Place

_KINDS: dict[str, type[Text | Quote | ResourceShown]] = {"text": Text, "quote": Quote, "resource": ResourceShown}


def dump_card(card: Card, picture: str = "") -> str:
    """`picture` is what a picture under the card shows, in words."""
    row: dict[str, Any] = {
        "blocks": [_dump_block(block) for block in card.blocks],
        "buttons": [asdict(button) for button in card.buttons],
        "quiet": card.quiet,
        "question": card.question,
    }
    if picture:
        row["picture"] = picture
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def load_card(text: str) -> Card:
    row = json.loads(text)
    return Card(
        blocks=tuple(_load_block(block) for block in row["blocks"]),
        buttons=tuple(Button(Action(b["action"]), b["subject"], b["label"], Style(b["style"])) for b in row["buttons"]),
        quiet=row["quiet"],
        question=row["question"],
    )


def picture_of(text: str) -> str:
    """What the picture under a card shows; empty when there is none."""
    return str(json.loads(text).get("picture", ""))


def _dump_block(block: Block) -> dict[str, Any]:
    if isinstance(block, Link):
        row = {"kind": "link", "label": block.label, "place": asdict(block.place)}
        return row | ({"address": block.address} if block.address else {})
    kind = next(name for name, cls in _KINDS.items() if isinstance(block, cls))
    return {"kind": kind, **asdict(block)}


def _load_block(row: dict[str, Any]) -> Block:
    kind = row.pop("kind")
    if kind == "link":
        return Link(row["label"], Place(**row["place"]), row.get("address", ""))
    return _KINDS[kind](**row)
