"""Between spaces: who stands where, and what never leaves the space it was asked in.

A question goes to volunteers of any space, and whoever is elsewhere answers it through the bot. What was asked in a
channel that is not open to everybody there stays in its own space: nobody elsewhere is asked, shown it, or may take it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.community import Channel, MemberRecord
from bot.places import Member, Place
from bot.ports import Transaction
from bot.question import Question


def space_of(member: str) -> str:
    """Platform and space of a member's key."""
    who = Member.from_key(member)
    return f"{who.platform}:{who.space}"


def at_home(member: str, place: Place) -> bool:
    return space_of(member) == f"{place.platform}:{place.space}"


async def spaces_of(record: MemberRecord | None, tx: Transaction) -> frozenset[str]:
    """Wherever the person has an account that is still there."""
    if record is None:
        return frozenset()
    return frozenset(space_of(m.key) for m in await tx.members.all() if m.person == record.person and m.may_help)


def confined(question: Question, channel: Channel | None) -> bool:
    """Whether its words stay in its own space: as long as nobody has said that everybody there may read its channel.
    What somebody asked the bot alone was in no channel; it goes to whoever takes it."""
    of_channel = question.pseudonym or (channel is not None and (channel.welcomed or channel.gone))
    if question.private and not of_channel:
        return False
    return channel is None or not channel.public


async def is_confined(question: Question, tx: Transaction) -> bool:
    return confined(question, await tx.channels.get(question.place.channel_key))


async def may_read(question: Question, member: str, tx: Transaction) -> bool:
    """Whether its words may be shown to them at all, wherever they are."""
    return at_home(member, question.place) or not await is_confined(question, tx)


def confined_to(question: Question, channel: Channel | None) -> str:
    """The space (platform:space) beyond which nobody is asked; empty when it may be brought to anybody."""
    return f"{question.place.platform}:{question.place.space}" if confined(question, channel) else ""


def near(moderators: Sequence[str], place: Place) -> tuple[str, ...]:
    """Who is told of a question that stays in its space. Moderators are told a link and no words: where its own space
    has none, those elsewhere are told that somebody waits."""
    return tuple(m for m in moderators if at_home(m, place)) or tuple(moderators)


async def confined_among(questions: Iterable[Question], member: str, tx: Transaction) -> frozenset[str]:
    """The ids of those that this member may not read because they stay elsewhere."""
    away = [q for q in questions if not at_home(member, q.place)]
    if not away:
        return frozenset()
    channels = {c.key: c for c in await tx.channels.all()}
    return frozenset(q.id for q in away if confined(q, channels.get(q.place.channel_key)))
