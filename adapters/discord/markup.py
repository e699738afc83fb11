"""Discord's markup: into plain words on the way in, and words into nothing but words on the way out. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from adapters.discord.limits import fitting, size
from knowledge.text import clean

LABEL = 200  # characters of a link's words
_REFERENCE = re.compile(r"<(@[!&]?|#|a?:|t:|/|id:)([^<>\n]{1,120})>")
_LOUD = re.compile(r"@(?=(?:here|everyone)\b)", re.IGNORECASE)
_LIVE = re.compile(r"<(?=[@#:/\w])")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # what turns the direction of writing
_MARKS = re.compile(r"([\\*_~`|\[\]])")
_LINE_MARKS = re.compile(r"^([ \t]*)(?=[>#+-]|\d{1,9}[.)])((?:\d+)?)", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[^\s<>\[\]()\\`|*]*[^\s<>\[\]()\\`|*.,;:!?'\"~]", re.IGNORECASE)
_SCHEME = re.compile(r"(?i)(?<=http)(?=s?://)|(?<=discord)(?=://)|(?<=discord)(?=\.gg/)")
_UNSEEN = "\u2060"  # joins without a space: it parts the sign from the word, and nobody sees it


def plain(text: str, bot_user: str = "", names: Mapping[str, str] | None = None) -> str:
    """What somebody wrote, as they read it themselves. A mention of the bot is an address, not a part of it.
    `names` are those of people and channels that the message mentions, by id."""

    def read(match: re.Match[str]) -> str:
        return _reference(match.group(1), match.group(2), bot_user, names or {})

    return clean(re.sub(r"[ \t]{2,}", " ", _REFERENCE.sub(read, text))).strip()


def mentions(text: str, user: str) -> bool:
    return bool(user) and bool(re.search(rf"<@!?{re.escape(user)}>", text))


def _reference(sign: str, inside: str, bot_user: str, names: Mapping[str, str]) -> str:
    """`<@1>`, `<@&1>` (a role), `<#1>`, `<:name:1>`, `<a:name:1>`, `<t:1700000000:R>`, `</ask:1>`, `<id:browse>`."""
    match sign:
        case "@" | "@!":
            return "" if bot_user and inside == bot_user else f"@{names.get(inside, 'somebody')}"
        case "@&":
            return f"@{names.get(inside, 'role')}"
        case "#":
            return f"#{names.get(inside, 'channel')}"
        case ":" | "a:":
            return f":{inside.partition(':')[0]}:"
        case "t:":
            return _moment(inside)
        case "/":
            return f"/{inside.partition(':')[0]}"
        case _:
            return ""


def _moment(inside: str) -> str:
    seconds = inside.partition(":")[0]
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        return ""
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M} UTC"


def quiet(text: str) -> str:
    """Words that call nobody, for where Discord reads no markup: labels, footers, titles of forms and threads."""
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return _LOUD.sub(f"@{_UNSEEN}", _LIVE.sub(f"<{_UNSEEN}", _TURNING.sub("", kept)))


def escaped(text: str) -> str:
    """Words that stay words: no mention, no loud call, no markup, no link behind other words, nothing written
    backwards. An address of the web stays one, without a preview."""
    made, end = [], 0
    words = quiet(text)
    for found in _ADDRESS.finditer(words):
        made += [_marked(words[end : found.start()]), _unshown(found.group())]
        end = found.end()
    return _LINE_MARKS.sub(_line_mark, "".join([*made, _marked(words[end:])]))


def _unshown(address: str) -> str:
    address = address.replace(_UNSEEN, "").replace("@", "%40")
    return f"<{address}>"


def _marked(words: str) -> str:
    return _SCHEME.sub(_UNSEEN, _MARKS.sub(r"\\\1", words))


def _line_mark(match: re.Match[str]) -> str:
    blanks, number = match.groups()
    return f"{blanks}{number}\\"


def flat(text: str) -> str:
    """The same in one line, for a heading."""
    return escaped(" ".join(text.split()))


def linked(address: str, label: str) -> str:
    """A link in Discord's markup; `address` is one of the web. No preview is shown of it."""
    safe = re.sub(r"[<>()\[\]\\`|*\s@]", lambda m: f"%{ord(m.group()):02X}", address)
    words = " ".join(label.split())
    words = flat(_ADDRESS.sub("…", words[: fitting(words, LABEL)]))
    return f"[{words}](<{safe}>)" if words else f"<{safe}>"


def fits(text: str, limit: int) -> bool:
    """Whether the text, escaped, is at most that long."""
    return size(escaped(text)) <= limit
