"""What the picture of a report shows, in words and figures; how it is drawn is decided outside (bot.ports.Painter)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engagement import Tier
from bot.report import Report, TierLine
from bot.wording import Say, month_name

SHOWN = 24  # months at most


@dataclass(frozen=True, slots=True)
class Curve:
    """People by month, oldest first; None is a number too small to show. `growth` may be empty."""

    name: str
    headline: str
    growth: str
    people: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`months` are the names of the points of every curve. `note` stands below; `empty` where there is no curve.
    `most`: the top of one scale for all curves, where they are to be compared by their height."""

    title: str
    months: tuple[str, ...]
    curves: tuple[Curve, ...]
    note: str
    empty: str
    most: int | None = None


def growth_chart(report: Report, say: Say, language: str) -> Chart:
    """People who are aware, use and produce: how many in each month, and how many times the baseline there are now."""
    months = [month for month, _ in report.months[0].months][-SHOWN:] if report.months else []
    lines = {line.tier: line for line in report.tiers}
    people = {line.tier: tuple(count for _, count in line.months)[-SHOWN:] for line in report.months}
    names = tier_names(say)
    few = say("Months with fewer than {count} people are left out.").format(count=report.hidden_below)
    return Chart(
        title=say("Our shared knowledge: people by month"),
        months=tuple(month_name(month, language) for month in months),
        curves=tuple(
            Curve(
                names[tier],
                headline(lines[tier], report, say, language),
                grown(lines[tier], say),
                people.get(tier, ()),
            )
            for tier in Tier
            if tier in lines
        ),
        note=few if report.hidden_below else "",
        empty=say("Not enough to show yet"),
    )


def tier_names(say: Say) -> dict[Tier, str]:
    return {
        Tier.AWARE: say("Know about it"),
        Tier.USING: say("Use it"),
        Tier.PRODUCING: say("Add to it"),
    }


def headline(line: TierLine, report: Report, say: Say, language: str) -> str:
    """How many people so far, and how many times as many as at the baseline."""
    if line.cumulative is None:
        return say("fewer than {count} people so far").format(count=report.hidden_below)
    if line.cumulative == 1:
        return say("one person so far")
    if line.cumulative_growth is None:
        return say("{count} people so far").format(count=line.cumulative)
    since = month_name(report.baseline_at.date(), language)
    text = say("{count} people so far, {times} times as many as in {month}")
    return text.format(count=line.cumulative, times=f"{line.cumulative_growth:.1f}", month=since)


def grown(line: TierLine, say: Say) -> str:
    """The growth factor alone, to be seen at a glance."""
    return "" if line.cumulative_growth is None else say("{times} times").format(times=f"{line.cumulative_growth:.1f}")


def in_words(chart: Chart) -> str:
    """The picture for those who cannot see it."""
    return f"{chart.title}. " + "; ".join(f"{curve.name}: {curve.headline}" for curve in chart.curves) + "."
