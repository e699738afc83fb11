"""Two accounts of one person: linked by a one-time code, they are counted once, and parted again on request.

One account asks for a code, the other gives it back. What each may do (its roles) stays with the account; that a
member wants to be left alone is true of the person, so it holds for both. The code is made when it is shown
(`make_code`) and only its hash is stored.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from bot.community import Audit, MemberRecord, QuestionFilter
from bot.effects import Notify, ShowLinkCode
from bot.events import FormSubmitted
from bot.news import Notice
from bot.ports import Clock, Store, Transaction
from bot.question import Refused, Status
from bot.steps import Steps, new_id

VALID = timedelta(minutes=15)
TRIES = 5  # codes one account may try within AN_HOUR
AN_HOUR = timedelta(hours=1)
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike
LENGTH = 8


def hashed(code: str) -> str:
    """The form in which a code is stored; blanks, dashes and small letters make no difference."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(f"link|{plain}".encode()).hexdigest()


async def make_code(store: Store, clock: Clock, member: str) -> str:
    """A fresh code for the member, good for a quarter of an hour."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    code, now = f"{letters[:4]}-{letters[4:]}", clock.now()
    async with store.begin() as tx:
        await tx.links.clear(now - AN_HOUR)
        await tx.links.add(hashed(code), member, now + VALID)
    return code


async def link(event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
    """The form LINK: without a code one is shown, with one the accounts become one person. Raises Refused."""
    if who is None:
        raise Refused(Notice.GONE)
    code = event.values.get("code", "").strip()
    if not code:
        await steps.say((ShowLinkCode(who.key),), event.key)
        return
    if await steps.tx.links.tries(who.key, steps.now - AN_HOUR) >= TRIES:
        raise Refused(Notice.TOO_MANY_TRIES)
    await steps.tx.links.tried(who.key, steps.now)
    maker = await steps.tx.links.maker(hashed(code), steps.now)
    other = (await steps.tx.members.get([maker])).get(maker) if maker else None
    if other is None:
        raise Refused(Notice.CODE_UNKNOWN)
    if other.person == who.person:
        raise Refused(Notice.ALREADY_DONE)
    await steps.tx.links.spend(other.key)
    await _join(who, other, steps)
    await steps.tx.audit.append([Audit(steps.now, who.key, "link", other.key)])
    await steps.say((Notify(who.key, Notice.LINKED), Notify(other.key, Notice.LINKED)), event.key)


async def unlink(event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
    """The form UNLINK: this account is a person of its own again. Raises Refused when it has been all along."""
    if who is None or len(await accounts(who, steps.tx)) < 2:
        raise Refused(Notice.ALREADY_DONE)
    await _become(who, f"p-{new_id('', f'{event.key}:{secrets.token_hex(8)}')}", steps)
    await steps.tx.audit.append([Audit(steps.now, who.key, "unlink", who.key)])
    await steps.say((Notify(who.key, Notice.UNLINKED),), event.key)


async def accounts(who: MemberRecord, tx: Transaction) -> list[MemberRecord]:
    """Every account of the person, this one too."""
    return [m for m in await tx.members.all() if m.person == who.person]


async def _join(who: MemberRecord, other: MemberRecord, steps: Steps) -> None:
    own = await accounts(who, steps.tx)
    opted_out = any(m.opted_out for m in (*own, *await accounts(other, steps.tx)))
    for member in own:
        await _become(member, other.person, steps)
    for member in await accounts(other, steps.tx):
        if member.opted_out != opted_out:
            await steps.tx.members.save(replace(member, opted_out=opted_out))


async def _become(member: MemberRecord, person: str, steps: Steps) -> None:
    """Also in what they have asked and nobody has answered: nobody is sent their own question."""
    await steps.tx.members.save(replace(member, person=person))
    unsettled = frozenset(Status) - {Status.CLOSED}
    for q in await steps.tx.questions.find(QuestionFilter(statuses=unsettled, asker=member.key)):
        await steps.tx.questions.save(replace(q, asker_person=person, version=q.version + 1))
