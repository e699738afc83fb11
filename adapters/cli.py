"""The command line. Each command is in adapters/commands; here they get their names and their examples."""

import os
from collections.abc import Callable

import typer

from adapters.commands import (
    asking,
    auditing,
    calibrating,
    checking,
    drilling,
    exporting,
    importing,
    keeping,
    measuring,
    replaying,
    reporting,
    serving,
    simulating,
)
from adapters.commands.outcome import hide_words

COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("demo", serving.demo, "winwin demo"),
    ("run", serving.run, "winwin run --local"),
    (
        "import",
        importing.import_,
        "winwin import resources.jsonl more.csv\n  winwin import https://example.org/sitemap.xml",
    ),
    ("export", exporting.export, "winwin export backup-of-march"),
    ("ask", asking.ask, 'winwin ask "my son\'s school marks infusion days as unexcused"'),
    ("explain", asking.explain, 'winwin explain "any tips for the first day?"\n  winwin explain - < lines.jsonl'),
    ("eval", measuring.evaluate, "winwin eval --resources R.jsonl --queries Q.jsonl --json"),
    (
        "replay",
        replaying.replay,
        "winwin replay slack-export.zip --page replay.html\n  winwin replay discord/ --resources R.jsonl --json",
    ),
    ("report", reporting.report, "winwin report --baseline 2025-01-31 --format csv"),
    ("simulate", simulating.simulate, "winwin simulate --seed 1\n  winwin simulate --seeds 10 --json"),
    ("calibrate", calibrating.calibrate, "winwin calibrate\n  winwin calibrate --apply"),
    ("doctor", checking.doctor, "winwin doctor --json"),
    ("drill", drilling.drill, "winwin drill\n  winwin drill --results --json"),
    ("migrate", keeping.migrate, "winwin migrate"),
    ("backup", keeping.backup, "winwin backup winwin-2025-03-31.db"),
    ("move", keeping.move, "DATABASE_URL=postgresql+asyncpg://winwin@db/winwin winwin move winwin.db"),
    ("forget", keeping.forget, "winwin forget web:local:ana --yes"),
    ("audit", auditing.audit, "winwin audit verify\n  winwin audit head"),
)


def program() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="winwin",
        help="What Is Needed, When It's Needed: a bot that brings a community's own knowledge to whoever asks.",
        epilog="Begin with: winwin demo",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,  # they hold members' words
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_version)
    for name, function, example in COMMANDS:
        app.command(name, epilog=f"\b\nExample:\n  {example}")(function)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"winwin {version('winwin')}")
        raise typer.Exit


def _version(
    _version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    """Options of `winwin` itself."""


def main() -> None:
    """The entry point `winwin`."""
    hide_words()
    # Pydantic would read the metadata of every installed package for plugins: 30 ms, and we use none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    program()()
