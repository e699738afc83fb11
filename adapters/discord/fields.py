"""The names that the fields of a form bear on Discord, and what was typed into them, read again. Pure.

A field that Discord can't show in one piece is shown in several: a long text as `text`, `text~2`, …, more choices than
a list takes as `topics`, `topics+2`, …. A form's own id has no room for the values that nobody types (`Sheet.kept`):
each stands behind the name of a field, `title?author=discord:1:2`. One that does not fit is left out, and the core says
then what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adapters.discord import limits
from adapters.discord.buttons import custom_id
from adapters.discord.limits import fitting, size
from bot.cards import Form
from bot.showing.volunteer_sheets import volunteer_values

SHEET = "sheet:"  # a button that opens a form: `1|sheet:<form>|<subject>`
PAGE = "page:"  # a button that opens some of its fields: `1|page:<form>:<number>|<subject>`
SEND = "send:"  # a button that sends what was typed into all of them: `1|send:<form>|<subject>`
HOME = "home"  # a button that turns to a page of somebody's own page: `1|home|<number>`
BOARD = "board"  # what shows another part of the open board on it: `1|board|<page> <topic>`
_NAME = re.compile(r"([a-z_]{1,40})(?:([~+])(\d{1,3}))?(?:\?([a-z_]{1,20})=(.{0,100}))?", re.DOTALL)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2})?)?\s*h?", re.IGNORECASE)


def form_id(form: Form, subject: str, page: int | None = None) -> str:
    """`1|<form>|<subject>` for a form as a whole, `1|<form>:<page>|<subject>` for some of its fields."""
    return custom_id(form if page is None else f"{form}:{page}", subject)


def with_number(name: str, mark: str, n: int) -> str:
    """The name of the n-th part of a field, from 0; the first bears the field's own."""
    return name if n == 0 else f"{name}{mark}{n + 1}"


def with_kept(name: str, key: str, value: str) -> str:
    """The name with a value behind it that nobody types; without it where it does not fit."""
    made = f"{name}?{key}={value}"
    return made if size(made) <= limits.CUSTOM_ID else name


def kept_in(name: str) -> tuple[str, dict[str, str]]:
    """(the name alone, what stands behind it); nothing of a name that is none of ours."""
    found = _NAME.fullmatch(name)
    if found is None:
        return "", {}
    alone = name.partition("?")[0]
    return alone, {found.group(4): found.group(5)} if found.group(4) else {}


def text_parts(text: str) -> list[str]:
    """A text in parts that fit one input each, cut at a line or a word where there is one."""
    parts = []
    while size(text) > limits.INPUT:
        most = fitting(text, limits.INPUT)
        end = text.rfind("\n", 1, most)
        end = end if end > 0 else text.rfind(" ", 1, most)
        end = end if end > 0 else most
        parts.append(text[:end])
        text = text[end:].lstrip(" \n")
    return [*parts, text]


def joined(typed: Mapping[str, str]) -> dict[str, str]:
    """The values by field: what came in parts is put together."""
    found: dict[str, dict[int, str]] = {}
    marks: dict[str, str] = {}
    for name, value in typed.items():
        read = _NAME.fullmatch(name)
        if read is None:
            continue
        field, mark, number = read.group(1), read.group(2) or "", int(read.group(3) or 1)
        found.setdefault(field, {})[number] = value
        marks[field] = mark or marks.get(field, "")
    return {
        field: ("," if marks[field] == "+" else "\n").join(filter(None, (parts[n] for n in sorted(parts))))
        for field, parts in found.items()
    }


def as_meant(form: Form, values: Mapping[str, str]) -> dict[str, str]:
    """The values as bot.forms reads them."""
    if form is not Form.VOLUNTEER:
        return dict(values)
    return volunteer_values({k: clock(v) if k in ("quiet_from", "quiet_to") else v for k, v in values.items()})


def clock(typed: str) -> str:
    """A time of day as it is read: `7`, `7h`, `7.30` and `07:30` are the same as `07:00` and `07:30`."""
    found = _CLOCK.fullmatch(typed.strip())
    if found is None:
        return typed.strip()
    return f"{int(found.group(1)):02d}:{found.group(2) or '00'}"
