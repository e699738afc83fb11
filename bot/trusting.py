"""Roles of a platform that the community trusts: who says so, who has one, and when it ends.

Of what somebody has on their platform only that is kept which follows from a trusted role. Slack has no such roles and
reports none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.community import Audit, Badge, Role, Trust
from bot.effects import Notify
from bot.events import FormSubmitted, RoleChanged, RolesHeld
from bot.news import Notice
from bot.people import wear
from bot.question import Refused
from bot.steps import Steps
from bot.typed import InvalidForm
from bot.wording import Say

FIELDS = {"moderators": Role.MODERATOR, "clinicians": Role.CLINICIAN}  # of the form ROLES
MAX_NAME = 100


def badges_of(trusts: Iterable[Trust], held: Collection[str]) -> frozenset[Badge]:
    """What somebody is who has these roles of a platform."""
    return frozenset(Badge(t.role, t.key) for t in trusts if t.key in held)


def as_lines(trusts: Iterable[Trust], role: Role) -> str:
    """The value of a field of the form ROLES: a line for each, its key and its name."""
    return "\n".join(f"{t.key} {t.name}" for t in trusts if t.role is role)


def untrusted_line(names: str, say: Say) -> str:
    """`names`: those that can't be chosen."""
    text = say("Everybody has this role, or it belongs to a program: {names}. Please choose another one.")
    return text.format(names=", ".join(names.splitlines())[:300])


async def roles_held(event: RolesHeld, steps: Steps) -> None:
    key = event.member.key
    badges = badges_of(await steps.tx.trusts.all(), event.roles)
    record = (await steps.tx.members.get([key])).get(key)
    if record is None:
        if not badges:
            return
        await steps.tx.members.seen([(event.member, "")], steps.now)
        record = (await steps.tx.members.get([key]))[key]
    await wear(record, badges, steps)


async def role_changed(event: RoleChanged, steps: Steps) -> None:
    known = [t for t in await steps.tx.trusts.all() if t.key == event.role]
    for one in known:
        if event.gone:
            await _end(one, "winwin", steps)
        elif event.name and event.name != one.name:
            await steps.tx.trusts.put(Trust(one.key, one.role, event.name[:MAX_NAME]))
    if event.gone and known:
        await _count_again(known[0].space, steps)


async def trust_roles(event: FormSubmitted, say: Say, steps: Steps) -> None:
    """The form ROLES: what is chosen is trusted, and nothing else of that space. Raises Refused and InvalidForm."""
    space = f"{event.by.platform}:{event.by.space}"
    if event.subject != space:
        raise Refused(Notice.NOT_ALLOWED)
    if refused := event.values.get("untrusted", ""):
        raise InvalidForm(untrusted_line(refused, say))
    wanted = {(t.key, t.role): t for name, role in FIELDS.items() for t in _chosen(event, name, role, space)}
    known = {(t.key, t.role): t for t in await steps.tx.trusts.all() if t.space == space}
    for gone in sorted(known.keys() - wanted.keys()):
        await _end(known[gone], event.by.key, steps)
    for new, one in sorted(wanted.items()):
        await steps.tx.trusts.put(one)
        if new not in known:
            await steps.tx.audit.append([Audit(steps.now, event.by.key, "trust_role", one.key, one.role.value)])
    await _count_again(space, steps)
    await steps.say((Notify(event.by.key, Notice.SETTINGS_SAVED),), event.key)


def _chosen(event: FormSubmitted, field: str, role: Role, space: str) -> list[Trust]:
    """Roles of that space alone."""
    lines = (line.partition(" ") for line in event.values.get(field, "").splitlines())
    return [Trust(key, role, name.strip()[:MAX_NAME]) for key, _, name in lines if key.rpartition(":")[0] == space]


async def _end(trust: Trust, by: str, steps: Steps) -> None:
    await steps.tx.trusts.remove(trust.key, trust.role)
    await steps.tx.audit.append([Audit(steps.now, by, "distrust_role", trust.key, trust.role.value)])


async def _count_again(space: str, steps: Steps) -> None:
    """What those are now of whom a trusted role is known."""
    trusts = await steps.tx.trusts.all()
    for record in await steps.tx.members.with_badges():
        if record.key.startswith(f"{space}:"):
            await wear(record, badges_of(trusts, {badge.by for badge in record.badges}), steps)
