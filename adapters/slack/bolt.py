"""The Bolt app: it checks signatures, finds the installation, and hands everything that comes to one listener.

The listener is a middleware for all: nothing is left unacknowledged because nobody listens to it. Bolt answers Slack
with what it returns, so Slack hears "taken" only after the facts are committed; when it raises, Slack hears nothing
good and sends the event again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.installations import Installations

NOT_TAKEN = 503  # it could not be kept just now; any other failure is Bolt's, of what it cannot read

_log = structlog.get_logger("winwin.slack")

Taker = Callable[[Mapping[str, Any], str], Awaitable[Mapping[str, Any] | None]]  # (payload, the bot's own user)


class ByInstallation(AsyncAuthorize):  # type: ignore[misc]  # slack_bolt ships no types
    """Who the bot is for this payload: from memory, without a call to Slack."""

    def __init__(self, installations: Installations) -> None:
        super().__init__()
        self._installations = installations

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,  # noqa: ARG002 -- Bolt's arguments
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_: object,
    ) -> AuthorizeResult | None:
        installed = await self._installations.at(team_id or "", enterprise_id or "")
        if installed is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=installed.workspace.bot_user,
            bot_id=installed.bot_id or None,
            bot_token=installed.token,
            user_id=user_id,
        )


def bolt_app(
    installations: Installations,
    take: Taker,
    address: str,
    *,
    signing_secret: str = "",
    oauth_flow: AsyncOAuthFlow | None = None,
) -> AsyncApp:
    """`address` is where Slack's Web API answers. Without a signing secret only Socket Mode may be used."""
    log = logging.getLogger("winwin.slack.bolt")
    log.setLevel(logging.ERROR)
    app = AsyncApp(
        logger=log,
        name="winwin",
        signing_secret=signing_secret,
        client=AsyncWebClient(base_url=address, retry_handlers=[]),
        authorize=ByInstallation(installations),
        oauth_flow=oauth_flow,
        process_before_response=True,
        attaching_function_token_enabled=False,
    )

    app.use(Everything(take))
    return app


class Everything(AsyncMiddleware):  # type: ignore[misc]  # slack_bolt ships no types
    """Takes the payload as it came: what Bolt would pick out of it for a function may be missing or malformed."""

    def __init__(self, take: Taker) -> None:
        self._take = take

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 -- Bolt's arguments
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002, ARG002
    ) -> BoltResponse:
        status, answer = await kept(self._take, req.body, req.context.bot_user_id or "")
        return BoltResponse(status=status, body=dict(answer) if answer else "")


async def kept(take: Taker, payload: Mapping[str, Any], bot_user: str) -> tuple[int, Mapping[str, Any] | None]:
    """(status, answer) for Slack: 200 only when the payload was taken, and NOT_TAKEN has it sent again."""
    try:
        return 200, await take(payload, bot_user)
    except Exception:  # Slack sends it again
        _log.exception("not_taken", kind=str(payload.get("type"))[:40])
        return NOT_TAKEN, None
