"""Slack's Web API: the only file that calls the SDK for it. Every failure becomes a DeliveryError with what it means.

Nothing is tried again here: a message that was posted before the line broke would be posted twice. The outbox decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.figures import Figures
from adapters.slack.identity import Workspace
from adapters.slack.installations import Installed
from adapters.slack.pacing import Pacing
from bot.ports import DeliveryError

Json = dict[str, Any]

PATIENCE = 10.0  # seconds for one call
UNSAID = 1.0  # seconds to wait when Slack limits a call without saying for how long
PASSING = frozenset(  # what Slack says when trying again later may help
    {
        "accesslimited",
        "fatal_error",
        "internal_error",
        "ratelimited",
        "rate_limited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "team_access_not_granted",
    }
)
MENDABLE = frozenset(  # what whoever runs the bot can put right, and nothing is lost meanwhile
    {
        "access_denied",
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "token_expired",
        "token_revoked",
    }
)
NOT_THERE = frozenset({404, 405, 501})  # how a server without Slack's word for it says that it has no such method
NEEDED = frozenset({"chat.postMessage", "conversations.open"})  # without these nothing is said: they will be back
NO_DIRECT = frozenset({"cannot_dm_bot", "user_disabled", "user_not_found", "user_not_visible", "users_not_found"})


class SlackRefusal(DeliveryError):  # noqa: N818 -- reads as what happened
    """Slack has answered, and said no. `code` is its own word for why."""

    def __init__(self, code: str, reason: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(reason, permanent=permanent, retry_after=retry_after)
        self.code = code


class SlackSilence(DeliveryError):  # noqa: N818 -- reads as what happened
    """Slack has not answered: what was asked for may have happened or not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=False)


class SlackApi:
    """Calls to one Slack (`address` ends in /api/), with the token of an installation each."""

    def __init__(self, address: str, figures: Figures | None = None) -> None:
        self.address = address if address.endswith("/") else f"{address}/"
        self._figures = figures or Figures()
        self._pacing: dict[str, Pacing] = {}  # by token
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._clients: dict[str, AsyncWebClient] = {}

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None
        self._clients.clear()

    def client(self, token: str) -> AsyncWebClient:
        if self._closed:  # what is still under way is tried again after the next start
            raise SlackSilence("the connection is closed")
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            self._session = aiohttp.ClientSession(timeout=timeout)
            self._clients.clear()
        if token not in self._clients:
            self._clients[token] = AsyncWebClient(
                token, base_url=self.address, session=self._session, retry_handlers=[], trust_env_in_session=False
            )
        return self._clients[token]

    async def call(self, method: str, token: str, **given: object) -> Json:
        """One call with a JSON body. Raises DeliveryError."""
        wanted = {name: value for name, value in given.items() if value is not None}
        return await self._in_time(method, token, wanted, {"json": wanted})

    async def ask(self, method: str, token: str, **given: object) -> Json:
        """A call that only reads: its arguments stand in the address."""
        wanted = {name: value for name, value in given.items() if value is not None}
        return await self._in_time(method, token, wanted, {"http_verb": "GET", "params": wanted})

    async def upload(self, token: str, **given: object) -> Json:
        """A file into a channel (files upload v2, three calls)."""
        return await self._asked("files_upload_v2", self.client(token).files_upload_v2(**given))  # type: ignore[arg-type]

    async def scopes(self, token: str) -> frozenset[str]:
        """What the token may do, as Slack says beside any answer; empty when it does not say."""
        answer = await self._answered("auth.test", self.client(token).api_call("auth.test"))
        said = {str(name).lower(): value for name, value in (getattr(answer, "headers", None) or {}).items()}
        return frozenset(filter(None, (scope.strip() for scope in str(said.get("x-oauth-scopes", "")).split(","))))

    async def who_am_i(self, token: str) -> Installed:
        found = await self.call("auth.test", token)
        workspace = Workspace(_word(found, "team_id"), _word(found, "enterprise_id"), _word(found, "user_id"))
        return Installed(workspace, token, _word(found, "team"), _word(found, "bot_id"), _word(found, "url"))

    async def respond(self, response_url: str, message: Mapping[str, object]) -> None:
        """Into a response_url, which works five times within half an hour."""
        try:
            self.client("")
            assert self._session is not None
            async with self._session.post(response_url, json=dict(message)) as answer:
                status = answer.status
        except (TimeoutError, aiohttp.ClientError) as error:
            raise SlackSilence(f"response_url: {type(error).__name__}") from error
        if status >= 400:
            raise SlackRefusal("response_url", f"response_url: HTTP {status}", permanent=status < 500)

    async def _in_time(self, method: str, token: str, wanted: Json, how: Json) -> Json:
        """Not before Slack wants it: after a 429 the next call of the method (to the channel, for what is said in one)
        waits as long as it was told to, and the others go on."""
        pacing = self._pacing.setdefault(token, Pacing())
        channel = str(wanted.get("channel") or "") if method.startswith("chat.") else ""
        now = asyncio.get_running_loop().time()
        if (left := pacing.closed(method, channel, now)) > 0:
            raise SlackRefusal("ratelimited", f"{method}: waiting", permanent=False, retry_after=left)
        try:
            return await self._asked(method, self.client(token).api_call(method, **how))
        except SlackRefusal as refused:
            if refused.code == "ratelimited":
                self._figures.limited.labels(method).inc()
                pacing.refused(method, channel, refused.retry_after or UNSAID, asyncio.get_running_loop().time())
            raise

    async def _asked(self, method: str, call: Any) -> Json:
        answer = await self._answered(method, call)
        data = answer.data if hasattr(answer, "data") else answer
        return data if isinstance(data, dict) else {}

    async def _answered(self, method: str, call: Any) -> Any:
        try:
            return await call
        except SlackApiError as error:
            raise refusal(method, error) from error
        except (TimeoutError, SlackClientError, aiohttp.ClientError, ValueError, AttributeError, TypeError) as error:
            # the SDK stumbles with the last two over an answer that is no object
            raise SlackSilence(f"{method}: {type(error).__name__}") from error


def _word(found: Json, name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def refusal(method: str, error: SlackApiError) -> DeliveryError:
    """What Slack's answer means for whoever wanted something."""
    answer: Any = error.response
    status = getattr(answer, "status_code", 200)
    data = getattr(answer, "data", answer)
    code = _word(data, "error") if isinstance(data, dict) else ""
    if status == 429:
        return SlackRefusal("ratelimited", f"{method}: ratelimited", permanent=False, retry_after=_seconds(answer))
    if not code and status in NOT_THERE:
        return SlackRefusal("unknown_method", f"{method}: HTTP {status}", permanent=method not in NEEDED)
    if status >= 500 or not code:
        return SlackSilence(f"{method}: HTTP {status}")
    reason = f"{method}: {code}"
    if code == "missing_scope":
        reason += f" (needed: {_word(data, 'needed')})"
    permanent = code not in PASSING and code not in MENDABLE
    return SlackRefusal(code, reason, permanent=permanent)


def _seconds(answer: Any) -> float | None:
    headers = getattr(answer, "headers", None) or {}
    for name, value in headers.items():
        if name.lower() == "retry-after":
            text = value[0] if isinstance(value, list) else value
            try:
                return max(0.0, float(text))
            except (TypeError, ValueError):
                return None
    return None
