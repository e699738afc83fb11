"""`winwin replay`: talk that is over through the bot. Nothing is sent, no database is written, nothing is kept but the
page that was asked for."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import note, progress, say, show_json, table
from adapters.commands.session import AsJson, Database, existing_database, settings_for

if TYPE_CHECKING:
    from adapters.commands.replay_words import Words
    from adapters.exports import Export
    from adapters.settings import Settings
    from bot.replayed import Replay
    from knowledge.resources import Resource

SHOWN = 5  # files that could not be read, told one by one


@command
def replay(
    export: Annotated[
        Path,
        typer.Argument(
            metavar="EXPORT",
            help="A Slack export (zip or folder), or DiscordChatExporter's JSON (a file, a folder or a zip).",
            show_default=False,
        ),
    ],
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE.html", help="Write each decision and its why as one page.")
    ] = None,
    resources: Annotated[
        Path | None,
        typer.Option(metavar="R.jsonl", help="Resources, one a line, instead of the community's library."),
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="People's names instead of p-1, p-2 …")] = False,
    database: Database = None,
    json_: AsJson = False,
) -> None:
    """What the bot would have answered, handed to people and missed in talk that is over. Nothing is sent or stored."""
    from adapters.commands.measuring import read_resources
    from adapters.commands.replay_words import Words, as_json

    settings = settings_for(database)
    if page is not None and not page.absolute().parent.is_dir():
        raise Refusal(f"the folder {page.absolute().parent} does not exist; create it first")
    library = read_resources(resources)[0] if resources is not None else None
    if library is None:
        existing_database(settings)
    found = _read(export)
    replayed, count = asyncio.run(_replayed(settings, library, found))
    words = Words(found, replayed, count, ZoneInfo(settings.winwin_time_zone), names)
    if page is not None:
        from adapters.commands.replay_page import page_of, write

        write(page, page_of(words))
    if json_:
        show_json(as_json(words))
        return
    _show(words)
    if page is not None:
        say(f"Each decision and its why: {page}")


def _read(path: Path) -> "Export":
    from adapters.exports import read_export

    with progress("Reading") as shown:
        found = read_export(path, shown)
    for name, reason in found.bad[:SHOWN]:
        note(f"{name}: {reason}")
    if len(found.bad) > SHOWN:
        note(f"{len(found.bad) - SHOWN:,} more files could not be read (--json lists them)")
    return found


async def _replayed(settings: "Settings", resources: "list[Resource] | None", export: "Export") -> tuple["Replay", int]:
    from adapters.app import apart

    with progress("Loading the library") as loading:
        opened = apart(settings, resources, loading)
        there = await opened.__aenter__()
    try:
        if not there.resources:
            note("the library is empty: every question would have gone to people; `winwin import` fills it")
        with progress("Replaying") as shown:
            return await there.replaying.replay(export.said, shown), there.resources
    finally:
        await opened.__aexit__(None, None, None)


def _show(w: "Words") -> None:
    from adapters.commands.replay_words import in_words, totals, waited

    found, wait = totals(w.replay), w.replay.usual_wait
    crises = ", ".join(f"{count:,} {code}" for code, count in w.replay.codes.items())
    rows = (
        ("messages of people", w.replay.messages),
        ("messages of bots, left out", w.export.bots),
        ("questions heard", found["questions"]),
        ("  the library had something at once", found["suggested"]),
        ("  would have gone to people", found["routed"]),
        ("  answered by somebody, in reality", found["answered"]),
        ("  never answered", found["unanswered"]),
        ("  never answered, though the library had something", found["suggested_unanswered"]),
        ("time to the first real answer, median", waited(wait) if wait is not None else "never"),
        ("missed: not heard, yet people answered it", found["unheard"]),
        ("missed: neither people nor the library answered", sum(d.missed and d.left for d in w.replay.questions)),
        ("crises, which would have raised an alarm", f"{len(w.replay.cries):,} ({crises})" if crises else 0),
    )
    table("", ("", "messages"), [(name, f"{n:,}" if isinstance(n, int) else str(n)) for name, n in rows], numbers=1)
    say(in_words(w))
    for left_out in w.export.left_out:
        say(f"Left out: {left_out}.")
