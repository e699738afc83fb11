"""Which facts that came in may be handled together: none that another of them has to be known for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import MessagePosted
from bot.post import InboxRow


def lanes_of(row: InboxRow) -> set[str]:
    """A thread; and what one person writes into a channel, where a message may belong to the one before it."""
    event = row.arrival.event
    if isinstance(event, MessagePosted) and not event.by_bot:
        return {event.thread, f"said:{event.author.key}:{event.place.channel_key}"}
    return {event.thread}


def in_turn(rows: Sequence[InboxRow]) -> list[list[InboxRow]]:
    """In batches that can be handled one after the other, in order."""
    batches: list[list[InboxRow]] = []
    left = list(rows)
    while left:
        batch: list[InboxRow] = []
        later: list[InboxRow] = []
        taken: set[str] = set()
        for row in left:
            lanes = lanes_of(row)
            (later if taken & lanes else batch).append(row)
            taken |= lanes
        batches.append(batch)
        left = later
    return batches
