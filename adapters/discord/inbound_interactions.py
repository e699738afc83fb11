"""From a press or a form to a fact of the core, or to a value that says what to open. Pure.

Whatever a button or a form carries is read as if somebody had forged it: an action that is unknown is nothing at all,
and the core checks again who may do what.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from adapters.discord.buttons import read_id
from adapters.discord.fields import BOARD, HOME, PAGE, SEND, SHEET, as_meant, joined, kept_in
from adapters.discord.identity import id_of, member_of, part, parts, word
from adapters.discord.inbound_commands import command, menu
from adapters.discord.roles import UNTRUSTED, chosen, roles_in
from adapters.discord.town import Site, Town, site_of
from adapters.discord.wanted import Interaction, LookAtBoard, OpenHome, OpenPage, SendSheet, Whence
from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted
from bot.showing.board import read_looking
from bot.surfaces.wanted import OpenSheet, ReadResource
from knowledge.text import clean

K = TypeVar("K", Action, Form)

ROLES = 6  # the kind of input in which roles are chosen
EPHEMERAL = 64  # the flag of a message that one person sees
OPENS = {  # buttons that open a form of the same subject
    Action.ANSWER: Form.ANSWER,
    Action.SAVE: Form.SAVE_RESOURCE,
    Action.WRITE_BACK: Form.WRITE_BACK,
    Action.HAND_OVER: Form.HAND_OVER,
    Action.MERGE: Form.MERGE_DRAFT,
    Action.REWORD: Form.ADD_PHRASE,
}


def interaction(payload: object, now: datetime, town: Town) -> Interaction | None:
    """What an INTERACTION_CREATE asks for; None when it asks for nothing we know."""
    body = part(payload)
    data, kind = part(body.get("data")), body.get("type")
    whence = _whence(body, now, town)
    if whence is None:
        return None
    if kind == 3:
        return _pressed(data, whence)
    if kind == 5:
        return _submitted(data, whence)
    if kind == 2:
        return menu(data, whence, town) if data.get("type") == 3 else command(data, whence, town)
    return None


def _whence(body: Mapping[str, Any], now: datetime, town: Town) -> Whence | None:
    """In private we know somebody through a server where we both are."""
    guild, member = id_of(body.get("guild_id")), part(body.get("member"))
    user = id_of(part(member.get("user") if guild else body.get("user")).get("id"))
    space = guild or (town.home(user) if user else "")
    own, token = id_of(body.get("id")), word(body.get("token"))
    if not space or not user or not own or not token:
        return None
    site = _site(body, guild, town)
    channel = site.channel if site is not None else id_of(body.get("channel_id"))
    message = part(body.get("message"))
    flags, permissions = message.get("flags"), id_of(member.get("permissions"))
    return Whence(
        member_of(user, space),
        guild,
        now,
        own,
        token,
        channel,
        site.id if site is not None and site.is_thread else "",
        id_of(message.get("id")),
        _name(site, town),
        alone=isinstance(flags, int) and bool(flags & EPHEMERAL),
        locale=word(body.get("locale")),
        roles=roles_in(member, guild),
        permissions=int(permissions) if permissions else None,
    )


def _site(body: Mapping[str, Any], guild: str, town: Town) -> Site | None:
    """What we know of the channel, or else what Discord says with the press."""
    return town.site(id_of(body.get("channel_id"))) or site_of(part(body.get("channel")), guild, town)


def _name(site: Site | None, town: Town) -> str:
    above = town.site(site.parent) if site is not None and site.parent else site
    return above.name if above is not None else ""


# --- buttons --------------------------------------------------------------------------------------------------


def _pressed(data: Mapping[str, Any], whence: Whence) -> Interaction | None:
    read = read_id(word(data.get("custom_id")))
    if read is None:
        return None
    action, subject = read[0], clean(read[1])
    if action.startswith(SHEET):
        form = _known(Form, action.removeprefix(SHEET))
        return Interaction(whence, opens=OpenSheet(form, subject)) if form else None
    if action.startswith(PAGE):
        form, page = _form_and_page(action.removeprefix(PAGE))
        if form is None or page is None:
            return None
        return Interaction(whence, opens=OpenPage(OpenSheet(form, subject), page))
    if action.startswith(SEND):
        form = _known(Form, action.removeprefix(SEND))
        return Interaction(whence, opens=SendSheet(OpenSheet(form, subject))) if form else None
    if action == HOME:
        page = int(subject) if re.fullmatch(r"[0-9]{1,2}", subject) else 0
        return Interaction(whence, opens=OpenHome(page))
    if action == BOARD:
        listed = _list(data.get("values"))
        return Interaction(whence, opens=LookAtBoard(read_looking(clean(word(listed[0])) if listed else subject)))
    known = _known(Action, action)
    if known is None or not subject:
        return None
    if known in OPENS:
        return Interaction(whence, opens=OpenSheet(OPENS[known], subject))
    fact = ButtonPressed(f"{whence.message}:{whence.interaction}", known, subject, whence.member, whence.at)
    if known is Action.OPEN_RESOURCE:
        question, _, resource = subject.rpartition("/")
        return Interaction(whence, (fact,), ReadResource(question, resource))
    return Interaction(whence, (fact,))


def with_resource(wanted: Interaction, question: str, resource: str) -> Interaction:
    """The same press with the resource that was meant, where the button had room only for what stands for it
    (see buttons.meant)."""
    facts = tuple(replace(fact, subject=f"{question}/{resource}") for fact in wanted.facts)
    return replace(wanted, facts=facts, opens=ReadResource(question, resource))


def _known(kind: type[K], value: str) -> K | None:
    return kind(value) if value in set(kind) else None


def _form_and_page(words: str) -> tuple[Form | None, int | None]:
    """`volunteer` or `volunteer:1`."""
    name, colon, number = words.partition(":")
    if not colon:
        return _known(Form, name), None
    good = number.isascii() and number.isdigit() and len(number) < 3
    return (_known(Form, name), int(number)) if good else (None, None)


# --- forms ----------------------------------------------------------------------------------------------------


def _submitted(data: Mapping[str, Any], whence: Whence) -> Interaction | None:
    read = read_id(word(data.get("custom_id")))
    if read is None:
        return None
    form, page = _form_and_page(read[0])
    if form is None:
        return None
    kept, values = typed(data.get("components"), whence, part(data.get("resolved")))
    values = {**kept, **(values if page is not None else as_meant(form, joined(values)))}
    fact = FormSubmitted(whence.interaction, form, clean(read[1]), values, whence.member, whence.at)
    return Interaction(whence, (fact,), page=page)


def typed(
    components: object, whence: Whence, resolved: Mapping[str, Any] = MappingProxyType({})
) -> tuple[dict[str, str], dict[str, str]]:
    """(what stood behind the names, what was typed or chosen by the name of each input). `resolved`: what Discord says
    of the roles that were chosen."""
    kept: dict[str, str] = {}
    values: dict[str, str] = {}
    for row in parts(components):
        for component in [part(row.get("component")), *parts(row.get("components"))]:
            name, unseen = kept_in(word(component.get("custom_id")))
            if name:
                kept |= {key: clean(value) for key, value in unseen.items()}
                if component.get("type") == ROLES:
                    ids = [id_of(one) for one in _list(component.get("values"))]
                    values[name], refused = chosen(filter(None, ids), resolved, whence.member.space)
                    if refused:
                        values[UNTRUSTED] = "\n".join(filter(None, (values.get(UNTRUSTED), refused)))
                else:
                    values[name] = _typed(component, whence)
    return kept, values


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _typed(component: Mapping[str, Any], whence: Whence) -> str:
    """A person is given by their member key."""
    many = component.get("values")
    if component.get("type") == 5:
        user = id_of(many[0]) if isinstance(many, list) and many else ""
        return member_of(user, whence.member.space).key if user else ""
    if isinstance(many, list):
        return ",".join(clean(one) for one in many if isinstance(one, str))
    return clean(word(component.get("value")).replace("\r\n", "\n"))
