"""What has to be known of a channel before a message in it can be placed: whose it is, what it is, where it hangs.

Discord says it when the bot connects and when something changes; whoever calls keeps it and is asked here. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from adapters.discord.identity import id_of, part, parts, word

MAX_NAME = 100  # characters of a channel's name


class Kind(StrEnum):
    TEXT = "text"  # also of announcements, and what is written beside a voice channel
    FORUM = "forum"
    THREAD = "thread"  # of a text channel
    POST = "post"  # a thread of a forum: its first message bears its id
    DIRECT = "direct"
    OTHER = "other"  # nobody writes there


_TEXT, _FORUM, _THREADS = frozenset({0, 2, 5, 13}), frozenset({15, 16}), frozenset({10, 11, 12})


@dataclass(frozen=True, slots=True)
class Site:
    """A channel or a thread. `parent` is the channel a thread hangs on, empty for a channel. `tags`: those that a forum
    has, or a post in it bears, each with its id."""

    id: str
    guild: str
    kind: Kind
    parent: str = ""
    name: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    locked: bool = False  # by a moderator, so that nobody else speaks there

    @property
    def channel(self) -> str:
        """The channel it is or belongs to."""
        return self.parent or self.id

    @property
    def is_thread(self) -> bool:
        return self.kind in (Kind.THREAD, Kind.POST)


class Town(Protocol):
    @property
    def bot(self) -> str:
        """The bot's own user id."""

    def site(self, channel: str) -> Site | None:
        """What is known of a channel or thread. What is unknown is not heard: ask Discord first."""

    def home(self, user: str) -> str:
        """The server through which we know somebody who writes in private; empty where there is none."""


def site_of(channel: Mapping[str, Any], guild: str, town: Town | None = None) -> Site | None:
    """A channel or thread as Discord describes it. `town` tells whether a thread's parent is a forum."""
    own, kind, parent = id_of(channel.get("id")), channel.get("type"), id_of(channel.get("parent_id"))
    guild = id_of(channel.get("guild_id")) or guild
    name = " ".join(word(channel.get("name")).split())[:MAX_NAME]
    if not own or isinstance(kind, bool) or not isinstance(kind, int):
        return None
    if kind == 1:
        return Site(own, "", Kind.DIRECT)
    if not guild:
        return None
    if kind in _THREADS:
        above = town.site(parent) if town is not None and parent else None
        post = above is not None and above.kind is Kind.FORUM
        applied = channel.get("applied_tags")
        borne = set(map(str, applied)) if isinstance(applied, list) else set()
        tags = tuple(tag for tag in above.tags if tag[0] in borne) if above is not None else ()
        locked = part(channel.get("thread_metadata")).get("locked") is True
        return Site(own, guild, Kind.POST if post else Kind.THREAD, parent, name, tags, locked) if parent else None
    found = Kind.TEXT if kind in _TEXT else Kind.FORUM if kind in _FORUM else Kind.OTHER
    named = ((id_of(tag.get("id")), word(tag.get("name"))) for tag in parts(channel.get("available_tags")))
    return Site(own, guild, found, "", name, tuple(tag for tag in named if all(tag)))


def sites_in(name: str, data: object, town: Town) -> tuple[Site, ...]:
    """Every channel and thread that an event describes, channels before their threads."""
    body = part(data)
    match name:
        case "GUILD_CREATE" | "THREAD_LIST_SYNC":
            guild = id_of(body.get("id")) or id_of(body.get("guild_id"))
            channels = [s for c in parts(body.get("channels")) if (s := site_of(c, guild)) is not None]
            known = _With(town, {site.id: site for site in channels})
            threads = [s for t in parts(body.get("threads")) if (s := site_of(t, guild, known)) is not None]
            return (*channels, *threads)
        case "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "THREAD_CREATE" | "THREAD_UPDATE":
            site = site_of(body, "", town)
            return (site,) if site is not None else ()
        case _:
            return ()


class _With:
    """A town, and what the same event says of its channels."""

    def __init__(self, town: Town, sites: Mapping[str, Site]) -> None:
        self._town = town
        self._sites = sites

    @property
    def bot(self) -> str:
        return self._town.bot

    def site(self, channel: str) -> Site | None:
        return self._sites.get(channel) or self._town.site(channel)

    def home(self, user: str) -> str:
        return self._town.home(user)
