"""What Slack takes at most. It refuses a message that is over a limit, so everything is cut to fit before."""

from __future__ import annotations

BLOCKS = 50  # of a message
VIEW_BLOCKS = 100  # of a modal or an App Home
SECTION = 3_000
HEADER = 150
BUTTON = 75
ACTION_ID = 255
VALUE = 2_000
TEXT = 40_000  # of a message's own text; the rest is cut off
ADDRESS = 3_000
TITLE = 24  # of a modal
LABEL = 150  # of an input
OPTION = 75
OPTION_VALUE = 150
OPTIONS = 100
PLACEHOLDER = 150
INPUT = 3_000
ACTIONS = 25  # buttons in one row
METADATA = 3_000  # private_metadata of a view


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with a sign that something is missing; an escaped sign is never cut in two."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 2]
    start = kept.rfind("&", len(kept) - 5)
    if start >= 0 and ";" not in kept[start:]:
        kept = kept[:start]
    return f"{kept.rstrip()} …"
