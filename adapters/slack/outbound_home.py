"""From the parts of somebody's own page to Slack's App Home. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack import limits
from adapters.slack.inbound_interactions import BOARD, SHEET
from adapters.slack.outbound import Address, Json, card_blocks, plain_text, rows, value_of
from bot.showing.home import Chooses, Item, Opens, Part, Turns

LAST = limits.VIEW_BLOCKS - 1


def home_view(parts: Sequence[Part], address: Address) -> Json:
    """As many whole items as Slack takes; what is to be shown in full has its room, whatever stands before it."""
    blocks: list[Json] = []
    made = [[item_blocks(item, address) for item in part.items] for part in parts]
    for n, part in enumerate(parts):
        kept = sum(_size(made[m]) for m in range(n + 1, len(parts)) if parts[m].whole)
        fitting = _fitting(made[n], LAST - len(blocks) - kept - 1)
        if fitting:
            heading: Json = {"type": "header", "text": plain_text(part.title, limits.HEADER)}
            blocks += [heading, *fitting]
    return {"type": "home", "blocks": blocks or [{"type": "divider"}]}


def _size(items: Sequence[Sequence[Json]]) -> int:
    return 1 + sum(len(item) for item in items)


def _fitting(items: Sequence[Sequence[Json]], room: int) -> list[Json]:
    fitting: list[Json] = []
    for one in items:
        if len(fitting) + len(one) > room:
            break
        fitting += one
    return fitting


def item_blocks(item: Item, address: Address) -> list[Json]:
    """A card with what there is to choose and to press, and a line under it."""
    made = card_blocks(item.card.blocks, address)
    presses = [_list(item.chooses)] if item.chooses is not None else []
    presses += [button for row in rows(item.card.buttons) for button in row["elements"]]
    presses += [_opener(opens, n) for n, opens in enumerate(item.opens)]
    presses += [_turner(turns, n) for n, turns in enumerate(item.turns)]
    if presses:
        made.append({"type": "actions", "elements": presses[: limits.ACTIONS]})
    return [*made, {"type": "divider"}]


def _list(chooses: Chooses) -> Json:
    options = [
        {"text": plain_text(one.label, limits.OPTION), "value": value_of(BOARD, one.to.subject)[: limits.OPTION_VALUE]}
        for one in chooses.options[: limits.OPTIONS]
    ]
    return {
        "type": "static_select",
        "placeholder": plain_text(chooses.label, limits.PLACEHOLDER),
        "action_id": f"{BOARD}:topic",
        "options": options,
        "initial_option": options[min(chooses.chosen, len(options) - 1)],
    }


def _turner(turns: Turns, n: int) -> Json:
    return {
        "type": "button",
        "text": plain_text(turns.label, limits.BUTTON),
        "action_id": f"{BOARD}:{n}",
        "value": value_of(BOARD, turns.to.subject)[: limits.VALUE],
    }


def _opener(opens: Opens, n: int) -> Json:
    return {
        "type": "button",
        "text": plain_text(opens.label, limits.BUTTON),
        "action_id": f"{SHEET}{opens.form}:{n}",
        "value": value_of(f"{SHEET}{opens.form}", opens.subject)[: limits.VALUE],
    }
