"""The project's own Discord without a line to it: quick enough for hundreds of ways in which calls can go wrong."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.discord.client import DiscordApi, DiscordRefusal, DiscordSilence, Upload
from tests.fakes.discord_guild import Realm, peopled
from tests.fakes.discord_methods import METHODS
from tests.fakes.discord_payloads import Refuses

LOST, UNHEARD, LIMITED, FORBIDDEN = "lost", "unheard", "limited", "forbidden"


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


class PaperDiscord(DiscordApi):
    """`faults`: what befalls the calls to come, one each; empty: nothing."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self.realm = Realm(lambda: hands.seconds)
        peopled(self.realm)
        self.faults: list[str] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []

    @property
    def ready(self) -> bool:
        return True

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, object] | None = None,
        files: Sequence[Upload] = (),
        reason: str = "",
        within: float = 10.0,
        **ids: str,
    ) -> Any:
        fault = self.faults.pop(0) if self.faults else ""
        body = dict(json) if isinstance(json, Mapping) else {}
        if files:
            body["attachments"] = [{"id": str(n), "filename": f.name} for n, f in enumerate(files)]
        self.sent.append((f"{method} {path}", body))
        if fault == LOST:
            raise DiscordSilence("lost")
        if fault == LIMITED:
            raise DiscordRefusal(429, "limited", permanent=False, retry_after=1.0)
        if fault == FORBIDDEN and method != "GET":  # without a way to look only the nonce holds, for minutes
            raise DiscordRefusal(50013, "forbidden", permanent=True)
        asked = {k: v for k, v in (params or {}).items() if v is not None} | copy.deepcopy(body)
        try:
            said = METHODS[f"{method} {path}"](self.realm, ids, asked)
        except Refuses as refused:
            raise DiscordRefusal(refused.code or refused.status, refused.message, permanent=True) from refused
        if fault == UNHEARD:
            raise DiscordSilence("unheard")
        return copy.deepcopy(said)
