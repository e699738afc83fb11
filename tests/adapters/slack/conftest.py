"""The fault server, and a mouth that speaks there."""

from collections.abc import AsyncIterator

import pytest

from adapters.slack.client import SlackApi
from tests.fakes.slack_server import SlackServer, slack_server


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as server:
        yield server


@pytest.fixture
async def api(slack: SlackServer) -> AsyncIterator[SlackApi]:
    api = SlackApi(slack.api_url)
    yield api
    await api.close()
