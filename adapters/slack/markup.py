"""Slack's markup: into plain words on the way in, and words into nothing but words on the way out. Pure."""

from __future__ import annotations

import re
import unicodedata

from knowledge.text import clean

_REFERENCE = re.compile(r"<([^<>]*)>")
_LOUD = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # what turns the direction of writing
LABEL = 200  # characters of a link's words
_UNSEEN = "\u2060"  # joins without a space: it parts the sign from the word, and nobody sees it


def plain(text: str, bot_user: str = "") -> str:
    """What somebody wrote, as they read it themselves. A mention of the bot is an address, not a part of it."""

    def read(match: re.Match[str]) -> str:
        return _reference(match.group(1), bot_user)

    words = _REFERENCE.sub(read, text)
    words = words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return clean(re.sub(r"[ \t]{2,}", " ", words)).strip()


def mentions(text: str, user: str) -> bool:
    return bool(user) and bool(re.search(rf"<@{re.escape(user)}(?:\|[^<>]*)?>", text))


def _reference(inside: str, bot_user: str) -> str:
    """`@U1|name`, `#C1|name`, `!here`, `!subteam^S1|@group`, `!date^…|fallback`, `https://…|label`."""
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        if bot_user and target[1:] == bot_user:
            return ""
        return f"@{label.lstrip('@')}" if label else "@somebody"
    if target.startswith("#"):
        return f"#{label}" if label else "#channel"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    if not label or label == target:
        return target.removeprefix("mailto:").removeprefix("tel:")
    return label if label in target else f"{label} ({target})"


def escaped(text: str) -> str:
    """Words that stay words: no mention, no link, no loud call, nothing written backwards."""
    quiet = _TURNING.sub("", "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc"))
    quiet = quiet.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LOUD.sub(f"@{_UNSEEN}", quiet)


def straight(text: str) -> str:
    """What is read in the order in which it stands, for where Slack reads no markup."""
    return _TURNING.sub("", text)


def flat(text: str) -> str:
    """The same in one line and without bold, italics or code, for a heading in bold."""
    return re.sub(r"[*_~`]", lambda m: f"{_UNSEEN}{m.group()}{_UNSEEN}", escaped(" ".join(text.split())))


def linked(address: str, label: str) -> str:
    """A link in Slack's markup; `address` is one of the web."""
    safe = address.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace(" ", "%20")
    words = escaped(" ".join(label.split())[:LABEL]).replace("|", "¦")
    return f"<{safe}|{words}>" if words else f"<{safe}>"
