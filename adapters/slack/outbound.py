"""From a card of the core to Slack's blocks, with the words alone beside them for notifications and screen readers.
Pure. Every word is escaped here, and every limit of Slack's is kept here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never
from urllib.parse import urlsplit

from adapters.slack import limits
from adapters.slack.limits import cut
from adapters.slack.markup import escaped, flat, linked, straight
from bot.cards import Action, Block, Button, Card, Link, Quote, ResourceShown, Style, Text
from bot.events import Place

Json = dict[str, Any]
Address = Callable[[Place], str]  # where a person can open a message; empty where there is no way

VERSION = "1"  # of the values that buttons carry
WORDS = 9_500  # characters of all blocks together, and one block more: above some 13,000 Slack refuses a message
PIECE = 2_800  # characters of one section, with room for quotation marks
CARD_BLOCKS = limits.BLOCKS - 2  # with room for two rows of buttons
ROW = 5  # buttons that stand well side by side


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    blocks: list[Json]


def rendered(card: Card, address: Address) -> Rendered:
    """The card as a message."""
    return Rendered(words_alone(card), [*card_blocks(card.blocks, address), *rows(card.buttons)])


def card_blocks(blocks: Sequence[Block], address: Address) -> list[Json]:
    shown: list[Json] = []
    left = WORDS
    for block in blocks:
        if left <= 0:
            break
        for made in _block(block, address, left):
            left -= _size(made)
            shown.append(made)
    return shown[:CARD_BLOCKS] or [section("…")]


def words_alone(card: Card) -> str:
    """Everything a reader sees of a card but its buttons."""
    lines = (_line(block) for block in card.blocks)
    return cut("\n".join(escaped(line) for line in lines if line), limits.SECTION) or "…"


def words_marked(card: Card, address: Address) -> str:
    """The card as one text in Slack's markup, for a message that can have no blocks."""
    lines = []
    for block in card_blocks(card.blocks, address):
        lines += [e["text"] for e in block["elements"]] if block["type"] == "context" else [block["text"]["text"]]
    return "\n".join(lines)[: limits.SECTION]


def _line(block: Block) -> str:
    match block:
        case Text(text):
            return text
        case Quote(text):
            return f"“{text}”"
        case ResourceShown():
            return "\n".join(filter(None, (block.title, block.summary, block.facts)))
        case Link(label):
            return label
        case _:
            assert_never(block)


def _block(block: Block, address: Address, left: int) -> list[Json]:
    match block:
        case Text(text, strong):
            if strong and text.strip() and len(text) <= limits.HEADER:
                return [section(f"*{flat(text)}*")]
            return [section(escaped(piece)) for piece in pieces(text, left)]
        case Quote(text):
            return [section(_quoted(piece)) for piece in pieces(text, left)]
        case ResourceShown():
            return _resource(block)
        case Link(label, place, own):
            where = web_address(own or address(place))
            return [section(linked(where, label) if where else escaped(label))]
        case _:
            assert_never(block)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in escaped(text).split("\n"))


def _resource(shown: ResourceShown) -> list[Json]:
    title = f"*{flat(cut(shown.title, 300))}*"
    made = section("\n".join(filter(None, (title, escaped(cut(shown.summary, 2_000))))))
    subject = f"{shown.question}/{shown.id}"
    if shown.more and len(value := value_of(Action.OPEN_RESOURCE, subject)) <= limits.VALUE:
        where = web_address(shown.url)
        made["accessory"] = {
            "type": "button",
            "text": plain_text(shown.more, limits.BUTTON),
            "action_id": cut(f"{Action.OPEN_RESOURCE}:{shown.id}", limits.ACTION_ID),
            "value": value,
            **({"url": where} if where and len(where) <= limits.ADDRESS else {}),
        }
    facts = escaped(cut(shown.facts, 1_000))
    return [made, *([{"type": "context", "elements": [mrkdwn(facts)]}] if facts else [])]


def rows(buttons: Sequence[Button]) -> list[Json]:
    """The buttons, a handful a row."""
    made = [_button(button, n) for n, button in enumerate(buttons)][: 2 * ROW]
    return [{"type": "actions", "elements": made[n : n + ROW]} for n in range(0, len(made), ROW)]


def _button(button: Button, n: int) -> Json:
    made: Json = {
        "type": "button",
        "text": plain_text(button.label, limits.BUTTON),
        "action_id": f"{button.action}:{n}",
        "value": value_of(button.action, button.subject)[: limits.VALUE],
    }
    if button.style is not Style.PLAIN:
        made["style"] = "primary" if button.style is Style.PRIMARY else "danger"
    return made


def value_of(action: str, subject: str) -> str:
    return f"{VERSION}|{action}|{subject}"


# --- the small parts ------------------------------------------------------------------------------------------


def section(words: str) -> Json:
    return {"type": "section", "text": mrkdwn(words)}


def mrkdwn(words: str) -> Json:
    """Words that are escaped already."""
    return {"type": "mrkdwn", "text": cut(words, limits.SECTION) or "…"}


def plain_text(words: str, limit: int) -> Json:
    """A label: Slack reads no markup in it."""
    return {"type": "plain_text", "text": cut(" ".join(straight(words).split()), limit) or "…", "emoji": False}


def pieces(text: str, left: int) -> list[str]:
    """A long text in parts that fit a section each; of what is more than `left` characters, a sign is left."""
    rest = text.strip()
    found: list[str] = []
    while rest:
        piece = _one_piece(rest)
        if left < len(escaped(piece)) and (found or left < PIECE):
            found.append("…" if found else cut(piece, max(left // 5, 20)))
            break
        left -= len(escaped(piece))
        found.append(piece.strip())
        rest = rest[len(piece) :].strip()
    return found


def _one_piece(text: str) -> str:
    """As much as fits, escaped, ending at a line or a word where there is one."""
    size = PIECE
    while len(escaped(text[:size])) + 2 * text.count("\n", 0, size) > PIECE:
        size = size * 3 // 4
    if len(text) <= size:
        return text
    end = max(text.rfind("\n", size // 2, size), -1)
    end = end if end > 0 else text.rfind(" ", size // 2, size)
    return text[: end if end > 0 else size]


def _size(block: Json) -> int:
    if block["type"] == "context":
        return sum(len(element["text"]) for element in block["elements"])
    return len(block["text"]["text"])


def web_address(url: str) -> str:
    """The address if it is one of the web; nothing else becomes a link."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme.lower() in ("http", "https") and parts.netloc and " " not in url else ""
