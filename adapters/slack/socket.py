"""Socket Mode: the way in for one workspace, without an address of our own.

Each connection is a `Line`. When Slack asks a line to leave, its successor is there before it goes; one that was cut or
went deaf is replaced, with growing pauses that differ from bot to bot. What came on a line is acknowledged on the same
line, and only after it was taken; what could not be acknowledged comes again, and the inbox ends the repeat.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack.bolt import NOT_TAKEN
from adapters.slack.client import SlackApi, SlackRefusal, SlackSilence
from adapters.slack.figures import Figures
from adapters.slack.identity import part, word
from adapters.slack.line import PATIENT, Line, Patience, pause
from bot.ports import DeliveryError

Json = dict[str, Any]
SWITCHED_OFF = "link_disabled"  # Slack's word for: Socket Mode was turned off in the app's settings
HELLO_WITHIN = 10.0  # seconds
REMEMBERED = 2_000  # envelopes, in case one comes on two lines

_log = structlog.get_logger("winwin.slack")


class SocketLine:
    """`lines` connections at once. `gap` is called when there was none, or one was deaf, and there is one again: what
    happened meanwhile has to be read up on."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        api: SlackApi,
        *,
        figures: Figures | None = None,
        gap: Callable[[], None] = lambda: None,
        lines: int = 1,
        patience: Patience = PATIENT,
    ) -> None:
        self._app = app
        self._token = app_token
        self._api = api
        self._figures = figures or Figures()
        self._gap = gap
        self._count = lines
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None
        self._lines: set[Line] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self._taken: OrderedDict[str, asyncio.Task[tuple[bool, Json | None]]] = OrderedDict()
        self._closing = False

    @property
    def connected(self) -> int:
        return sum(line.open for line in self._lines)

    async def open(self) -> None:
        """Raises DeliveryError when Slack does not let us in."""
        self._session = aiohttp.ClientSession()
        try:
            for _ in range(self._count):
                self._go_on(await self._connect())
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """What is under way is ended and acknowledged, then the lines are closed."""
        self._closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.leaving):
                await asyncio.gather(*(line.finish() for line in self._lines))
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        for line in list(self._lines):
            await line.close()
        await asyncio.gather(*(t for t in self._taken.values() if not t.done()), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def replace_all(self, why: str) -> None:
        """Somebody knows that the lines do not hear everything."""
        for line in self._lines:
            line.leave(why)

    # --- connecting -------------------------------------------------------------------------------------------

    async def _connect(self) -> Line:
        """One line that has said hello. Raises DeliveryError."""
        assert self._session is not None
        answer = await self._api.call("apps.connections.open", self._token)
        line = None
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                socket = await self._session.ws_connect(word(answer.get("url")), autoping=False, max_msg_size=0)
                line = Line(socket, self._take, self._patience)
                await line.greeted()
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            if line is not None:
                await line.close()
            raise SlackSilence(f"the socket: {type(error).__name__}") from error
        self._lines.add(line)
        return line

    def _go_on(self, line: Line) -> None:
        task = asyncio.create_task(self._keep(line), name="winwin-slack-line")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _keep(self, line: Line) -> None:
        """Listen on a line until it has to be replaced; then there is another in its place."""
        why = await line.listen()
        if self._closing:
            return
        self._figures.reconnected.labels(why).inc()
        _log.info("line_replaced", why=why)
        asked_to_go = why not in ("cut", "deaf")
        if not asked_to_go:
            self._lines.discard(line)
            await line.close()
        successor = await self._again(refused=why == SWITCHED_OFF)
        missed = why in ("cut", "deaf", "missed") or not line.open
        if asked_to_go:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.leaving):
                    await line.finish()
            self._lines.discard(line)
            await line.close()
        self._go_on(successor)
        if missed:
            self._gap()

    async def _again(self, *, refused: bool) -> Line:
        """Until there is a line: trying again for as long as it takes."""
        tries = 4 if refused else 0
        if refused:
            _log.error("socket_mode_is_off", do="api.slack.com/apps > your app > Socket Mode > Enable Socket Mode")
            await asyncio.sleep(pause(tries, self._patience, random.random()))  # noqa: S311 -- only spreads the bots
        while True:
            try:
                return await self._connect()
            except DeliveryError as error:
                wait = pause(tries, self._patience, random.random())  # noqa: S311
                if isinstance(error, SlackRefusal) and error.retry_after is not None:
                    wait = max(wait, error.retry_after)
                _log.warning("not_connected", error=str(error), again_in=round(wait, 1))
                await asyncio.sleep(wait)
                tries += 1

    # --- what comes -------------------------------------------------------------------------------------------

    async def _take(self, envelope: Json) -> tuple[bool, Json | None]:
        """Whether it was taken, and what is answered with the acknowledgement. An envelope that comes on two lines is
        taken once."""
        key = _key(envelope)
        if key not in self._taken:
            self._taken[key] = asyncio.create_task(self._dispatch(envelope))
            while len(self._taken) > REMEMBERED:
                self._taken.popitem(last=False)
        taken, answer = await asyncio.shield(self._taken[key])  # a line that ends does not end what it began
        if not taken:
            self._taken.pop(key, None)
        return taken, answer

    async def _dispatch(self, envelope: Json) -> tuple[bool, Json | None]:
        request = SocketModeRequest(
            type=word(envelope.get("type")),
            envelope_id=word(envelope.get("envelope_id")),
            payload=envelope.get("payload") or {},
            accepts_response_payload=envelope.get("accepts_response_payload"),
            retry_attempt=envelope.get("retry_attempt"),
            retry_reason=envelope.get("retry_reason"),
        )
        try:
            answer = await run_async_bolt_app(self._app, request)
        except Exception as error:  # Bolt cannot read it, and could not the next time either
            _log.warning("unreadable_payload", kind=request.type, error=type(error).__name__)
            return True, None
        if answer.status not in (200, NOT_TAKEN):
            _log.warning("unreadable_payload", kind=request.type, status=answer.status)
            return True, None
        return answer.status == 200, _body(answer.body)


def _key(envelope: Json) -> str:
    """An envelope's own. Its id alone is not enough: a server may begin to count anew when it starts."""
    payload = part(envelope.get("payload"))
    what = (
        word(payload.get("event_id")) or word(payload.get("trigger_id")) or word(part(payload.get("event")).get("ts"))
    )
    return f"{word(envelope.get('envelope_id'))}:{envelope.get('retry_attempt') or 0}:{what}"


def _body(body: object) -> Json | None:
    if not isinstance(body, str) or not body:
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return {"text": body}
    return found if isinstance(found, dict) else None
