"""`winwin report`: aware, using, producing, and whether that grows; how fast and by whom questions are answered."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import say, show_json, table
from adapters.commands.session import Database, existing_database, in_community, settings_for

if TYPE_CHECKING:
    from adapters.app import Community
    from bot.report import Cell, Report

BASELINE = timedelta(days=90)  # how far back growth is measured from when no day is named


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@command
def report(
    baseline: Annotated[
        str, typer.Option(metavar="DATE", help="Growth since this day, for example 2025-01-31. [default: 90 days ago]")
    ] = "",
    form: Annotated[Format, typer.Option("--format", help="How to show it.")] = Format.TABLE,
    json_: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    show_small: Annotated[
        bool, typer.Option("--show-small", help="Show counts of few people too; only where nobody is real.")
    ] = False,
    database: Database = None,
) -> None:
    """Report what the community gets out of it. Counts of fewer than 11 people are hidden."""
    from bot.report import to_json

    settings = settings_for(database)
    existing_database(settings)
    since = _day(baseline) if baseline else None

    async def work(c: "Community") -> "Report":
        from bot.reporting import make_report

        now = c.clock.now()
        if since is not None and since > now:
            raise Refusal("the baseline lies in the future; name a day that has passed")
        return await make_report(c.store, c.model, now, since or now - BASELINE, c.policy, show_all=show_small)

    found = in_community(settings, work)
    if form is Format.TABLE and not json_:
        show(found)
        return
    from adapters.commands.pseudonyms import pseudonyms

    rows = to_json(found, pseudonyms(settings) if found.volunteers else str)
    if json_ or form is Format.JSON:
        show_json(rows)
    else:
        say(as_csv(rows).rstrip("\n"))


def _day(text: str) -> datetime:
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{text!r} is not a day; write for example 2025-01-31") from None
    return day.replace(tzinfo=UTC) if day.tzinfo is None else day.astimezone(UTC)


def as_csv(rows: Mapping[str, object]) -> str:
    """One line per number: its path in the JSON form (parted by dots) and its value."""
    from adapters.importers.table import escaped

    drawn = io.StringIO()
    written = csv.writer(drawn, lineterminator="\n")
    written.writerow(("figure", "value"))
    for name, value in _flat("", rows):
        written.writerow((escaped(name), "" if value is None else escaped(str(value))))
    return drawn.getvalue()


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        parts = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list):
        parts = [(str(number), item) for number, item in enumerate(value, 1)]
    else:
        yield path, value
        return
    for name, item in parts:
        yield from _flat(f"{path}.{name}" if path else name, item)


# --- the table ------------------------------------------------------------------------------------------


def show(found: "Report") -> None:
    """For a person at a terminal."""
    few = f"under {found.hidden_below}" if found.hidden_below else "–"
    table(
        f"People, growth since {found.baseline_at:%Y-%m-%d}",
        ("tier", "ever", "last 90 days", "growth ever", "growth 90 days"),
        [
            (
                line.tier.value,
                _number(line.cumulative, few),
                _number(line.active, few),
                _times(line.cumulative_growth, line.cumulative_at_baseline, few),
                _times(line.active_growth, line.active_at_baseline, few),
            )
            for line in found.tiers
        ],
        numbers=4,
    )
    table("Questions", ("", ""), list(_questions(found, few)), numbers=1)
    _show_volunteers(found, few)
    if found.gaps:
        rows = [(gap.name, _number(gap.questions, few), _number(gap.people, few)) for gap in found.gaps]
        table("Asked, and no resource for it", ("in their words", "questions", "people"), rows, numbers=2)


def _questions(found: "Report", few: str) -> Iterator[tuple[str, str]]:
    promptness, first, by_resource = found.promptness, found.first_answer, found.by_resource
    yield "asked", _cell(found.asked, few)
    for name in ("open", "offered", "claimed", "answered", "escalated"):
        yield f"{name} now", _cell(found.statuses[name], few)
    for name, cell in found.outcomes.items():
        yield f"closed: {name.replace('_', ' ')}", _cell(cell, few)
    yield "answered by a person or helped within 48 h", _share(promptness.share, promptness.due.count, few)
    yield "time to the first human answer, median", _wait(first.median, first.answered, few)
    yield "90th percentile", _wait(first.ninetieth, first.answered, few)
    if by_resource.low is None or by_resource.high is None:
        yield "answered by a resource", _share(None, found.asked.count, few)
    else:
        yield "answered by a resource (known … at most)", f"{by_resource.low:.0%} … {by_resource.high:.0%}"


def _show_volunteers(found: "Report", few: str) -> None:
    totals = found.volunteer_totals
    if totals is None:
        say(f"Volunteers: {few}, so their load is not shown.")
        return
    if not totals.volunteers:
        return
    mean = totals.asked / totals.volunteers
    did = f"accepted {totals.accepted} and answered {totals.answered}"
    say(f"{totals.volunteers} volunteers were asked {totals.asked} times ({mean:.1f} each), {did}.")
    rows = [
        (f"volunteer {place}", str(load.asked), str(load.accepted), str(load.answered))
        for place, load in enumerate(found.volunteers or (), 1)
    ]
    if rows:
        table("Load", ("", "asked", "accepted", "answered"), rows, numbers=3)


def _number(value: int | None, few: str) -> str:
    return few if value is None else f"{value:,}"


def _cell(cell: "Cell", few: str) -> str:
    return _number(cell.count, few)


def _times(growth: float | None, baseline: int | None, few: str) -> str:
    if growth is None:
        return few if baseline is None else "n/a"
    return f"{growth:.1f} times"


def _share(share: float | None, of: int | None, few: str) -> str:
    if share is None:
        return "n/a" if of == 0 else few
    return f"{share:.0%} of {of:,}" if of is not None else f"{share:.0%}"


def _wait(seconds: float | None, answered: "Cell", few: str) -> str:
    if seconds is None:
        return "n/a" if answered.count == 0 else few
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
