"""Buttons: rows of them, and the id each one carries, which says what to do also after a restart or an upgrade. Pure.

An id takes 100 characters: `1|action|subject`. A subject that is too long is given by `~` and 16 hexadecimal digits of
its SHA-256; of `question/resource` only the resource is. Whoever is to act on such a subject looks among those that can
be meant (`meant`): the question's suggestions, then the library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from adapters.discord import limits
from adapters.discord.limits import cut, size
from adapters.discord.markup import quiet
from bot.cards import Action, Button, Style

Json = dict[str, Any]

VERSION = "1"
_STYLES = {Style.PRIMARY: 1, Style.PLAIN: 2, Style.DANGER: 4}


def rows(buttons: Sequence[Button], before: Sequence[Button] = ()) -> list[Json]:
    """The buttons, five a row. Those of `before` stand above them, as many as there is room for."""
    taken: set[str] = set()
    below = _in_rows([_button(button) for button in buttons], taken)
    above = _in_rows([_button(button) for button in before], taken)
    return [*above[: limits.ROWS - len(below)], *below]


def _in_rows(made: Sequence[Json], taken: set[str]) -> list[Json]:
    """Discord refuses a message in which two buttons have one id: the second of them would do the same."""
    new: list[Json] = []
    for one in made:
        if one["custom_id"] not in taken:
            taken.add(one["custom_id"])
            new.append(one)
    new = new[: limits.ROWS * limits.ROW]
    return [{"type": 1, "components": new[n : n + limits.ROW]} for n in range(0, len(new), limits.ROW)]


def _button(button: Button) -> Json:
    return plain_button(button.label, custom_id(button.action, button.subject), button.style)


def plain_button(label: str, its_id: str, style: Style = Style.PLAIN) -> Json:
    words = cut(" ".join(quiet(label).split()), limits.BUTTON) or "…"
    return {"type": 2, "style": _STYLES[style], "label": words, "custom_id": its_id}


def custom_id(action: str, subject: str) -> str:
    """`1|action|subject`, the subject shortened where it would not fit."""
    question, slash, resource = subject.rpartition("/")
    tries = [subject, stand_in(subject)]
    if action == Action.OPEN_RESOURCE and slash:
        tries.insert(1, f"{question}/{stand_in(resource)}")
    return next(made for s in tries if size(made := f"{VERSION}|{action}|{s}") <= limits.CUSTOM_ID)


def read_id(its_id: str) -> tuple[str, str] | None:
    """(action, subject) of an id that we made; None for any other. The subject may hold more bars."""
    version, _, rest = its_id.partition("|")
    action, _, subject = rest.partition("|")
    if version != VERSION or not action or size(its_id) > limits.CUSTOM_ID:
        return None
    return action, subject


def stand_in(subject: str) -> str:
    return f"~{hashlib.sha256(subject.encode('utf-8', 'replace')).hexdigest()[:16]}"


def meant(subject: str, among: Iterable[str]) -> str:
    """What a subject stands for: itself, or the one that it was shortened from; empty when it is none of them."""
    if not subject.startswith("~"):
        return subject
    return next((one for one in among if stand_in(one) == subject), "")
