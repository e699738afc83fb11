"""One-time links that sign somebody in with a browser, and the browsers that are signed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.storage.people_tables import browser_session, sign_in_link
from bot.community import SignedIn


class SignIns:
    """See bot.ports.SignInStore."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def offer(self, link_hash: str, member: str, now: datetime, until: datetime) -> None:
        """See SignInStore."""
        row = {"hash": link_hash, "member": member, "made_at": now, "until": until, "spent": False}
        await self._connection.execute(sign_in_link.insert(), row)

    async def offered(self, member: str, since: datetime) -> int:
        """See SignInStore."""
        own = (sign_in_link.c.member == member, sign_in_link.c.made_at > since)
        return int(await self._connection.scalar(select(func.count()).select_from(sign_in_link).where(*own)) or 0)

    async def meant(self, link_hash: str, now: datetime) -> str:
        """See SignInStore."""
        return await self._connection.scalar(select(sign_in_link.c.member).where(_good(link_hash, now))) or ""

    async def spend(self, link_hash: str, now: datetime) -> str:
        """See SignInStore."""
        spent = update(sign_in_link).where(_good(link_hash, now)).values(spent=True).returning(sign_in_link.c.member)
        return await self._connection.scalar(spent) or ""

    async def open(self, session_hash: str, member: str, now: datetime, until: datetime) -> None:
        """See SignInStore."""
        row = {"hash": session_hash, "member": member, "since": now, "until": until}
        await self._connection.execute(browser_session.insert(), row)

    async def signed_in(self, session_hash: str, now: datetime) -> str:
        """See SignInStore."""
        good = (browser_session.c.hash == session_hash, browser_session.c.until > now)
        return await self._connection.scalar(select(browser_session.c.member).where(*good)) or ""

    async def of(self, member: str) -> tuple[SignedIn, ...]:
        """See SignInStore."""
        wanted = select(browser_session.c.since, browser_session.c.until).where(browser_session.c.member == member)
        rows = await self._connection.execute(wanted.order_by(browser_session.c.since))
        return tuple(SignedIn(row.since, row.until) for row in rows)

    async def close(self, session_hash: str) -> None:
        """See SignInStore."""
        await self._connection.execute(delete(browser_session).where(browser_session.c.hash == session_hash))

    async def close_all(self, member: str) -> None:
        """See SignInStore."""
        await self._connection.execute(delete(browser_session).where(browser_session.c.member == member))
        own = update(sign_in_link).where(sign_in_link.c.member == member)
        await self._connection.execute(own.values(spent=True))

    async def clear(self, before: datetime) -> None:
        """See SignInStore."""
        await self._connection.execute(delete(sign_in_link).where(sign_in_link.c.until <= before))
        await self._connection.execute(delete(browser_session).where(browser_session.c.until <= before))


def _good(link_hash: str, now: datetime) -> ColumnElement[bool]:
    return and_(sign_in_link.c.hash == link_hash, sign_in_link.c.until > now, sign_in_link.c.spent.is_(False))
