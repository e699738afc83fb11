"""What `winwin doctor` says of what the database holds: resources, people, work that waits, the audit log."""

from typing import TYPE_CHECKING

from adapters.commands.calibrating import own_numbers
from adapters.commands.checking_index import index
from adapters.commands.checking_safety import safety
from adapters.commands.platforms import Check, State

if TYPE_CHECKING:
    from adapters.settings import Settings
    from bot.ports import Transaction


async def contents(settings: "Settings") -> list[Check]:
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
