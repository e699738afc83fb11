"""From a sheet of the core to a Slack modal. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack import limits
from adapters.slack.identity import PLATFORM
from adapters.slack.inbound_interactions import callback_of, metadata_of
from adapters.slack.limits import cut
from adapters.slack.markup import escaped
from adapters.slack.outbound import Address, Json, card_blocks, pieces, plain_text, section
from bot.cards import Card
from bot.showing.sheet import Field, Input, Sheet

FEW = 10  # options up to which all are shown at once
INTRO = 6_000  # characters above the fields


def modal(sheet: Sheet, close: str) -> Json:
    blocks: list[Json] = []
    for words in sheet.intro:
        blocks += [section(escaped(piece)) for piece in pieces(words, INTRO)]
    for field in sheet.fields:
        blocks += _inputs(field)
    return {
        "type": "modal",
        "callback_id": callback_of(sheet.form),
        "private_metadata": metadata_of(sheet.subject, dict(sheet.kept))[: limits.METADATA],
        "title": plain_text(sheet.title, limits.TITLE),
        "submit": plain_text(sheet.send, limits.TITLE),
        "close": plain_text(close, limits.TITLE),
        "blocks": blocks[: limits.VIEW_BLOCKS],
    }


def reading(title: str, text: str, facts: str, close: str) -> Json:
    """A whole resource to read."""
    blocks = [section(f"*{escaped(cut(title, 300))}*"), *(section(escaped(piece)) for piece in pieces(text, 60_000))]
    if facts:
        blocks.append({"type": "context", "elements": [section(escaped(facts))["text"]]})
    return {
        "type": "modal",
        "title": plain_text(title, limits.TITLE),
        "close": plain_text(close, limits.TITLE),
        "blocks": blocks[: limits.VIEW_BLOCKS],
    }


def card_window(title: str, card: Card, close: str, address: Address) -> Json:
    """A card to read in a window of its own."""
    return {
        "type": "modal",
        "title": plain_text(title, limits.TITLE),
        "close": plain_text(close, limits.TITLE),
        "blocks": card_blocks(card.blocks, address),
    }


def _inputs(field: Field) -> list[Json]:
    """One input; a text that is too long for one input in several (`text`, `text~2`, …)."""
    if field.input is not Input.LINES or len(field.value) <= limits.INPUT:
        return [_input(field.name, field, field.value)]
    parts = _parts(field.value)
    return [_input(field.name if n == 0 else f"{field.name}~{n + 1}", field, part) for n, part in enumerate(parts)]


def _parts(text: str) -> list[str]:
    parts = []
    while len(text) > limits.INPUT:
        end = text.rfind("\n", 1, limits.INPUT)
        end = end if end > 0 else text.rfind(" ", 1, limits.INPUT)
        end = end if end > 0 else limits.INPUT - 1
        parts.append(text[:end])
        text = text[end:].lstrip(" \n")
    return [*parts, text]


def _input(block_id: str, field: Field, value: str) -> Json:
    made: Json = {
        "type": "input",
        "block_id": block_id,
        "optional": field.optional or "~" in block_id,
        "label": plain_text(field.label, limits.LABEL),
        "element": {"action_id": field.name, **_element(field, value)},
    }
    if field.hint:
        made["hint"] = plain_text(field.hint, limits.LABEL)
    return made


def _element(field: Field, value: str) -> Json:
    match field.input:
        case Input.LINE | Input.LINES | Input.ROLES:  # roles are none of Slack's: nobody is asked for them here
            element: Json = {"type": "plain_text_input", "multiline": field.input is Input.LINES}
            element["max_length"] = min(field.limit or limits.INPUT, limits.INPUT)
            return {**element, **({"initial_value": value[: element["max_length"]]} if value else {})}
        case Input.TIME:
            return {"type": "timepicker", **({"initial_time": value} if value else {})}
        case Input.MEMBER:
            user = value.rsplit(":", 1)[-1] if value.startswith(f"{PLATFORM}:") else ""
            return {"type": "users_select", **({"initial_user": user} if user else {})}
        case Input.ONE_OF:
            return _one_of(field, value)
        case Input.SOME_OF:
            return _some_of(field, value)


def _one_of(field: Field, value: str) -> Json:
    options = _options(field.options)
    chosen = [option for option in options if option["value"] == value]
    kind = "radio_buttons" if len(options) <= FEW else "static_select"
    return {"type": kind, "options": options, **({"initial_option": chosen[0]} if chosen else {})}


def _some_of(field: Field, value: str) -> Json:
    options, wanted = _options(field.options), set(value.split(","))
    chosen = [option for option in options if option["value"] in wanted]
    kind = "checkboxes" if len(options) <= FEW else "multi_static_select"
    return {"type": kind, "options": options, **({"initial_options": chosen} if chosen else {})}


def _options(options: Sequence[tuple[str, str]]) -> list[Json]:
    return [{"text": plain_text(label, limits.OPTION), "value": value} for value, label in options[: limits.OPTIONS]]
