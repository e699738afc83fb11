"""The local chat server's own tables, and its rows as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.columns import Moment, Words
from adapters.storage.schema import metadata

LOCAL = "web:local:"  # begins the keys of those who write here
PRIVATE = "dm-"  # begins the channel of a private conversation; the member's id follows

chat_channel = Table(
    "chat_channel",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Words, nullable=False),
    Column("purpose", Words, nullable=False),
)

chat_post = Table(
    "chat_post",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False),
    Column("thread", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Words, nullable=False),
    Column("card", Words, nullable=False),
    Column("only_for", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("edited_at", Moment, nullable=True),
    Column("deleted_at", Moment, nullable=True),
    Column("changed", Integer, nullable=False, index=True),
    Column("key", Text, nullable=True, unique=True),
    Column("reported", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_chat_post_channel", chat_post.c.channel, chat_post.c.id)
Index("ix_chat_post_thread", chat_post.c.thread, chat_post.c.id)
Index("ix_chat_post_author", chat_post.c.author)
UNREPORTED = text("NOT reported")
Index("ix_chat_post_unreported", chat_post.c.id, sqlite_where=UNREPORTED, postgresql_where=UNREPORTED)

chat_seen = Table(
    "chat_seen",
    metadata,
    Column("member", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("post", Integer, nullable=False),
)

chat_picture = Table(
    "chat_picture",
    metadata,
    Column("post", Integer, primary_key=True, autoincrement=False),
    Column("png", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class ChatRoom:
    """An open channel."""

    id: str
    name: str
    purpose: str


@dataclass(frozen=True, slots=True)
class ChatPost:
    """See adapters.web.chat.Post."""

    id: str
    channel: str
    thread: str
    author: str
    text: str
    card: str
    only_for: str
    at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    changed: int


@dataclass(frozen=True, slots=True)
class ChatReplies:
    """What stands under a thread's first post."""

    count: int
    last_at: datetime
    authors: tuple[str, ...]


async def next_change(connection: AsyncConnection) -> int:
    """The next `changed`; inside a write transaction, of which there is one at a time."""
    return (await connection.scalar(select(func.max(chat_post.c.changed))) or 0) + 1


async def erase_posts(connection: AsyncConnection, member: str, at: datetime) -> int:
    """Take the words from what a member wrote here, and from their private conversation; how many posts that was. One
    change for each post, so that every open page takes the words away."""
    own = or_(chat_post.c.author == member, chat_post.c.channel == PRIVATE + member)
    ids = (await connection.scalars(select(chat_post.c.id).where(own, chat_post.c.deleted_at.is_(None)))).all()
    for number in ids:
        values = {"text": "", "card": "", "deleted_at": at, "changed": await next_change(connection)}
        await connection.execute(update(chat_post).where(chat_post.c.id == number).values(values))
    return len(ids)
