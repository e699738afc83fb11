"""The App Home: published when somebody opens it, and again as soon as what they did there or elsewhere is handled.

Of several changes at once the last drawing shows them all, and drawings of one person's page never overtake each other.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass, field

import structlog

from adapters.slack.client import SlackApi
from adapters.slack.house import House, Reader
from adapters.slack.identity import Workspace
from adapters.slack.installations import Installations
from adapters.slack.messenger import SlackMessenger
from adapters.slack.outbound_home import home_view
from bot.cards import Form
from bot.community import Channel, Letter, MemberRecord
from bot.events import Member
from bot.lookups import InReview, MyQuestions, OnBoard
from bot.permissions import allowed
from bot.ports import DeliveryError, Transaction
from bot.question import Refused
from bot.showing.home import AtHome, home
from bot.showing.scene import Scene

LOOKED = 0.05  # seconds between two looks whether what somebody did has been handled
PATIENCE = 5.0  # seconds after which their page is drawn all the same
VISITORS = 2_000  # people remembered who have opened their page

_log = structlog.get_logger("winwin.slack")


@dataclass(slots=True)
class Visitor:
    """Somebody who has opened their page. `changes` counts what they did since, `drawn` how much of it is shown;
    `shown` is a digest of the page as Slack has it."""

    workspace: Workspace
    changes: int = 0
    drawn: int = 0
    shown: str = ""
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)


class AtHomeOnSlack:
    def __init__(self, api: SlackApi, installations: Installations, house: House, messenger: SlackMessenger) -> None:
        self._api = api
        self._installations = installations
        self._house = house
        self._messenger = messenger
        self._visitors: OrderedDict[str, Visitor] = OrderedDict()

    async def opened(self, member: Member, workspace: Workspace) -> None:
        visitor = self._visitors.setdefault(member.key, Visitor(workspace))
        visitor.workspace = workspace
        self._visitors.move_to_end(member.key)
        while len(self._visitors) > VISITORS:
            self._visitors.popitem(last=False)
        async with visitor.drawing:
            visitor.shown = ""  # whoever opens it has it drawn, whatever we believe that Slack has
            await self._publish(member, visitor)

    async def changed(self, member: Member) -> None:
        """They did something, which is committed: their page is drawn anew if they have opened it."""
        visitor = self._visitors.get(member.key)
        if visitor is None:
            return
        visitor.changes += 1
        mine = visitor.changes
        async with visitor.drawing:
            if visitor.drawn < mine:
                visitor.drawn = await self._handled(member, visitor)
                await self._publish(member, visitor)

    async def _handled(self, member: Member, visitor: Visitor) -> int:
        """Wait until nothing of theirs waits to be handled. Returns how many changes that are."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while True:
            changes = visitor.changes  # counted before the look: what is committed after it is another's to draw
            async with self._house.store.read() as tx:
                waiting = await tx.inbox.by(member.key)
            if not waiting or loop.time() > until:
                return changes
            await asyncio.sleep(LOOKED)

    async def _publish(self, member: Member, visitor: Visitor) -> None:
        """Nothing is sent when the page is the same as before: what people do in channels seldom changes it."""
        workspace = visitor.workspace
        installed = await self._installations.at(workspace.team, workspace.enterprise)
        if installed is None:
            return
        reader = await self._house.reader(member.key)
        view = home_view(home(await self._at_home(reader), reader.say), self._messenger.link)
        shown = hashlib.sha256(json.dumps(view).encode()).hexdigest()
        if shown == visitor.shown:
            return
        try:
            await self._api.call("views.publish", installed.token, user_id=member.id, view=view)
        except DeliveryError as error:  # it is drawn again when it is opened again
            _log.warning("home_not_published", error=str(error))
            visitor.shown = ""
        else:
            visitor.shown = shown

    async def _at_home(self, reader: Reader) -> AtHome:
        lookups = self._house.lookups
        mine = await lookups.my_questions(reader.key)
        board = await lookups.board(reader.key)
        reviews = await self._reviews(reader)
        async with self._house.store.read() as tx:
            volunteer = await tx.volunteers.get(reader.key)
            channels = await _channels(reader, tx)
            people = await _people(mine, board, reviews, reader, tx)
            letters = [letter for q in mine.held if q.private for letter in await _asked_more(q.id, q.asker, tx)]
        scene = Scene(self._house.clock.now(), members=people, letters=tuple(letters))
        return AtHome(reader.key, scene, mine, volunteer, board, reviews, channels)

    async def _reviews(self, reader: Reader) -> tuple[InReview, ...]:
        try:
            found = await self._house.lookups.review_queue(reader.key)
        except Refused:
            return ()
        return tuple(one for one in found if one.may_publish or one.draft.medical)


async def _channels(reader: Reader, tx: Transaction) -> tuple[Channel, ...]:
    if not allowed(Form.CHANNEL, reader.record):
        return ()
    space = reader.key.rsplit(":", 1)[0] + ":"
    found = [c for c in await tx.channels.all() if not c.gone and c.key.startswith(space)]
    return tuple(sorted(found, key=lambda c: c.name))


async def _people(
    mine: MyQuestions,
    board: tuple[OnBoard, ...],
    reviews: tuple[InReview, ...],
    reader: Reader,
    tx: Transaction,
) -> dict[str, MemberRecord]:
    keys = {reader.key, *(q.asker for q in mine.held), *(q.handed_by for q in mine.held)}
    keys |= {one.question.asker for one in board} | {one.draft.saved_by for one in reviews}
    return await tx.members.get(sorted(keys - {""}))


async def _asked_more(question: str, asker: str, tx: Transaction) -> list[Letter]:
    return [letter for letter in await tx.letters.of(question) if letter.member == asker]
