"""`winwin report`: aware, using, producing, and whether that grows; how fast and by whom questions are answered."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

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
    HTML = "html"
    PNG = "png"


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
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there instead of on the screen.")
    ] = None,
    database: Database = None,
) -> None:
    """Report what the community gets out of it. Counts of fewer than 11 people are hidden."""
    from bot.report import to_json

    if form is Format.PNG and output is None:
        raise typer.BadParameter("a picture can't be shown here; name a file for it: --output report.png")
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
    form = Format.JSON if json_ else form
    if form is Format.TABLE and output is None:
        show(found)
        return
    from adapters.commands.pseudonyms import pseudonyms

    rows = to_json(found, pseudonyms(settings) if found.volunteers else str)
    if output is not None:
        write(output, as_file(found, rows, form))
    elif form is Format.JSON:
        show_json(rows)
    else:
        say(as_file(found, rows, form).decode().rstrip("\n"))


def as_file(found: "Report", rows: Mapping[str, object], form: Format) -> bytes:
    """The report in one of its forms."""
    match form:
        case Format.PNG:
            return picture(found)
        case Format.HTML:
            from adapters.commands.report_page import page

            return page(found, picture(found)).encode()
        case Format.CSV:
            return as_csv(rows).encode()
        case Format.JSON:
            return (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode()
        case Format.TABLE:
            paper = io.StringIO()
            with redirect_stdout(paper):
                show(found)
            return paper.getvalue().encode()
        case _:
            assert_never(form)


def picture(found: "Report") -> bytes:
    """The chart of people and growth."""
    from adapters.charts import png
    from bot.chart import growth_chart
    from bot.wording import say_in

    return png(growth_chart(found, say_in("en"), "en"))


def write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        raise Refusal(f"{path} can't be written ({error.strerror}); choose another file") from None
    say(f"Written to {path}")


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


@dataclass(frozen=True)
class Sheet:
    """A table of the report; its last `numbers` columns are figures."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numbers: int


def show(found: "Report") -> None:
    """For a person at a terminal."""
    for sheet in sheets(found):
        table(sheet.title, sheet.columns, sheet.rows, numbers=sheet.numbers)
    line = volunteers_in_words(found)
    if line:
        say(line)


def sheets(found: "Report") -> list[Sheet]:
    """The report as tables, in the order in which they are read."""
    few = _few(found)
    people = [
        (
            line.tier.value,
            _number(line.cumulative, few),
            _number(line.active, few),
            _times(line.cumulative_growth, line.cumulative_at_baseline, few),
            _times(line.active_growth, line.active_at_baseline, few),
        )
        for line in found.tiers
    ]
    columns = ("tier", "ever", "last 90 days", "growth ever", "growth 90 days")
    drawn = [
        Sheet(f"People, growth since {found.baseline_at:%Y-%m-%d}", columns, people, 4),
        Sheet("Questions", ("", ""), list(_questions(found, few)), 1),
    ]
    loads = found.volunteers or ()
    asks = sum(load.asked for load in loads)
    load = [
        (f"volunteer {place}", str(load.asked), f"{load.asked / asks:.0%}" if asks else "–")
        for place, load in enumerate(loads, 1)
    ]
    gaps = [(gap.name, _number(gap.questions, few), _number(gap.people, few)) for gap in found.gaps]
    if load:
        drawn.append(Sheet("Load", ("", "asked", "share of all"), load, 2))
    if gaps:
        drawn.append(Sheet("Asked, and no resource for it", ("in their words", "questions", "people"), gaps, 2))
    return drawn


def volunteers_in_words(found: "Report") -> str:
    """One line on all volunteers together; empty when there is none."""
    totals = found.volunteer_totals
    if totals is None:
        return f"Volunteers: {_few(found)}, so their load is not shown."
    if not totals.volunteers:
        return ""
    mean = totals.asked / totals.volunteers
    did = f"accepted {totals.accepted} and answered {totals.answered}"
    return f"{totals.volunteers} volunteers were asked {totals.asked} times ({mean:.1f} each), {did}."


def _few(found: "Report") -> str:
    return f"under {found.hidden_below}" if found.hidden_below else "–"


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
