"""Discord's HTTP API, called through discord.py. Every failure becomes a DeliveryError with what it means.

Paths are templates ("/channels/{channel_id}/messages"), because Discord's rate limits go by the template and its major
ids: discord.py waits for a bucket to fill and after a 429, and tries what the server failed at again. With a nonce
(`enforce_nonce`) a message is not posted twice by that; what is still open in the end, the outbox decides.
"""

from __future__ import annotations

import asyncio
import json as jsons
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
import discord
import discord.http
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from bot.ports import DeliveryError

Json = dict[str, Any]

PATIENCE = 10.0  # seconds for one try of one call
AT_ONCE = 3.0  # seconds in which an interaction has to be answered
UNSAID = 5.0  # seconds to wait when Discord limits a call without saying for how long
BLOCKED = 60.0  # the same when it is the network before Discord that limits us
CHANNEL_GONE, MESSAGE_GONE, INTERACTION_GONE = 10003, 10008, 10062
NO_ACCESS, NO_PERMISSION, CLOSED_TO_US = 50001, 50013, 50007
HAS_THREAD, ARCHIVED, ANSWERED = 160004, 50083, 40060
SLOW_MODE, TOO_MANY_EDITS, TOO_MANY_WRITES = 20016, 20022, frozenset({20028, 20029})
PASSING = frozenset({40333, 130000, 131000, SLOW_MODE, TOO_MANY_EDITS, *TOO_MANY_WRITES})  # codes that mean: later
RATE_LIMITED = 429  # our word for it where Discord's code is 0

_UNNOTED = (OSError, TimeoutError, aiohttp.ClientError, RuntimeError, ValueError)  # RuntimeError: the session is closed


class DiscordRefusal(DeliveryError):  # noqa: N818 -- reads as what happened
    """Discord has answered, and said no. `code` is its own number for why, or the HTTP status where it has none."""

    def __init__(self, code: int, reason: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(reason, permanent=permanent, retry_after=retry_after)
        self.code = code


class DiscordSilence(DeliveryError):  # noqa: N818 -- reads as what happened
    """Discord has not answered: what was asked for may have happened or not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=False)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes along. `description` says in words what there is to see."""

    name: str
    data: bytes
    description: str = ""


class DiscordApi:
    """Calls with the bot's token. `use` says through which connection; without one nothing is sent."""

    def __init__(self) -> None:
        self._client: discord.Client | None = None
        self._blocked_until = 0.0

    def use(self, client: discord.Client | None) -> None:
        self._client = client

    @property
    def ready(self) -> bool:
        return self._client is not None

    @property
    def application(self) -> str:
        """The application's id, which the addresses of commands and follow-ups begin with; empty: not known yet."""
        return str((self._client.application_id if self._client is not None else None) or "")

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, object] | None = None,
        files: Sequence[Upload] = (),
        reason: str = "",
        within: float = PATIENCE,
        **ids: str,
    ) -> Any:
        """What Discord answers. `ids` fill the path's template; `reason` is for the audit log. Raises DeliveryError."""
        http, what = self._http(), f"{method} {path}"
        given: Json = {"timeout": aiohttp.ClientTimeout(total=within)}
        if params:
            given["params"] = {name: str(value) for name, value in params.items() if value is not None}
        if reason:
            given["reason"] = reason
        if files:
            given |= _multipart(json, files)
        elif json is not None:
            given["json"] = json
        try:
            return await http.request(Route(method, path, **ids), **given)
        except discord.RateLimited as error:
            raise DiscordRefusal(RATE_LIMITED, what, permanent=False, retry_after=error.retry_after) from error
        except discord.HTTPException as error:
            raise self._refused(what, error) from error
        except _UNNOTED as error:
            raise DiscordSilence(f"{what}: {type(error).__name__}") from error

    async def respond(self, interaction: str, token: str, answer: Mapping[str, object]) -> None:
        """The first answer to an interaction. It works once, within three seconds."""
        path = "/interactions/{webhook_id}/{webhook_token}/callback"  # these two make a bucket of each interaction
        await self.call("POST", path, json=dict(answer), within=AT_ONCE, webhook_id=interaction, webhook_token=token)

    async def follow_up(self, token: str, message: Mapping[str, object], files: Sequence[Upload] = ()) -> Json:
        """A further message for an interaction, within fifteen minutes."""
        path = "/webhooks/{webhook_id}/{webhook_token}"
        params = {"wait": "true"}
        found = await self.call(
            "POST",
            path,
            json=dict(message),
            params=params,
            files=files,
            webhook_id=self.application,
            webhook_token=token,
        )
        return found if isinstance(found, dict) else {}

    async def revise_answer(self, token: str, message: Mapping[str, object], which: str = "") -> Json:
        """The first answer (or a follow-up by its id) becomes another, within fifteen minutes."""
        last = "{message_id}" if which else "@original"  # as an id, discord.py would write %40original
        path = f"/webhooks/{{webhook_id}}/{{webhook_token}}/messages/{last}"
        found = await self.call(
            "PATCH", path, json=dict(message), webhook_id=self.application, webhook_token=token, message_id=which
        )
        return found if isinstance(found, dict) else {}

    def _http(self) -> HTTPClient:
        if self._client is None:
            raise DiscordSilence("not connected")
        left = self._blocked_until - asyncio.get_running_loop().time()
        if left > 0:
            raise DiscordRefusal(RATE_LIMITED, "Discord's network blocks us", permanent=False, retry_after=left)
        return self._client.http

    def _refused(self, what: str, error: discord.HTTPException) -> DeliveryError:
        if error.status == 429:
            headers = getattr(error.response, "headers", {})
            blocked = not headers.get("Via")
            wait = _seconds(headers.get("Retry-After"), BLOCKED if blocked else UNSAID)
            if blocked:  # ten thousand more refusals would not make it shorter
                self._blocked_until = asyncio.get_running_loop().time() + wait
            return DiscordRefusal(RATE_LIMITED, f"{what}: rate limited", permanent=False, retry_after=wait)
        return refusal(what, error)


