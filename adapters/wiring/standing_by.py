"""Several processes on one database: one of them speaks on Slack and Discord, the others stand by.

Whoever stands by does everything else (judges, decides, serves the local web community) and takes the line as soon as
the one that has it is gone: then it begins anew, connected.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from adapters.wiring.community import LINE, Community

LOOKED_FOR = 2.0  # seconds between two tries to take the line

Round = Callable[[socket.socket, asyncio.Event], Awaitable[bool]]

_log = structlog.get_logger("winwin.app")


async def rounds(begin: Round, listening: socket.socket, stop: asyncio.Event) -> None:
    """One round after the other until `stop`. `begin` is given a socket and the end of its round; it returns whether
    there is to be another."""
    again = True
    while again and not stop.is_set():
        over = asyncio.Event()
        ending = asyncio.create_task(_follow(stop, over))
        try:
            with listening.dup() as ours:  # a server closes what it is given
                again = await begin(ours, over)
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)


async def line_came(c: Community, over: asyncio.Event) -> bool:
    """Until the round is over: look whether the line is free. When it is ours, the round is over."""
    while c.stands_by and not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), LOOKED_FOR)
        if not over.is_set() and await c.store.take_line(LINE):
            _log.info("line_taken")
            over.set()
            return True
    return False


async def _follow(stop: asyncio.Event, over: asyncio.Event) -> None:
    await stop.wait()
    over.set()
