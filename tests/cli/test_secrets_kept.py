"""Tokens, keys and passwords stand in no line that the program writes, whatever breaks and however much it logs."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import sys
import time
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from typer.testing import Result

from adapters.settings import Settings, read_settings, variable_of
from tests.fakes import slack_payloads as payloads
from tests.fakes.command_line import ROOT
from tests.fakes.discord_payloads import ALICE as ALICE_THERE
from tests.fakes.discord_server import DiscordServer, discord_server
from tests.fakes.slack_faults import Status
from tests.fakes.slack_scene import ALICE, GENERAL, with_few_resources
from tests.fakes.slack_server import SlackServer, slack_server
from tests.fakes.winwin_process import OURS, Winwin

SIGNING = "c0ffee-kanari-signing"
SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-kanari-bot",
    "SLACK_APP_TOKEN": "xapp-kanari-app",
    "SLACK_SIGNING_SECRET": SIGNING,
    "SLACK_CLIENT_SECRET": "kanari-client-secret",
    "DISCORD_TOKEN": "OTAwMDAwMDAwMDAwMDAwMDAx.kanari.discord",
    "WINWIN_SECRET_KEY": "kanari-key-" + "0123456789abcdef" * 2,
}
IN_FILES = ("SLACK_APP_TOKEN", "DISCORD_TOKEN", "WINWIN_SECRET_KEY")
CLIENT = "1.2"
PASSWORD = "kanari-password"
LEAKS = (  # "kanari" stands in each of them, also in one that was cut off
    "kanari",
    base64.b64encode(f"{CLIENT}:{SECRETS['SLACK_CLIENT_SECRET']}".encode()).decode(),
)
LOUD = [
    sys.executable,
    "-c",
    f"""
import logging, os, sys
sys.path.insert(0, {str(ROOT)!r})
import adapters.embedders as embedders
import adapters.logs as logs
import bot.hearing as hearing

quietly = logs.plain_logs
def plain_logs(level="debug"):
    quietly("debug")
    logging.getLogger().setLevel(logging.DEBUG)
logs.plain_logs = plain_logs

applied = hearing.Hearing.apply
async def apply(self, judged, *more):
    if "break" in judged.row.arrival.event.text:
        words = " ".join(os.environ.values())
        logging.getLogger("some.library").debug("sending %s", words)
        raise ValueError(words)
    return await applied(self, judged, *more)
hearing.Hearing.apply = apply

from tests.fakes.command_line import WordModel
embedders.load_embedder = lambda *_: WordModel()  # the real one takes its time and logs nothing

from adapters.cli import main
main()
""",
]


def leaks(text: str) -> list[str]:
    """The lines that hold a secret."""
    return [line for line in text.splitlines() if any(leak in line for leak in LEAKS)]


def files_with_secrets(folder: Path) -> list[str]:
    """But for those that they were given in."""
    files = [f for f in folder.rglob("*") if f.is_file() and f.parent.name != "secrets"]
    assert files
    return [f.name for f in files if b"kanari" in f.read_bytes()]


@dataclass
class Scene:
    slack: SlackServer
    discord: DiscordServer
    winwin: Winwin
    folder: Path
    settings: dict[str, str]

    async def knock(self, secret: str, text: str) -> int:
        """A message, as a signed request."""
        message = self.slack.write(ALICE, text)
        event = payloads.message_event(self.slack.workspace.channels[GENERAL], message)
        kind, body = payloads.body_of(self.slack.event(event))
        headers = {"Content-Type": kind, **payloads.signed(secret, body, time.time())}
        address = f"{self.winwin.address}/slack/events"
        async with aiohttp.ClientSession() as http, http.post(address, data=body, headers=headers) as answer:
            return answer.status

    async def page(self, path: str) -> str:
        async with (
            aiohttp.ClientSession() as http,
            http.get(self.winwin.address + path, allow_redirects=False) as answer,
        ):
            return f"{answer.headers} {await answer.text()}"

    async def command(self, *order: str) -> str:
        """What another command says, beside the running program."""
        around = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        database = {"DATABASE_URL": f"sqlite+aiosqlite:///{self.folder / 'winwin.db'}"}
        environment = {**around, **database, **self.settings}
        program = await asyncio.create_subprocess_exec(
            *LOUD, *order, env=environment, cwd=self.folder, stdout=PIPE, stderr=STDOUT
        )
        return (await program.communicate())[0].decode()


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """Both platforms, both of Slack's ways in, installing too; half of the secrets stand in files."""
    await with_few_resources(folder)
    files = folder / "secrets"
    files.mkdir()
    for name in IN_FILES:
        (files / name).write_text(SECRETS[name] + "\n")
    async with slack_server() as slack, discord_server() as discord:
        slack.tokens |= {SECRETS["SLACK_BOT_TOKEN"], SECRETS["SLACK_APP_TOKEN"]}
        discord.gateway.token = SECRETS["DISCORD_TOKEN"]
        settings = {name: value for name, value in SECRETS.items() if name not in IN_FILES}
        settings |= {"WINWIN_SECRETS": str(files), "SLACK_CLIENT_ID": CLIENT, "SLACK_API_URL": slack.api_url}
        settings |= {"DISCORD_API_URL": discord.api_url, "DISCORD_GATEWAY_URL": discord.gateway_url}
        winwin = Winwin(folder, settings, LOUD)
        await winwin.start()
        try:
            yield Scene(slack, discord, winwin, folder, settings)
        finally:
            await winwin.stop(calm=False)


