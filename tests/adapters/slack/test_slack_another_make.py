"""A server that the project has never seen, with ten methods and short answers: the whole chain, no other change."""

from __future__ import annotations

import pytest

from tests.fakes.slack_reading import filled
from tests.fakes.slack_scene import SCHOOL, with_few_resources
from tests.fakes.small_slack import APP_TOKEN, BOT_TOKEN, SQUARE, TEAM, SmallSlack, small_slack
from tests.fakes.winwin_process import winwin_run

pytestmark = [pytest.mark.process, pytest.mark.model]

ANA, BRUNO, MAR = "WANA", "WBRUNO", "WMAR"
WORDS = "We asked the headteacher for a fixed contact, and bring a plan for missed lessons every September."


async def asked_and_answered(slack: SmallSlack) -> str:
    await slack.command(BRUNO, "/volunteer")
    view = await slack.window(0)
    assert await slack.submit(BRUNO, view, filled(view, {"languages": "en", "time_zone": "UTC"})) == {}
    await slack.newest("Saved.", f"D{BRUNO}")

    asked = await slack.say(ANA, SCHOOL)
    shown = await slack.newest("from our community's library", SQUARE, asked)
    await slack.press(ANA, shown, "Ask a person")
    offer = await slack.newest(SCHOOL, f"D{BRUNO}")
    await slack.press(BRUNO, offer, "Accept")
    await slack.newest("has taken your question", SQUARE, asked)
    answer = await slack.say(BRUNO, WORDS, asked)
    await slack.newest("This question has been answered. Thank you", f"D{BRUNO}")
    return answer


@pytest.mark.parametrize("page", [0, pytest.param(404, marks=pytest.mark.soak)], ids=["unknown_method", "no such page"])
async def test_it_is_asked_answered_saved_and_found(folder, page):
    await with_few_resources(folder)
    async with small_slack(page) as slack:
        settings = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": f"{slack.address}/api"}
        moderator = {"WINWIN_MODERATORS": f"slack:{TEAM}:{MAR}"}
        async with winwin_run(folder, {**settings, **moderator}) as winwin:
            answer = await asked_and_answered(slack)
            saved = {"ts": answer, "user": BRUNO, "text": WORDS}
            await slack.shortcut(MAR, "save_as_resource", saved)
            view = await slack.window(1)
            await slack.submit(MAR, view, filled(view, {"title": "A fixed contact at school", "topics": "school"}))
            await slack.press(BRUNO, await slack.newest("could help the next family", f"D{BRUNO}"), "Yes, keep it")
            await slack.press(MAR, await slack.newest("waiting to be read", f"D{MAR}"), "Publish")
            await slack.newest("is in the library now", f"D{BRUNO}")
            later = await slack.say(ANA, "Who is our contact at school for a plan for missed lessons?")
            await slack.newest("A fixed contact at school", SQUARE, later)
            assert "Traceback" not in winwin.said
        assert slack.unknown.count("users.info") == 3, "who is not told of is asked for once"
