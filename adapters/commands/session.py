"""What the commands work with: the settings, and a community that is open while a command runs."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from adapters.commands.outcome import Refusal

if TYPE_CHECKING:
    from adapters.app import Community
    from adapters.settings import Settings

T = TypeVar("T")

Database = Annotated[
    Path | None, typer.Option("--database", metavar="FILE", help="The database file, instead of DATABASE_URL.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def settings_for(database: Path | None = None, **given: object) -> "Settings":
    """The settings, with the database that was named on the command line. Logs go to stderr from here on."""
    from adapters.settings import ENV_FILE, read_settings

    quiet_logs()
    if database is not None:
        given["database_url"] = f"sqlite+aiosqlite:///{database.absolute()}"
    return read_settings(ENV_FILE, **given)


def in_community(settings: "Settings", work: Callable[["Community"], Coroutine[Any, Any, T]]) -> T:
    """Open the community, let `work` do its part, close it again."""
    from adapters.app import community

    async def run() -> T:
        opened: AbstractAsyncContextManager[Community] = community(settings)
        async with opened as c:
            return await work(c)

    return asyncio.run(run())


def existing_database(settings: "Settings") -> Path | None:
    """The file of the database; None where a server keeps it. Raises Refusal when there is no file yet, so that no
    command makes one by the way."""
    path = settings.database_file
    if path is not None and not path.is_file():
        raise Refusal(f"there is no database {path} yet; `winwin import` or `winwin run` makes it")
    return path


def quiet_logs(level: str = "warning") -> None:
    """See adapters.logs, which is loaded only by a command that does something."""
    from adapters.logs import plain_logs

    plain_logs(level)
