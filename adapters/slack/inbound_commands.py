"""From a message's menu or a slash command to a fact of the core, or to a value that says what to open. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.slack.identity import Workspace, member_of, part, word
from adapters.slack.inbound import channel_key, is_direct, place_of, when
from adapters.slack.markup import plain
from adapters.slack.wanted import Interaction, Whence
from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted, Place
from bot.surfaces.wanted import Explain, OpenSheet, Ordered


def shortcut(body: Mapping[str, Any], whence: Whence) -> Interaction | None:
    message = part(body.get("message"))
    ts, thread = word(message.get("ts")), word(message.get("thread_ts"))
    if when(ts) is None or not whence.channel:
        return None
    place = place_of(whence.channel, ts, thread, whence.workspace)
    match word(body.get("callback_id")):
        case "save_as_resource":
            return Interaction(whence, opens=OpenSheet(Form.SAVE_RESOURCE, place.key, _written(message, whence)))
        case "ask_a_person":
            written = _written(message, whence)
            given = {"text": written.get("text", "")} if written.get("author") == whence.member.key else {}
            return Interaction(whence, opens=OpenSheet(Form.ASK, "", given))
        case "why_this":
            return Interaction(whence, opens=Explain(place))
        case _:
            return None


def _written(message: Mapping[str, Any], whence: Whence) -> dict[str, str]:
    """What a form to save it begins with, for a message that was not heard as an answer."""
    user = word(message.get("user"))
    if not user or message.get("bot_id"):
        return {}
    home = word(message.get("user_team")) or word(message.get("source_team"))
    text = plain(word(message.get("text")), whence.workspace.bot_user)
    place = place_of(whence.channel, word(message.get("ts")), word(message.get("thread_ts")), whence.workspace)
    author = member_of(user, home, whence.workspace).key
    return {"text": text, "author": author, "thread_key": place.thread_key}


def command(body: Mapping[str, Any], whence: Whence) -> Interaction | None:
    words = plain(word(body.get("text")), whence.workspace.bot_user)
    match word(body.get("command")).lstrip("/").lower():
        case "ask":
            return Interaction(whence, opens=OpenSheet(Form.ASK, "", _asked_where(body, words, whence)))
        case "resources":
            return Interaction(whence, opens=Ordered("resources", words))
        case "follow":
            return _follow(words, whence)
        case "volunteer":
            return Interaction(whence, opens=OpenSheet(Form.VOLUNTEER, whence.member.key))
        case "winwin":
            return _winwin(words, whence)
        case _:
            return None


def _asked_where(body: Mapping[str, Any], words: str, whence: Whence) -> dict[str, str]:
    """What the form begins with; a private conversation is no channel to ask in without a name."""
    given = {"text": words}
    if whence.channel and not is_direct(whence.channel, ""):
        given["channel"] = channel_key(whence.channel, whence.workspace)
        given["channel_name"] = word(body.get("channel_name"))
    return given


def _winwin(words: str, whence: Whence) -> Interaction:
    order, _, rest = words.partition(" ")
    match order.lower():
        case "opt-out":
            return Interaction(whence, (_by_command(Action.OPT_OUT, whence),))
        case "opt-in":
            return Interaction(whence, (_by_command(Action.OPT_IN, whence),))
        case "channel":
            subject = channel_key(whence.channel, whence.workspace)
            return Interaction(whence, opens=OpenSheet(Form.CHANNEL, subject))
        case "why":
            return Interaction(whence, opens=Explain(place_in(rest.strip(), whence.workspace)))
        case "link":
            return Interaction(whence, (_form(Form.LINK, {"code": rest.strip()}, whence),))
        case "appoint":
            return Interaction(whence, opens=OpenSheet(Form.APPOINT, ""))
        case "unmask":
            return Interaction(whence, opens=_unmask(place_in(rest.strip(), whence.workspace)))
        case "block":
            return Interaction(whence, opens=OpenSheet(Form.BLOCK, ""))
        case "country":
            if not rest.strip():
                return Interaction(whence, opens=OpenSheet(Form.COUNTRY, ""))
            return Interaction(whence, (_form(Form.COUNTRY, {"country": rest.strip()}, whence),))
        case "unlink":
            return Interaction(whence, (_form(Form.UNLINK, {}, whence),))
        case "my-data" | "forget-me" | "web" as known:
            return Interaction(whence, opens=Ordered(known))
        case _:
            return Interaction(whence, opens=Ordered("help"))


def _unmask(place: Place | None) -> OpenSheet:
    return OpenSheet(Form.UNMASK, "", {"thread_key": place.thread_key} if place else {})


def _follow(topic: str, whence: Whence) -> Interaction:
    if not topic:
        return Interaction(whence, opens=OpenSheet(Form.FOLLOW, ""))
    return Interaction(whence, (_form(Form.FOLLOW, {"topic": topic.lower(), "on": "yes"}, whence),))


def _form(form: Form, values: dict[str, str], whence: Whence) -> FormSubmitted:
    """A command that says everything a form would ask."""
    submission = whence.trigger or whence.at.isoformat()
    return FormSubmitted(submission, form, whence.member.key, values, whence.member, whence.at)


def _by_command(action: Action, whence: Whence) -> ButtonPressed:
    return ButtonPressed(whence.trigger or whence.at.isoformat(), action, whence.member.key, whence.member, whence.at)


def place_in(link: str, workspace: Workspace) -> Place | None:
    """The place that a link to a message names: `https://x.slack.com/archives/C1/p1700000000000100?thread_ts=…`."""
    found = re.search(r"/archives/([A-Z0-9]+)/p(\d{10})(\d{6})", link)
    if found is None:
        return None
    thread = re.search(r"[?&;]thread_ts=(\d{10}\.\d{6})", link)
    channel, seconds, micro = found.groups()
    return place_of(channel, f"{seconds}.{micro}", thread.group(1) if thread else "", workspace)
