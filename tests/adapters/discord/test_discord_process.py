"""The real program on a Discord of this machine: from a question to a resource for the next one, through cuts, a
session begun anew, and kill -9."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.discord_interactions import Interaction, buttons
from tests.fakes.discord_payloads import ALICE, BEN, GENERAL, GUILD, MODA, Json
from tests.fakes.discord_reading import filled, words_of
from tests.fakes.discord_server import TOKEN, DiscordServer, discord_server
from tests.fakes.tables import little_library
from tests.fakes.winwin_process import Winwin

pytestmark = [pytest.mark.process, pytest.mark.model]

SCHOOL = "The school keeps marking his infusion days as unexcused absences. What can we do?"
ANSWER = "We asked the headteacher for a fixed contact, and bring a plan for missed lessons every September."
FOUND = "from our community's library"


@dataclass
class Scene:
    discord: DiscordServer
    winwin: Winwin

    async def newest(self, channel: str, words: str) -> Json:
        """The newest message of the bot there that holds these words; waits until there is one."""

        def look() -> Json | None:
            found = [m for m in self.discord.posts(channel) if words in words_of(m)]
            return found[-1] if found else None

        message: Json = await self.discord.until(look, within=20.0)
        return message

    async def private(self, user: str, words: str) -> Json:
        return await self.newest(self.discord.realm.direct(user)["id"], words)

    async def press(self, user: str, message: Json, label: str) -> Interaction:
        pressed = await self.discord.press(user, message, label)
        assert pressed.answer, f"{label} was not answered"
        return pressed

    async def submit(self, opened: Interaction, **values: str) -> Interaction:
        assert opened.modal is not None, [words_of(m) for m in opened.shown]
        sent = await self.discord.submit(opened, filled(opened.modal, values))
        assert sent.answer, "the form was not answered"
        return sent


@pytest.fixture
async def scene(folder: Path) -> AsyncIterator[Scene]:
    await little_library(folder / "winwin.db", f"discord:{GUILD}:{GENERAL}")
    async with discord_server() as discord:
        settings = {"DISCORD_TOKEN": TOKEN, "WINWIN_MODERATORS": f"discord:{GUILD}:{MODA}"}
        settings |= {"DISCORD_API_URL": discord.api_url, "DISCORD_GATEWAY_URL": discord.gateway_url}
        winwin = Winwin(folder, settings, cold=True)
        await winwin.start()
        try:
            yield Scene(discord, winwin)
        finally:
            await winwin.stop()


async def test_a_question_becomes_a_resource_for_the_next_one(scene: Scene):
    discord = scene.discord
    panel = await discord.command(BEN, GENERAL, "volunteer")
    await discord.until(lambda: panel.shown)
    page = await scene.press(BEN, panel.shown[-1], _with(panel.shown[-1], "languages"))
    sent = await scene.submit(page, time_zone="UTC", languages="en")
    await discord.until(lambda: any("Saved." in words_of(m) for m in sent.alone))

    asked = discord.people_say(ALICE, SCHOOL)
    shown = await scene.newest(asked["id"], FOUND)
    assert {"This helped", "Not what I need", "Ask a person"} <= set(buttons(shown))
    await scene.press(ALICE, shown, "Not what I need")
    offer = await scene.private(BEN, SCHOOL)
    await scene.press(BEN, offer, "Accept")
    await scene.newest(asked["id"], "has taken your question")
    answer = discord.people_say(BEN, ANSWER, asked["id"])
    await scene.private(BEN, "This question has been answered. Thank you")

    menu = await discord.context(MODA, answer, "Save as resource")
    title = "A fixed contact at school"
    await scene.submit(menu, title=title)
    await scene.press(BEN, await scene.private(BEN, "Your answer could help the next family."), "Yes, keep it")
    await scene.press(MODA, await scene.private(MODA, "waiting to be read"), "Publish")
    await scene.private(BEN, "is in the library now")
    later = discord.people_say(ALICE, "Who is our contact at school for a plan for missed lessons?")
    await scene.press(ALICE, await scene.newest(later["id"], title), "This helped")
    await scene.newest(later["id"], "I am glad it helped.")

    assert "winwin: connected to Test" in scene.winwin.said
    assert not [w for w in ("headteacher", "absences", TOKEN) if w in scene.winwin.said]
    assert discord.called("PUT /applications/{application_id}/commands")
    await _through_everything(scene)


async def _through_everything(scene: Scene) -> None:
    """Nothing is lost, and nothing is said twice."""
    discord = scene.discord
    registered = len(discord.called("PUT /applications/{application_id}/commands"))
    people = [f"30000000000000001{number}" for number in range(4)]  # who asks the same again soon asks no new question
    for number, person in enumerate(people):
        discord.realm.enter(person, f"parent {number}")
    asked = []
    await discord.gateway.cut()
    asked.append(discord.people_say(people[0], SCHOOL))  # told when the session goes on
    await scene.newest(asked[-1]["id"], FOUND)
    await discord.gateway.invalidate()
    asked.append(discord.people_say(people[1], SCHOOL))  # in no session: read up on
    await scene.newest(asked[-1]["id"], FOUND)
    asked.append(discord.people_say(people[2], SCHOOL))
    await scene.winwin.kill()
    discord.gateway.forget()
    asked.append(discord.people_say(people[3], SCHOOL))  # while nobody was there
    await scene.winwin.start()
    for question in asked:
        await scene.newest(question["id"], FOUND)
    for question in asked:
        said = [words_of(m) for m in discord.posts(question["id"]) if FOUND in words_of(m)]
        assert len(said) == 1, said
    assert not discord.posted_twice()
    assert len(discord.called("PUT /applications/{application_id}/commands")) == registered


def _with(message: Json, words: str) -> str:
    """The label of the button that names a field."""
    found = [label for label in buttons(message) if words in label.lower()]
    assert found, list(buttons(message))
    return found[0]


async def test_a_wrong_token_is_said_in_one_line(tmp_path: Path):
    async with discord_server() as discord:
        settings = {"DISCORD_TOKEN": "wrong", "DISCORD_API_URL": discord.api_url}
        winwin = Winwin(tmp_path, settings | {"DISCORD_GATEWAY_URL": discord.gateway_url})
        with pytest.raises(AssertionError):
            await winwin.start()
        await winwin.stop()
        line = winwin.said.strip().splitlines()[-1]
        assert "Discord does not let the bot in" in line
        assert "DISCORD_TOKEN" in line


def test_who_has_no_token_waits_for_no_discord():
    """discord.py takes half a second to be imported."""
    look = "import adapters.app, sys; print([m for m in sys.modules if m.partition('.')[0] == 'discord'])"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
