"""What a reader sees of a message, a modal or a home page of Slack's: the words, and what would be sent when a modal is
submitted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def words_of(blocks: list[Json]) -> str:
    """Every word of the blocks, a line a block, without Slack's markup."""
    return "\n".join(line for block in blocks if (line := _line(block)))


def _line(block: Json) -> str:
    if block["type"] == "context":
        return " ".join(read(e["text"]) for e in block["elements"])
    if block["type"] == "section":
        return read(block["text"]["text"])
    if block["type"] == "header":
        return str(block["text"]["text"])
    if block["type"] == "input":
        return str(block["label"]["text"])
    return ""


def read(markup: str) -> str:
    text = re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", markup)
    text = re.sub(r"^> ", "", text, flags=re.MULTILINE).replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&amp;", "&").replace("\u2060", "").strip("*")


def filled(view: Json, given: Mapping[str, str]) -> Json:
    """The state of a modal in which these fields were filled in and everything else stands as it opened."""
    state: Json = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state[block["block_id"]] = {element["action_id"]: _chosen(element, given.get(block["block_id"]))}
    unknown = set(given) - set(state)
    assert not unknown, f"the form has no {unknown}, it has {sorted(state)}"
    return state


def _chosen(element: Json, value: str | None) -> Json:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value") if value is None else value}
    if kind == "timepicker":
        return {"type": kind, "selected_time": element.get("initial_time") if value is None else value}
    if kind == "users_select":
        return {"type": kind, "selected_user": element.get("initial_user") if value is None else value}
    if kind in ("checkboxes", "multi_static_select"):
        if value is None:
            return {"type": kind, "selected_options": element.get("initial_options", [])}
        wanted = set(filter(None, value.split(",")))
        chosen = [o for o in element["options"] if o["value"] in wanted]
        assert len(chosen) == len(wanted), f"of {wanted} only {chosen} can be chosen"
        return {"type": kind, "selected_options": chosen}
    chosen = [o for o in element["options"] if o["value"] == value] if value is not None else []
    assert value is None or chosen, f"{value} can't be chosen"
    return {"type": kind, "selected_option": chosen[0] if chosen else element.get("initial_option")}
