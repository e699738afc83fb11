"""Socket Mode: the way in for one workspace, without an address of our own."""

from __future__ import annotations

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.client import SlackSilence, refusal


class SocketLine:
    """One socket to Slack, opened with the app's own token."""

    def __init__(self, app: AsyncApp, app_token: str, address: str) -> None:
        self._handler = AsyncSocketModeHandler(
            app, app_token, web_client=AsyncWebClient(base_url=address, retry_handlers=[])
        )

    async def open(self) -> None:
        """Raises DeliveryError when Slack does not let us in."""
        try:
            await self._handler.connect_async()
        except SlackApiError as error:
            raise refusal("apps.connections.open", error) from error
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            raise SlackSilence(f"apps.connections.open: {type(error).__name__}") from error

    async def close(self) -> None:
        await self._handler.close_async()
