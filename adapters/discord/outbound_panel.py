"""From the parts of somebody's own page to messages that one person sees. Pure.

A message takes five rows of buttons: what there is to press about one thing stands in one row of its own, in the order
of the words above, and the last row turns the pages. Where several things on a page can be pressed they are numbered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.discord import limits
from adapters.discord.buttons import custom_id, plain_button
from adapters.discord.fields import BOARD, HOME, SHEET
from adapters.discord.outbound import Address, Json, Rendered, openers, rendered
from bot.cards import Block, Button, Card, Quote, ResourceShown, Text
from bot.showing.home import Chooses, Item, Opens, Part
from bot.showing.replies import back, more
from bot.wording import Say

ROOM = 1_600  # characters of a page, so that all its words stand above the buttons
MOST = limits.ROWS - 1  # things with buttons on a page


@dataclass(frozen=True, slots=True)
class _Entry:
    title: str
    item: Item

    @property
    def numbered(self) -> bool:
        """Whether there is something to press about this one thing."""
        return bool(self.item.card.buttons or self.item.opens or _openers(self.item))

    @property
    def rows(self) -> int:
        return self.numbered + bool(self.item.turns) + (self.item.chooses is not None)

    @property
    def length(self) -> int:
        return len(self.title) + sum(len(str(block)) for block in self.item.card.blocks)


def home_page(parts: Sequence[Part], page: int, address: Address, say: Say) -> Rendered:
    """One page; the last one when there are not as many."""
    pages = _pages([_Entry(part.title, item) for part in parts for item in part.items])
    page = max(0, min(page, len(pages) - 1))
    shown = _shown(pages[page] if pages else [], address, titles=True)
    return replace(shown, components=[*shown.components, *_turning(page, len(pages), say)])


def page_of(title: str, parts: Sequence[Part]) -> int:
    """The page on which a part begins; the first one when there is no such part."""
    pages = _pages([_Entry(part.title, item) for part in parts for item in part.items])
    return next((n for n, entries in enumerate(pages) if any(e.title == title for e in entries)), 0)


def item_pages(items: Sequence[Item], address: Address) -> list[Rendered]:
    """Cards one under the other, each with the forms it opens, in as many messages as they take."""
    return [_shown(entries, address, titles=False) for entries in _pages([_Entry("", item) for item in items])]


def _pages(entries: Sequence[_Entry]) -> list[list[_Entry]]:
    pages: list[list[_Entry]] = []
    room, rows = 0, 0
    for entry in entries:
        if not pages or entry.length > room or entry.rows > rows:
            pages.append([])
            room, rows = ROOM, MOST
        pages[-1].append(entry)
        room -= entry.length
        rows -= entry.rows
    return pages


def _shown(entries: Sequence[_Entry], address: Address, *, titles: bool) -> Rendered:
    blocks: list[Block] = []
    rows: list[Json] = []
    taken: set[str] = set()
    several = len([entry for entry in entries if entry.numbered]) > 1
    count = 0
    before = ""
    for entry in entries:
        if titles and entry.title != before:
            blocks.append(Text(entry.title, strong=True))
            before = entry.title
        count += entry.numbered
        number = f"{count}. " if several and entry.numbered else ""
        blocks += _numbered(entry.item.card.blocks, number)
        if row := _row(entry.item, number, taken):
            rows.append({"type": 1, "components": row})
        rows += _other_parts(entry.item, taken)
    shown = rendered(Card(tuple(blocks)), address)
    return replace(shown, components=rows)


def _numbered(blocks: Sequence[Block], number: str) -> tuple[Block, ...]:
    """The number stands before the first words."""
    if not number:
        return tuple(blocks)
    for n, block in enumerate(blocks):
        if isinstance(block, Text | Quote):
            return (*blocks[:n], replace(block, text=f"{number}{block.text}"), *blocks[n + 1 :])
        if isinstance(block, ResourceShown):
            return (*blocks[:n], replace(block, title=f"{number}{block.title}"), *blocks[n + 1 :])
    return (Text(number.strip()), *blocks)


def _row(item: Item, number: str, taken: set[str]) -> list[Json]:
    """At most five buttons; Discord refuses a message in which two of them have one id."""
    made = [_pressed(button, number) for button in (*_openers(item), *item.card.buttons)]
    made += [_opener(opens, number) for opens in item.opens]
    by_id = {one["custom_id"]: one for one in reversed(made)}
    new = [one for its_id, one in reversed(by_id.items()) if its_id not in taken][: limits.ROW]
    taken |= {one["custom_id"] for one in new}
    return new


def _openers(item: Item) -> list[Button]:
    return openers([block for block in item.card.blocks if isinstance(block, ResourceShown)])


def _pressed(button: Button, number: str) -> Json:
    return plain_button(f"{number}{button.label}", custom_id(button.action, button.subject), button.style)


def _opener(opens: Opens, number: str) -> Json:
    return plain_button(f"{number}{opens.label}", custom_id(f"{SHEET}{opens.form}", opens.subject))


def _other_parts(item: Item, taken: set[str]) -> list[Json]:
    """A list stands in a row of its own."""
    made: list[list[Json]] = []
    if item.chooses is not None:
        made.append([_list(item.chooses)])
    if item.turns:
        made.append([plain_button(one.label, custom_id(BOARD, one.to.subject)) for one in item.turns[: limits.ROW]])
    new = [row for row in made if not taken & {one["custom_id"] for one in row}]
    taken |= {one["custom_id"] for row in new for one in row}
    return [{"type": 1, "components": row} for row in new]


def _list(chooses: Chooses) -> Json:
    options = [
        {
            "label": limits.cut(one.label, limits.OPTION),
            "value": limits.cut(one.to.subject, limits.OPTION),
            "default": n == chooses.chosen,
        }
        for n, one in enumerate(chooses.options[: limits.OPTIONS])
    ]
    return {"type": 3, "custom_id": custom_id(BOARD, ""), "placeholder": chooses.label, "options": options}


def _turning(page: int, pages: int, say: Say) -> list[Json]:
    turns = []
    if page > 0:
        turns.append(plain_button(back(say), custom_id(HOME, str(page - 1))))
    if page < pages - 1:
        turns.append(plain_button(more(say), custom_id(HOME, str(page + 1))))
    return [{"type": 1, "components": turns}] if turns else []
