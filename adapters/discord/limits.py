"""What Discord takes at most. It refuses a message that is over a limit, so everything is cut to fit before.

Signs outside the basic plane (most emoji) count as two here: so does the client, and the server never counts more.
"""

from __future__ import annotations

CONTENT = 2_000
EMBEDS = 10
EMBED_TITLE = 256
EMBED_TEXT = 4_096
FOOTER = 2_048
EMBED_WORDS = 6_000  # of all embeds of a message together
ROWS = 5
ROW = 5  # buttons
BUTTON = 80
CUSTOM_ID = 100
ADDRESS = 512  # of a link button
TITLE = 45  # of a modal
LABEL = 45
HINT = 100  # below a label
INPUTS = 5  # of a modal
INPUT = 4_000
FEW = 10  # options that stand in view all at once
OPTIONS = 25
OPTION = 100
SHOWN_TEXT = 4_000  # of a text that stands in a modal
THREAD_NAME = 100
COMMAND = 32
DESCRIPTION = 100


def size(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text)


def fitting(text: str, limit: int) -> int:
    """How many characters of the text fit."""
    if len(text) * 2 <= limit:
        return len(text)
    room = limit
    for n, sign in enumerate(text):
        room -= 2 if sign > "\uffff" else 1
        if room < 0:
            return n
    return len(text)


def cut(text: str, limit: int) -> str:
    """At most `limit` long, with a sign that something is missing."""
    if size(text) <= limit:
        return text
    return f"{text[: fitting(text, limit - 2)].rstrip()} …"
