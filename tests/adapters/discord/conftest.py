"""A Discord of the project's own for each test, and a bot on it that notes what it hears."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.discord.discord_line import Line
from tests.fakes.discord_server import DiscordServer, discord_server


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with discord_server() as made:
        yield made


@pytest.fixture
async def line(discord: DiscordServer) -> AsyncIterator[Line]:
    made = Line(discord)
    try:
        yield made
    finally:
        await made.supervisor.close()
