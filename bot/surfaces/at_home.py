"""What stands on somebody's own page: questions, the open board, the review queue, their settings, read from what is
true now."""

from __future__ import annotations

from bot import crossing
from bot.cards import Form
from bot.community import Channel, Letter, MemberRecord, Trust
from bot.entitled import able
from bot.lookups import InReview, MyQuestions, OnBoard
from bot.permissions import Look, allowed
from bot.policy import Answering
from bot.ports import Transaction
from bot.question import Refused
from bot.showing.board import BEGINNING, Looking
from bot.showing.home import AtHome
from bot.showing.scene import Scene
from bot.surfaces.house import House, Reader


async def at_home(house: House, reader: Reader, *, roles: bool = False, looking: Looking = BEGINNING) -> AtHome:
    """`roles`: whether there are roles on the platform, which can be trusted; `looking`: at what part of the board."""
    lookups = house.lookups
    mine = await lookups.my_questions(reader.key)
    board = await lookups.board(reader.key, everything=True)
    burden = await lookups.burden(reader.key)
    reviews = await _reviews(house, reader)
    async with house.store.read() as tx:
        volunteer = await tx.volunteers.get(reader.key)
        channels = await _channels(reader, tx)
        trusts = await _trusts(reader, tx) if roles else None
        asked_in = [await tx.channels.get(key) for key in {q.place.channel_key for q in mine.held}]
        given = await tx.appointments.all() if allowed(Look.RIGHTS, reader.record) else None
        people = await _people(mine, board, reviews, reader, tx)
        people |= await tx.members.get(sorted({key for one in given or () for key in (one.member, one.by)}))
        away = any(not crossing.at_home(reader.key, q.place) for q in mine.held)
        spaces = await crossing.spaces_of(reader.record, tx) if away else frozenset()
        letters = [letter for q in mine.held if q.private for letter in await _asked_more(q.id, q.asker, tx)]
    scene = Scene(house.clock.now(), members=people, letters=tuple(letters), spaces=spaces)
    replied_in = frozenset(c.key for c in asked_in if c is not None and c.answering is Answering.REPLY)
    helps = able(reader.record, volunteer)
    return AtHome(
        reader.key,
        scene,
        mine,
        volunteer,
        helps,
        board if helps else (),
        looking,
        house.topics(),
        reviews,
        channels,
        trusts,
        replied_in,
        burden,
        given,
    )


async def _reviews(house: House, reader: Reader) -> tuple[InReview, ...]:
    try:
        found = await house.lookups.review_queue(reader.key)
    except Refused:
        return ()
    return tuple(one for one in found if one.may_publish or one.draft.medical)


async def _channels(reader: Reader, tx: Transaction) -> tuple[Channel, ...]:
    if not allowed(Form.CHANNEL, reader.record):
        return ()
    space = reader.key.rsplit(":", 1)[0] + ":"
    found = [c for c in await tx.channels.all() if not c.gone and c.key.startswith(space)]
    return tuple(sorted(found, key=lambda c: c.name))


async def _trusts(reader: Reader, tx: Transaction) -> tuple[Trust, ...] | None:
    """For those who moderate; who may change it is asked once more."""
    if not allowed(Form.CHANNEL, reader.record):
        return None
    space = reader.key.rpartition(":")[0]
    return tuple(t for t in await tx.trusts.all() if t.space == space)


async def _people(
    mine: MyQuestions,
    board: tuple[OnBoard, ...],
    reviews: tuple[InReview, ...],
    reader: Reader,
    tx: Transaction,
) -> dict[str, MemberRecord]:
    keys = {reader.key, *(q.asker for q in mine.held), *(q.handed_by for q in mine.held)}
    keys |= {key for one in board for key in (one.question.asker, one.question.claimed_by)}
    keys |= {one.draft.saved_by for one in reviews}
    return await tx.members.get(sorted(keys - {""}))


async def _asked_more(question: str, asker: str, tx: Transaction) -> list[Letter]:
    return [letter for letter in await tx.letters.of(question) if letter.member == asker]
