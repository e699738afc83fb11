"""What people do on Slack besides talking: the home page, commands, forms; and what does not go as it should."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from slack_rules import blocks_are_good, view_is_good

from bot.cards import Form
from bot.community import QuestionFilter
from bot.policy import Mode
from bot.question import Status
from bot.signing_in import LINKS, meant
from tests.dialogues.slack_stage import CHANNEL, SlackStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_faults import Refused
from tests.fakes.slack_reading import filled, words_of
from tests.fakes.slack_server import buttons

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "Ask school to excuse infusion days. Take 5 days."}
INFUSION = "How do I get school to excuse infusion days?"
CLUB = "Does anybody know a good swimming club?"
PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent"),
    Person("moda", roles=("moderator",)),
    Person("lucia", language="es"),
)


@pytest.fixture
async def stage() -> AsyncIterator[SlackStage]:
    stage = SlackStage()
    await stage.open(Setting(PEOPLE, (LETTER,)))
    yield stage
    await stage.close()


async def told(stage: SlackStage) -> dict[str, Any]:
    """What somebody was told under their command or button, and that Slack takes it."""
    found = await stage.slack.until(lambda: stage.slack.responses)
    said: dict[str, Any] = found[-1]
    assert said["response_type"] == "ephemeral"
    blocks_are_good(said["blocks"])
    return said


async def home_of(stage: SlackStage, who: str) -> dict[str, Any]:
    stage.slack.workspace.homes.pop(user(who), None)
    await stage.slack.open_home(user(who))
    return await published(stage, who)


async def published(stage: SlackStage, who: str) -> dict[str, Any]:
    view: dict[str, Any] = await stage.slack.until(lambda: stage.slack.workspace.homes.get(user(who)))
    view_is_good({k: view[k] for k in ("type", "blocks")})
    return view


async def press_at_home(stage: SlackStage, who: str, label: str) -> dict[str, Any]:
    """Returns the page as it is drawn afterwards."""
    view = stage.slack.workspace.homes.pop(user(who))
    await stage.slack.press_in_view(user(who), view, label)
    return await published(stage, who)


# --- the home page --------------------------------------------------------------------------------------------


async def test_somebody_new_finds_how_to_ask_and_how_to_stop(stage):
    view = await home_of(stage, "dana")
    own = {"Leave my messages alone", "Follow a topic", "Whom I don't ask"}
    assert {"Ask a question", "Volunteer", *own} == set(buttons(view))
    later = await press_at_home(stage, "dana", "Leave my messages alone")
    assert "Listen to my questions again" in buttons(later)


async def test_it_speaks_the_readers_language(stage):
    await stage.post("lucia", "Hola a todos")
    assert "Channels" not in words_of((await home_of(stage, "lucia"))["blocks"])
    assert "Ask a question" not in buttons(await home_of(stage, "lucia"))


async def test_a_volunteer_sees_what_they_hold_and_acts_on_it(stage):
    await stage.post("dana", CLUB)
    view = await home_of(stage, "tess")
    assert CLUB in words_of(view["blocks"])
    assert "Asked 1 of at most 5 times this week. You have 1 question now." in words_of(view["blocks"])
    view = await press_at_home(stage, "tess", "Accept")
    assert "This question is yours." in words_of(view["blocks"])
    view = await press_at_home(stage, "tess", "I can't after all")
    assert "This question is yours." not in words_of(view["blocks"])


async def test_what_was_asked_is_listed_and_can_be_taken_back(stage):
    await stage.post("dana", CLUB)
    view = await home_of(stage, "dana")
    assert CLUB in words_of(view["blocks"])
    view = await press_at_home(stage, "dana", "I don't need it any more")
    assert "Now: closed" in words_of(view["blocks"])


async def test_moderators_read_edit_and_publish_at_home(stage):
    root = await stage.post("dana", CLUB)
    await stage.press("tess", "Accept")
    answer = await stage.post("tess", "The one at the harbour has a very kind coach for shy kids.", root)
    await stage.save("moda", answer, {"title": "A kind swimming club"})
    await stage.press("tess", "Yes, keep it")
    view = await home_of(stage, "moda")
    assert "A kind swimming club" in words_of(view["blocks"])
    await stage.slack.press_in_view(user("moda"), view, "Put it right")
    form = stage.modal()
    view_is_good({k: v for k, v in form.items() if k not in ("id", "app_id", "team_id", "root_view_id")})
    await stage.submit("moda", {"title": "A very kind swimming club"})
    view = await published(stage, "moda")
    view = await press_at_home(stage, "moda", "Publish")
    assert "Waiting to be read" not in words_of(view["blocks"])
    async with stage.store.read() as tx:
        assert "A very kind swimming club" in [r.title for r in await tx.resources.all()]
    assert "A very kind" not in words_of((await home_of(stage, "ben"))["blocks"])


async def test_a_channel_is_set_from_home_by_moderators_only(stage):
    await stage.invite("ben")
    assert "Change" not in buttons(await home_of(stage, "ben"))
    view = await home_of(stage, "moda")
    await stage.slack.press_in_view(user("moda"), view, "Change")
    await stage.submit("moda", {"mode": "hint", "digest": "yes"})
    async with stage.store.read() as tx:
        channel = await tx.channels.get(f"slack:T01TEST:{CHANNEL}")
    assert channel is not None
    assert (channel.mode, channel.digest) == (Mode.HINT, True)


async def test_a_page_that_slack_refuses_costs_nothing(stage):
    stage.slack.fail("views.publish", Refused("internal_error"))
    await stage.slack.open_home(user("dana"))
    await stage.slack.until(lambda: stage.slack.called("views.publish"))
    assert "Ask a question" in buttons(await home_of(stage, "dana"))


# --- commands -------------------------------------------------------------------------------------------------


async def test_the_library_is_searched_and_read(stage):
    await stage.command("dana", "/resources", "school infusion days")
    said = await told(stage)
    assert LETTER["title"] in words_of(said["blocks"])
    await stage.command("dana", "/resources", "")
    await stage.slack.until(lambda: len(stage.slack.responses) == 2)
    assert "/resources school letter" in words_of(stage.slack.responses[-1]["blocks"])


async def test_a_cry_for_help_is_no_search(stage):
    await stage.command("dana", "/resources", "I want to die, what can I read?")
    said = await told(stage)
    assert LETTER["title"] not in words_of(said["blocks"])
    await stage.slack.until(lambda: stage.slack.posts(stage.slack.workspace.direct(user("dana")).id))


async def test_ones_data_comes_as_a_file_in_private(stage):
    await stage.post("dana", INFUSION)
    await stage.command("dana", "/winwin", "my-data")
    assert "I have sent it to you in private." in words_of((await told(stage))["blocks"])
    data = json.loads(stage.slack.workspace.files[-1]["bytes"])
    assert INFUSION in json.dumps(data)
    stage.slack.fail("files.getUploadURLExternal", Refused("missing_scope", needed="files:write"))
    await stage.command("dana", "/winwin", "my-data")
    await stage.slack.until(lambda: len(stage.slack.responses) == 2)
    assert "This is everything I hold about you." in words_of(stage.slack.responses[-1]["blocks"])


async def test_a_link_to_the_pages_is_told_to_whoever_asks_and_to_nobody_else(stage):
    await stage.command("dana", "/winwin", "web")
    said = await told(stage)
    assert said["response_type"] == "ephemeral"
    (token,) = re.findall(r"<https://pages\.example\.org/login/([\w-]{43})\|Open my pages>", str(said["blocks"]))
    assert token not in said["text"]  # which stands in notifications
    record = await meant(stage.store, token, stage.clock.now())
    assert record is not None
    assert record.key == key("dana")
    assert token not in str(stage.slack.posts(stage.slack.workspace.direct(user("dana")).id))
    for _ in range(LINKS):
        await stage.command("dana", "/winwin", "web")
    await stage.slack.until(lambda: len(stage.slack.responses) == LINKS + 1)
    assert "a lot of links" in words_of(stage.slack.responses[-1]["blocks"])


async def test_forgetting_is_asked_once_more_and_then_done(stage):
    root = await stage.post("dana", INFUSION)
    await stage.command("dana", "/winwin", "forget-me")
    said = await told(stage)
    button = buttons(said)["Erase it all"]
    async with stage.store.read() as tx:
        assert (await tx.members.get([key("dana")]))[key("dana")].name == "Dana"
    body = {"type": "block_actions", "user": {"id": user("dana"), "team_id": "T01TEST"}, "team": {"id": "T01TEST"}}
    body |= {"container": {"message_ts": "1.2", "channel_id": CHANNEL, "is_ephemeral": True}, "trigger_id": "t"}
    await stage.slack.deliver({**body, "actions": [{**button, "action_ts": "1700000000.000001"}], "response_url": ""})
    await stage.desk.settle()
    async with stage.store.read() as tx:
        question = (await tx.questions.in_threads([f"slack:T01TEST:{CHANNEL}:{root}"])).get(
            f"slack:T01TEST:{CHANNEL}:{root}"
        )
    assert question is None or not question.text


async def test_help_names_every_command(stage):
    await stage.command("dana", "/winwin", "")
    words = words_of((await told(stage))["blocks"])
    assert all(name in words for name in ("/ask", "/resources", "/follow", "/volunteer", "my-data", "opt-out"))


async def test_topics_are_followed_by_command_or_by_form(stage):
    await stage.command("dana", "/follow", "School")
    await stage.command("dana", "/follow")
    await stage.submit("dana", {"topic": "travel"})
    async with stage.store.read() as tx:
        assert set(await tx.follows.of(key("dana"))) == {"school", "travel"}


async def test_two_accounts_become_one_person(stage):
    await stage.command("dana", "/winwin", "link")
    shown = words_of(stage.messages_of("dana")[-1]["blocks"])
    code = max(shown.split(), key=lambda w: sum(c.isdigit() or c.isupper() for c in w)).strip(".:,")
    await stage.command("ben", "/winwin", f"link {code}")
    async with stage.store.read() as tx:
        found = await tx.members.get([key("dana"), key("ben")])
    assert found[key("dana")].person == found[key("ben")].person, shown


async def test_whom_somebody_does_not_want_to_be_asked_is_chosen_by_command_and_at_home(stage):
    await stage.post("ben", "Hello all")
    await stage.command("dana", "/winwin", "block")
    view_is_good({k: v for k, v in stage.modal().items() if k not in ("id", "app_id", "team_id", "root_view_id")})
    await stage.submit("dana", {"other": user("ben")})
    async with stage.store.read() as tx:
        assert await tx.members.blocks(key("dana")) == (key("ben"),)
    await stage.slack.press_in_view(user("dana"), await home_of(stage, "dana"), "Whom I don't ask")
    assert "I don't ask: Ben" in words_of(stage.modal()["blocks"])
    await stage.submit("dana", {"other": user("ben"), "on": "no"})
    async with stage.store.read() as tx:
        assert await tx.members.blocks(key("dana")) == ()


async def test_where_somebody_lives_is_told_in_a_form_that_says_what_it_does_not_know(stage):
    await stage.post("dana", "Hello all")
    await stage.command("dana", "/winwin", "country")
    answer = await stage.submit("dana", {"country": "Narnia"})
    assert "I don't know this country." in str(answer)
    await stage.submit("dana", {"country": "spain"})
    await stage.command("dana", "/winwin", "country")
    assert "Spain" in str(stage.modal()["blocks"])


async def test_opting_out_is_one_command(stage):
    await stage.command("dana", "/winwin", "opt-out")
    await stage.post("dana", INFUSION)
    assert stage.slack.posts(CHANNEL) == []


async def test_why_opens_in_a_window(stage):
    root = await stage.post("dana", INFUSION)
    posted = stage.slack.posts(CHANNEL, root)[0]
    await stage.slack.shortcut(user("dana"), "why_this", CHANNEL, posted["ts"])
    assert stage.modal()["title"]["text"] == "Why?"
    assert "To show what the library has on this question." in words_of(stage.modal()["blocks"])
    await stage.command("dana", "/winwin", "why")
    assert "Copy the link" in words_of((await told(stage))["blocks"])


# --- forms ----------------------------------------------------------------------------------------------------


async def test_a_volunteers_form_opens_with_what_is_stored_and_says_what_is_not_right(stage):
    await stage.command("ben", "/volunteer")
    form = stage.modal()
    view_is_good({k: v for k, v in form.items() if k not in ("id", "app_id", "team_id", "root_view_id")})
    wrong = {"time_zone": "Mars/Olympus", "weekly_cap": "99", "quiet": "someday"}
    answer = await stage.slack.submit(user("ben"), form, filled(form, wrong))
    assert set(answer["errors"]) == {"time_zone", "weekly_cap", "quiet"}
    right = {"time_zone": "Europe/Madrid", "quiet_days": "mon,tue", "quiet_from": "22:00", "quiet_to": "07:00"}
    assert await stage.submit("ben", {**right, "quiet": "sat 23:00-10:00"}) is None
    await stage.command("ben", "/volunteer")
    again = filled(stage.modal(), {})
    assert again["quiet_from"]["quiet_from"]["selected_time"] == "22:00"
    assert again["quiet"]["quiet"]["value"] == "sat 23:00-10:00"
    assert again["time_zone"]["time_zone"]["value"] == "Europe/Madrid"


async def test_an_empty_answer_stays_in_the_form(stage):
    await stage.command("dana", "/ask")
    form = stage.modal()
    answer = await stage.slack.submit(user("dana"), form, filled(form, {"text": "   "}))
    assert answer["response_action"] == "errors"
    assert set(answer["errors"]) == {"text"}


async def test_a_form_is_only_for_those_who_may(stage):
    root = await stage.post("dana", CLUB)
    reply = await stage.post("ben", "The one at the harbour is good.", root)
    await stage.slack.shortcut(user("ben"), "save_as_resource", CHANNEL, reply)
    assert "A moderator can help you." in words_of((await told(stage))["blocks"])
    assert not stage.slack.called("views.open")


async def test_what_a_channel_does_is_for_moderators_to_say(stage):
    await stage.command("ben", "/winwin", "channel")
    assert "A moderator can help you." in words_of((await told(stage))["blocks"])
    assert not stage.slack.called("views.open")
    await stage.command("moda", "/winwin", "channel")
    assert stage.modal()["title"]["text"] == "This channel"


async def test_a_trigger_that_came_too_late_ends_in_one_kind_line(stage):
    stage.slack.fail("views.open", Refused("expired_trigger_id"))
    await stage.command("ben", "/volunteer")
    assert "Please press once more." in words_of((await told(stage))["blocks"])


async def test_a_form_sent_after_the_question_was_closed_is_answered_kindly(stage):
    await stage.command("dana", "/ask", "Can I ask something about my daughter in private?")
    await stage.submit("dana", {"how": "private"})
    await stage.press("tess", "Accept")
    await stage.press("tess", "Write an answer")
    form = stage.modal()
    await stage.command("dana", "/winwin", "forget-me")
    view = await home_of(stage, "dana")
    await stage.slack.press_in_view(user("dana"), view, "I don't need it any more")
    await stage.desk.settle()
    seen, before = len(stage.messages_of("dana")), len(stage.messages_of("tess"))
    answer = await stage.slack.submit(user("tess"), form, filled(form, {"text": "Of course you can."}))
    await stage.desk.settle()
    problem = {"text": "This is settled already. Thank you."}
    assert answer == {"response_action": "errors", "errors": problem}, "the form stays open, with the words in it"
    assert (len(stage.messages_of("tess")), len(stage.messages_of("dana"))) == (before, seen)


async def test_a_form_sent_after_ones_time_ran_out_is_taken_all_the_same(stage):
    await stage.command("dana", "/ask", "Can I ask something about my daughter in private?")
    await stage.submit("dana", {"how": "private"})
    await stage.press("tess", "Accept")
    await stage.press("tess", "Write an answer")
    form = stage.modal()
    await stage.wait(timedelta(hours=5))
    await stage.slack.submit(user("tess"), form, filled(form, {"text": "Of course you can."}))
    await stage.desk.settle()
    assert "Of course you can." in words_of(stage.messages_of("dana")[-1]["blocks"])


async def test_a_long_draft_is_edited_in_parts(stage):
    root = await stage.post("dana", CLUB)
    await stage.press("tess", "Accept")
    text = "\n".join(f"Line {n} of what we did with the swimming club." for n in range(150))
    answer = await stage.post("tess", text, root)
    await stage.slack.shortcut(user("moda"), "save_as_resource", CHANNEL, answer)
    form = stage.modal()
    assert {"text", "text~2", "text~3"} <= {b.get("block_id") for b in form["blocks"]}
    await stage.submit("moda", {"title": "Swimming"})
    async with stage.store.read() as tx:
        assert [d.text for d in await tx.drafts.all()] == [text]


async def test_a_resource_without_an_address_is_read_in_a_window(stage):
    await stage.post("dana", INFUSION)
    await stage.press("dana", "Read it")
    assert "Take 5 days." in words_of(stage.modal()["blocks"])


# --- buttons that are not somebody's, or not anybody's any more -----------------------------------------------


async def test_a_button_of_somebody_else_is_refused_in_one_line(stage):
    root = await stage.post("dana", INFUSION)
    posted = stage.slack.posts(CHANNEL, root)[0]
    await stage.slack.press(user("ben"), CHANNEL, posted["ts"], "This helped")
    await stage.desk.settle()
    assert "This button is meant for somebody else." in words_of(stage.messages_of("ben")[-1]["blocks"])


async def test_two_presses_at_once_leave_one_decision(stage):
    await stage.post("dana", CLUB)
    offer = dict(stage.showing("tess", "Accept"))
    for n in range(2):
        button = buttons(offer)["Accept"]
        body = payloads.block_actions(
            user("tess"), offer["channel"], offer, button, f"t{n}", "", f"1700000000.00000{n}"
        )
        await stage.slack.deliver(body)
    await stage.desk.settle()
    async with stage.store.read() as tx:
        (question,) = await tx.questions.find(QuestionFilter())
    assert (question.status, question.claimed_by) == (Status.CLAIMED, key("tess"))


async def test_a_button_of_a_question_that_is_gone_is_answered_kindly(stage):
    body = {"type": "block_actions", "user": {"id": user("dana"), "team_id": "T01TEST"}, "team": {"id": "T01TEST"}}
    body |= {"container": {"message_ts": "1.2", "channel_id": CHANNEL}, "trigger_id": "t", "response_url": ""}
    action = {"value": "1|helped|q-none", "action_id": "helped:0", "action_ts": "1700000000.000001"}
    await stage.slack.deliver({**body, "actions": [action]})
    await stage.desk.settle()
    assert "This is no longer there." in words_of(stage.messages_of("dana")[-1]["blocks"])


# --- seen by one person alone ---------------------------------------------------------------------------------


async def hinted(stage: SlackStage) -> dict[str, Any]:
    await stage.invite("moda")
    await stage.press("moda", "Whisper")
    await stage.post("dana", INFUSION)
    return stage.showing("dana", "This helped")


async def test_a_hint_is_for_the_asker_alone_and_changes_through_its_own_button(stage):
    hint = await hinted(stage)
    assert hint["ephemeral_to"] == user("dana")
    await stage.press("dana", "This helped")
    assert stage.slack.responses[-1]["replace_original"] is True
    assert "This helped" not in buttons(stage.slack.responses[-1])


async def test_a_hint_that_slack_will_not_show_comes_in_private(stage):
    stage.slack.fail("chat.postEphemeral", Refused("user_not_in_channel"))
    hint = await hinted(stage)
    assert hint["channel"] == stage.slack.workspace.direct(user("dana")).id


async def test_what_comes_hours_later_comes_in_private(stage):
    root = await stage.post("dana", CLUB)
    await stage.press("tess", "Accept")
    await stage.post("tess", "The one at the harbour has a very kind coach for shy kids.", root)
    await stage.wait(timedelta(hours=4))
    asked = stage.showing("dana", "This helped")
    assert asked["channel"] == stage.slack.workspace.direct(user("dana")).id


async def test_a_hint_nobody_pressed_is_left_as_it_is(stage):
    hint = await hinted(stage)
    root = next(m["ts"] for m in stage.slack.workspace.channels[CHANNEL].messages if m.get("text") == INFUSION)
    await stage.post("ben", "Ask the clinic for a letter, they write one within two days.", root)
    assert not stage.slack.responses
    async with stage.store.read() as tx:
        assert not await tx.outbox.parked()
    assert stage.slack.workspace.channels[CHANNEL].find(hint["ts"])


def test_every_form_of_the_core_has_a_window_or_a_command():
    opened = {
        Form.SAVE_RESOURCE, Form.EDIT_DRAFT, Form.MERGE_DRAFT, Form.VOLUNTEER, Form.CHANNEL, Form.ANSWER, Form.ASK,
        Form.WRITE_BACK, Form.HAND_OVER, Form.FOLLOW, Form.LINK, Form.UNLINK, Form.EDIT_RESOURCE, Form.RETIRE_RESOURCE,
        Form.WAITING, Form.ADD_PHRASE,
        Form.BLOCK, Form.APPOINT, Form.UNMASK, Form.COUNTRY,
    }  # fmt: skip
    assert set(Form) - {Form.ROLES} == opened, "Slack has no roles"
