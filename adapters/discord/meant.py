"""Subjects that had no room on a button: what stands for them is looked up among what can be meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adapters.discord.buttons import meant
from adapters.discord.inbound_interactions import with_resource
from adapters.discord.wanted import Interaction, OpenPage, SendSheet
from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted
from bot.ports import Store, Transaction
from bot.surfaces.wanted import OpenSheet, ReadResource

STANDS_IN = "~"
TENDED = frozenset({Form.EDIT_RESOURCE, Form.RETIRE_RESOURCE})  # forms about a resource


async def as_meant(wanted: Interaction, store: Store) -> Interaction | None:
    """The interaction with its whole subject; None when it is about nothing that is there."""
    short = _subject(wanted)
    if not short.startswith(STANDS_IN):
        return wanted
    async with store.read() as tx:
        whole = meant(short, await _among(wanted, tx))
    return _with(wanted, whole) if whole else None


def _subject(wanted: Interaction) -> str:
    match wanted.opens:
        case ReadResource():
            return wanted.opens.resource
        case OpenSheet(_, subject) | OpenPage(OpenSheet(_, subject)) | SendSheet(OpenSheet(_, subject)):
            return subject
        case _:
            return wanted.facts[0].subject if wanted.facts else ""


async def _among(wanted: Interaction, tx: Transaction) -> Iterable[str]:
    fact = wanted.facts[0] if wanted.facts else None
    match wanted.opens:
        case ReadResource(question):
            return (*[one.resource for one in await tx.suggestions.of(question)], *await tx.resources.versions())
        case OpenSheet(form) | OpenPage(OpenSheet(form)) | SendSheet(OpenSheet(form)):
            return await tx.resources.versions() if form in TENDED else ()
        case _ if isinstance(fact, FormSubmitted):
            return await tx.resources.versions() if fact.form in TENDED else ()
        case _ if fact is not None and fact.action == Action.UNFOLLOW:
            return await tx.follows.of(fact.by.key)
        case _:
            return ()


def _with(wanted: Interaction, whole: str) -> Interaction:
    match wanted.opens:
        case ReadResource(question):
            return with_resource(wanted, question, whole)
        case OpenSheet() as sheet:
            return replace(wanted, opens=replace(sheet, subject=whole))
        case OpenPage(sheet) | SendSheet(sheet):
            return replace(wanted, opens=replace(wanted.opens, sheet=replace(sheet, subject=whole)))
        case _:
            facts: tuple[ButtonPressed | FormSubmitted, ...] = tuple(replace(f, subject=whole) for f in wanted.facts)
            return replace(wanted, facts=facts)
