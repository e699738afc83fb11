"""A crisis inside a transaction: the alert is raised without the words, people are paged, and what they press is heard.

Whatever a message holds beside it, a C4 goes to safety leads only. What people look after is no question and no answer,
whatever it says by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.cards import Action
from bot.community import Audit, MemberRecord, Role
from bot.crisis_effects import ReadAgain
from bot.drills import is_drill
from bot.events import ButtonPressed, Place
from bot.news import Notice
from bot.permissions import allowed
from bot.ports import Transaction
from bot.question import Refused
from bot.safety.alerts import Alert, AlertState, Watch, end, note, page_again, raise_alert, take
from bot.safety.findings import CRISES, Code, Finding, by_severity
from bot.steps import Steps, new_id

PRESSES = frozenset({Action.ALERT_MINE, Action.ALERT_FALSE, Action.ALERT_RESOLVED, Action.ALERT_NOTE})


async def alarm(
    place: Place, author: str, findings: Sequence[Finding], key: str, steps: Steps, *, private: bool
) -> None:
    """Raise an alert; once for the same fact, and once for what people are on already."""
    crises = by_severity(f for f in findings if f.code in CRISES)
    worst = crises[0]
    alert_id, codes = new_id("a", key), tuple(f.code.value for f in crises)
    if await steps.tx.alerts.get(alert_id) is not None:
        return
    if any(_covers(a, author, codes) for a in await steps.tx.alerts.at(place)):
        return
    new = Alert(
        alert_id,
        place,
        author,
        worst.code.value,
        worst.speaker.value,
        tuple(dict.fromkeys(rule for f in crises for rule in f.rules)),
        steps.now,
        private=private,
        codes=codes,
        drill=is_drill(place),
    )
    alert, effects = raise_alert(new, await watch(steps, author, leads_only=new.leads_only))
    await steps.tx.alerts.save(alert)
    await steps.say(effects, f"{alert.id}:0", place)
    if alert.drill:
        await steps.tx.audit.append([Audit(steps.now, "winwin", "drill_begun", alert.id)])


def _covers(known: Alert, author: str, codes: Sequence[str]) -> bool:
    """Whether an alert that people are on says what a new one would."""
    seen_by_leads = Code.C4 not in codes or known.leads_only
    return known.author == author and codes[0] in known.found and seen_by_leads


async def watch(steps: Steps, author: str, *, leads_only: bool) -> Watch:
    """Whom to page. `leads_only`: moderators only where there is neither a lead nor an owner. Whoever wrote the message
    is not who looks after it, where there is somebody else."""
    leads = await steps.tx.members.with_role(Role.SAFETY_LEAD)
    owners = await steps.tx.members.with_role(Role.OWNER)
    more = [] if leads_only and (leads or owners) else await steps.tx.members.with_role(Role.MODERATOR)
    writer = (await steps.tx.members.get([author])).get(author)
    people, last = _there([*leads, *more], writer), _there(owners, writer)
    if not people and not last:
        people, last = _there([*leads, *more], None), _there(owners, None)
    return Watch(_keys(people), _keys(last), len({m.person for m in people}))


def _there(members: Sequence[MemberRecord], writer: MemberRecord | None) -> list[MemberRecord]:
    """Those whose account is still there: a page to nobody would count as a page."""
    return [m for m in members if not m.deactivated and (writer is None or m.person != writer.person)]


def _keys(members: Sequence[MemberRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.key for m in members))


async def watched(place: Place, steps: Steps) -> bool:
    """Whether what stands at this place is, or was, looked after by people as a crisis: then it is nothing else."""
    return any(a.state is not AlertState.NOT_A_CRISIS for a in await steps.tx.alerts.ever(place))


async def called_false(place: Place, tx: Transaction) -> tuple[str, ...]:
    """The rules that people have said were wrong about what stands at this place."""
    found = [a for a in await tx.alerts.ever(place) if a.state is AlertState.NOT_A_CRISIS]
    return tuple(sorted({rule for alert in found for rule in alert.rules}))


async def page(alert_id: str, deadline: datetime | None, steps: Steps) -> None:
    """The next rung of an alert that nobody has taken."""
    alert = await steps.tx.alerts.get(alert_id)
    if alert is None or deadline is None:
        return
    people = await watch(steps, alert.author, leads_only=alert.leads_only)
    changed, effects = page_again(alert, deadline, people, steps.now)
    if changed != alert:  # also when there is nobody to page: it is looked at again at the next rung
        await steps.tx.alerts.save(changed)
        await steps.say(effects, f"{alert.id}:{changed.rung}", alert.place)


def may_watch(alert: Alert, who: MemberRecord | None) -> bool:
    """Whether somebody may see an alert and act on it."""
    if who is None or not allowed(Action.ALERT_MINE, who):
        return False
    return not alert.leads_only or who.may(Role.SAFETY_LEAD) or who.key in alert.was_paged


async def alert_pressed(event: ButtonPressed, who: MemberRecord | None, steps: Steps) -> None:
    """Raises Refused."""
    alert_id, _, ending = event.subject.partition("|")
    alert = await steps.tx.alerts.get(alert_id)
    if alert is None:
        raise Refused(Notice.GONE)
    if not may_watch(alert, who):
        raise Refused(Notice.NOT_ALLOWED)
    by = event.by.key
    match event.action:
        case Action.ALERT_MINE:
            changed, effects = take(alert, by, steps.now)
        case Action.ALERT_NOTE:
            changed, effects = note(alert, ending)
        case Action.ALERT_FALSE:
            changed, effects = end(alert, by, AlertState.NOT_A_CRISIS, steps.now)
        case _:
            changed, effects = end(alert, by, AlertState.RESOLVED, steps.now)
    await steps.tx.alerts.save(changed)
    await steps.say(effects, f"{alert.id}:{changed.state}{changed.note}:{by}", alert.place)
    await steps.tx.audit.append([_entry(changed, event, steps.now)])
    if changed.state is AlertState.NOT_A_CRISIS and not await watched(alert.place, steps):
        await steps.say((ReadAgain(alert.id),), f"{alert.id}:again", alert.place)


def _entry(alert: Alert, event: ButtonPressed, now: datetime) -> Audit:
    by = event.by.key
    if alert.drill:
        return Audit(now, by, "drill_taken", alert.id)
    if event.action == Action.ALERT_NOTE:
        return Audit(now, by, "alert_note", alert.id, alert.note)
    return Audit(now, by, f"alert_{alert.state}", alert.id, "+".join(alert.rules))
