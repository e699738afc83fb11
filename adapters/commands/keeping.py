"""`winwin migrate`, `winwin backup`, `winwin move`, `winwin forget`: looking after the database."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.commands.auditing import noted
from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import say
from adapters.commands.session import Database, existing_database, in_community, settings_for

if TYPE_CHECKING:
    from adapters.app import Community
    from bot.community import MemberRecord

BUSY_SECONDS = 10.0  # how long a running bot may keep a backup waiting


@command
def migrate(database: Database = None) -> None:
    """Bring the database to the version of this program. `winwin run` does so by itself; this does only that."""
    from adapters.storage.database import Database as Store

    settings = settings_for(database)

    async def work() -> str:
        store = await Store.open(settings.database_url)
        try:
            return await store.revision()
        finally:
            await store.close()

    say(f"The database {settings.database_shown} is at version {asyncio.run(work())}.")


@command
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; must not exist yet.")],
    database: Database = None,
) -> None:
    """Copy the database, whole and consistent, also while the bot is running."""
    from adapters.storage import postgres_backup, sqlite_file

    settings = settings_for(database)
    source = existing_database(settings)
    noted(settings, "backup", "database")
    if source is None:
        postgres_backup.backup(settings.database_url, file)
    else:
        sqlite_file.backup(source, file, BUSY_SECONDS)
    say(f"{source or settings.database_shown} is copied to {file} ({file.stat().st_size / 1e6:,.1f} MB).")


@command
def move(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The SQLite file that everything is in now.")],
) -> None:
    """Copy an SQLite database into the PostgreSQL that DATABASE_URL names. The bot must not run meanwhile."""
    from adapters.commands.serving import only_one
    from adapters.storage.database import Database as Store
    from adapters.storage.moving import move as moved

    settings = settings_for()
    if settings.database_file is not None:
        raise Refusal("DATABASE_URL does not name a PostgreSQL; set it to postgresql+asyncpg://user@host/name")
    if not file.is_file():
        raise Refusal(f"there is no database {file}")

    async def work() -> int:
        source = await Store.open(f"sqlite+aiosqlite:///{file.absolute()}")
        try:
            target = await Store.open(settings.database_url)
            try:
                return await moved(source, target)
            finally:
                await target.close()
        finally:
            await source.close()

    with only_one(file.absolute()):
        count = asyncio.run(work())
    noted(settings, "move", "database")
    say(f"{count:,} rows of {file} are in {settings.database_shown} now. The file is as it was.")


@command
def forget(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A member's key (platform:space:id) or full name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    database: Database = None,
) -> None:
    """Erase a person's words and name everywhere. Counts stay, under a pseudonym. Cannot be undone."""
    from adapters.commands.auditing import HERE
    from bot.pressing import forget as forget_person
    from bot.publishing import After
    from bot.steps import Steps

    settings = settings_for(database)
    existing_database(settings)

    async def work(c: "Community") -> list[str]:
        async with c.store.read() as tx:
            keys = matching(await tx.members.all(), person)
        if not yes:
            _ask_first(keys)
        async with c.store.begin() as tx:
            steps = Steps(tx, c.clock, c.policy, c.clock.now())
            await forget_person(keys[0], steps, After(), by=HERE)
        await c.store.scrub()
        return keys

    keys = in_community(settings, work)
    told = "" if settings.database_file is None else " If the bot is running, restart it."
    say(f"Forgotten: {len(keys)} account{'s' if len(keys) != 1 else ''}.{told}")


def matching(members: "list[MemberRecord]", person: str) -> list[str]:
    """All accounts of the person with that key or name. Raises Refusal unless it is exactly one person."""
    found = {m.person for m in members if person in (m.key, m.person) or m.name.casefold() == person.casefold()}
    if not found:
        raise Refusal("nobody has that key or name; nothing was changed")
    if len(found) > 1:
        keys = ", ".join(sorted(m.key for m in members if m.person in found)[:5])
        raise Refusal(f"{len(found)} people have that name; give the key of the one you mean ({keys})")
    return sorted(m.key for m in members if m.person in found)


def _ask_first(keys: list[str]) -> None:
    if not sys.stdin.isatty():
        raise Refusal("this cannot be undone; add --yes to do it without being asked")
    if not typer.confirm(f"Erase everything {', '.join(keys)} said? This cannot be undone.", err=True):
        raise Refusal("nothing was changed")
