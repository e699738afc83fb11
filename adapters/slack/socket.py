"""Socket Mode: the way in for one workspace, without an address of our own."""

from __future__ import annotations

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


class SocketLine:
    """One socket to Slack, opened with the app's own token."""

    def __init__(self, app: AsyncApp, app_token: str, address: str) -> None:
        self._handler = AsyncSocketModeHandler(
            app, app_token, web_client=AsyncWebClient(base_url=address, retry_handlers=[])
        )

    async def open(self) -> None:
        """Raises what the SDK raises when Slack does not let us in."""
        await self._handler.connect_async()

    async def close(self) -> None:
        await self._handler.close_async()
