"""From a press or a form to a fact of the core, or to a value that says what to open. Pure.

Whatever a button or a form carries is read as if somebody had forged it: an action that is unknown is nothing at all,
and the core checks again who may do what.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from adapters.slack.identity import Workspace, id_in, member_of, part, word, workspace_of
from adapters.slack.inbound import when
from adapters.slack.inbound_commands import command, shortcut
from adapters.slack.outbound import VERSION
from adapters.slack.wanted import Interaction, LookAtBoard, Whence
from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted
from bot.showing.board import read_looking
from bot.showing.volunteer_sheets import volunteer_values
from bot.surfaces.wanted import OpenSheet, ReadResource
from knowledge.text import clean

K = TypeVar("K", Action, Form)

MAX_SUBJECT = 500
OPENS = {  # buttons that open a form of the same subject
    Action.ANSWER: Form.ANSWER,
    Action.SAVE: Form.SAVE_RESOURCE,
    Action.WRITE_BACK: Form.WRITE_BACK,
    Action.HAND_OVER: Form.HAND_OVER,
    Action.MERGE: Form.MERGE_DRAFT,
    Action.REWORD: Form.ADD_PHRASE,
}
SHEET = "sheet:"  # a button of the home page: `1|sheet:<form>|<subject>`
BOARD = "board"  # what shows another part of the open board on it: `1|board|<page> <topic>`


def interaction(payload: object, now: datetime, bot_user: str = "") -> Interaction | None:
    """What an interactive payload or a slash command asks for; None when it asks for nothing we know."""
    body = part(payload)
    whence = _whence(body, now, bot_user)
    if whence is None:
        return None
    match body.get("type"):
        case "block_actions":
            return _pressed(body, whence)
        case "view_submission":
            return _submitted(part(body.get("view")), whence)
        case "message_action":
            return shortcut(body, whence)
        case _:
            return command(body, whence) if word(body.get("command")) else None


def _whence(body: Mapping[str, Any], now: datetime, bot_user: str) -> Whence | None:
    workspace = workspace_of(body, bot_user)
    user = part(body.get("user"))
    person = word(user.get("id")) or word(body.get("user_id"))
    if workspace is None or not person:
        return None
    container = part(body.get("container"))
    return Whence(
        member_of(person, word(user.get("team_id")), workspace),
        workspace,
        now,
        word(body.get("trigger_id")),
        word(body.get("response_url")),
        id_in(body.get("channel")) or word(container.get("channel_id")) or word(body.get("channel_id")),
        word(container.get("message_ts")) or word(part(body.get("message")).get("ts")),
        container.get("is_ephemeral") is True,
    )


# --- buttons --------------------------------------------------------------------------------------------------


def _pressed(body: Mapping[str, Any], whence: Whence) -> Interaction | None:
    actions = body.get("actions")
    pressed = part(actions[0]) if isinstance(actions, list) and actions else {}
    chosen = part(pressed.get("selected_option"))
    read = _value(word(pressed.get("value")) or word(chosen.get("value")))
    if read is None:
        return None
    action, subject = read
    if action.startswith(SHEET):
        form = _known(Form, action.removeprefix(SHEET))
        return Interaction(whence, opens=OpenSheet(form, subject)) if form else None
    if action == BOARD:
        return Interaction(whence, opens=LookAtBoard(read_looking(subject)))
    known = _known(Action, action)
    if known is None or not subject:
        return None
    if known in OPENS:
        return Interaction(whence, opens=OpenSheet(OPENS[known], subject))
    at = when(pressed.get("action_ts")) or whence.at
    place = whence.message or word(part(body.get("view")).get("id"))
    fact = ButtonPressed(
        f"{place}:{word(pressed.get('action_ts')) or whence.trigger or at.isoformat()}",
        known,
        subject,
        whence.member,
        at,
    )
    if known is Action.OPEN_RESOURCE:
        question, _, resource = subject.rpartition("/")
        return Interaction(whence, (fact,), ReadResource(question, resource))
    return Interaction(whence, (fact,))


def _value(value: str) -> tuple[str, str] | None:
    """`1|action|subject`: the subject may hold more bars."""
    version, _, rest = value.partition("|")
    action, _, subject = rest.partition("|")
    if version != VERSION or not action or len(subject) > MAX_SUBJECT:
        return None
    return action, clean(subject)


def _known(kind: type[K], value: str) -> K | None:
    return kind(value) if value in set(kind) else None


# --- forms ----------------------------------------------------------------------------------------------------


def callback_of(form: Form) -> str:
    return f"{VERSION}|{form}"


def metadata_of(subject: str, kept: Mapping[str, str]) -> str:
    """What a modal carries unseen: what it is about, and values that nobody types."""
    return json.dumps({"subject": subject, "kept": dict(kept)}, ensure_ascii=False, separators=(",", ":"))


def _submitted(view: Mapping[str, Any], whence: Whence) -> Interaction | None:
    version, _, name = word(view.get("callback_id")).partition("|")
    form = _known(Form, name)
    unseen = _unseen(word(view.get("private_metadata")))
    if version != VERSION or form is None or unseen is None or not word(view.get("id")):
        return None
    subject, kept = unseen
    values = {**kept, **typed(part(part(view.get("state")).get("values")), whence.workspace)}
    if form is Form.VOLUNTEER:
        values = volunteer_values(values)
    return Interaction(whence, (FormSubmitted(word(view.get("id")), form, subject, values, whence.member, whence.at),))


def _unseen(metadata: str) -> tuple[str, dict[str, str]] | None:
    try:
        row = json.loads(metadata)
    except ValueError:
        return None
    subject, kept = part(row).get("subject"), part(part(row).get("kept"))
    if not isinstance(subject, str) or len(subject) > MAX_SUBJECT:
        return None
    return clean(subject), {k: v for k, v in kept.items() if isinstance(v, str)}


def typed(state: Mapping[str, Any], workspace: Workspace) -> dict[str, str]:
    """The values of a modal by field. A long text comes in parts (`text`, `text~2`, …), which are put together; a
    person is given by their member key."""
    found: dict[str, list[str]] = {}
    for block in sorted(state, key=_part_number):
        for element in part(state[block]).values():
            found.setdefault(block.partition("~")[0], []).append(_typed(part(element), workspace))
    return {name: "\n".join(filter(None, parts)) for name, parts in found.items()}


def _part_number(block: str) -> int:
    number = block.partition("~")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1


def _typed(element: Mapping[str, Any], workspace: Workspace) -> str:
    if user := word(element.get("selected_user")):
        return member_of(user, "", workspace).key
    many = element.get("selected_options")
    if isinstance(many, list):
        return ",".join(filter(None, (word(part(option).get("value")) for option in many)))
    for name in ("value", "selected_time"):
        if isinstance(element.get(name), str):
            return clean(element[name].replace("\r\n", "\n"))
    return word(part(element.get("selected_option")).get("value"))
