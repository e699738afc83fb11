"""The report: how many people are aware of, use and produce resources, whether that grows, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.web.site import Site
from bot.community import MemberRecord
from bot.report import Load, MonthLine, Report, TierLine

WIDTH, HEIGHT, FOOT = 320, 96, 18  # of a chart, in SVG units

TIER_WORDS = {
    "aware": ("Aware", "people who joined, follow a topic, or were shown a resource"),
    "using": ("Using", "people who asked, searched, opened a resource or were helped"),
    "producing": ("Producing", "people who took a question, answered, or wrote a resource"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    people: int | None


@dataclass(frozen=True, slots=True)
class Tier:
    name: str
    meaning: str
    line: TierLine
    bars: tuple[Bar, ...]


def routes(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/report")
    async def report_page(request: Request) -> Response:
        viewer = await site.viewer(request)
        report = await site.services.report()
        async with site.services.store.read() as tx:
            members = await tx.members.all()
        loads = named_loads(report.volunteers or (), members) if viewer.organises else None
        median = report.first_answer.median
        return await site.page(
            request,
            viewer,
            "report.html",
            report=report,
            tiers=tiers(report),
            loads=loads,
            asks=sum(load.asked for _, load in loads or ()) or 1,
            median=None if median is None else timedelta(seconds=median),
            chart=(WIDTH, HEIGHT + FOOT),
        )

    return router


def tiers(report: Report) -> list[Tier]:
    months = {line.tier: line for line in report.months}
    return [
        Tier(*TIER_WORDS.get(line.tier.value, (line.tier.value, "")), line, bars(months.get(line.tier)))
        for line in report.tiers
    ]


def bars(line: MonthLine | None, shown: int = 12) -> tuple[Bar, ...]:
    """Columns of the last months; a hidden number has no column."""
    months = line.months[-shown:] if line else ()
    if not months:
        return ()
    top = max((people or 0 for _, people in months), default=0) or 1
    room = WIDTH / len(months)
    width = min(room * 0.6, 28)
    return tuple(
        Bar(
            round(i * room + (room - width) / 2, 1),
            round(HEIGHT - (people or 0) / top * (HEIGHT - 16), 1),
            round(width, 1),
            round((people or 0) / top * (HEIGHT - 16), 1),
            _month(month),
            people,
        )
        for i, (month, people) in enumerate(months)
    )


def _month(month: date) -> str:
    return f"{month:%b}"


def named_loads(loads: tuple[Load, ...], members: list[MemberRecord]) -> list[tuple[str, Load]]:
    """By name: who carries how much is no ranking."""
    names: dict[str, str] = {}
    for member in members:
        names.setdefault(member.person, member.name)
    named = [(names.get(load.person) or "somebody who has left", load) for load in loads]
    return sorted(named, key=lambda one: (one[0], one[1].person))
