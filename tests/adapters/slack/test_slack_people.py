"""People and channels that are not as one thinks: guests, strangers, those who can't be written to, channels that are
lost. Each ends in one kind sentence or in silence, and no question is lost by it."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.question import Outcome, Status
from tests.adapters.slack.slack_town import CHANNEL, INFUSION, Town, town, user
from tests.dialogues.slack_stage import key
from tests.dialogues.stage import Person
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_faults import Refused
from tests.fakes.slack_reading import words_of
from tests.fakes.slack_server import buttons
from tests.fakes.slack_workspace import BOT, Json

HOSPITAL = "How do you pack for a night in hospital?"
BAG = "We always take the small blue bag with pyjamas"
STRANGER = {"user_team": "T0OTHER", "source_team": "T0OTHER"}


@pytest.fixture
async def home(tmp_path) -> AsyncIterator[Town]:
    async with town(tmp_path) as there:
        yield there


def told(home: Town, who: str) -> list[str]:
    """What the bot has said to somebody in private."""
    return [words_of(m["blocks"]) for m in home.slack.posts(f"D{who.upper()}")]


async def says(home: Town, message: Json) -> str:
    room = next(c for c in home.slack.workspace.channels.values() if c.find(message["ts"]))
    await home.slack.deliver(home.slack.event(payloads.message_event(room, message)))
    await home.desk.settle()
    return str(message["ts"])


# --- guests -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["is_restricted", "is_ultra_restricted"])
async def test_a_guest_may_ask_and_is_not_asked(home: Town, kind):
    await home._enter(Person("gus", volunteer="parent", topics=("school",)))
    home.slack.workspace.people[user("gus")][kind] = True
    home.slack.workspace.people[user("tess")]["deleted"] = True
    asked = await home.post("gus", INFUSION)
    assert (await home.question(asked)).suggested == ("r1",)
    other = await home.post("dana", HOSPITAL)
    assert (await home.question(other)).offered_to == ""
    assert told(home, "gus") == []
    assert told(home, "moda"), "nobody else can be asked: the moderators know"


# --- strangers --------------------------------------------------------------------------------------------------


async def test_a_stranger_presses_their_own_button(home: Town):
    home.slack.workspace.enter("USTRANGER", "stranger", team_id="T0OTHER", is_stranger=True)
    asked = await says(home, home.slack.write("USTRANGER", INFUSION, CHANNEL, **STRANGER))
    [card] = home.slack.posts(CHANNEL, asked)
    press = payloads.block_actions("USTRANGER", CHANNEL, card, buttons(card)["This helped"], "t", "", "1.2")
    press["user"]["team_id"] = "T0OTHER"
    await home.slack.deliver(press)
    await home.desk.settle()
    assert (await home.question(asked)).outcome is Outcome.HELPED


async def test_a_stranger_who_is_not_shown_to_the_bot_is_answered_in_the_thread(home: Town):
    home.slack.fail("users.info", Refused("user_not_visible"), times=-1)
    asked = await says(home, home.slack.write("USTRANGER", INFUSION, CHANNEL, **STRANGER))
    assert len(home.slack.posts(CHANNEL, asked)) == 1
    again = await says(home, home.slack.write("USTRANGER", HOSPITAL, CHANNEL, **STRANGER))
    await home.press("tess", "Accept")
    assert (await home.question(again)).claimed_by == key("tess")
    assert await home.parked() == 0


# --- those who can't be written to ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["messages_tab_disabled", "cannot_dm_bot", "user_not_found", "restricted_action"])
async def test_a_volunteer_without_private_messages_is_passed_over(home: Town, code):
    home.slack.workspace.direct(user("tess"))
    method = "conversations.open" if code in ("cannot_dm_bot", "user_not_found") else "chat.postMessage"
    home.slack.fail(method, Refused(code), channel="" if method == "conversations.open" else "DTESS")
    asked = await home.post("dana", HOSPITAL)
    question = await home.question(asked)
    assert (question.status, question.offered_to) == (Status.ESCALATED, "")
    assert told(home, "tess") == []
    assert "I'll take it" in buttons(home.showing("moda", "I'll take it"))
    assert len([words for words in told(home, "moda") if "could not deliver" in words]) == 1


async def test_an_asker_whose_account_was_switched_off_stops_nobody(home: Town):
    asked = await home.post("dana", HOSPITAL)
    await home.deactivate("dana")
    await home.press("tess", "Accept")
    await home.post("tess", BAG, asked)
    await home.wait(timedelta(hours=5))
    assert (await home.question(asked)).status in (Status.ANSWERED, Status.CLOSED)
    assert told(home, "dana") == []


async def test_a_private_question_outlives_a_way_back_that_is_closed(home: Town):
    await home.ask("dana", HOSPITAL, nameless=False)
    home.slack.fail("chat.postMessage", Refused("missing_scope", needed="chat:write"), channel="DDANA", times=3)
    await home.press("tess", "Accept")
    await home.answer("tess", BAG)
    assert not [words for words in told(home, "dana") if BAG in words]
    await home.wait(timedelta(minutes=30))
    assert len([words for words in told(home, "dana") if BAG in words]) == 1


@pytest.mark.parametrize("method", ["conversations.open", "chat.postMessage"])
async def test_a_scope_that_is_missing_keeps_the_volunteers_card(home: Town, method):
    home.slack.fail(method, Refused("missing_scope", needed="im:write"), times=2)
    asked = await home.post("dana", HOSPITAL)
    await home.wait(timedelta(minutes=10))
    assert (await home.question(asked)).offered_to == key("tess")
    assert len([words for words in told(home, "tess") if HOSPITAL in words]) == 1
    assert await home.parked() == 0


# --- channels that are lost -------------------------------------------------------------------------------------


async def test_removed_from_a_channel_its_questions_go_on_in_private(home: Town):
    asked = await home.post("dana", HOSPITAL)
    home.slack.workspace.channels[CHANNEL].members.discard(BOT)
    await home._happened({"type": "member_left_channel", "user": BOT, "channel": CHANNEL, "channel_type": "C"})
    assert (await home.question(asked)).private
    (lost,) = told(home, "tess")
    assert lost.startswith("I am no longer in the channel of this question. Thank you for being there.\nIt was asked")
    await home.press("moda", "I'll take it")
    await home.answer("moda", BAG)
    assert [words for words in told(home, "dana") if BAG in words]
    assert await home.parked() == 0


async def test_removed_and_never_told_of_it_the_question_stands(home: Town):
    """No event: Slack refuses the next word in the channel."""
    asked = await home.post("dana", HOSPITAL)
    home.slack.workspace.channels[CHANNEL].members.discard(BOT)
    await home.press("tess", "Accept")
    question = await home.question(asked)
    assert (question.status, question.claimed_by) == (Status.CLAIMED, key("tess"))
    assert home.slack.called("chat.postMessage", "not_in_channel")
    await home.wait(timedelta(hours=5))
    assert (await home.question(asked)).status is not Status.CLAIMED, "the lease ends: the next one is looked for"


# --- names ------------------------------------------------------------------------------------------------------


async def test_a_name_calls_nobody_and_links_nowhere(home: Town):
    for who in ("dana", "tess"):
        loud = {"display_name": f"<!channel> <https://evil.example|{who}>", "real_name": "<!here>"}
        person = home.slack.workspace.people[user(who)]
        person["profile"] = loud
        home.clock.move(timedelta(seconds=1))
        await home._happened({"type": "user_change", "user": replace_updated(home, person)})
    await home.post("dana", HOSPITAL)
    await home.press("tess", "Accept")
    said = json.dumps(home.slack.posts())
    assert "evil.example" in said, "the name is shown"
    for harm in ("<!channel>", "<!here>", "<https://evil.example"):
        assert harm not in said


def replace_updated(home: Town, person: Json) -> Json:
    return {**person, "updated": int(home.clock.now().timestamp())}