def refusal(what: str, error: discord.HTTPException) -> DeliveryError:
    """What Discord's answer means for whoever wanted something."""
    if error.status >= 500:
        return DiscordSilence(f"{what}: HTTP {error.status}")
    said = error.text.partition("\n")[0] if error.code else ""
    reason = f"{what}: HTTP {error.status}" + (f", {error.code} {said}" if error.code else "")
    passing = error.status in (401, 408, 409) or error.code in PASSING
    return DiscordRefusal(error.code or error.status, reason, permanent=not passing)


def _multipart(json: object, files: Sequence[Upload]) -> Json:
    body = dict(json) if isinstance(json, Mapping) else {}
    body["attachments"] = [
        {"id": number, "filename": file.name} | ({"description": file.description} if file.description else {})
        for number, file in enumerate(files)
    ]
    form: list[Json] = [{"name": "payload_json", "value": jsons.dumps(body)}]
    sent = [discord.File(BytesIO(file.data), filename=file.name) for file in files]
    for number, file in enumerate(sent):
        form.append({"name": f"files[{number}]", "value": file.fp, "filename": file.filename})
        form[-1]["content_type"] = "application/octet-stream"
    return {"form": form, "files": sent}


def _seconds(said: object, unsaid: float) -> float:
    try:
        return max(0.0, float(str(said)))
    except ValueError:
        return unsaid


def point_to(api_url: str, gateway_url: str = "") -> None:
    """Which Discord: before a client is made. An `api_url` without a version gets the one discord.py speaks. Servers
    that speak like Discord may say a charset with their JSON, and discord.py takes that for plain text."""
    base = api_url.rstrip("/")
    last = base.rpartition("/")[2]
    versioned = last[:1] == "v" and last[1:].isdigit()
    Route.BASE = base if versioned else f"{base}/v10"
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    discord.http.json_or_text = _said


async def _said(response: aiohttp.ClientResponse) -> Any:
    text = await response.text(encoding="utf-8")
    if response.content_type != "application/json":
        return text
    try:
        return jsons.loads(text)
    except ValueError:
        return text
