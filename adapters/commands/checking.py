"""`winwin doctor`: is everything there that the bot needs? Each fault comes with what to do about it."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from adapters.commands import platforms
from adapters.commands.calibrating import own_numbers
from adapters.commands.checking_index import index
from adapters.commands.checking_safety import safety
from adapters.commands.outcome import command
from adapters.commands.platforms import Check, State
from adapters.commands.screen import note, say, show_json
from adapters.commands.session import AsJson, Database, quiet_logs

if TYPE_CHECKING:
    from adapters.settings import Settings
    from bot.ports import Transaction

ROOM_NEEDED = 50 * 1024 * 1024  # bytes free, under which nothing can be kept any more
ROOM_WANTED = 1024 * 1024 * 1024
SECONDS = 5.0  # how long a running bot may keep the checks waiting


@command
def doctor(database: Database = None, json_: AsJson = False) -> None:
    """Check settings, Slack, Discord, database, model, disk, resources, moderators; say what to do about each fault."""
    checks = list(examine(database))
    faults = [check for check in checks if check.state is State.FAULT]
    if json_:
        show_json([asdict(check) for check in checks])
    else:
        for check in checks:
            _show(check)
        say("Nothing is broken." if not faults else f"{len(faults)} broken.")
    if faults:
        note(f"winwin: {len(faults)} of {len(checks)} checks found a fault: {', '.join(f.check for f in faults)}")
        raise typer.Exit(1)


def _show(check: Check) -> None:
    sign = {State.GOOD: "ok   ", State.NOTE: "note ", State.FAULT: "FAULT"}[check.state]
    say(f"{sign}  {check.check}: {check.says}")
    if check.do:
        say(f"         -> {check.do}")


def examine(database: Path | None) -> Iterator[Check]:
    """Every check that can be made; those that need something that is broken are left out."""
    from adapters.settings import ENV_FILE, SettingsError, read_settings, unknown_variables

    quiet_logs("error")
    given = {"database_url": f"sqlite+aiosqlite:///{database.absolute()}"} if database else {}
    try:
        settings = read_settings(ENV_FILE, **given)
    except SettingsError as error:
        yield Check("settings", State.FAULT, str(error), "Correct it, then run doctor again.")
        return
    unknown = unknown_variables()
    if unknown:
        do = "Compare them with docs/operators.md: a misspelt one has no effect."
        yield Check("settings", State.NOTE, f"unknown variables: {', '.join(unknown)}", do)
    else:
        yield Check("settings", State.GOOD, "all understood")
    yield platforms.platforms(settings)
    yield _secret(settings)
    if settings.slack:
        yield from asyncio.run(platforms.slack(settings))
    if settings.discord:
        yield from asyncio.run(platforms.discord(settings))
    yield from _database(settings)
    yield _model(settings)
    yield glossary(settings)
    yield _time_zones()


def _secret(settings: "Settings") -> Check:
    if settings.winwin_secret_key is not None:
        return Check("secret key", State.GOOD, "set")
    do = "Set WINWIN_SECRET_KEY so that pseudonyms stay the same from export to export."
    return Check("secret key", State.NOTE, "not set", do)


# --- the database ---------------------------------------------------------------------------------------


def _database(settings: "Settings") -> Iterator[Check]:
    from adapters.storage import migrations, sqlite_file
    from adapters.storage.errors import StorageError

    path = settings.database_file
    if path is None:
        yield from asyncio.run(_server(settings))
        return
    yield _disk(path)
    if not path.exists():
        yield Check("database", State.NOTE, f"{path} is not there yet", "`winwin import` or `winwin run` makes it.")
        return
    try:
        found, known = sqlite_file.look(path, SECONDS), migrations.known()
        if found is not None and found not in known:
            do = "Update winwin, or put back a backup."
            yield Check("database", State.FAULT, f"version {found} is newer than this program ({known[-1]})", do)
            return
        faults = sqlite_file.faults(path, SECONDS)
    except StorageError as error:
        yield Check("database", State.FAULT, str(error), "Do that, then run doctor again.")
        return
    if faults:
        do = "Stop the bot, keep this file, put back the latest backup."
        yield Check("database", State.FAULT, f"damaged: {faults[0]}", do)
        return
    if found != known[-1]:
        do = "`winwin migrate` brings it up to date; `winwin run` does so by itself."
        yield Check("database", State.NOTE, f"version {found or 'none'}, this program has {known[-1]}", do)
        return
    yield Check("database", State.GOOD, f"{path}, version {found}, whole")
    yield from asyncio.run(_contents(settings))


async def _server(settings: "Settings") -> list[Check]:
    """PostgreSQL. Tables are looked at, not made: that is for `winwin migrate` and `winwin run`."""
    from adapters.storage import migrations
    from adapters.storage.errors import StorageError
    from adapters.storage.postgres_database import look

    try:
        found, server = await look(settings.database_url)
    except StorageError as error:
        return [Check("database", State.FAULT, str(error), "Do that, then run doctor again.")]
    known, shown = migrations.known(), settings.database_shown
    if found is not None and found not in known:
        do = "Update winwin, or put back a backup."
        says = f"version {found} is newer than this program ({known[-1]})"
        return [Check("database", State.FAULT, says, do)]
    if found != known[-1]:
        do = "`winwin migrate` brings it up to date; `winwin run` does so by itself."
        return [Check("database", State.NOTE, f"version {found or 'none'}, this program has {known[-1]}", do)]
    return [
        Check("database", State.GOOD, f"{shown} (PostgreSQL {server}), version {found}"),
        _dump(),
        *await _contents(settings),
    ]


def _dump() -> Check:
    if shutil.which("pg_dump") is not None:
        return Check("backup", State.GOOD, "pg_dump is there")
    do = "Install postgresql-client, or back up where the server is: `winwin backup` needs pg_dump."
    return Check("backup", State.NOTE, "pg_dump is not there", do)


def _disk(path: Path) -> Check:
    folder = path.absolute().parent
    if not folder.is_dir():
        return Check("disk", State.FAULT, f"the folder {folder} does not exist", "Create it, or correct DATABASE_URL.")
    free = shutil.disk_usage(folder).free
    says = f"{free / 1e9:,.1f} GB free at {folder}"
    if free < ROOM_NEEDED:
        return Check("disk", State.FAULT, says, "Make room: nothing can be kept when the disk is full.")
    if free < ROOM_WANTED:
        return Check("disk", State.NOTE, says, "Make room before it gets less.")
    return Check("disk", State.GOOD, says)


async def _contents(settings: "Settings") -> list[Check]:
    from adapters.embedders import pair
    from adapters.storage.database import Database as Store

    store = await Store.open(settings.database_url)
    try:
        searched = await index(settings, store)
        async with store.read() as tx:
            return [
                await _resources(settings, tx),
                searched,
                await own_numbers(tx, None if settings.winwin_model else pair.name()),
                await _people(settings, tx),
                *await safety(settings, tx),
                await _volunteers(tx),
                await _work(tx),
                await _chain(tx),
            ]
    finally:
        await store.close()


async def _resources(settings: "Settings", tx: "Transaction") -> Check:
    from adapters.embedders import pair
    from knowledge.resources import ReviewState, content_hash
    from knowledge.search import Library

    published = [r for r in await tx.resources.all() if r.state is ReviewState.PUBLISHED]
    if not published:
        return Check("resources", State.NOTE, "the library is empty", "`winwin import FILE` puts resources into it.")
    if settings.winwin_model:
        return Check("resources", State.GOOD, f"{len(published):,} published")
    known = await tx.vectors.known(pair.name())
    library = Library(pair.WIDTH)
    missing = sum(any(content_hash(t) not in known for t in library.ways_in(r)) for r in published)
    if missing:
        do = "Nothing to do: the next start embeds them, at some hundred a minute."
        return Check("resources", State.NOTE, f"{missing:,} of {len(published):,} are not embedded yet", do)
    return Check("resources", State.GOOD, f"{len(published):,} published, all embedded")


async def _people(settings: "Settings", tx: "Transaction") -> Check:
    """Without a moderator the last rung of a question ends with nobody."""
    from bot.community import Role

    there = [m for role in (Role.MODERATOR, Role.OWNER) for m in await tx.members.with_role(role)]
    count = len({m.person for m in there})
    named = len(settings.winwin_moderators) + bool(settings.winwin_owner)
    if count or named:
        return Check("moderators", State.GOOD, f"{max(count, named)} to tell when nobody can be found")
    do = "Set WINWIN_MODERATORS or WINWIN_OWNER to platform ids: a question nobody takes must end with a person."
    serves = settings.slack or settings.discord or bool(await tx.members.all())
    return Check("moderators", State.FAULT if serves else State.NOTE, "nobody is a moderator", do)


async def _volunteers(tx: "Transaction") -> Check:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    count, wrong = 0, set()
    for member in await tx.members.all():
        volunteer = await tx.volunteers.get(member.key)
        count += volunteer is not None
        try:
            ZoneInfo(volunteer.time_zone if volunteer else member.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            wrong.add(member.key)
    if wrong:
        do = "Have them choose a zone like Europe/Madrid; until then their quiet hours cannot be kept."
        return Check("volunteers", State.FAULT, f"unknown time zones: {', '.join(sorted(wrong)[:5])}", do)
    if not count:
        return Check("volunteers", State.NOTE, "nobody volunteers yet", "Unanswered questions go to the moderators.")
    return Check("volunteers", State.GOOD, f"{count} volunteer{'s' if count != 1 else ''}")


async def _work(tx: "Transaction") -> Check:
    parked = len(await tx.outbox.parked())
    waiting = await tx.inbox.waiting() + await tx.outbox.waiting()
    if parked:
        do = "`winwin run` logs why; what is parked is not sent by itself any more."
        return Check("deliveries", State.NOTE, f"{parked} messages could not be delivered", do)
    return Check("deliveries", State.GOOD, f"{waiting} waiting")


async def _chain(tx: "Transaction") -> Check:
    broken = await tx.audit.verify()
    if broken is None:
        return Check("audit log", State.GOOD, "the chain is whole")
    do = "Somebody has changed the log: compare it with a backup."
    return Check("audit log", State.FAULT, f"row {broken} does not fit the one before it", do)


# --- the rest -------------------------------------------------------------------------------------------


def _model(settings: "Settings") -> Check:
    from adapters.embedders.export import find_export
    from adapters.embedders.packaged import ModelError, check_packages
    from adapters.embedders.pair import PAIR

    if settings.winwin_model:
        folder = Path(settings.winwin_model)
        do = "It is checked when it is loaded; leave WINWIN_MODEL empty for the default model."
        return Check("model", State.NOTE, f"{folder.name} instead of the default one", do)
    try:
        check_packages()
    except ModelError as error:
        return Check("model", State.FAULT, str(error), "Run `make setup` again.")
    if find_export(thorough=True) is None:
        do = "Nothing to do: the next start makes it in about a minute (`python -m adapters.embedders` does it now)."
        return Check("model", State.NOTE, f"{PAIR} are there, their fast form is not made yet", do)
    return Check("model", State.GOOD, f"{PAIR}, weights and fast form as recorded")


def glossary(settings: "Settings") -> Check:
    """The community's own names and abbreviations, beside those that come with winwin."""
    from knowledge.glossary_file import load_glossary

    own = settings.glossary_file
    _, faults = load_glossary(own)
    if faults:
        do = "Correct that; the rest of it is used (docs/moderators.md, Names and abbreviations)."
        return Check("glossary", State.FAULT, "\n         ".join(faults), do)
    return Check("glossary", State.GOOD, f"the one that comes with winwin, and {own}" if own else "as it comes")


def _time_zones() -> Check:
    from zoneinfo import available_timezones

    count = len(available_timezones())
    if count < 400:
        do = "Install the package tzdata: quiet hours need it."
        return Check("time zones", State.FAULT, f"only {count} known", do)
    return Check("time zones", State.GOOD, f"{count} known")
