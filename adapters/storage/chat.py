"""The local chat server's store: channels, posts, and what each member has seen.

Rules this file keeps:
- `changed` grows by one with every write; one writes at a time, in all processes, so no number is given twice.
- A deleted post keeps its row without its words: whoever looks for what has changed finds out that it is gone.
- A post written with a key exists once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.chat_tables import (
    PRIVATE,
    UNREPORTED,
    ChatPost,
    ChatReplies,
    ChatRoom,
    chat_channel,
    chat_picture,
    chat_post,
    chat_seen,
    erase_posts,
    next_change,
)
from adapters.storage.database import Database


class Chat:
    """See adapters.web.chat.ChatStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- channels ---------------------------------------------------------------------------------------

    async def open_channel(self, channel: str, name: str, purpose: str) -> None:
        values = {"name": name, "purpose": purpose}
        async with self._database.begin() as tx:
            known = await tx.connection.execute(update(chat_channel).where(chat_channel.c.id == channel).values(values))
            if not known.rowcount:
                await tx.connection.execute(insert(chat_channel).values(id=channel, **values))

    async def channels(self) -> list[ChatRoom]:
        c = chat_channel.c
        async with self._database.read() as tx:
            rows = await tx.connection.execute(select(c.id, c.name, c.purpose).order_by(c.number))
        return [ChatRoom(*row) for row in rows]

    # --- writing ----------------------------------------------------------------------------------------

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
    ) -> ChatPost:
        async with self._database.begin() as tx:
            tx.news.add("chat")
            if key:
                known = await _one(tx.connection, chat_post.c.key == key)
                if known is not None:
                    return known
            values = {
                "channel": channel,
                "thread": _number(thread),
                "author": author,
                "text": text,
                "card": card,
                "only_for": only_for,
                "at": at,
                "changed": await next_change(tx.connection),
                "key": key or None,
                "reported": reported,
            }
            made = await tx.connection.execute(insert(chat_post).values(values))
            number = made.inserted_primary_key[0] if made.inserted_primary_key else 0
            if not thread:
                own = update(chat_post).where(chat_post.c.id == number).values(thread=number)
                await tx.connection.execute(own)
            if picture:
                await tx.connection.execute(insert(chat_picture).values(post=number, png=picture))
            post = await _one(tx.connection, chat_post.c.id == number)
        assert post is not None
        return post

    async def edit(self, post_id: str, text: str, at: datetime) -> ChatPost | None:
        return await self._change(post_id, {"text": text, "edited_at": at, "reported": False})

    async def revise(self, post_id: str, card: str) -> ChatPost | None:
        return await self._change(post_id, {"card": card})

    async def delete(self, post_id: str, at: datetime) -> ChatPost | None:
        return await self._change(post_id, {"text": "", "card": "", "deleted_at": at, "reported": False})

    async def _change(self, post_id: str, values: Mapping[str, Any]) -> ChatPost | None:
        there = and_(chat_post.c.id == _number(post_id), chat_post.c.deleted_at.is_(None))
        async with self._database.begin() as tx:
            tx.news.add("chat")
            changed = await next_change(tx.connection)
            await tx.connection.execute(update(chat_post).where(there).values({**values, "changed": changed}))
            return await _one(tx.connection, chat_post.c.changed == changed)

    async def forget(self, member: str, at: datetime) -> None:
        """See chat_tables.erase_posts."""
        async with self._database.begin() as tx:
            tx.news.add("chat")
            await erase_posts(tx.connection, member, at)

    # --- reading ----------------------------------------------------------------------------------------

    async def get(self, post_id: str) -> ChatPost | None:
        async with self._database.read() as tx:
            return await _one(tx.connection, chat_post.c.id == _number(post_id))

    async def picture(self, post_id: str) -> bytes:
        async with self._database.read() as tx:
            wanted = select(chat_picture.c.png).where(chat_picture.c.post == _number(post_id))
            return await tx.connection.scalar(wanted) or b""

    async def roots(self, channel: str, viewer: str, limit: int, before: str = "") -> list[ChatPost]:
        wanted = [chat_post.c.channel == channel, chat_post.c.thread == chat_post.c.id, _visible(viewer)]
        if before:
            wanted.append(chat_post.c.id < _number(before))
        return await self._newest(wanted, limit)

    async def stream(self, channel: str, viewer: str, limit: int) -> list[ChatPost]:
        return await self._newest([chat_post.c.channel == channel, _visible(viewer)], limit)

    async def thread(self, root: str, viewer: str) -> list[ChatPost]:
        return await self._found(and_(chat_post.c.thread == _number(root), _visible(viewer)))

    async def replies(self, roots: Sequence[str], viewer: str) -> dict[str, ChatReplies]:
        c = chat_post.c
        numbers = [_number(root) for root in roots]
        wanted = and_(c.thread.in_(numbers), c.id != c.thread, c.deleted_at.is_(None), _visible(viewer))
        threads: dict[str, list[ChatPost]] = {}
        for post in await self._found(wanted) if numbers else []:
            threads.setdefault(post.thread, []).append(post)
        return {
            root: ChatReplies(len(posts), posts[-1].at, tuple(dict.fromkeys(p.author for p in posts)))
            for root, posts in threads.items()
        }

    async def changed(self, after: int, viewer: str) -> list[ChatPost]:
        mine = or_(chat_post.c.channel.not_like(f"{PRIVATE}%"), chat_post.c.channel == PRIVATE + viewer)
        wanted = and_(chat_post.c.changed > after, mine, _visible(viewer))
        return await self._found(wanted, chat_post.c.changed)

    async def latest(self) -> int:
        async with self._database.read() as tx:
            return await tx.connection.scalar(select(func.max(chat_post.c.changed))) or 0

    # --- what has been seen -----------------------------------------------------------------------------

    async def unread(self, viewer: str) -> dict[str, int]:
        c = chat_post.c
        seen = and_(chat_seen.c.channel == c.channel, chat_seen.c.member == viewer)
        mine = or_(c.channel.not_like(f"{PRIVATE}%"), c.channel == PRIVATE + viewer)
        wanted = and_(_unseen(), mine, c.author != viewer, _visible(viewer))
        counted = select(c.channel, func.count()).outerjoin(chat_seen, seen).where(wanted).group_by(c.channel)
        async with self._database.read() as tx:
            return {row[0]: row[1] for row in await tx.connection.execute(counted)}

    async def waiting(self) -> dict[str, int]:
        c = chat_post.c
        owner = func.substr(c.channel, len(PRIVATE) + 1)
        seen = and_(chat_seen.c.channel == c.channel, chat_seen.c.member == owner)
        wanted = and_(_unseen(), c.channel.like(f"{PRIVATE}%"), c.author != owner)
        counted = select(owner, func.count()).outerjoin(chat_seen, seen).where(wanted).group_by(owner)
        newest_first = counted.order_by(func.max(c.id).desc())
        async with self._database.read() as tx:
            return {row[0]: row[1] for row in await tx.connection.execute(newest_first)}

    async def mark_read(self, viewer: str, channel: str) -> None:
        """Writes only when there is something new."""
        newest = select(func.max(chat_post.c.id)).where(chat_post.c.channel == channel)
        own = and_(chat_seen.c.member == viewer, chat_seen.c.channel == channel)
        async with self._database.read() as tx:
            post = await tx.connection.scalar(newest) or 0
            seen = await tx.connection.scalar(select(chat_seen.c.post).where(own)) or 0
        if post <= seen:
            return
        async with self._database.begin() as tx:
            known = await tx.connection.execute(update(chat_seen).where(own).values(post=post))
            if not known.rowcount:
                await tx.connection.execute(insert(chat_seen).values(member=viewer, channel=channel, post=post))

    # --- what the desk has heard ------------------------------------------------------------------------

    async def unreported(self, limit: int) -> list[ChatPost]:
        query = select(*_COLUMNS).where(UNREPORTED).order_by(chat_post.c.id).limit(limit)
        async with self._database.read() as tx:
            return [_post(row) for row in await tx.connection.execute(query)]

    async def reported(self, post_id: str, changed: int) -> None:
        same = and_(chat_post.c.id == _number(post_id), chat_post.c.changed == changed)
        async with self._database.begin() as tx:
            await tx.connection.execute(update(chat_post).where(same).values(reported=True))

    async def _newest(self, wanted: Sequence[ColumnElement[bool]], limit: int) -> list[ChatPost]:
        query = select(*_COLUMNS).where(*wanted).order_by(chat_post.c.id.desc()).limit(limit)
        async with self._database.read() as tx:
            rows = (await tx.connection.execute(query)).all()
        return [_post(row) for row in reversed(rows)]

    async def _found(self, wanted: ColumnElement[bool], order: ColumnElement[Any] = chat_post.c.id) -> list[ChatPost]:
        query = select(*_COLUMNS).where(wanted).order_by(order)
        async with self._database.read() as tx:
            return [_post(row) for row in await tx.connection.execute(query)]


_COLUMNS = tuple(
    chat_post.c[name]
    for name in "id channel thread author text card only_for at edited_at deleted_at changed".split()  # noqa: SIM905
)


def _post(row: Row[Any]) -> ChatPost:
    number, channel, thread, *rest = tuple(row)
    return ChatPost(str(number), channel, str(thread), *rest)


def _number(post_id: str) -> int:
    """0, which no post has, for what is not a number."""
    return int(post_id) if post_id.isascii() and post_id.isdigit() and len(post_id) < 19 else 0


def _visible(viewer: str) -> ColumnElement[bool]:
    return chat_post.c.only_for.in_(("", viewer))


def _unseen() -> ColumnElement[bool]:
    newer = chat_post.c.id > func.coalesce(chat_seen.c.post, 0)
    return and_(newer, chat_post.c.deleted_at.is_(None))


async def _one(connection: AsyncConnection, wanted: ColumnElement[bool]) -> ChatPost | None:
    row = (await connection.execute(select(*_COLUMNS).where(wanted))).first()
    return None if row is None else _post(row)
