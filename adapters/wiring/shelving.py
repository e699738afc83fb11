"""Where the library's index is kept: in this process's memory, or in the database where it would be too large."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import structlog

from adapters.settings import Settings
from adapters.storage.database import Database
from adapters.storage.errors import NotToBeHad, StorageError
from knowledge.glossary import Glossary
from knowledge.search import Library

_log = structlog.get_logger("winwin.app")


async def library_for(
    settings: Settings,
    store: Database,
    model: str,
    dimension: int,
    glossary: Glossary,
    stack: AsyncExitStack,
    *,
    serves: bool,
) -> Library:
    """As WINWIN_INDEX says; `auto` looks at how large it is and where it is stored. Where the database cannot hold it,
    the log says why, and it stays in memory. Whoever `serves` a community from memory leaves no index in the database
    that nobody uses. Raises StorageError."""
    passages = await store.passages() if store.shared else 0
    if not settings.in_database(passages):
        if serves:
            await _dropped(store)
        return Library(dimension, glossary=glossary)
    try:
        index = await store.index(model, dimension, glossary)
    except NotToBeHad as missing:
        _log.warning("index_in_memory", passages=passages, why=str(missing))
        return Library(dimension, glossary=glossary)
    stack.push_async_callback(asyncio.to_thread, index.close)
    _log.info("index_in_database", passages=passages)
    return Library(dimension, shared=index, glossary=glossary)


async def _dropped(store: Database) -> None:
    try:
        await store.drop_indexes()
    except StorageError as error:  # tried again at the next start
        _log.warning("index_not_dropped", why=str(error))
