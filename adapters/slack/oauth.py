"""Installing in many workspaces: Slack's OAuth, and the installations it leaves in the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow as OAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.http import INSTALL_PATH, REDIRECT_PATH
from adapters.slack.identity import Workspace
from adapters.slack.installations import Installed
from adapters.slack.scopes import SCOPES

__all__ = ["OAuthFlow", "StoredInstallations", "Stores", "oauth_flow"]

KNOWN_FOR = 60.0  # seconds: then another process's installations are looked for
AT_MOST_EVERY = 1.0  # seconds between two looks for a workspace that is not known

_DONE = (
    "winwin is installed. Now invite it to a channel in Slack: write /invite @winwin there.\n"
    "You can close this window.\n"
)
_NOT_DONE = "winwin is not installed: {reason}. Please go to {path} and try once more.\n"
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


class Stores(Protocol):
    """What the storage side keeps for us."""

    @property
    def installations(self) -> AsyncInstallationStore: ...

    @property
    def states(self) -> AsyncOAuthStateStore: ...

    async def bots(self) -> Sequence[Bot]:
        """The newest of every workspace and organisation."""
        ...


class StoredInstallations:
    """See Installations. Kept in memory for a minute, so that no event waits for the database."""

    def __init__(self, stores: Stores, also: Sequence[Installed] = ()) -> None:
        self._stores = stores
        self._also = tuple(also)
        self._found: tuple[Installed, ...] = ()
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def at(self, team: str, enterprise: str) -> Installed | None:
        found = _match(await self.all(), team, enterprise)
        if found is None and time.monotonic() - self._looked_at > AT_MOST_EVERY:
            found = _match(await self._look(), team, enterprise)
        return found

    async def all(self) -> Sequence[Installed]:
        if time.monotonic() - self._looked_at > KNOWN_FOR:
            return await self._look()
        return self._found

    async def removed(self, workspace: Workspace) -> None:
        await self._stores.installations.async_delete_all(
            enterprise_id=workspace.enterprise or None, team_id=workspace.team or None
        )
        await self._look()

    async def _look(self) -> Sequence[Installed]:
        async with self._looking:
            stored = [_installed(bot) for bot in await self._stores.bots()]
            own = {one.workspace.team for one in self._also}
            self._found = (*self._also, *(one for one in stored if one.workspace.team not in own))
            self._looked_at = time.monotonic()
        return self._found


def _match(found: Sequence[Installed], team: str, enterprise: str) -> Installed | None:
    """The workspace's own installation, or its organisation's."""
    for one in found:
        if team and one.workspace.team == team:
            return one
    for one in found:
        if enterprise and one.workspace.enterprise == enterprise:
            return one
    return None


def _installed(bot: Bot) -> Installed:
    whole = bool(bot.is_enterprise_install)
    workspace = Workspace("" if whole else bot.team_id or "", bot.enterprise_id or "", bot.bot_user_id or "")
    name = (bot.enterprise_name if whole else bot.team_name) or ""
    return Installed(workspace, bot.bot_token or "", name, bot.bot_id or "")


def oauth_flow(
    client_id: str,
    client_secret: str,
    public_url: str,
    api_address: str,
    stores: Stores,
    after: Callable[[], Awaitable[None]],
) -> OAuthFlow:
    """`after` is called when somebody has installed the bot."""

    async def success(args: AsyncSuccessArgs) -> BoltResponse:  # noqa: ARG001 -- Bolt's argument
        await after()
        return BoltResponse(status=200, body=_DONE, headers=_PLAIN)

    async def failure(args: AsyncFailureArgs) -> BoltResponse:
        words = _NOT_DONE.format(reason=str(args.reason).replace("_", " ")[:80], path=INSTALL_PATH)
        return BoltResponse(status=args.suggested_status_code, body=words, headers=_PLAIN)

    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=list(SCOPES),
        user_scopes=[],
        redirect_uri=f"{public_url.rstrip('/')}{REDIRECT_PATH}" if public_url else None,
        install_path=INSTALL_PATH,
        install_page_rendering_enabled=False,
        redirect_uri_path=REDIRECT_PATH,
        callback_options=AsyncCallbackOptions(success=success, failure=failure),
        installation_store=stores.installations,
        state_store=stores.states,
    )
    client = AsyncWebClient(base_url=api_address, retry_handlers=[])
    return OAuthFlow(client=client, settings=settings)
