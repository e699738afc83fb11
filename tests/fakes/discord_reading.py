"""What a reader sees of a message or a form of Discord's: the words, and what is sent when a form is submitted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

PEOPLE, ONE_OF = 5, 21  # Discord's numbers: a choice of people, and of one thing


def words_of(message: Mapping[str, Any]) -> str:
    """Every word of a message, without Discord's markup."""
    lines = [message.get("content") or ""]
    for embed in message.get("embeds") or ():
        lines += [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]
    return "\n".join(read(line) for line in lines if line)


def read(markup: str) -> str:
    text = re.sub(r"\[([^\[\]]*)\]\(<[^<>]*>\)", r"\1", markup).replace("\u2060", "")
    text = re.sub(r"^> ", "", text, flags=re.MULTILINE).replace("**", "")
    return re.sub(r"\\([^\w\s])", r"\1", text)


def filled(modal: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """By custom id what is typed or chosen, where `given` says it by the name of the field."""
    values: dict[str, Any] = {}
    left = dict(given)
    for row in modal["components"]:
        part = row.get("component")
        if part is None:
            continue
        name = part["custom_id"].partition("?")[0]
        if name in left:
            values[part["custom_id"]] = _chosen(part, left.pop(name))
    assert not left, f"the form has no {sorted(left)}"
    return values


def _chosen(part: Json, value: str) -> Any:
    if part["type"] == 4:
        return value
    wanted = [one for one in value.split(",") if one]
    options = {option["value"] for option in part.get("options") or ()}
    assert part["type"] == 5 or set(wanted) <= options, f"{wanted} can't be chosen of {options}"
    return wanted


def entered(modal: Mapping[str, Any], values: Mapping[str, str], people: Mapping[str, Any]) -> Json:
    """What is sent of a form by custom id: what stands in it when it opens, unless something else is typed. People are
    chosen by their ids."""
    parts = {row["component"]["custom_id"]: row["component"] for row in modal["components"] if "component" in row}
    sent = {name: found for name, part in parts.items() if (found := _standing(part))} | filled(modal, values)
    for name, value in sent.items():
        if parts[name]["type"] == PEOPLE:
            sent[name] = [people[one] for one in value]
        elif parts[name]["type"] == ONE_OF:
            (sent[name],) = value
    return sent


def _standing(part: Json) -> Any:
    if part["type"] == PEOPLE:
        return [person["id"] for person in part.get("default_values") or ()]
    return part.get("value") or [o["value"] for o in part.get("options") or () if o.get("default")]
