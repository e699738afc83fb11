"""The short way of what comes most: a message, as a signed request. It asks of it what Bolt asks (the signature, its
time, who is installed where); whatever is not plainly a message that may be taken is left to Bolt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from slack_sdk.signature import SignatureVerifier
from starlette.datastructures import Headers

from adapters.slack.bolt import Taker, kept
from adapters.slack.identity import part, word, workspace_of
from adapters.slack.installations import Installations

Json = dict[str, Any]


class Quick:
    """Without a signing secret nothing may come in this way."""

    def __init__(self, signing_secret: str, installations: Installations, take: Taker) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._installations = installations
        self._take = take

    async def status(self, body: bytes, headers: Headers) -> int | None:
        """What Slack is answered, once the message is kept or could not be; None when it is for Bolt to say."""
        payload = self._message(body, headers)
        workspace = workspace_of(payload) if payload is not None else None
        if payload is None or workspace is None:
            return None
        installed = await self._installations.at(workspace.team, workspace.enterprise)
        if installed is None or _own(part(payload["event"]), installed.workspace.bot_user):
            return None
        return (await kept(self._take, payload, installed.workspace.bot_user))[0]

    def _message(self, body: bytes, headers: Headers) -> Json | None:
        try:
            stamp, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
            if not self._verifier.is_valid(body, stamp, signature):
                return None
            payload = json.loads(body)
        except (ValueError, TypeError, OverflowError, RecursionError):  # not what Slack sends
            return None
        return payload if isinstance(payload, dict) and _is_message(payload) else None


def _is_message(payload: Mapping[str, Any]) -> bool:
    return payload.get("type") == "event_callback" and part(payload.get("event")).get("type") == "message"


def _own(event: Mapping[str, Any], bot_user: str) -> bool:
    """What the bot itself said, or another bot: Bolt knows which of them to drop."""
    return bool(event.get("bot_id")) or word(event.get("user")) in ("", bot_user)
