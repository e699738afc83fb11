"""`winwin audit`: whether the log of who did what is whole, what stands in it, and the hash that stands for it."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import say, show_json
from adapters.commands.session import AsJson, Database, existing_database, settings_for

if TYPE_CHECKING:
    from adapters.settings import Settings
    from bot.community import Audit

    Chain = Sequence[tuple[Audit, str]]

HERE = "command line"  # who did it, in the log


class Wanted(StrEnum):
    VERIFY = "verify"
    SHOW = "show"
    HEAD = "head"


@command
def audit(
    what: Annotated[Wanted, typer.Argument(metavar="verify|show|head", help="Check it, read it, or print its hash.")],
    head: Annotated[
        str,
        typer.Option("--head", metavar="HASH", help="verify: a hash kept from before: is all up to it there?"),
    ] = "",
    last: Annotated[int, typer.Option("--last", min=1, metavar="N", help="show: so many rows, the newest.")] = 50,
    database: Database = None,
    json_: AsJson = False,
) -> None:
    """The log of who did what: each row carries a hash over itself and the row before, so a change is seen.

    Rows cut off at the end are seen only by who kept a hash from before: print it with `winwin audit head` and keep it
    somewhere else. No row holds a word that anybody wrote. Ends with 1 when the log is not whole.
    """
    settings = settings_for(database)
    existing_database(settings)
    rows = asyncio.run(_chain(settings))
    match what:
        case Wanted.VERIFY:
            _verify(rows, head, as_json=json_)
        case Wanted.SHOW:
            _show(rows, last, as_json=json_)
        case Wanted.HEAD:
            _head(rows, as_json=json_)


def _verify(rows: "Chain", head: str, *, as_json: bool) -> None:
    from adapters.storage.chain import first_broken, head_of, whole_up_to

    broken, there = first_broken(rows), not head or whole_up_to(rows, head)
    if as_json:
        found = {
            "rows": len(rows),
            "head": head_of(rows),
            "first_broken": broken,
            "head_found": there if head else None,
        }
        show_json({"whole": broken is None and there, **found})
    if broken is not None:
        raise Refusal(f"row {broken} of the audit log does not fit the one before it: somebody has changed it")
    if not there:
        raise Refusal(
            "no row of the audit log has that hash: rows at its end were cut off, or it is of another database"
        )
    if not as_json:
        say(f"The audit log is whole: {len(rows):,} rows, head {head_of(rows)}")


def _show(rows: "Chain", last: int, *, as_json: bool) -> None:
    newest = list(enumerate(rows, 1))[-last:]
    if as_json:
        names = ("actor", "action", "subject", "detail")
        shown = [(n, entry, found) for n, (entry, found) in newest]
        show_json(
            [
                {"row": n, "at": e.at.isoformat(), **{name: getattr(e, name) for name in names}, "hash": found}
                for n, e, found in shown
            ]
        )
        return
    for n, (e, _) in newest:
        say(f"{n:>6}  {e.at:%Y-%m-%d %H:%M:%S}  {e.actor}  {e.action}  {e.subject}  {e.detail}".rstrip())


def _head(rows: "Chain", *, as_json: bool) -> None:
    from adapters.storage.chain import head_of

    if as_json:
        show_json({"rows": len(rows), "head": head_of(rows)})
    else:
        say(head_of(rows))


async def _chain(settings: "Settings") -> "Chain":
    from adapters.storage.database import Database as Store

    store = Store.as_it_is(settings.database_url)
    try:
        async with store.read() as tx:
            return await tx.audit.chain()
    finally:
        await store.close()


def noted(settings: "Settings", action: str, subject: str) -> None:
    """That somebody at the command line did this. A database of another version is left as it is."""
    asyncio.run(_noted(settings, action, subject))


async def _noted(settings: "Settings", action: str, subject: str) -> None:
    from datetime import UTC, datetime

    from adapters.storage import migrations
    from adapters.storage.database import Database as Store
    from bot.community import Audit

    store = Store.as_it_is(settings.database_url)
    try:
        if await store.revision() == migrations.known()[-1]:
            async with store.begin() as tx:
                await tx.audit.append([Audit(datetime.now(UTC), HERE, action, subject)])
    finally:
        await store.close()
