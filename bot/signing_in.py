"""Signing in with a browser: a one-time link that the bot gives somebody in private, and where they are signed in.

The link and what the browser keeps are random; here stand their hashes alone. Looking at a link changes nothing (chat
platforms open links to show what is behind them); pressing its button spends it. What somebody may see is asked of
their roles at every page, so that a role that was taken away ends at once.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from bot.community import Audit, MemberRecord
from bot.events import Member
from bot.news import Notice
from bot.ports import Store, Transaction
from bot.question import Refused

VALID = timedelta(minutes=10)  # a link
SIGNED_IN = timedelta(days=1)  # a browser
LINKS = 5  # for one account within AN_HOUR
AN_HOUR = timedelta(hours=1)
BYTES = 32  # of chance in a link, and in what a browser keeps


def hashed(token: str) -> str:
    """The form in which it is stored. 256 bits of chance need no salt and no slow hash."""
    return hashlib.sha256(f"sign-in|{token}".encode()).hexdigest()


async def make_link(store: Store, member: str, now: datetime) -> str:
    """A fresh token for the member, good once and for ten minutes. Raises Refused."""
    token = secrets.token_urlsafe(BYTES)
    async with store.begin() as tx:
        await tx.sign_ins.clear(now - AN_HOUR)
        await tx.members.seen([(Member.from_key(member), "")], now)
        if not may_sign_in((await tx.members.get([member])).get(member)):
            raise Refused(Notice.NOT_ALLOWED)
        if await tx.sign_ins.offered(member, now - AN_HOUR) >= LINKS:
            raise Refused(Notice.TOO_MANY_LINKS)
        await tx.sign_ins.offer(hashed(token), member, now, now + VALID)
    return token


async def meant(store: Store, token: str, now: datetime) -> MemberRecord | None:
    """Whom the link would sign in; None when it is of no use (any more)."""
    async with store.read() as tx:
        return await _who(await tx.sign_ins.meant(hashed(token), now), tx)


async def spend(store: Store, token: str, now: datetime) -> tuple[MemberRecord, str] | None:
    """Sign in: whom, and what their browser keeps from now on. None when the link is of no use (any more)."""
    kept = secrets.token_urlsafe(BYTES)
    async with store.begin() as tx:
        record = await _who(await tx.sign_ins.spend(hashed(token), now), tx)
        if record is None:
            return None
        await tx.sign_ins.open(hashed(kept), record.key, now, now + SIGNED_IN)
        await tx.audit.append([Audit(now, record.key, "sign_in", record.key)])
    return record, kept


async def signed_in(store: Store, kept: str, now: datetime) -> MemberRecord | None:
    """Whose browser it is, as they are known now; None when nobody is signed in with it (any more)."""
    if not kept:
        return None
    async with store.read() as tx:
        return await _who(await tx.sign_ins.signed_in(hashed(kept), now), tx)


async def sign_out(store: Store, member: str, kept: str, now: datetime) -> None:
    async with store.begin() as tx:
        await tx.sign_ins.close(hashed(kept))
        await tx.audit.append([Audit(now, member, "sign_out", member)])


async def sign_out_everywhere(store: Store, member: str, now: datetime) -> None:
    """On every device; links that were not used yet are of no use any more either."""
    async with store.begin() as tx:
        await tx.sign_ins.close_all(member)
        await tx.audit.append([Audit(now, member, "sign_out", member, "everywhere")])


def may_sign_in(record: MemberRecord | None) -> bool:
    """Whoever was shut out of their platform, or has left it, sees nothing here either."""
    return record is not None and not record.deactivated and not record.bot


async def _who(member: str, tx: Transaction) -> MemberRecord | None:
    record = (await tx.members.get([member])).get(member) if member else None
    return record if may_sign_in(record) else None
