"""Roles that people give here: a moderator confirms a clinician, the owner names moderators, safety leads, organisers.

Who did so, when and how they know stands in the audit; of the proof only its kind is kept. A clinician is confirmed for
a year: a month before it ends people are asked whether it is still true, and if nobody says so, it ends. Beside it
stand the roles of a platform that are trusted (bot.trusting), which nobody can take away here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.community import Appointment, Audit, MemberRecord, Role
from bot.effects import Notify
from bot.events import ButtonPressed, FormSubmitted, Member
from bot.news import Notice, RoleNews
from bot.people import held_now
from bot.permissions import APPOINTS, may_appoint
from bot.ports import Transaction
from bot.publishing import After
from bot.question import Refused
from bot.rights_effects import TellRole
from bot.steps import Steps
from bot.typed import InvalidForm, say_to
from bot.wording import Say

YEAR = timedelta(days=365)
PROOFS = ("register", "workplace", "colleague", "licence")  # how somebody knows that a person is a clinician


async def appoint(event: FormSubmitted, who: MemberRecord | None, steps: Steps, after: After) -> None:
    """The form APPOINT. Raises Refused and InvalidForm."""
    say, role = say_to(who), _role(event.values.get("role", ""))
    if role is None or who is None or not may_appoint(role, who):
        raise Refused(Notice.NOT_ALLOWED)
    record = await _person(event, say, steps)
    if event.values.get("on", "yes") == "yes":
        proof = event.values.get("proof", "") if role is Role.CLINICIAN else ""
        await _give(record, role, proof, who, say, steps)
    else:
        await _withdraw(record, role, who, say, steps)
        if event.values["on"] == "mistake" and role is Role.CLINICIAN:
            await _unread(record.key, steps, after)
    await steps.say((Notify(who.key, Notice.SETTINGS_SAVED),), event.key)


async def renew(event: ButtonPressed, who: MemberRecord | None, steps: Steps) -> None:
    """It is still true: for another year. Raises Refused."""
    member, _, name = event.subject.rpartition("|")
    role = _role(name)
    if role is None or who is None or not may_appoint(role, who):
        raise Refused(Notice.NOT_ALLOWED)
    given = await steps.tx.appointments.get(member, role)
    record = (await steps.tx.members.get([member])).get(member)
    if given is None or record is None:
        raise Refused(Notice.GONE)
    if not given.reminded:
        raise Refused(Notice.ALREADY_DONE)
    if record.person == who.person:
        raise Refused(Notice.SECOND_NEEDED)
    await _give(record, role, given.proof, who, say_to(who), steps)
    await steps.say((Notify(who.key, Notice.SETTINGS_SAVED),), event.key)


async def rights_due(tx: Transaction, now: datetime) -> bool:
    """Whether an appointment ends, or it is time to say that it will."""
    return bool(await tx.appointments.due(now))


async def let_end(steps: Steps) -> None:
    """Say of those that end in a month that they do; end those whose time is over."""
    for given in await steps.tx.appointments.due(steps.now):
        record = (await steps.tx.members.get([given.member])).get(given.member)
        if given.until is None or given.until > steps.now:
            await steps.tx.appointments.put(replace(given, reminded=True))
            await _tell(given, RoleNews.ENDS, "", steps)
        elif record is not None:
            await _take(record, given.role, "winwin", "lapse", steps)
            await _tell(given, RoleNews.ENDED, "", steps)
        else:
            await steps.tx.appointments.remove(given.member, given.role)


async def _person(event: FormSubmitted, say: Say, steps: Steps) -> MemberRecord:
    """Somebody of the same space may be chosen before they have written a word. Raises InvalidForm."""
    chosen = event.values.get("who", "").strip()
    if chosen.startswith(f"{event.by.platform}:{event.by.space}:"):
        await steps.tx.members.seen([(Member.from_key(chosen), "")], steps.now)
    record = (await steps.tx.members.get([chosen])).get(chosen)
    if record is None:
        raise InvalidForm(say("I don't know this person yet. Please choose somebody else."))
    return record


def _role(name: str) -> Role | None:
    return next((role for role in APPOINTS if role.value == name), None)


async def _give(record: MemberRecord, role: Role, proof: str, who: MemberRecord, say: Say, steps: Steps) -> None:
    if record.person == who.person:
        raise InvalidForm(say("Nobody gives a role to themselves. Please ask somebody else who may."))
    if record.bot or record.deactivated:
        raise InvalidForm(say("This account is switched off, or a program's. Please choose somebody else."))
    if role is Role.CLINICIAN and proof not in PROOFS:
        raise InvalidForm(say("How do you know that they are a clinician? Please choose one of the answers."))
    until = steps.now + YEAR if role is Role.CLINICIAN else None
    await steps.tx.appointments.put(Appointment(record.key, role, who.key, steps.now, proof, until))
    now = replace(record, roles=record.roles | {role})
    await steps.tx.members.save(now)
    await held_now(record, now, steps)
    detail = "+".join(part for part in (role.value, proof, f"{until:%Y-%m-%d}" if until else "") if part)
    await steps.tx.audit.append([Audit(steps.now, who.key, "appoint", record.key, detail)])
    told = TellRole(record.key, record.key, role.value, RoleNews.GIVEN, who.key)
    await steps.say((told,), f"appoint:{record.key}:{role}:{steps.now.isoformat()}")


async def _withdraw(record: MemberRecord, role: Role, who: MemberRecord, say: Say, steps: Steps) -> None:
    if role not in record.roles:
        if role in record.held:
            raise InvalidForm(say("They have it by a role of their platform. It can be taken back there."))
        raise Refused(Notice.ALREADY_DONE)
    await _take(record, role, who.key, "withdraw", steps)
    ended = TellRole(record.key, record.key, role.value, RoleNews.ENDED, who.key)
    await steps.say((ended,), f"withdraw:{record.key}:{role}:{steps.now.isoformat()}")


async def _take(record: MemberRecord, role: Role, by: str, action: str, steps: Steps) -> None:
    now = replace(record, roles=record.roles - {role})
    await steps.tx.appointments.remove(record.key, role)
    await steps.tx.members.save(now)
    await held_now(record, now, steps)
    await steps.tx.audit.append([Audit(steps.now, by, action, record.key, role.value)])


async def _unread(member: str, steps: Steps, after: After) -> None:
    """They were none: what they have read counts as read by no clinician."""
    theirs = [r for r in await steps.tx.resources.all() if r.clinician == member]
    unread = [replace(r, clinician="", reviewed_by="", reviewed_at=None) for r in theirs]
    after.index += await steps.tx.resources.put(unread, steps.now)
    await steps.tx.audit.append([Audit(steps.now, "winwin", "reviews_void", member, f"{len(theirs)} resources")])


async def _tell(given: Appointment, news: RoleNews, by: str, steps: Steps) -> None:
    """Whoever has it, and those who may give it again."""
    others = [m for m in await steps.moderators() if m != given.member]
    wishes = tuple(TellRole(to, given.member, given.role.value, news, by) for to in (given.member, *others))
    await steps.say(wishes, f"{news}:{given.member}:{given.role}:{given.until}")
