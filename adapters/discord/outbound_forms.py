"""From a sheet of the core to a modal of Discord's. Pure.

A modal takes five fields. A larger sheet is a panel: what stands in it now, and a button for each group of fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from adapters.discord import limits
from adapters.discord.buttons import custom_id, plain_button
from adapters.discord.fields import PAGE, SEND, as_meant, form_id, joined, text_parts, with_kept, with_number
from adapters.discord.identity import PLATFORM, id_of
from adapters.discord.limits import cut, fitting, size
from adapters.discord.markup import escaped, quiet
from adapters.discord.outbound import Json, Rendered, rendered
from bot.cards import Card, Form, Style, Text
from bot.events import FormSubmitted
from bot.showing.sheet import Field, Input, Sheet

MODAL = 9  # the kind of answer to an interaction that opens one
AT_THE_END = frozenset({Form.SAVE_RESOURCE})  # forms whose pages are sent together: each time something new is made
CHOICES = 4 * limits.OPTIONS  # of one field, in lists of 25


@dataclass(frozen=True, slots=True)
class Control:
    """One input: a field, or a part of one."""

    name: str
    field: Field  # with the value and the options of this part


def pages(sheet: Sheet) -> tuple[tuple[Control, ...], ...]:
    """The inputs of a sheet in groups that fit a modal each. The parts of a field stay together where they can."""
    groups: list[list[Control]] = [[]]
    for field in sheet.fields:
        controls = _controls(field)
        if groups[-1] and len(groups[-1]) + len(controls) > limits.INPUTS:
            groups.append([])
        for control in controls:
            if len(groups[-1]) == limits.INPUTS:
                groups.append([])
            groups[-1].append(control)
    return tuple(tuple(group) for group in groups if group)


def modal(sheet: Sheet, page: int | None = None) -> Json:
    """The answer to an interaction that opens a form, or one page of it."""
    groups = pages(sheet)
    shown = groups[min(page or 0, len(groups) - 1)]
    labels = [_label(control, kept) for control, kept in zip_longest(shown, sheet.kept[: len(shown)])]
    intro = "\n".join(sheet.intro).strip() if not page else ""
    if intro and len(labels) < limits.INPUTS:
        labels.insert(0, {"type": 10, "content": _shown_text(intro)})
    elif intro and (free := [label for label in labels if "description" not in label]):
        free[0]["description"] = cut(quiet(" ".join(intro.split())), limits.HINT)
    form = form_id(sheet.form, sheet.subject, page if len(groups) > 1 else None)
    title = cut(" ".join(quiet(sheet.title).split()), limits.TITLE) or "…"
    return {"type": MODAL, "data": {"custom_id": form, "title": title, "components": labels}}


def panel(sheet: Sheet) -> Rendered:
    """What stands in a sheet that is too long for one window, and a button for each group of its fields. A sheet
    without fields, which fits no window, is a question with one button."""
    lines = [f"{field.label}: {_in_words(field)}" for field in sheet.fields]
    words = (Text(sheet.title, strong=True), *map(Text, sheet.intro), Text("\n".join(lines)))
    shown = rendered(Card(words), lambda _: "")
    buttons = []
    for n, group in enumerate(pages(sheet)):
        named = _named(list(dict.fromkeys(control.field.label for control in group)))
        buttons.append(plain_button(named, custom_id(f"{PAGE}{sheet.form}:{n}", sheet.subject)))
    sends = sheet.form in AT_THE_END or not sheet.fields
    most = limits.ROWS - sends
    rows = [buttons[n : n + limits.ROW] for n in range(0, len(buttons), limits.ROW)][:most]
    if sends:
        rows.append([plain_button(sheet.send, custom_id(f"{SEND}{sheet.form}", sheet.subject), Style.PRIMARY)])
    return replace(shown, components=[{"type": 1, "components": row} for row in rows])


def _named(labels: Sequence[str]) -> str:
    """As many of the fields as a button names in full."""
    for many in range(len(labels), 1, -1):
        named = " · ".join((*labels[:many], *(["…"] if many < len(labels) else [])))
        if size(named) <= limits.BUTTON:
            return named
    return labels[0]


def completed(sheet: Sheet, fact: FormSubmitted) -> FormSubmitted:
    """A page that was sent, with what stands in the fields of the others. `sheet` is made of what is true now."""
    typed = {control.name: control.field.value for group in pages(sheet) for control in group} | fact.values
    return replace(fact, values=as_meant(sheet.form, {**dict(sheet.kept), **joined(typed)}))


def filled(sheet: Sheet, values: Mapping[str, str]) -> Sheet:
    """The sheet with what somebody has typed already, so that nothing is lost when it has to be put right."""
    fields = tuple(replace(field, value=values.get(field.name, field.value)) for field in sheet.fields)
    return replace(sheet, fields=fields)


# --- one input ------------------------------------------------------------------------------------------------


def _controls(field: Field) -> list[Control]:
    if field.input is Input.LINES and size(field.value) > limits.INPUT:
        parts = text_parts(field.value)
        return [
            Control(with_number(field.name, "~", n), replace(field, value=part, optional=field.optional or n > 0))
            for n, part in enumerate(parts)
        ]
    if field.input in (Input.ONE_OF, Input.SOME_OF):
        return _choices(field)
    return [Control(field.name, field)]


def _choices(field: Field) -> list[Control]:
    """Lists of 25. Where one thing is chosen already, its list is the only one."""
    options = _takeable(field)
    if len(options) <= limits.OPTIONS:
        return [Control(field.name, replace(field, options=options))]
    if field.input is Input.ONE_OF and field.value:
        chosen = tuple(option for option in options if option[0] == field.value)
        others = tuple(option for option in options if option[0] != field.value)
        return [Control(field.name, replace(field, options=(*chosen, *others)[: limits.OPTIONS]))]
    lists = [options[n : n + limits.OPTIONS] for n in range(0, len(options[:CHOICES]), limits.OPTIONS)]
    wanted = set(field.value.split(","))
    return [
        Control(
            with_number(field.name, "+", n),
            replace(field, options=part, value=",".join(v for v, _ in part if v in wanted), optional=True),
        )
        for n, part in enumerate(lists)
    ]


def _takeable(field: Field) -> tuple[tuple[str, str], ...]:
    """Each value once; one that is too long for Discord can't be chosen here."""
    return tuple((v, label) for v, label in dict(field.options).items() if 0 < size(v) <= limits.OPTION)


