"""A Bolt app as its documentation begins, with one listener that does nothing: what ours is compared with."""

from __future__ import annotations

import asyncio
import socket
import sys

from fastapi import FastAPI
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

from adapters.app import serve
from adapters.loop import run
from tests.fakes.slack_server import BOT_TOKEN, SIGNING_SECRET


def bolt_app(address: str) -> FastAPI:
    """`address` is where Slack's Web API answers."""
    bolt = AsyncApp(signing_secret=SIGNING_SECRET, client=AsyncWebClient(BOT_TOKEN, base_url=address))

    @bolt.event("message")
    async def nothing() -> None:
        pass

    handler = AsyncSlackRequestHandler(bolt)
    web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @web.post("/slack/events")
    async def events(request: Request) -> Response:
        answer: Response = await handler.handle(request)
        return answer

    return web


async def main(address: str) -> None:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(1_024)
    print(listening.getsockname()[1], flush=True)
    await serve(bolt_app(address), listening, asyncio.Event())


if __name__ == "__main__":
    run(main(sys.argv[1]))
