"""What commands show: lines and JSON on stdout, notes and progress on stderr."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer

Progress = Callable[[int, int], None]  # (done, of how many)


def say(line: str = "") -> None:
    """A line of the answer."""
    typer.echo(_printable(line, sys.stdout.encoding))


def note(line: str) -> None:
    """A line beside the answer."""
    typer.echo(_printable(line, sys.stderr.encoding), err=True)


def as_json(value: object) -> str:
    """One line of JSON; letters as they are where they can be written."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if _writable(text, sys.stdout.encoding) else json.dumps(value, allow_nan=False)


def show_json(value: object) -> None:
    """The whole answer as JSON, indented for people and read by programs all the same."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    typer.echo(text if _writable(text, sys.stdout.encoding) else json.dumps(value, allow_nan=False, indent=2))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: int = 0) -> None:
    """A table; the last `numbers` columns are set to the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title or None, title_justify="left", title_style="bold")
    for place, name in enumerate(columns):
        right = place >= len(columns) - numbers
        drawn.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(_printable(cell, sys.stdout.encoding)) for cell in row))
    Console(soft_wrap=False).print(drawn)


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A bar on stderr when a person looks at it; nothing otherwise."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _printable(text: str, encoding: str | None) -> str:
    """Without control characters a terminal would obey, and without letters it cannot write."""
    kept = "".join(c if c in "\n\t" or c.isprintable() or c in "\u200d\ufe0f" else "\ufffd" for c in text)
    encoding = encoding or "utf-8"
    return kept.encode(encoding, "replace").decode(encoding)


def _writable(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
