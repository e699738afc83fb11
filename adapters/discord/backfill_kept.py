"""What the store knows of what is read up on: how far each channel is read, which questions are alive, and with whom
the bot has spoken in private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.discord.backfill_plan import Talk, later
from adapters.discord.identity import PLATFORM
from bot.cards import Posted
from bot.community import Channel, MemberRecord, QuestionFilter
from bot.events import Member, Place
from bot.policy import Mode
from bot.ports import Store, Transaction
from bot.question import Status

LIVE = timedelta(days=60)  # a question older than that is not looked after any more
JUST_CLOSED = timedelta(days=2)  # a question closed lately may still be deleted
MOST = 500  # private conversations that are read after a gap, those of late first
OPEN = frozenset(set(Status) - {Status.CLOSED})


class Kept:
    def __init__(self, store: Store, default_mode: Mode) -> None:
        self._store = store
        self._default_mode = default_mode

    async def marks(self, guild: str, channels: Sequence[str], here: str) -> dict[str, str]:
        """How far each is read. A channel seen for the first time is read from now on."""
        async with self._store.read() as tx:
            known = {c.key: c.seen_to for c in await tx.channels.all() if c.seen_to}
        marks = {channel: known.get(f"{PLATFORM}:{guild}:{channel}", "") for channel in channels}
        for channel in [c for c, mark in marks.items() if not mark]:
            marks[channel] = here
            await self.move(guild, channel, here)
        return marks

    async def talks(self, guild: str, now: datetime) -> list[Talk]:
        async with self._store.read() as tx:
            live = await tx.questions.find(QuestionFilter(statuses=OPEN, asked_from=now - LIVE))
            closed = await tx.questions.find(
                QuestionFilter(statuses=frozenset({Status.CLOSED}), asked_from=now - JUST_CLOSED)
            )
            talks: dict[Place, Talk] = {}
            for q in (*live, *closed):
                place = q.place
                if (place.platform, place.space) != (PLATFORM, guild) or not place.message:
                    continue
                if q.private or not (q.text or q.status in OPEN):
                    continue
                parts = await tx.parts.of([q.id])
                added = tuple(p.place for p in parts if p.place.thread_key == place.thread_key and p.place != place)
                talks |= {p.place: Talk(p.place, p.at) for p in parts if p.place.opens_thread and p.place != place}
                answers = tuple(
                    a.place
                    for a in await tx.answers.of(q.id)
                    if a.place.thread_key == place.thread_key and not a.on_its_way
                )
                by_bot = await tx.outbox.by_message(PLATFORM, place.channel, place.message) is not None
                beside = talks[place].answers if place in talks else ()  # of another question of the same message
                talks[place] = Talk(place, q.asked_at, (*beside, *answers, *added), by_bot)
            return list(talks.values())

    async def move(self, guild: str, channel: str, mark: str) -> None:
        key = f"{PLATFORM}:{guild}:{channel}"
        async with self._store.begin() as tx:
            known = await tx.channels.get(key) or Channel(key, channel, self._default_mode)
            if later(mark, known.seen_to):
                await tx.channels.save(replace(known, seen_to=mark))

    async def conversations(self, guild: str, now: datetime) -> list[tuple[str, str]]:
        """(user, channel) of everybody of a server with whom the bot has spoken in private."""
        found: dict[str, tuple[datetime, str]] = {}
        async with self._store.read() as tx:
            rooms = {c.key.rsplit(":", 1)[-1] for c in await tx.channels.all()}
            for record in await tx.members.all():
                member = Member.from_key(record.key)
                if (member.platform, member.space) == (PLATFORM, guild) and (at := await _spoken(record, rooms, tx)):
                    found[member.id] = (at.at, at.channel)
            for q in await tx.questions.find(QuestionFilter(asked_from=now - LIVE)):
                if q.private and q.place.message and (q.place.platform, q.place.space) == (PLATFORM, guild):
                    found[Member.from_key(q.asker).id] = (q.asked_at, q.place.channel)
        newest = sorted(found.items(), key=lambda one: one[1][0], reverse=True)
        return [(user, channel) for user, (_, channel) in newest[:MOST]]


async def _spoken(record: MemberRecord, rooms: set[str], tx: Transaction) -> Posted | None:
    """The last thing that the bot told somebody in private."""
    told = [row.posted for row in await tx.outbox.to(record.key) if row.posted is not None]
    return next((posted for posted in reversed(told) if posted.channel not in rooms and "/" not in posted.space), None)