async def _through_what_breaks(scene: Scene) -> None:
    slack, discord, winwin = scene.slack, scene.discord, scene.winwin
    slack.fail("chat.postMessage", Status(500), times=2)
    assert await scene.knock(SIGNING, "How do we get the school to excuse infusion days?") == 200
    assert await scene.knock("another", "How do we get the school to excuse infusion days?") >= 400
    assert await scene.knock(SIGNING, "What makes you break?") == 200
    discord.people_say(ALICE_THERE, "What makes you break?")
    await slack.until(lambda: winwin.said.count("row_not_handled") >= 2, within=20)
    slack.fail("apps.connections.open", Status(500))
    await slack.sockets.cut()
    await discord.gateway.cut()
    await slack.until(lambda: slack.sockets.lines, within=20)
    await discord.gateway.cut(4004)  # what Discord says of a token that it does not know


@pytest.mark.process
async def test_no_secret_is_in_anything_that_a_running_bot_writes_or_shows(tmp_path: Path):
    async with scene(tmp_path) as here:
        await _through_what_breaks(here)
        seen = [await here.page(path) for path in ("/metrics", "/healthz", "/readyz", "/slack/install", "/nothing")]
        seen.append(await here.page("/slack/oauth_redirect?code=x&state=forged"))
        said = await here.command("doctor")
    assert [name for name in ("slack token", "discord token") if name not in said] == []
    assert [w for w in ("a_library_says", "slack_sdk", "discord", "ValueError") if w not in here.winwin.said] == []
    assert leaks("\n".join([here.winwin.said, *seen, said])) == []
    assert files_with_secrets(tmp_path) == []


# --- where nobody answers, and where a setting is wrong -----------------------------------------------------------


@pytest.fixture
def nobody() -> int:
    """A port that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


DATABASES = (
    "postgresql+asyncpg://bot:{secret}@127.0.0.1:{port}/winwin",
    "postgresql+asyncpg://bot:kan/ari:{secret}@127.0.0.1:{port}/winwin",
    "postgresql+asyncpg://bot:a@b{secret}@127.0.0.1:{port}/winwin",
    "postgresql+asyncpg://bot@127.0.0.1:{port}/winwin?password={secret}",
    "postgresql+asyncpg://bot:{secret}@127.0.0.1:none/winwin",
    "postgresql+asyncpg://bot:{secret}@127.0.0.1",
    "mysql://bot:{secret}@127.0.0.1/winwin",
)


@pytest.mark.parametrize("url", DATABASES)
def test_a_databases_password_is_told_by_no_command(winwin: Callable[..., Result], monkeypatch, nobody, tmp_path, url):
    monkeypatch.setenv("DATABASE_URL", url.format(secret=PASSWORD, port=nobody))
    monkeypatch.setenv("WINWIN_PORT", str(nobody))
    others = (
        [["run", "--local"], ["export", "out"], ["backup", "b"], ["audit", "verify"]] if url == DATABASES[0] else []
    )
    for order in (["doctor"], ["migrate"], *others):
        result = winwin(*order)
        assert result.exit_code == 1, order
        assert leaks(result.output) == [], order
        assert "Traceback" not in result.output


@pytest.mark.parametrize("url", [url for url in DATABASES if "{port}" in url and "a@b" not in url])
def test_a_databases_password_is_not_among_the_settings_shown(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url.format(secret=PASSWORD, port=5432))
    settings = read_settings(None)
    assert leaks(f"{settings!r} {settings} {settings.database_shown}") == []
    assert "127.0.0.1" in settings.database_shown


@pytest.mark.parametrize("odd", ["kanari\nHost: x", "kanari ünd ☃", "kanari\x00", "kanari\r", " kanari"])
def test_a_token_with_letters_that_no_token_has_is_told_by_no_command(winwin, monkeypatch, nobody, tmp_path, odd):
    if "\x00" not in odd:  # no variable can hold it, a file can
        monkeypatch.setenv("SLACK_BOT_TOKEN", odd)
    for name in SECRETS:
        (tmp_path / name).write_text(odd * 8)
    monkeypatch.setenv("WINWIN_SECRETS", str(tmp_path))
    for variable in ("SLACK_API_URL", "DISCORD_API_URL"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{nobody}/api/")
    monkeypatch.setenv("DISCORD_GATEWAY_URL", f"ws://127.0.0.1:{nobody}")
    for order in (["doctor"], ["run"]):
        result = winwin(*order)
        assert result.exit_code == 1
        assert leaks(result.output) == []
        assert "something broke" not in result.output


@pytest.mark.parametrize("variable", ["SLACK_API_URL", "DISCORD_API_URL", "DISCORD_GATEWAY_URL", "WINWIN_PUBLIC_URL"])
def test_an_address_that_is_told_holds_no_password(winwin, monkeypatch, variable):
    scheme = "wss" if "GATEWAY" in variable else "https"
    monkeypatch.setenv(variable, f"{scheme}://bot:kanari@example.org/")
    result = winwin("doctor")
    assert "write the address without a name and password" in result.output
    assert leaks(result.output) == []


def test_a_secret_in_a_file_counts_and_the_environment_wins(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)
    (tmp_path / "SLACK_BOT_TOKEN").write_text("xoxb-file\n")
    (tmp_path / "DISCORD_TOKEN").write_text("file")
    (tmp_path / "env").write_text(f"WINWIN_SECRETS={tmp_path}\n")
    monkeypatch.setenv("DISCORD_TOKEN", "environment")
    settings = read_settings(tmp_path / "env")
    assert settings.slack_bot_token is not None
    assert settings.discord_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-file"
    assert settings.discord_token.get_secret_value() == "environment"


def test_a_folder_of_secrets_that_is_not_there_is_one_clear_line(winwin, monkeypatch, tmp_path):
    monkeypatch.setenv("WINWIN_SECRETS", str(tmp_path / "gone"))
    result = winwin("ask", "hello")
    assert result.exit_code == 1
    assert "WINWIN_SECRETS: there is no folder" in result.output
