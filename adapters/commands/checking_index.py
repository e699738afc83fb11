"""`winwin doctor` on where the library is searched: in memory or in the database, and what that lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.commands.platforms import Check, State

if TYPE_CHECKING:
    from adapters.settings import Settings
    from adapters.storage.database import Database


async def index(settings: Settings, store: Database) -> Check:
    """As the next start will choose."""
    passages = await store.passages()
    says = f"{passages:,} passages" if passages else "the library"
    if not settings.in_database(passages):
        return Check("index", State.GOOD, f"{says}, searched in memory")
    if lacks := await store.lacks_index():
        do = f"{lacks[0].upper()}{lacks[1:]}. Until then every process needs memory for all of it."
        return Check("index", State.NOTE, f"{says}, searched in memory; the database cannot do it", do)
    return Check("index", State.GOOD, f"{says}, searched in the database with pgvector")
