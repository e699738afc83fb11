"""From the parts of somebody's own page to Slack's App Home. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack import limits
from adapters.slack.inbound_interactions import SHEET
from adapters.slack.outbound import Address, Json, card_blocks, plain_text, rows, value_of
from bot.showing.home import Item, Opens, Part

LAST = limits.VIEW_BLOCKS - 1


def home_view(parts: Sequence[Part], address: Address) -> Json:
    """As many whole items as Slack takes."""
    blocks: list[Json] = []
    for part in parts:
        heading: Json = {"type": "header", "text": plain_text(part.title, limits.HEADER)}
        made = [item_blocks(item, address, len(blocks) + n) for n, item in enumerate(part.items)]
        room = LAST - len(blocks) - 1
        fitting: list[Json] = []
        for one in made:
            if len(fitting) + len(one) > room:
                break
            fitting += one
        if fitting:
            blocks += [heading, *fitting]
    return {"type": "home", "blocks": blocks or [{"type": "divider"}]}


def item_blocks(item: Item, address: Address, number: int) -> list[Json]:
    """A card with its buttons and those that open a form, and a line under it."""
    made = card_blocks(item.card.blocks, address)
    buttons = [button for row in rows(item.card.buttons) for button in row["elements"]]
    buttons += [_opener(opens, n) for n, opens in enumerate(item.opens)]
    if buttons:
        made.append({"type": "actions", "block_id": f"item-{number}", "elements": buttons[: limits.ACTIONS]})
    return [*made, {"type": "divider"}]


def _opener(opens: Opens, n: int) -> Json:
    return {
        "type": "button",
        "text": plain_text(opens.label, limits.BUTTON),
        "action_id": f"{SHEET}{opens.form}:{n}",
        "value": value_of(f"{SHEET}{opens.form}", opens.subject)[: limits.VALUE],
    }
