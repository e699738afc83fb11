"""The line of a helpline, taken apart: whoever is in need of it taps the number instead of typing it."""

from __future__ import annotations

import re

_HELPLINE = re.compile(r"(?P<name>.+): (?P<contact>.*\S) (?P<hours>\([^()]+\))")
_REACHED = re.compile(r"(?P<number>\b\d[\d -]*\d\b)|(?P<site>\b[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]{2,}(?:/[\w/-]+)?)")
_SHORTEST = 3  # digits of a number that can be called

Piece = tuple[str, str]  # what is read, and where it leads: tel:, sms: or an address; "" leads nowhere


def helpline(line: str) -> tuple[Piece, ...]:
    """The pieces of "name: contact (hours)"; nothing where the line is no helpline or names nothing to reach."""
    match = _HELPLINE.fullmatch(line)
    if match is None:
        return ()
    contact, pieces, end = match["contact"], [], 0
    for reached in _REACHED.finditer(contact):
        before = contact[end : reached.start()]
        pieces += [(before, ""), (reached[0], _leads(reached, before))]
        end = reached.end()
    if not any(href for _, href in pieces):
        return ()
    whole = ((f"{match['name']}: ", ""), *pieces, (f"{contact[end:]} {match['hours']}", ""))
    return tuple((text, href) for text, href in whole if text)


def _leads(reached: re.Match[str], before: str) -> str:
    if reached["site"]:
        return f"https://{reached['site']}"
    digits = re.sub(r"\D", "", reached["number"])
    if len(digits) < _SHORTEST:
        return ""
    return f"sms:{digits}" if "text" in before and "call" not in before else f"tel:{digits}"
