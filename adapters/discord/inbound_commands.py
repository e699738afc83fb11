"""From a slash command or a message's menu to a fact of the core, or to a value that says what to open. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.discord.commands import ASK, SAVE, WHY
from adapters.discord.identity import channel_key, id_of, member_of, part, parts, place_of, word
from adapters.discord.inbound import refers_to, words_of
from adapters.discord.roles import space_of
from adapters.discord.town import Town
from adapters.discord.wanted import Interaction, Whence
from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted, Place
from bot.surfaces.wanted import Explain, OpenSheet, Ordered
from knowledge.text import clean

_LINK = re.compile(r"discord(?:app)?\.com/channels/(@me|\d{1,20})/(\d{1,20})/(\d{1,20})")


def menu(data: Mapping[str, Any], whence: Whence, town: Town) -> Interaction | None:
    """A message is taken as Discord hands it over with the press, and under the id that was pressed."""
    target = id_of(data.get("target_id"))
    message = part(part(part(data.get("resolved")).get("messages")).get(target))
    if not target or not whence.channel:
        return None
    place = _place({**message, "id": target}, whence)
    match word(data.get("name")):
        case name if name == SAVE:
            return Interaction(whence, opens=OpenSheet(Form.SAVE_RESOURCE, place.key, _written(message, place, town)))
        case name if name == ASK:
            written = _written(message, place, town)
            given = {"text": written["text"]} if written.get("author") == whence.member.key else {}
            return Interaction(whence, opens=OpenSheet(Form.ASK, "", given))
        case name if name == WHY:
            return Interaction(whence, opens=Explain(place))
        case _:
            return None


def _place(message: Mapping[str, Any], whence: Whence) -> Place:
    """In a thread under the thread's message; elsewhere under the message that it answers, if any."""
    under = whence.thread or next(reversed(refers_to(message)), "")
    return place_of(whence.member.space, whence.channel, id_of(message.get("id")), under)


def _written(message: Mapping[str, Any], place: Place, town: Town) -> dict[str, str]:
    """What a form to save it begins with, for a message that was not heard as an answer."""
    author = part(message.get("author"))
    user = id_of(author.get("id"))
    if not user or author.get("bot") or message.get("webhook_id"):
        return {}
    return {
        "text": words_of(message, town),
        "author": member_of(user, place.space).key,
        "thread_key": place.thread_key,
    }


def command(data: Mapping[str, Any], whence: Whence, town: Town) -> Interaction | None:
    match word(data.get("name")):
        case "ask":
            return Interaction(whence, opens=OpenSheet(Form.ASK, "", _asked_where(data, whence)))
        case "resources":
            return Interaction(whence, opens=Ordered("resources", _typed(data, "about")))
        case "follow":
            return _follow(_typed(data, "topic"), whence)
        case "volunteer":
            return Interaction(whence, opens=OpenSheet(Form.VOLUNTEER, whence.member.key))
        case "winwin":
            return _winwin(next(iter(parts(data.get("options"))), {}), whence, town)
        case _:
            return None


def _typed(options: Mapping[str, Any], name: str) -> str:
    """What was typed into an option of a command, or of a part of one."""
    for option in parts(options.get("options")):
        if word(option.get("name")) == name:
            return clean(word(option.get("value")))
    return ""


def _asked_where(data: Mapping[str, Any], whence: Whence) -> dict[str, str]:
    """What the form begins with; a private conversation is no channel to ask in without a name."""
    given = {"text": _typed(data, "question")}
    if whence.guild and whence.channel:
        given["channel"] = channel_key(whence.guild, whence.channel)
        given["channel_name"] = whence.channel_name
    return given


def _winwin(order: Mapping[str, Any], whence: Whence, town: Town) -> Interaction:
    match word(order.get("name")):
        case "opt-out":
            return Interaction(whence, (_by_command(Action.OPT_OUT, whence),))
        case "opt-in":
            return Interaction(whence, (_by_command(Action.OPT_IN, whence),))
        case "channel" if whence.guild and whence.channel:
            return Interaction(whence, opens=OpenSheet(Form.CHANNEL, channel_key(whence.guild, whence.channel)))
        case "roles" if whence.guild:  # in private Discord has no roles to choose from
            return Interaction(whence, opens=OpenSheet(Form.ROLES, space_of(whence.guild)))
        case "why":
            return Interaction(whence, opens=Explain(place_in(_typed(order, "link"), whence, town)))
        case "link":
            return Interaction(whence, (_form(Form.LINK, {"code": _typed(order, "code")}, whence),))
        case "appoint":
            return Interaction(whence, opens=OpenSheet(Form.APPOINT, ""))
        case "unmask":
            return Interaction(whence, opens=_unmask(place_in(_typed(order, "link"), whence, town)))
        case "block":
            return Interaction(whence, opens=OpenSheet(Form.BLOCK, ""))
        case "country":
            typed = _typed(order, "name")
            if not typed:
                return Interaction(whence, opens=OpenSheet(Form.COUNTRY, ""))
            return Interaction(whence, (_form(Form.COUNTRY, {"country": typed}, whence),))
        case "unlink":
            return Interaction(whence, (_form(Form.UNLINK, {}, whence),))
        case "my-data" | "forget-me" | "home" | "web" as known:
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
    return FormSubmitted(whence.interaction, form, whence.member.key, values, whence.member, whence.at)


def _by_command(action: Action, whence: Whence) -> ButtonPressed:
    return ButtonPressed(whence.interaction, action, whence.member.key, whence.member, whence.at)


def place_in(link: str, whence: Whence, town: Town) -> Place | None:
    """The place that a link to a message names: `https://discord.com/channels/<server>/<channel or thread>/<message>`.
    A link to another server leads nowhere."""
    found = _LINK.search(link)
    if found is None or found.group(1) not in ("@me", whence.member.space):
        return None
    _, channel, message = found.groups()
    site = town.site(channel)
    if site is not None and site.is_thread:
        return place_of(whence.member.space, site.channel, message, site.id)
    return place_of(whence.member.space, channel, message)
