"""The little chat server, as the pages and the bot's mouth need it. `adapters.storage` keeps it; nothing inherits.

Rules the store keeps:
- Ids are decimal and grow; `changed` is one number for the whole chat that grows with every write, so "what is new
  since N" misses nothing.
- A post written with a `key` exists once: the same key again gives back the post that is there.
- A post with `only_for` is given to nobody else. Who may see a private conversation is decided by the pages.
- A post is unreported until the desk has its facts: what a crash left behind is found and reported again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

PLATFORM = "web"
SPACE = "local"
BOT = "winwin"

_PRIVATE = "dm-"


def private_channel(member: str) -> str:
    """The private conversation between a member and the bot."""
    return _PRIVATE + member


def private_member(channel: str) -> str:
    """Whose private conversation this is; empty for an open channel."""
    return channel.removeprefix(_PRIVATE) if channel.startswith(_PRIVATE) else ""


class Room(Protocol):
    """An open channel."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def purpose(self) -> str: ...


class Post(Protocol):
    """`thread` is the id of the first post of the thread, itself when it opens one. `card` is JSON, or empty.

    A deleted post keeps its place without its words.
    """

    @property
    def id(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def thread(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def card(self) -> str: ...
    @property
    def only_for(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def edited_at(self) -> datetime | None: ...
    @property
    def deleted_at(self) -> datetime | None: ...
    @property
    def changed(self) -> int: ...


class Replies(Protocol):
    """What stands under a thread's first post."""

    @property
    def count(self) -> int: ...
    @property
    def last_at(self) -> datetime: ...
    @property
    def authors(self) -> tuple[str, ...]:
        """In the order of their first reply."""
        ...


class ChatStore(Protocol):
    """`viewer` is a member id: posts only for somebody else are left out. All sequences are oldest first."""

    async def open_channel(self, channel: str, name: str, purpose: str) -> None:
        """Add, or rename."""
        ...

    async def channels(self) -> Sequence[Room]:
        """In the order they were opened."""
        ...

    async def add(
        self,
        *,
        channel: str,
        author: str,
        at: datetime,
        text: str = "",
        thread: str = "",
        card: str = "",
        only_for: str = "",
        key: str = "",
        reported: bool = False,
        picture: bytes = b"",
    ) -> Post:
        """`picture` is a PNG that is kept with the post."""
        ...

    async def picture(self, post_id: str) -> bytes:
        """Empty when the post has none."""
        ...

    async def edit(self, post_id: str, text: str, at: datetime) -> Post | None:
        """None when it is gone. Unreported again."""
        ...

    async def revise(self, post_id: str, card: str) -> Post | None: ...

    async def delete(self, post_id: str, at: datetime) -> Post | None:
        """Its words go at once. Unreported again."""
        ...

    async def get(self, post_id: str) -> Post | None: ...

    async def roots(self, channel: str, viewer: str, limit: int, before: str = "") -> Sequence[Post]:
        """The newest `limit` first posts (older than the post `before`)."""
        ...

    async def thread(self, root: str, viewer: str) -> Sequence[Post]:
        """The first post and its replies."""
        ...

    async def stream(self, channel: str, viewer: str, limit: int) -> Sequence[Post]:
        """The newest `limit` posts of a channel, replies among them."""
        ...

    async def replies(self, roots: Sequence[str], viewer: str) -> Mapping[str, Replies]:
        """Only of posts that have any."""
        ...

    async def changed(self, after: int, viewer: str) -> Sequence[Post]:
        """Posts of all channels written, edited, revised or deleted since, in that order."""
        ...

    async def latest(self) -> int:
        """The newest `changed`."""
        ...

    async def unread(self, viewer: str) -> Mapping[str, int]:
        """Posts by others that the viewer has not seen, by channel; private conversations of others left out."""
        ...

    async def waiting(self) -> Mapping[str, int]:
        """By member: posts in their private conversation that they have not seen."""
        ...

    async def mark_read(self, viewer: str, channel: str) -> None:
        """Everything that is there now."""
        ...

    async def unreported(self, limit: int) -> Sequence[Post]: ...

    async def reported(self, post_id: str, changed: int) -> None:
        """The desk has the post as it was at `changed`; when it has changed since, it stays unreported."""
        ...

    async def forget(self, member: str, at: datetime) -> None:
        """Erase the words of everything the member wrote, and their private conversation."""
        ...
