"""A small server as the bot knows it, and ways to damage what Discord says."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from adapters.discord.town import Kind, Site

GUILD, HELP, FORUM, THREAD, POST, DM, VOICE = "9000", "100", "200", "300", "400", "800", "150"
BOT, ANN, BEN = "1", "7", "8"

Json = dict[str, Any]


class Town:
    bot = BOT

    def __init__(self, *sites: Site) -> None:
        self.sites = {site.id: site for site in sites}

    def site(self, channel: str) -> Site | None:
        return self.sites.get(channel)

    def home(self, user: str) -> str:
        return GUILD if user in (ANN, BEN) else ""


def town() -> Town:
    return Town(
        Site(HELP, GUILD, Kind.TEXT, "", "help"),
        Site(FORUM, GUILD, Kind.FORUM, "", "questions"),
        Site(THREAD, GUILD, Kind.THREAD, HELP, "How do we tell"),
        Site(POST, GUILD, Kind.POST, FORUM, "Telling the school?"),
        Site(DM, "", Kind.DIRECT),
    )


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)
ANYTHING = st.recursive(JUNK, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))


@st.composite
def damaged(draw: st.DrawFn, bodies: list[Json]) -> Any:
    """A payload in which something is missing, or is something else."""
    body: Any = copy.deepcopy(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 4))):
        place, key = _somewhere(body, draw)
        if place is None:
            return draw(JUNK)
        if draw(st.booleans()):
            place[key] = draw(JUNK)
        else:
            del place[key]
    return body


def _somewhere(body: Any, draw: st.DrawFn) -> tuple[Any, Any]:
    place: Any = body
    for _ in range(8):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return None, None
        key = draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.integers(0, 3)) == 0:
            return place, key
        place = place[key]
    return None, None
