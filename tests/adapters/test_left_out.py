"""A Discord that does not let the bot in: whoever writes elsewhere is served all the same, and it is said clearly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from adapters import app
from adapters.commands.serving import _left_out, free_port
from adapters.settings import Settings, read_settings
from adapters.wiring import community as wired
from tests.fakes.command_line import WordModel
from tests.fakes.discord_server import DiscordServer, discord_server
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer, slack_server
from tests.fakes.tables import tables

Given = Callable[..., Settings]


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with discord_server() as made:
        yield made


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as made:
        yield made


@pytest.fixture
def given(monkeypatch, tmp_path, discord: DiscordServer) -> Given:
    """Settings with a wrong token for Discord, and what is named."""
    monkeypatch.setattr(wired, "load_embedder", lambda *_: WordModel())
    wrong = {
        "database_url": f"sqlite+aiosqlite:///{tables(tmp_path / 'winwin.db')}",
        "discord_token": "wrong-and-secret",
        "discord_api_url": discord.api_url,
        "discord_gateway_url": discord.gateway_url,
    }
    return partial(read_settings, None, **wrong)


async def run_until_open(program: Callable[..., object], settings: Settings, **more: object) -> tuple[list[str], ...]:
    """Where the program is connected when it is open, and why it is not elsewhere."""
    stop, places, reasons = asyncio.Event(), list[str](), list[str]()

    def opened(names: list[str]) -> None:
        places.extend(names)
        stop.set()

    with free_port("127.0.0.1", 8470, 50) as listening:
        running = program(settings, listening, stop=stop, opened=opened, left_out=reasons.append, **more)
        await asyncio.wait_for(running, 40)  # type: ignore[arg-type]
    return places, reasons


def clear(reasons: list[str]) -> bool:
    [why] = reasons
    return "Discord does not let the bot in" in why and "DISCORD_TOKEN" in why and "secret" not in why


async def test_the_local_community_opens_without_it(given: Given) -> None:
    places, reasons = await run_until_open(app.run_local, given(), demo=False)
    assert places == []
    assert clear(reasons)


@pytest.mark.parametrize("local", [True, False])
async def test_slack_goes_on_without_it(given: Given, slack: SlackServer, local: bool) -> None:
    settings = given(slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN, slack_api_url=slack.api_url)
    program = partial(app.run_local, demo=False) if local else app.run_platforms
    places, reasons = await run_until_open(program, settings)
    assert places == ["Test"]
    assert clear(reasons)


async def test_alone_it_is_the_end(given: Given) -> None:
    with pytest.raises(app.PlatformError, match="Discord does not let the bot in"):
        await run_until_open(app.run_platforms, given())


def test_it_is_said_in_one_line_with_what_becomes_of_the_rest(capsys) -> None:
    _left_out("Discord does not let the bot in (why)")
    assert capsys.readouterr().err == (
        "winwin: Discord does not let the bot in (why). Everything else goes on without it; what is meant for it is "
        "kept for two days.\n"
    )
