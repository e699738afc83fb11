"""The App Home: published when somebody opens it, and again when something they did may have changed it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import structlog

from adapters.slack.client import SlackApi
from adapters.slack.identity import Workspace
from adapters.slack.installations import Installations
from adapters.slack.messenger import SlackMessenger
from adapters.slack.outbound_home import home_view
from bot.events import Member
from bot.ports import DeliveryError
from bot.showing.home import home
from bot.surfaces.at_home import at_home
from bot.surfaces.house import House

SETTLED = 1.0  # seconds until what was pressed has been handled, as a rule
VISITORS = 2_000  # people remembered who have opened their page

_log = structlog.get_logger("winwin.slack")


class AtHomeOnSlack:
    def __init__(self, api: SlackApi, installations: Installations, house: House, messenger: SlackMessenger) -> None:
        self._api = api
        self._installations = installations
        self._house = house
        self._messenger = messenger
        self._visitors: OrderedDict[str, Workspace] = OrderedDict()

    async def opened(self, member: Member, workspace: Workspace) -> None:
        self._visitors[member.key] = workspace
        self._visitors.move_to_end(member.key)
        while len(self._visitors) > VISITORS:
            self._visitors.popitem(last=False)
        await self._publish(member, workspace)

    async def changed(self, member: Member) -> None:
        """They did something: their page is drawn anew if they have opened it."""
        workspace = self._visitors.get(member.key)
        if workspace is not None:
            await asyncio.sleep(SETTLED)
            await self._publish(member, workspace)

    async def _publish(self, member: Member, workspace: Workspace) -> None:
        installed = await self._installations.at(workspace.team, workspace.enterprise)
        if installed is None:
            return
        reader = await self._house.reader(member.key)
        view = home_view(home(await at_home(self._house, reader), reader.say), self._messenger.link)
        try:
            await self._api.call("views.publish", installed.token, user_id=member.id, view=view)
        except DeliveryError as error:  # it is drawn again when it is opened again
            _log.warning("home_not_published", error=str(error))
