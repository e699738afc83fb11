"""From a card of the core to what a page shows. Pure; the templates put it into HTML and escape every word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never
from urllib.parse import quote, urlsplit

from adapters.web.calling import Piece, helpline
from adapters.web.chat import PLATFORM
from adapters.web.client import path_of
from bot.cards import Action, Block, Button, Card, Link, Quote, ResourceShown, Text


@dataclass(frozen=True, slots=True)
class BlockView:
    """`kind`: text, heading, call, quote, resource or link. Only the fields of that kind are filled in."""

    kind: str
    text: str = ""
    by: str = ""
    title: str = ""
    facts: str = ""
    url: str = ""
    subject: str = ""  # what opening a resource reports: "question/resource"
    href: str = ""
    pieces: tuple[Piece, ...] = ()  # of a helpline


@dataclass(frozen=True, slots=True)
class ButtonView:
    """Pressed by a form; one with `href` opens a page instead."""

    action: str
    subject: str
    label: str
    style: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class CardView:
    blocks: tuple[BlockView, ...]
    buttons: tuple[ButtonView, ...]
    quiet: bool
    picture: str = ""  # what a picture under it shows


def card_view(card: Card, picture: str = "") -> CardView:
    return CardView(tuple(map(_block, card.blocks)), tuple(map(_button, card.buttons)), card.quiet, picture)


def plain_line(card: Card) -> str:
    """The first words of a card, for a one-line preview."""
    return next((b.text for b in card.blocks if isinstance(b, Text)), "")


def _block(block: Block) -> BlockView:
    match block:
        case Text(text, strong):
            if pieces := helpline(text):
                return BlockView("call", text, pieces=pieces)
            return BlockView("heading" if strong else "text", text)
        case Quote(text, by):
            return BlockView("quote", text, by=by)
        case ResourceShown():
            subject = f"{block.question}/{block.id}"
            return BlockView(
                "resource",
                block.summary,
                title=block.title,
                facts=block.facts,
                url=web_address(block.url),
                subject=subject,
            )
        case Link(label, place, address):
            return BlockView("link", label, href=path_of(place) if place.platform == PLATFORM else web_address(address))
        case _:
            assert_never(block)


def _button(button: Button) -> ButtonView:
    return ButtonView(button.action.value, button.subject, button.label, button.style.value, _page(button))


def _page(button: Button) -> str:
    """The page of a button that opens a form."""
    if button.action is Action.SAVE:
        return f"/save/{quote(button.subject.rsplit(':', 1)[-1], safe='')}"
    if button.action is Action.MERGE:
        return f"/merge/{quote(button.subject, safe='')}"
    if button.action is Action.REWORD:
        return f"/review/{quote(button.subject, safe='')}"
    if button.action is Action.ANSWER:
        return f"/answer/{quote(button.subject, safe='')}"
    if button.action is Action.WRITE_BACK:
        return f"/write-back/{quote(button.subject, safe='')}"
    if button.action is Action.HAND_OVER:
        return f"/hand-over/{quote(button.subject, safe='')}"
    return ""


def web_address(url: str) -> str:
    """The address if it is one of the web; a page never links to anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme.lower() in ("http", "https") and parts.netloc else ""
