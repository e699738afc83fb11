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
from adapters.slack.identity import Workspace
from adapters.slack.installations import Installations
from adapters.slack.messenger import SlackMessenger
from adapters.slack.outbound_home import home_view
from bot.events import Member
from bot.ports import DeliveryError
from bot.showing.board import BEGINNING, Looking
from bot.showing.home import home
from bot.surfaces.at_home import at_home
from bot.surfaces.house import House

LOOKED = 0.05  # seconds between two looks whether what somebody did has been handled
PATIENCE = 5.0  # seconds after which their page is drawn all the same
VISITORS = 2_000  # people remembered who have opened their page

_log = structlog.get_logger("winwin.slack")


@dataclass(slots=True)
class Visitor:
    """Somebody who has opened their page. `changes` counts what they did since, `drawn` how much of it is shown;
    `shown` is a digest of the page as Slack has it,
    `looking` the part of the open board that stands on it."""

    workspace: Workspace
    changes: int = 0
    drawn: int = 0
    shown: str = ""
    looking: Looking = BEGINNING
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)


class AtHomeOnSlack:
    def __init__(self, api: SlackApi, installations: Installations, house: House, messenger: SlackMessenger) -> None:
        self._api = api
        self._installations = installations
        self._house = house
        self._messenger = messenger
        self._visitors: OrderedDict[str, Visitor] = OrderedDict()

    async def opened(self, member: Member, workspace: Workspace) -> None:
        await self.looked(member, workspace, BEGINNING)

    async def looked(self, member: Member, workspace: Workspace, looking: Looking) -> None:
        """At a part of the open board; the rest of the page is drawn with it."""
        visitor = self._visitors.setdefault(member.key, Visitor(workspace))
        visitor.workspace = workspace
        self._visitors.move_to_end(member.key)
        while len(self._visitors) > VISITORS:
            self._visitors.popitem(last=False)
        async with visitor.drawing:
            visitor.looking = looking
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
        true = await at_home(self._house, reader, looking=visitor.looking)
        view = home_view(home(true, reader.say), self._messenger.link)
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
