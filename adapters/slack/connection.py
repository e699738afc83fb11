"""Slack as a whole, for the composition root: a mouth, an ear, and the two ways in."""

from __future__ import annotations

from adapters.slack.bolt import bolt_app
from adapters.slack.client import SlackApi
from adapters.slack.installations import Installations, OneWorkspace
from adapters.slack.listener import Listener, Receive
from adapters.slack.messenger import SlackMessenger
from adapters.slack.opening import House, Opening
from adapters.slack.socket import SocketLine
from bot.ports import Clock


class SlackConnection:
    """`messenger` speaks from the first moment; `listen` says who hears; then a line is opened or a route mounted."""

    def __init__(self, api: SlackApi, installations: Installations, clock: Clock) -> None:
        self.api = api
        self.installations = installations
        self.messenger = SlackMessenger(api, installations, clock)
        self._clock = clock
        self._listener: Listener | None = None
        self._line: SocketLine | None = None

    async def greet(self) -> list[str]:
        """Take note of every workspace; returns their names."""
        found = await self.installations.all()
        for installed in found:
            self.messenger.greet(installed)
        return [installed.name or installed.workspace.space for installed in found]

    def listen(self, receive: Receive, house: House) -> Listener:
        opening = Opening(self.api, self.installations, house)
        self._listener = Listener(receive, self.installations, self.messenger, opening, self._clock)
        return self._listener

    async def open_socket(self, app_token: str) -> None:
        """Raises what the SDK raises when Slack does not let us in."""
        assert self._listener is not None
        app = bolt_app(self.installations, self._listener.take, self.api.address)
        self._line = SocketLine(app, app_token, self.api.address)
        await self._line.open()

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()
        if self._listener is not None:
            await self._listener.close()
        await self.api.close()


async def with_token(address: str, token: str, clock: Clock) -> SlackConnection:
    """One workspace, whose token is in the settings. Raises DeliveryError when Slack does not know the token."""
    api = SlackApi(address)
    try:
        installed = await api.who_am_i(token)
    except BaseException:
        await api.close()
        raise
    return SlackConnection(api, OneWorkspace(installed), clock)