def _label(control: Control, kept: tuple[str, str] | None) -> Json:
    field = control.field
    words = " ".join(quiet(field.label).split())
    name = with_kept(control.name, *kept) if kept else control.name
    made: Json = {"type": 18, "label": cut(words, limits.LABEL) or "…"}
    hint = field.hint or (words if size(words) > limits.LABEL else "")
    if hint.strip():
        made["description"] = cut(" ".join(quiet(hint).split()), limits.HINT)
    return {**made, "component": {"custom_id": name, **_component(field)}}


def _component(field: Field) -> Json:
    required = {"required": not field.optional}
    match field.input:
        case Input.MEMBER:
            user = id_of(field.value.rsplit(":", 1)[-1]) if field.value.startswith(f"{PLATFORM}:") else ""
            chosen = {"default_values": [{"id": user, "type": "user"}]} if user else {}
            return {"type": 5, "min_values": int(not field.optional), "max_values": 1, **required, **chosen}
        case Input.ROLES:
            return {**_roles(field), **required}
        case Input.ONE_OF if field.options:
            return {**_one_of(field), **required}
        case Input.SOME_OF if field.options:
            kind = 22 if len(field.options) <= limits.FEW else 3
            most = {"min_values": int(not field.optional), "max_values": len(field.options)}
            return {"type": kind, "options": _options(field, set(field.value.split(","))), **most, **required}
        case _:
            return {**_text_input(field), **required}


def _roles(field: Field) -> Json:
    ids = [id_of(line.partition(" ")[0].rpartition(":")[2]) for line in field.value.splitlines()]
    chosen = [{"id": role, "type": "role"} for role in ids if role][: limits.OPTIONS]
    made: Json = {"type": 6, "min_values": int(not field.optional), "max_values": limits.OPTIONS}
    return made | ({"default_values": chosen} if chosen else {})


def _one_of(field: Field) -> Json:
    options = _options(field, {field.value})
    if 2 <= len(options) <= limits.FEW:
        return {"type": 21, "options": options}
    return {"type": 3, "options": options, "min_values": int(not field.optional), "max_values": 1}


def _text_input(field: Field) -> Json:
    most = 5 if field.input is Input.TIME else min(field.limit or limits.INPUT, limits.INPUT)
    made: Json = {"type": 4, "style": 2 if field.input is Input.LINES else 1, "max_length": most}
    if field.input is Input.TIME:
        made["placeholder"] = "22:00"
    value = field.value[: fitting(field.value, most)]
    return {**made, "value": value} if value else made


def _options(field: Field, chosen: set[str]) -> list[Json]:
    return [
        {
            "label": cut(" ".join(quiet(label).split()), limits.OPTION) or "…",
            "value": value,
            **({"default": True} if value in chosen else {}),
        }
        for value, label in field.options
    ]


def _shown_text(words: str) -> str:
    room = limits.SHOWN_TEXT
    while size(made := escaped(cut(words, room))) > limits.SHOWN_TEXT:
        room = room * 3 // 4
    return made or "…"


def _in_words(field: Field) -> str:
    """What stands in a field, as the reader knows it."""
    if not field.options:
        return cut(field.value, limits.EMBED_TITLE) or "–"
    chosen: Sequence[str] = [label for value, label in field.options if value in field.value.split(",")]
    return ", ".join(chosen) or "–"
