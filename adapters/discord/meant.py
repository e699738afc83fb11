"""Subjects that had no room on a button: what stands for them is looked up among what can be meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adapters.discord.buttons import meant
from adapters.discord.inbound_interactions import with_resource
from adapters.discord.wanted import Interaction, OpenPage
from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted
from bot.ports import Store, Transaction
from bot.surfaces.wanted import OpenSheet, ReadResource

STANDS_IN = "~"
TENDED = frozenset({Form.EDIT_RESOURCE, Form.RETIRE_RESOURCE})  # forms about a resource


async def as_meant(wanted: Interaction, store: Store) -> Interaction | None:
    """The interaction with its whole subject; None when it is about nothing that is there."""
    short = _short(wanted)
    if not short:
        return wanted
    async with store.read() as tx:
        whole = meant(short, await _among(wanted, tx))
    return _with(wanted, whole) if whole else None


def _short(wanted: Interaction) -> str:
    match wanted.opens:
        case ReadResource():
            subject = wanted.opens.resource
        case OpenSheet() as sheet:
            subject = sheet.subject
        case OpenPage(sheet):
            subject = sheet.subject
        case _:
            subject = wanted.facts[0].subject if wanted.facts else ""
    return subject if subject.startswith(STANDS_IN) else ""


async def _among(wanted: Interaction, tx: Transaction) -> Iterable[str]:
    if isinstance(wanted.opens, ReadResource):
        suggested = [one.resource for one in await tx.suggestions.of(wanted.opens.question)]
        return (*suggested, *await tx.resources.versions())
    fact = wanted.facts[0] if wanted.facts else None
    if isinstance(fact, ButtonPressed):
        return await tx.follows.of(fact.by.key) if fact.action == Action.UNFOLLOW else ()
    form = fact.form if fact is not None else _form(wanted)
    return await tx.resources.versions() if form in TENDED else ()


def _form(wanted: Interaction) -> Form | None:
    match wanted.opens:
        case OpenSheet() as sheet:
            return sheet.form
        case OpenPage(sheet):
            return sheet.form
        case _:
            return None


def _with(wanted: Interaction, whole: str) -> Interaction:
    match wanted.opens:
        case ReadResource(question):
            return with_resource(wanted, question, whole)
        case OpenSheet() as sheet:
            return replace(wanted, opens=replace(sheet, subject=whole))
        case OpenPage(sheet):
            return replace(wanted, opens=replace(wanted.opens, sheet=replace(sheet, subject=whole)))
        case _:
            facts: tuple[ButtonPressed | FormSubmitted, ...] = tuple(replace(f, subject=whole) for f in wanted.facts)
            return replace(wanted, facts=facts)
