"""Slack as a whole, for the composition root: a mouth, an ear, and the two ways in."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

from adapters.slack.at_home import AtHomeOnSlack
from adapters.slack.backfill import Backfill
from adapters.slack.bolt import Taker, bolt_app
from adapters.slack.client import SlackApi
from adapters.slack.directory import SlackDirectory
from adapters.slack.figures import Figures
from adapters.slack.http import slack_routes
from adapters.slack.installations import Installations, Installed, OneWorkspace
from adapters.slack.listener import Listener, Receive
from adapters.slack.messenger import SlackMessenger
from adapters.slack.oauth import StoredInstallations, Stores
from adapters.slack.opening import Opening
from adapters.slack.orders import Orders
from adapters.slack.quick import Quick
from adapters.slack.reading import SlackReader
from adapters.slack.socket import SocketLine
from adapters.slack.telling import Telling
from bot.ports import Clock, DeliveryError
from bot.surfaces.house import House


class SlackConnection:
    """`messenger` speaks and `directory` knows people from the first moment; `listen` says who hears; then a line is
    opened or a route mounted."""

    def __init__(
        self, api: SlackApi, installations: Installations, clock: Clock, figures: Figures | None = None
    ) -> None:
        self.api = api
        self.installations = installations
        self._figures = figures or Figures()
        self.messenger = SlackMessenger(api, installations, clock, self._figures)
        self.directory = SlackDirectory(api, installations, clock)
        self.reader = SlackReader(api, installations)
        self._clock = clock
        self._backfill: Backfill | None = None
        self._listener: Listener | None = None
        self._line: SocketLine | None = None

    async def greet(self) -> list[str]:
        """Take note of every workspace and of its address; returns their names."""
        found = await self.installations.all()
        for installed in found:
            try:
                known = installed if installed.address else await self.api.who_am_i(installed.token)
            except DeliveryError:
                known = installed  # its links are only less handy
            self.messenger.greet(replace(known, workspace=installed.workspace))
        return [installed.name or installed.workspace.space for installed in found]

    def listen(self, receive: Receive, house: House) -> Listener:
        """Events, and what backfill reads, go to `receive`."""
        self._backfill = Backfill(
            self.api,
            self.installations,
            house.store,
            receive,
            self._clock,
            house.default_mode,
            figures=self._figures,
            on_missed=self._missed,
        )
        receive = self._backfill.heard
        telling = Telling(self.api, self.installations, self.messenger)
        self._listener = Listener(
            receive,
            self.installations,
            self.messenger,
            Opening(house, telling, self.messenger),
            Orders(house, telling),
            AtHomeOnSlack(self.api, self.installations, house, self.messenger),
            self._clock,
        )
        return self._listener

    async def open_socket(self, app_token: str) -> None:
        """Raises DeliveryError when Slack does not let us in."""
        app = bolt_app(self.installations, self._taker(), self.api.address)
        self._line = SocketLine(app, app_token, self.api, figures=self._figures, gap=self._gap)
        await self._line.open()

    def routes(self, signing_secret: str, flow: AsyncOAuthFlow | None = None) -> APIRouter:
        """What the web server answers to Slack, and to whoever installs the bot."""
        app = bolt_app(
            self.installations, self._taker(), self.api.address, signing_secret=signing_secret, oauth_flow=flow
        )
        return slack_routes(app, Quick(signing_secret, self.installations, self._taker()))

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()
        if self._listener is not None:
            await self._listener.close()
        await self.api.close()

    async def catch_up(self) -> bool:
        """One step of reading up on what no event told. Returns whether there was anything to do."""
        return await self._backfill.step() if self._backfill is not None else False

    def _gap(self) -> None:
        if self._backfill is not None:
            self._backfill.gap()

    def _missed(self) -> None:
        """The line is open and does not bring everything."""
        if self._line is not None:
            self._line.replace_all("missed")

    def _taker(self) -> Taker:
        assert self._listener is not None, "listen comes first"
        return self._listener.take


async def with_token(address: str, token: str, figures: Figures | None = None) -> tuple[SlackApi, Installed]:
    """One workspace, whose token is in the settings. Raises DeliveryError when Slack does not know the token."""
    api = SlackApi(address, figures)
    try:
        return api, await api.who_am_i(token)
    except BaseException:
        await api.close()
        raise


async def connected(
    address: str, token: str, stores: Stores | None, clock: Clock, figures: Figures | None = None
) -> SlackConnection:
    """The workspace of `token` (empty: none), and those that installed the bot by themselves (`stores`)."""
    if not token:
        assert stores is not None, "a token or OAuth"
        return SlackConnection(SlackApi(address, figures), StoredInstallations(stores), clock, figures)
    api, installed = await with_token(address, token, figures)
    also = StoredInstallations(stores, [installed]) if stores is not None else OneWorkspace(installed)
    return SlackConnection(api, also, clock, figures)
