"""`winwin drill`: does somebody wake up? Marked alerts go the way of a crisis, and how long it took is told."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import note, say, show_json
from adapters.commands.session import AsJson, Database, existing_database, in_community, settings_for

if TYPE_CHECKING:
    from adapters.app import Community
    from bot.events import MessagePosted
    from bot.ports import Store
    from bot.safety.alerts import Alert

MOST = 1_000
LOOK = 0.5  # seconds between two looks
SLOW = 30.0  # seconds after which it is said that nobody handles them


@dataclass(frozen=True, slots=True)
class Course:
    """How far one drill has come. Seconds since it began; None: not yet."""

    paged: float | None
    people: int
    acknowledged: float | None


@command
def drill(
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, max=MOST, help="How many.")] = 1,
    wait: Annotated[
        float, typer.Option("--wait", metavar="MINUTES", min=0, max=24 * 60, help="How long to wait for people.")
    ] = 15.0,
    results: Annotated[bool, typer.Option("--results", help="Begin none: tell how all before went.")] = False,
    database: Database = None,
    json_: AsJson = False,
) -> None:
    """Rehearse a crisis on the running bot: people are paged as at night, and told that it is a drill."""
    settings = settings_for(database)
    existing_database(settings)
    begun, patience = 0 if results else count, timedelta(minutes=wait)
    figures = in_community(settings, lambda c: _rehearse(c, begun, patience))
    if json_:
        show_json(figures)
    else:
        _show(figures)
    if figures["unacknowledged"] and not results:
        raise typer.Exit(1)


async def _rehearse(c: "Community", count: int, patience: timedelta) -> dict[str, Any]:
    if not count:
        return summary([await course(alert, c.store) for alert in await _all(c.store)])
    c.triage.start()
    await c.triage.loaded()
    events = await inject(c, count)
    note(f"{count} begun. People are told that it is a drill, and asked to press “I'm on it”.")
    return summary(await _followed(events, c.store, patience))


async def inject(c: "Community", count: int) -> "list[MessagePosted]":
    """Put drills into the inbox as a platform's messages come in: read by triage, without their words. They are leased
    to nobody, so the running bot takes them at its next look. Raises Refusal when triage does not know them."""
    from uuid import uuid4

    from bot.drills import drill as one

    now, series = c.clock.now(), uuid4().hex[:12]
    events = [one(f"{series}-{number}", now) for number in range(count)]
    arrivals = [await c.desk.triaged(event) for event in events]
    if not all(arrival.crisis for arrival in arrivals):
        raise Refusal("the rules do not find the drill's words; nobody would be paged in earnest either")
    async with c.store.post() as tx:
        await tx.inbox.add(arrivals, now, now)
    return events


async def _followed(events: "list[MessagePosted]", store: "Store", patience: timedelta) -> list[Course]:
    from bot.steps import new_id

    loop = asyncio.get_running_loop()
    begun, told, left = loop.time(), False, {new_id("a", event.key) for event in events}
    found: dict[str, Course] = dict.fromkeys(left, Course(None, 0, None))
    while left and loop.time() - begun < patience.total_seconds():
        await asyncio.sleep(LOOK)
        async with store.read() as tx:
            alerts = [alert for one in sorted(left) if (alert := await tx.alerts.get(one)) is not None]
        for alert in alerts:
            found[alert.id] = await course(alert, store)
            if alert.ended_at is not None:
                left.discard(alert.id)
        if not told and not alerts and len(left) == len(events) and loop.time() - begun > SLOW:
            note("Nothing has been paged yet: is the bot running on this database?")
            told = True
    return list(found.values())


async def course(alert: "Alert", store: "Store") -> Course:
    from bot.crisis_effects import PageSafety

    async with store.read() as tx:
        rows = await tx.outbox.of(alert.id)
    sent = [row for row in rows if isinstance(row.wish.effect, PageSafety) and row.delivered_at is not None]
    moments = [row.delivered_at for row in sent if row.delivered_at is not None]
    return Course(
        _seconds(alert, min(moments)) if moments else None,
        len({row.wish.to for row in sent}),
        _seconds(alert, alert.taken_at) if alert.taken_at is not None else None,
    )


def _seconds(alert: "Alert", moment: datetime) -> float:
    return round((moment - alert.raised_at).total_seconds(), 3)


async def _all(store: "Store") -> "list[Alert]":
    from bot.drills import NOBODY

    async with store.read() as tx:
        return list(await tx.alerts.about(NOBODY.key))


def summary(courses: list[Course]) -> dict[str, Any]:
    """Counts, and seconds: half of them, nine of ten, and the slowest."""
    paged = sorted(c.paged for c in courses if c.paged is not None)
    acknowledged = sorted(c.acknowledged for c in courses if c.acknowledged is not None)
    return {
        "drills": len(courses),
        "paged": len(paged),
        "people_paged": max((c.people for c in courses), default=0),
        "acknowledged": len(acknowledged),
        "unacknowledged": len(courses) - len(acknowledged),
        "seconds_to_page": _spread(paged),
        "seconds_to_acknowledge": _spread(acknowledged),
    }


def _spread(ordered: list[float]) -> dict[str, float] | None:
    if not ordered:
        return None
    return {"p50": _at(ordered, 0.5), "p90": _at(ordered, 0.9), "max": ordered[-1]}


def _at(ordered: list[float], share: float) -> float:
    """The smallest value that this share of them does not exceed."""
    return ordered[ceil(share * len(ordered)) - 1]


def _show(figures: dict[str, Any]) -> None:
    people = figures["people_paged"]
    begun, had = figures["drills"], figures["acknowledged"]
    say(f"{begun} drills: {figures['paged']} paged (to {people} people), {had} acknowledged, {begun - had} not.")
    for name, label in (("seconds_to_page", "until paged"), ("seconds_to_acknowledge", "until somebody had it")):
        if (spread := figures[name]) is not None:
            say(f"{label}: p50 {_time(spread['p50'])}, p90 {_time(spread['p90'])}, slowest {_time(spread['max'])}")


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
