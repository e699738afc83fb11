"""Events of Slack as facts: what people do, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from slack_recorded import NAMES, damaged, recorded

from adapters.slack.identity import Workspace, member_of, workspace_of
from adapters.slack.inbound import HomeOpened, Uninstalled, heard, is_public, when
from adapters.slack.markup import plain
from bot.events import (
    BotInvited,
    BotRemoved,
    ChannelArchived,
    ChannelRenamed,
    Member,
    MemberChanged,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
)

T = Workspace("T1", bot_user="UBOT")
ANN = Member("slack", "T1", "UANN")
AT = datetime(2023, 11, 14, 22, 13, 20, 100, tzinfo=UTC)
LATER = datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC)
ROOT = Place("slack", "T1", "C1", "1700000000.000100", "1700000000.000100")
POSTED = MessagePosted(ROOT, ANN, "How do we tell the school?", AT)


def message(**given):
    return recorded("Message", **{"thread_ts": "", "channel_type": "channel", "edited": None, **given})


def changed(new: dict, old: dict | None, **given):
    said = {"ts": ROOT.message, "user": "UANN", "text": POSTED.text, "type": "message"}
    before = None if old is None else {**said, **old}
    return recorded("MessageChanged", message={**said, **new}, previous_message=before, **given)


def test_a_message_is_what_somebody_said():
    assert heard(message()) == POSTED


def test_a_reply_stands_in_its_thread():
    said = heard(message(thread_ts="1690000000.000000", ts="1700000000.000100"))
    assert said == replace(POSTED, place=replace(ROOT, thread="1690000000.000000"))
    assert said.thread == "slack:T1:C1:1690000000.000000"


@pytest.mark.parametrize("name", ["MessageThreadBroadcast", "MessageFileShare", "MessageMe"])
def test_what_people_say_in_other_ways_is_said_too(name):
    said = heard(recorded(name, thread_ts=""))
    assert isinstance(said, MessagePosted)
    assert (said.place.message, said.author) == (ROOT.message, ANN)


def test_a_mention_comes_twice_and_is_one_fact():
    text = "<@UBOT> how do we tell the school?"
    first, second = heard(message(text=text)), heard(recorded("AppMention", text=text, thread_ts=""))
    assert first == second == replace(POSTED, text="how do we tell the school?", mentions_bot=True)
    assert heard(message(text="<@UBOTX> hello")).mentions_bot is False


@pytest.mark.parametrize(("kind", "channel", "direct"), [("im", "D1", True), ("", "D1", True), ("mpim", "G1", False)])
def test_what_is_written_to_the_bot_alone_is_direct(kind, channel, direct):
    assert heard(message(channel_type=kind, channel=channel)).direct is direct


def test_words_in_blocks_alone_and_in_what_is_passed_on_are_heard_beside_and_a_link_s_preview_is_not():
    section = [{"type": "section", "text": {"type": "mrkdwn", "text": "I cannot go on"}}]
    shared = [{"is_share": True, "from_url": "https://s.example", "text": "goodbye all"}]
    preview = [{"from_url": "https://news.example", "text": "a page about it"}]
    assert heard(message(text="", blocks=section, attachments=[])).beside == "I cannot go on"
    assert heard(message(text="see", blocks=[], attachments=shared)).beside == "goodbye all"
    assert heard(message(text="see", blocks=[], attachments=preview)).beside == ""


@pytest.mark.parametrize(
    "given",
    [
        {"bot_id": "B1"},
        {"subtype": "bot_message"},
        {"user": "UBOT"},
        {"user": "USLACKBOT"},
        {"user": ""},
        {"subtype": "channel_join"},
        {"subtype": "message_replied"},
        {"subtype": "something_new"},
        {"text": "", "blocks": [], "attachments": []},
        {"text": "<@UBOT>", "attachments": []},
        {"ts": "soon"},
        {"channel": ""},
    ],
)
def test_bots_and_events_without_words_are_nobody_speaking(given):
    assert heard(message(**given)) is None


def test_an_edit_is_one_when_the_words_changed():
    edited = {"edited": {"user": "UANN", "ts": "1700000001.000000"}, "text": "How do we tell the nursery?"}
    assert heard(changed(edited, {})) == MessageEdited(ROOT, ANN, "How do we tell the nursery?", LATER)
    assert heard(changed(edited, None)) == MessageEdited(ROOT, ANN, "How do we tell the nursery?", LATER)


def test_a_preview_or_a_counted_reply_is_no_edit():
    assert heard(changed({"attachments": [{"from_url": "https://a.example"}]}, {})) is None
    assert heard(changed({"reply_count": 2, "thread_ts": ROOT.message}, {})) is None
    assert heard(changed({"text": "something else"}, None)) is None, "nothing says that it was edited"
    assert heard(changed({"text": "new", "bot_id": "B1"}, {})) is None


def test_a_deletion_follows_also_of_a_thread_that_leaves_a_stone():
    gone = MessageDeleted(ROOT, LATER)
    old = {"ts": ROOT.message, "user": "UANN", "text": "x"}
    assert heard(recorded("MessageDeleted", previous_message=old)) == gone
    assert heard(changed({"subtype": "tombstone", "user": "USLACKBOT", "text": "deleted"}, {})) == gone
    reply = {**old, "thread_ts": "1690000000.000000"}
    assert heard(recorded("MessageDeleted", previous_message=reply)).place.thread == "1690000000.000000"


def test_the_bots_own_post_of_a_question_can_be_deleted_too():
    old = {"ts": ROOT.message, "user": "UBOT", "bot_id": "B1", "text": "x"}
    assert heard(recorded("MessageDeleted", previous_message=old)) == MessageDeleted(ROOT, LATER)


def test_people_and_channels():
    at, key = LATER, "slack:T1:C1"
    joined = {"event_ts": "1700000001.000000"}
    assert heard(recorded("MemberJoinedChannel", **joined)) == MemberJoined(ANN, "", key, at)
    place = Place("slack", "T1", "C1", "", "")
    invited = recorded("MemberJoinedChannel", user="UBOT", inviter="UANN", **joined)
    assert heard(invited, "UBOT") == BotInvited(place, "", ANN, at)
    alone = recorded("MemberJoinedChannel", user="UBOT", inviter="", **joined)
    assert heard(alone, "UBOT") == BotInvited(place, "", None, at)
    assert heard(recorded("MemberLeftChannel", **joined)) is None
    assert heard(recorded("MemberLeftChannel", user="UBOT", **joined), "UBOT") == BotRemoved(key, at)
    assert heard(recorded("ChannelArchive", channel="C1", **joined)) == ChannelArchived(key, at)
    assert heard(recorded("GroupArchive", channel="C1", **joined)) == ChannelArchived(key, at)
    renamed = recorded("ChannelRename", channel={"id": "C1", "name": "school"}, **joined)
    assert heard(renamed) == ChannelRenamed(key, "school", at)


@pytest.mark.parametrize(("subtype", "public"), [("channel_convert_to_private", False), ("convert_to_nothing", None)])
def test_a_channel_that_is_closed_says_so_in_a_message_of_its_own(subtype: str, public: bool | None):
    event = {"type": "message", "subtype": subtype, "channel": "C1", "user": "UANN", "ts": "1700000001.000000"}
    said = heard({"team_id": "T1", "event": event, "event_time": 1700000001})
    assert said == (ChannelRenamed("slack:T1:C1", "", LATER, public) if public is not None else None)


@pytest.mark.parametrize(
    ("channel", "public"),
    [
        ({"is_private": False}, True),
        ({"is_private": True}, False),
        ({"is_private": False, "is_mpim": True}, False),
        ({"is_private": False, "is_im": True}, False),
        ({}, None),
        ({"is_private": "no"}, None),
    ],
)
def test_who_may_read_a_channel(channel: dict, public: bool | None):
    assert is_public(channel) is public


def test_what_slack_says_of_somebody():
    user = {
        "id": "UANN",
        "team_id": "T1",
        "name": "ann",
        "tz": "Europe/Madrid",
        "locale": "es-ES",
        "updated": 1700000001,
        "profile": {"display_name": "  Ann  B. ", "real_name": "Ann Brown"},
    }
    said = MemberChanged(ANN, "Ann B.", "Europe/Madrid", "es", False, False, False, LATER)
    assert heard(recorded("UserChange", user=user)) == said
    assert heard(recorded("TeamJoin", user=user)) == said
    gone = heard(recorded("UserChange", user={**user, "deleted": True, "is_ultra_restricted": True}))
    assert gone == replace(said, deactivated=True, guest=True)
    stranger = heard(recorded("UserChange", user={**user, "team_id": "T9", "is_stranger": True}))
    assert stranger.member == Member("slack", "T9", "UANN")


def test_the_home_page_and_the_end_of_an_installation():
    assert heard(recorded("AppHomeOpened", tab="home")) == HomeOpened(ANN, T)
    assert heard(recorded("AppHomeOpened", tab="messages")) is None
    assert heard(recorded("AppUninstalled")) == Uninstalled(T)
    assert heard(recorded("TokensRevoked", tokens={"bot": ["UBOT"], "oauth": []})) == Uninstalled(T)
    assert heard(recorded("TokensRevoked", tokens={"oauth": ["UANN"], "bot": []})) is None


def test_a_stranger_of_a_shared_channel_is_known_by_their_own_team():
    body = message(user_team="T9", team="T9")
    body["is_ext_shared_channel"] = True
    body["team_id"] = "T9"  # the outer team may be the other one's
    said = heard(body)
    assert (said.author.key, said.place.space) == ("slack:T9:UANN", "T1")


def test_in_an_organisation_people_and_places_belong_to_all_of_it():
    body = message(user_team="E1")
    body["authorizations"][0]["enterprise_id"] = "E1"
    said = heard(body)
    assert (said.author.key, said.place.key) == ("slack:E1:UANN", "slack:E1:C1:1700000000.000100")
    assert member_of("UANN", "T1", Workspace("T1", "E1")).space == "E1"


def test_a_workspace_is_found_wherever_it_stands():
    assert workspace_of({"team": {"id": "T1"}, "enterprise": {"id": "E1"}}) == Workspace("T1", "E1")
    assert workspace_of({"user": {"team_id": "T1"}, "team": None}) == Workspace("T1")
    assert workspace_of({"view": {"app_installed_team_id": "T1"}, "team": {"id": "T9"}}) == Workspace("T1")
    assert workspace_of({}) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U1|ann> said &lt;b&gt; &amp; left", "@ann said <b> & left"),
        ("<@U1>, look at <#C1|school>", "@somebody, look at #school"),
        ("<!here> <!subteam^S1|@doctors> <!date^1^{date}|today>", "@here @doctors today"),
        ("<https://a.example|the page> <https://b.example>", "the page (https://b.example)"),
        ("see <https://a.example/x|a.example/x>", "see a.example/x"),
        ("<mailto:a@b.example|a@b.example> <tel:+123>", "a@b.example +123"),
        ("hello   <@UBOT> there", "hello there"),
    ],
)
def test_markup_reads_as_people_see_it(written, read):
    if "the page" in written:
        read = "the page (https://a.example) https://b.example"
    assert plain(written, "UBOT") == read


@pytest.mark.parametrize("ts", [None, True, "", "x", "1.2.3.x", "-1", [], "9" * 20])
def test_what_is_no_moment_is_none(ts):
    assert when(ts) is None or ts == "1.2.3.x"


@pytest.mark.parametrize("name", NAMES)
def test_no_recorded_payload_breaks(name):
    heard(recorded(name))


@given(damaged())
def test_no_damaged_payload_breaks(payload):
    heard(payload)
