"""From a card of the core to a message of Discord's: words above, resources as embeds, buttons below. Pure.

Every word is neutralised here, and every limit of Discord's is kept here. What is too long for the words above goes on
in embeds of its own; what is too long for them is cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never
from urllib.parse import urlsplit

from adapters.discord import limits
from adapters.discord.buttons import rows
from adapters.discord.identity import PLATFORM
from adapters.discord.limits import cut, fitting, size
from adapters.discord.markup import escaped, flat, linked, quiet
from adapters.discord.town import Kind, Town
from bot.cards import Action, Block, Button, Card, Link, Quote, ResourceShown, Text
from bot.events import Place

Json = dict[str, Any]
Address = Callable[[Place], str]  # where a person can open a message; empty where there is no way

LONGEST = 12_000  # characters of one text that are looked at: more than all places of a message take
PIECE = 1_900  # of what is kept together
MOST = 9  # resources; one embed is left for words
ALONE, BESIDE = 5_900, 3_000  # what all resources take at most: alone, and beside words that go on in embeds
CHAPTER = 3_900  # of a long text that is read
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendered:
    content: str
    embeds: list[Json]
    components: list[Json]


def rendered(card: Card, address: Address) -> Rendered:
    """The card as a message."""
    content, rest = _content([made for block in card.blocks for made in _words(block, address)])
    resources = [block for block in card.blocks if isinstance(block, ResourceShown)][:MOST]
    room = BESIDE if rest else ALONE
    shown = [_resource(one, room // len(resources)) for one in resources]
    left = limits.EMBED_WORDS - sum(_size(embed) for embed in shown)
    embeds = [*_going_on(rest, left, limits.EMBEDS - len(shown)), *shown]
    return Rendered(content or ("" if embeds else "…"), embeds, rows(card.buttons, openers(resources)))


def link_to(place: Place, town: Town) -> str:
    """Where somebody can open a message of Discord's: in its thread, in its channel, or in private."""
    if place.platform != PLATFORM or not place.channel:
        return ""
    channel, thread = town.site(place.channel), town.site(place.thread)
    guild = "@me" if channel is not None and channel.kind is Kind.DIRECT else place.space
    within = place.channel
    if thread is not None and thread.is_thread and (not place.opens_thread or thread.kind is Kind.POST):
        within = thread.id
    return "/".join(filter(None, ("https://discord.com/channels", guild, within, place.message)))


# --- words ----------------------------------------------------------------------------------------------------


def _words(block: Block, address: Address) -> list[str]:
    """The block in pieces, ready to be shown; a piece ends with what parts it from the next one."""
    match block:
        case Text(text, strong):
            if strong and text.strip() and len(text) <= limits.EMBED_TITLE:
                return [f"**{flat(text)}**\n"]
            return [f"{escaped(piece)}\n\n" for piece in pieces(text)]
        case Quote(text):
            return [f"{_quoted(piece)}\n\n" for piece in pieces(text)]
        case Link(label, place, own):
            where = web_address(own or address(place))
            return [f"{linked(where, label)}\n\n" if where else f"{flat(cut(label, limits.EMBED_TITLE))}\n\n"]
        case ResourceShown():
            return []
        case _:
            assert_never(block)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in escaped(text).split("\n"))


