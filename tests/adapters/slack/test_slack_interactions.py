"""Presses, forms, shortcuts and commands: what they ask for, and that nothing forged gets through."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from slack_recorded import NAMES, damaged, recorded

from adapters.slack.identity import Workspace
from adapters.slack.inbound_commands import place_in
from adapters.slack.inbound_interactions import interaction, metadata_of, typed
from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted, Member, Place
from bot.surfaces.wanted import Explain, OpenSheet, Ordered, ReadResource

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
T = Workspace("T1")
ANN = Member("slack", "T1", "UANN")


def person(team: str = "T1") -> dict:
    return {"user": {"id": "UANN", "team_id": team}, "team": {"id": "T1"}, "enterprise": None}


def press(value: object, **more: object):
    action = {"action_id": "x", "value": value, "action_ts": "1700000002.000000"}
    body = recorded("BlockAction", actions=[action], container={"message_ts": "1.2", "channel_id": "C1"}, **person())
    return interaction({**body, **more}, NOW)


def command(name: str, text: str = "", **more: object):
    return interaction(recorded("SlashCommand", command=name, text=text, channel_name="school", **more), NOW)


def test_a_press_is_a_fact_with_what_it_is_about():
    fact = ButtonPressed(
        "1.2:1700000002.000000", Action.HELPED, "q1", ANN, datetime(2023, 11, 14, 22, 13, 22, tzinfo=UTC)
    )
    assert press("1|helped|q1").facts == (fact,)
    assert press("1|set_mode|slack:T1:C1|hint").facts[0].subject == "slack:T1:C1|hint"


@pytest.mark.parametrize(
    "value",
    [None, "", "helped", "2|helped|q1", "1|destroy|q1", "1|helped|", "1|helped|" + "x" * 600, 7, "1|sheet:no|q"],
)
def test_a_forged_value_is_nothing(value):
    assert press(value) is None


def test_some_presses_open_something():
    assert press("1|answer|q1").opens == OpenSheet(Form.ANSWER, "q1")
    assert press("1|merge|d1").opens == OpenSheet(Form.MERGE_DRAFT, "d1")
    assert press("1|reword|w1").opens == OpenSheet(Form.ADD_PHRASE, "w1")
    assert press("1|sheet:edit_draft|d1").opens == OpenSheet(Form.EDIT_DRAFT, "d1")
    read = press("1|open_resource|q1/r1")
    assert read.opens == ReadResource("q1", "r1")
    assert read.facts[0].subject == "q1/r1"


def test_an_ephemeral_message_is_known_as_one():
    container = {"message_ts": "1.2", "channel_id": "C1", "is_ephemeral": True}
    assert press("1|helped|q1", container=container).whence.alone is True
    assert press("1|helped|q1").whence.alone is False


def test_a_stranger_who_presses_is_known_by_their_own_team():
    assert press("1|helped|q1", **person("T9")).facts[0].by.key == "slack:T9:UANN"


def submit(form: str, values: dict, metadata: str | None = None, **more: object):
    state = {"values": {k: {k.partition("~")[0]: v} for k, v in values.items()}}
    view = {
        "id": "V1",
        "callback_id": f"1|{form}",
        "private_metadata": metadata if metadata is not None else metadata_of("s1", {}),
        "state": state,
        **more,
    }
    return interaction(recorded("ViewSubmission", view=view, **person()), NOW)


def test_a_form_is_a_fact_with_what_was_typed():
    found = submit(
        "save_resource",
        {
            "title": {"value": "T"},
            "text": {"value": "one"},
            "text~2": {"value": "two\r\nthree"},
            "topics": {"selected_options": [{"value": "a"}, {"value": "b"}]},
            "medical": {"selected_options": []},
        },
        metadata_of("slack:T1:C1:1.2", {"author": "slack:T1:UBEN"}),
    )
    values = {"author": "slack:T1:UBEN", "title": "T", "text": "one\ntwo\nthree", "topics": "a,b", "medical": ""}
    assert found.facts == (FormSubmitted("V1", Form.SAVE_RESOURCE, "slack:T1:C1:1.2", values, ANN, NOW),)


def test_ten_parts_of_a_text_keep_their_order():
    state = {f"text~{n}": {"text": {"value": str(n)}} for n in range(12, 1, -1)} | {"text": {"text": {"value": "1"}}}
    assert typed(state, T)["text"].split() == [str(n) for n in range(1, 13)]


def test_somebody_who_was_chosen_is_a_member():
    assert submit("hand_over", {"to": {"selected_user": "UBEN"}}).facts[0].values == {"to": "slack:T1:UBEN"}


def test_quiet_hours_become_one_line():
    values = {
        "quiet_days": {"selected_options": [{"value": "mon"}, {"value": "sat"}]},
        "quiet_from": {"selected_time": "22:00"},
        "quiet_to": {"selected_time": "07:00"},
        "quiet": {"value": "sat 23:00-10:00"},
    }
    assert submit("volunteer", values).facts[0].values == {"quiet": "sat 23:00-10:00;mon 22:00-07:00"}


@pytest.mark.parametrize(
    ("form", "metadata", "more"),
    [
        ("destroy", None, {}),
        ("ask", "not json", {}),
        ("ask", "[]", {}),
        ("ask", '{"subject": 7}', {}),
        ("ask", metadata_of("x" * 600, {}), {}),
        ("ask", None, {"callback_id": "2|ask"}),
        ("ask", None, {"id": ""}),
    ],
)
def test_a_forged_form_is_nothing(form, metadata, more):
    assert submit(form, {"text": {"value": "x"}}, metadata, **more) is None


def shortcut(callback: str, **message: object):
    said = {"ts": "1700000000.000100", "user": "UBEN", "text": "Ask the <https://a.example|clinic>", **message}
    body = recorded("MessageShortcut", callback_id=callback, message=said, channel={"id": "C1"}, **person())
    return interaction(body, NOW)


def test_a_message_can_be_saved_with_its_words_and_its_author():
    given = {
        "text": "Ask the clinic (https://a.example)",
        "author": "slack:T1:UBEN",
        "thread_key": "slack:T1:C1:1690000000.000000",
    }
    found = shortcut("save_as_resource", thread_ts="1690000000.000000")
    assert found.opens == OpenSheet(Form.SAVE_RESOURCE, "slack:T1:C1:1700000000.000100", given)
    assert shortcut("save_as_resource", bot_id="B1").opens.given == {}


def test_other_shortcuts():
    place = Place("slack", "T1", "C1", "1700000000.000100", "1700000000.000100")
    assert shortcut("why_this", thread_ts="").opens == Explain(place)
    assert shortcut("ask_a_person", user="UANN").opens.given == {"text": "Ask the clinic (https://a.example)"}
    assert shortcut("ask_a_person").opens.given == {}, "somebody else's words are not theirs to ask"
    assert shortcut("unknown") is None
    assert shortcut("why_this", ts="") is None


def test_commands():
    asked = {"text": "how?", "channel": "slack:T1:C1", "channel_name": "school"}
    assert command("/ask", "how?").opens == OpenSheet(Form.ASK, "", asked)
    assert command("/ask", channel_id="D1").opens == OpenSheet(Form.ASK, "", {"text": ""})
    assert command("/resources", "school").opens == Ordered("resources", "school")
    assert command("/volunteer").opens == OpenSheet(Form.VOLUNTEER, ANN.key)
    assert command("/follow").opens == OpenSheet(Form.FOLLOW, "")
    assert command("/follow", "School").facts[0].values == {"topic": "school", "on": "yes"}
    assert command("/nothing") is None


def test_winwin_commands():
    assert command("/winwin", "opt-out").facts[0].action == Action.OPT_OUT
    assert command("/winwin", "OPT-IN").facts[0].action == Action.OPT_IN
    assert command("/winwin", "link 123").facts[0].values == {"code": "123"}
    assert command("/winwin", "link").facts[0].values == {"code": ""}
    assert command("/winwin", "unlink").facts[0].form == Form.UNLINK
    assert command("/winwin", "block").opens == OpenSheet(Form.BLOCK, "")
    assert command("/winwin", "appoint").opens == OpenSheet(Form.APPOINT, "")
    link = "https://x.slack.com/archives/C0HELP/p1700000000000100"
    unmask = command("/winwin", f"unmask {link}").opens
    assert (unmask.form, list(unmask.given)) == (Form.UNMASK, ["thread_key"])
    assert unmask.given["thread_key"].endswith(":C0HELP:1700000000.000100")
    assert command("/winwin", "unmask").opens == OpenSheet(Form.UNMASK, "")
    assert command("/winwin", "country").opens == OpenSheet(Form.COUNTRY, "")
    assert command("/winwin", "country the Netherlands").facts[0].values == {"country": "the Netherlands"}
    assert command("/winwin", "channel").opens == OpenSheet(Form.CHANNEL, "slack:T1:C1")
    assert command("/winwin", "my-data").opens == Ordered("my-data")
    assert command("/winwin", "forget-me").opens == Ordered("forget-me"), "asked once more before anything is erased"
    assert command("/winwin", "sing").opens == Ordered("help")
    assert command("/winwin").opens == Ordered("help")


def test_why_takes_a_link():
    link = "<https://x.slack.com/archives/C1/p1700000000000200?thread_ts=1700000000.000100&amp;cid=C1>"
    place = Place("slack", "T1", "C1", "1700000000.000200", "1700000000.000100")
    assert command("/winwin", f"why {link}").opens == Explain(place)
    assert command("/winwin", "why is that").opens == Explain(None)
    assert place_in("https://x.slack.com/archives/C1/p1700000000000200", T) == Place(
        "slack", "T1", "C1", "1700000000.000200", "1700000000.000200"
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_recorded_payload_breaks(name):
    interaction(recorded(name), NOW)


@given(damaged())
def test_no_damaged_payload_breaks(payload):
    interaction(payload, NOW)