def _content(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """As many pieces as fit above, and the others."""
    text = ""
    for n, piece in enumerate(words):
        if size((text + piece).rstrip()) > limits.CONTENT:
            return text.strip(), words[n:]
        text += piece
    return text.strip(), ()


def _going_on(words: Sequence[str], left: int, most: int) -> list[Json]:
    """The words that did not fit above, in embeds; a sign is left of what fits nowhere."""
    texts = [""]
    left -= 2
    for piece in words:
        if size(piece) > left:
            texts[-1] = f"{texts[-1].rstrip()}\n…"
            break
        left -= size(piece)
        if size(texts[-1] + piece) > limits.EMBED_TEXT - 2 and len(texts) < most:
            texts.append("")
        elif size(texts[-1] + piece) > limits.EMBED_TEXT - 2:
            texts[-1] = f"{texts[-1].rstrip()}\n…"
            break
        texts[-1] += piece
    return [{"description": text.strip()} for text in texts if text.strip()]


def pieces(text: str, longest: int = LONGEST) -> list[str]:
    """A long text in parts that end at a line or a word where there is one; each fits a place, also neutralised."""
    rest = quiet(cut(text, longest)).strip()
    found: list[str] = []
    while rest:
        piece = _one_piece(rest)
        if piece.strip():
            found.append(piece.strip())
        rest = rest[len(piece) :].strip()
    return found


def _one_piece(text: str) -> str:
    end = PIECE
    while size(_quoted(text[:end])) > PIECE:
        end = end * 3 // 4
    if len(text) <= end:
        return text
    stop = text.rfind("\n", end // 2, end)
    stop = stop if stop > 0 else text.rfind(" ", end // 2, end)
    return text[: stop if stop > 0 else end]


# --- resources ------------------------------------------------------------------------------------------------


def _resource(shown: ResourceShown, room: int) -> Json:
    title = _fit(shown.title, min(limits.EMBED_TITLE, room // 4), flat)
    facts = _fit(shown.facts, min(limits.FOOTER, room // 4), lambda words: quiet(" ".join(words.split())))
    summary = _fit(shown.summary, min(limits.EMBED_TEXT, room - size(title) - size(facts)), escaped)
    made: Json = {"title": title or "…"}
    if where := web_address(shown.url):
        made["url"] = where
    if summary:
        made["description"] = summary
    if facts:
        made["footer"] = {"text": facts}
    return made


def _fit(words: str, limit: int, shown: Callable[[str], str]) -> str:
    """The words as they are shown, cut before that so that they fit."""
    room = limit
    words = words.strip()[: limit * 2]
    while size(made := shown(cut(words, room)).strip()) > limit:
        room = room * 3 // 4
    return made


def openers(resources: Sequence[ResourceShown]) -> list[Button]:
    """One button for each that opens it. Discord tells nobody that an address was opened, so none of them is a link:
    who presses it is shown the text or the address, and we know that it was of use."""
    several = len([one for one in resources if one.more]) > 1
    return [
        Button(
            Action.OPEN_RESOURCE,
            f"{one.question}/{one.id}",
            f"{one.more}: {one.title}" if several else one.more,
        )
        for one in resources
        if one.more
    ]


def _size(embed: Json) -> int:
    return sum(size(t) for t in (embed["title"], embed.get("description", ""), embed.get("footer", {}).get("text", "")))


def reading(title: str, text: str, facts: str, url: str = "", label: str = "") -> list[Rendered]:
    """A whole resource to read, in as many messages as it takes; with an address, a button that opens it."""
    where = web_address(url)
    opener = {"type": 2, "style": 5, "label": cut(quiet(label), limits.BUTTON) or "…", "url": where}
    link = where and size(where) <= limits.ADDRESS
    chapters = _chapters(text) or [""]
    shown: list[Rendered] = []
    for n, chapter in enumerate(chapters):
        embed: Json = {"description": chapter} if chapter else {}
        if n == 0:
            embed["title"] = _fit(title, limits.EMBED_TITLE, flat) or "…"
            embed |= {"url": where} if where else {}
        last = n == len(chapters) - 1
        if last and facts.strip():
            embed["footer"] = {"text": _fit(facts, limits.EMBED_TITLE, quiet)}
        shown.append(Rendered("", [embed], [{"type": 1, "components": [opener]}] if last and link else []))
    return shown


def _chapters(text: str) -> list[str]:
    chapters: list[str] = []
    for shown in (escaped(piece) for piece in pieces(text, size(text))):
        if chapters and size(chapters[-1]) + size(shown) + 1 <= CHAPTER:
            chapters[-1] += f"\n{shown}"
        else:
            chapters.append(shown)
    return chapters


def thread_name(words: str) -> str:
    """The first words of a question as the name of its thread."""
    line = " ".join(quiet(words).split())
    if size(line) <= limits.THREAD_NAME:
        return line or "…"
    start = line[: fitting(line, limits.THREAD_NAME - 2)]
    return f"{start.rsplit(' ', 1)[0].rstrip()} …"


def web_address(url: str) -> str:
    """The address if it is one of the web, as Discord takes it; nothing else becomes a link."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    good = parts.scheme.lower() in ("http", "https") and _HOST.fullmatch(host) and "@" not in parts.netloc
    return url if good and len(url) <= limits.FOOTER and not re.search(r"[\s\x00-\x20\x7f<>]", url) else ""
