"""Events of Discord as facts: what people do, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from discord_town import ANN, ANYTHING, BEN, BOT, DM, FORUM, GUILD, HELP, POST, THREAD, Town, damaged, town
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.identity import made_at
from adapters.discord.inbound import _READERS, heard, moment, posted, refers_to
from adapters.discord.inbound_guilds import AccessChanged, Arrived, Left, access_facts
from adapters.discord.town import Kind, Site, sites_in
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

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MSG = "1450000000000000000"
AT = made_at(MSG)
ROOT = Place("discord", GUILD, HELP, MSG, MSG)
MEMBER = Member("discord", GUILD, ANN)
POSTED = MessagePosted(ROOT, MEMBER, "How do we tell the school?", AT)
USER = {"id": ANN, "username": "ann", "global_name": "Ann", "discriminator": "0", "avatar": None, "bot": False}


def message(**given) -> dict:
    """As Discord sends it (discord.types.message.Message)."""
    return {
        "id": MSG,
        "channel_id": HELP,
        "guild_id": GUILD,
        "author": USER,
        "content": POSTED.text,
        "timestamp": "2026-03-04T12:00:00.000000+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        **given,
    }


def created(**given):
    return heard("MESSAGE_CREATE", message(**given), town(), NOW)


def reference(to: str, channel: str = HELP, **more) -> dict:
    return {"message_reference": {"message_id": to, "channel_id": channel, "guild_id": GUILD, **more}, "type": 19}


def test_a_message_is_what_somebody_said():
    assert created() == (POSTED,)
    assert posted(message(), town()) == POSTED


def test_a_message_in_a_thread_stands_under_the_message_the_thread_hangs_on():
    assert created(channel_id=THREAD) == (replace(POSTED, place=replace(ROOT, thread=THREAD)),)


def test_the_first_message_of_a_post_is_the_question_and_its_title_belongs_to_it():
    [said] = created(channel_id=POST, id=POST, content="They ask every day.")
    assert said.place == Place("discord", GUILD, FORUM, POST, POST)
    assert said.text == "Telling the school?\nThey ask every day."
    assert created(channel_id=POST, id=POST, content="")[0].text == "Telling the school?"
    [reply] = created(channel_id=POST, content="We wrote a letter.")
    assert (reply.place.thread, reply.text) == (POST, "We wrote a letter.")


def test_a_reply_by_reference_stands_under_the_question_where_there_is_one():
    answer = message(**reference("501"))
    assert refers_to(answer) == ("501",)
    assert heard("MESSAGE_CREATE", answer, town(), NOW, "501")[0].place.thread == "501"
    assert heard("MESSAGE_CREATE", answer, town(), NOW)[0].place.opens_thread
    deeper = message(**reference("502"), referenced_message={"channel_id": HELP, **reference("501")})
    assert refers_to(deeper) == ("502", "501")
    assert refers_to(message(**reference("501", type=1))) == (), "passed on"
    assert refers_to(message(**reference("501", channel="999"))) == ()


def test_the_bot_is_addressed_by_its_name_and_not_by_a_reply():
    [said] = created(content=f"<@{BOT}> how? <@{BEN}>", mentions=[{"id": BOT}, {"id": BEN, "global_name": "Ben"}])
    assert (said.text, said.mentions_bot) == ("how? @Ben", True)
    [reply] = created(**reference("501"), mentions=[{"id": BOT}])
    assert reply.mentions_bot is False


def test_people_and_channels_are_called_by_their_names():
    mentioned = [{"id": BEN, "username": "ben", "member": {"nick": "Benny"}}]
    [said] = created(content=f"<@{BEN}> see <#{FORUM}> or <#77>", mentions=mentioned)
    assert said.text == "@Benny see #questions or #channel"


@pytest.mark.parametrize("known", [True, False])
def test_what_is_written_to_the_bot_alone_is_direct(known):
    here = town() if known else Town()
    private = message(channel_id=DM)
    del private["guild_id"]
    [said] = heard("MESSAGE_CREATE", private, here, NOW)
    assert (said.place, said.direct) == (Place("discord", GUILD, DM, MSG, MSG), True)
    [reply] = heard("MESSAGE_CREATE", {**private, **reference("801", DM)}, here, NOW)
    assert reply.place.thread == "801", "the card it answers"
    assert heard("MESSAGE_CREATE", {**private, "author": {"id": "99"}}, here, NOW) == (), "from nowhere we are"


@pytest.mark.parametrize(
    "given",
    [
        {"author": {**USER, "bot": True}},
        {"author": {**USER, "system": True}},
        {"author": {"id": BOT}},
        {"author": None},
        {"webhook_id": "5"},
        {"type": 7},
        {"type": 18},
        {"type": 21},
        {"type": "0"},
        {"content": ""},
        {"content": f"<@{BOT}>"},
        {"id": "soon"},
        {"channel_id": "12345"},
        {"channel_id": FORUM},
        {"channel_id": None},
    ],
)
def test_bots_systems_and_events_without_words_are_nobody_speaking(given):
    assert created(**given) == ()


def test_an_edit_is_one_when_discord_says_so():
    edited = "2026-03-04T12:05:00.000000+00:00"
    new = message(content="How do we tell the nursery?", edited_timestamp=edited)
    at = datetime(2026, 3, 4, 12, 5, tzinfo=UTC)
    fact = MessageEdited(ROOT, MEMBER, "How do we tell the nursery?", at)
    assert heard("MESSAGE_UPDATE", new, town(), NOW) == (fact,)
    assert heard("MESSAGE_UPDATE", message(embeds=[{"url": "https://a.example"}]), town(), NOW) == ()
    partial = {k: new[k] for k in ("id", "channel_id", "guild_id", "edited_timestamp", "author")}
    assert heard("MESSAGE_UPDATE", partial, town(), NOW) == ()


def test_a_deletion_follows_whoever_wrote_it():
    gone = {"id": MSG, "channel_id": HELP, "guild_id": GUILD}
    assert heard("MESSAGE_DELETE", gone, town(), NOW) == (MessageDeleted(ROOT, NOW),)
    [reply] = heard("MESSAGE_DELETE", {**gone, "channel_id": THREAD}, town(), NOW)
    assert reply.place == replace(ROOT, thread=THREAD)
    assert heard("MESSAGE_DELETE", gone, town(), NOW, "501")[0].place.thread == "501"
    many = {"ids": [MSG, "501", None], "channel_id": HELP, "guild_id": GUILD}
    assert [f.place.message for f in heard("MESSAGE_DELETE_BULK", many, town(), NOW)] == [MSG, "501"]


def test_a_private_message_is_deleted_where_the_server_of_its_writer_is_known():
    gone = {"id": MSG, "channel_id": DM}
    assert heard("MESSAGE_DELETE", gone, town(), NOW) == ()
    known = Town(Site(DM, GUILD, Kind.DIRECT))
    assert heard("MESSAGE_DELETE", gone, known, NOW) == (MessageDeleted(Place("discord", GUILD, DM, MSG, MSG), NOW),)


def test_a_post_goes_with_its_thread_and_a_message_does_not():
    def deleted(thread: str, parent: str):
        return heard("THREAD_DELETE", {"id": thread, "guild_id": GUILD, "parent_id": parent, "type": 11}, town(), NOW)

    assert deleted(POST, FORUM) == (MessageDeleted(Place("discord", GUILD, FORUM, POST, POST), NOW),)
    assert deleted(THREAD, HELP) == ()


# --- channels and servers ---------------------------------------------------------------------------------------


def channel(**given) -> dict:
    return {"id": HELP, "type": 0, "name": "help", "guild_id": GUILD, "position": 0, "parent_id": None, **given}


def test_a_new_name_is_one_if_it_was_another_before():
    looked = AccessChanged(GUILD)
    renamed = ChannelRenamed(f"discord:{GUILD}:{HELP}", "ask", NOW)
    assert heard("CHANNEL_UPDATE", channel(name="ask"), town(), NOW) == (renamed, looked)
    assert heard("CHANNEL_UPDATE", channel(position=3), town(), NOW) == (looked,)
    assert heard("CHANNEL_UPDATE", channel(id="55", type=4), town(), NOW) == (looked,), "a category's permissions"
    assert heard("CHANNEL_CREATE", channel(id="56"), town(), NOW) == (looked,)
    assert heard("GUILD_ROLE_UPDATE", {"guild_id": GUILD, "role": {}}, town(), NOW) == (looked,)


def test_a_deleted_channel_is_closed():
    assert heard("CHANNEL_DELETE", channel(), town(), NOW) == (ChannelArchived(f"discord:{GUILD}:{HELP}", NOW),)
    assert heard("CHANNEL_DELETE", channel(type=4), town(), NOW) == ()


def test_what_the_bot_may_see_changes():
    facts = access_facts(GUILD, {HELP, "2"}, {HELP, "3"}, {"3": "new"}, NOW)
    place = Place("discord", GUILD, "3", "", "")
    assert facts == (BotRemoved(f"discord:{GUILD}:2", NOW), BotInvited(place, "new", None, NOW))


def test_a_server_is_met_and_one_channel_greeted():
    channels = [channel(id="5", type=4), channel(), channel(id="6", name="hall"), channel(id=FORUM, type=15)]
    body = {"id": GUILD, "name": "Circle", "channels": channels, "system_channel_id": "6", "preferred_locale": "es-ES"}
    [arrived] = heard("GUILD_CREATE", body, town(), NOW)
    assert (arrived.guild, arrived.name, arrived.greet, arrived.locale) == (GUILD, "Circle", "6", "es-ES")
    assert [site.id for site in arrived.channels] == [HELP, "6", FORUM]
    [other] = heard("GUILD_CREATE", {**body, "system_channel_id": None}, town(), NOW)
    assert isinstance(other, Arrived)
    assert other.greet == HELP
    assert heard("GUILD_CREATE", {"id": GUILD, "unavailable": True}, town(), NOW) == ()


def test_an_outage_is_no_farewell():
    assert heard("GUILD_DELETE", {"id": GUILD}, town(), NOW) == (Left(GUILD),)
    assert heard("GUILD_DELETE", {"id": GUILD, "unavailable": True}, town(), NOW) == ()


# --- people -----------------------------------------------------------------------------------------------------


def test_who_comes_who_changes_and_who_goes():
    body = {"guild_id": GUILD, "user": USER, "nick": "  Ann  B. ", "roles": [], "pending": False}
    said = MemberChanged(MEMBER, "Ann B.", "", "", False, False, False, NOW)
    assert heard("GUILD_MEMBER_ADD", body, town(), NOW) == (MemberJoined(MEMBER, "Ann B.", "", NOW), said)
    assert heard("GUILD_MEMBER_UPDATE", body, town(), NOW) == (said,)
    assert heard("GUILD_MEMBER_UPDATE", {**body, "nick": None}, town(), NOW) == (replace(said, name="Ann"),)
    gone = heard("GUILD_MEMBER_REMOVE", {"guild_id": GUILD, "user": USER}, town(), NOW)
    assert gone == (replace(said, name="", deactivated=True),)
    robot = {**body, "user": {**USER, "bot": True}}
    assert heard("GUILD_MEMBER_ADD", robot, town(), NOW) == (replace(said, bot=True),)


def test_the_bot_itself_is_no_member_but_its_roles_matter():
    body = {"guild_id": GUILD, "user": {"id": BOT}, "roles": ["1"]}
    assert heard("GUILD_MEMBER_UPDATE", body, town(), NOW) == (AccessChanged(GUILD),)
    assert heard("GUILD_MEMBER_ADD", body, town(), NOW) == ()
    assert heard("GUILD_MEMBER_REMOVE", body, town(), NOW) == ()


# --- bad shapes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stamp", [None, 7, "", "soon", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_what_is_no_moment_is_none(stamp):
    assert moment(stamp) is None


BODIES = [
    message(**reference("501"), referenced_message=message(), mentions=[{"id": BEN, "member": {"nick": "B"}}]),
    message(edited_timestamp="2026-03-04T12:05:00+00:00", channel_id=POST),
    {"ids": [MSG, "501"], "channel_id": HELP, "guild_id": GUILD},
    {"id": POST, "guild_id": GUILD, "parent_id": FORUM, "type": 11},
    channel(name="ask"),
    {"id": GUILD, "name": "C", "channels": [channel()], "threads": [{"id": THREAD, "type": 11, "parent_id": HELP}]},
    {"guild_id": GUILD, "user": USER, "nick": "A", "roles": []},
]


@given(st.sampled_from(sorted(_READERS)), damaged(BODIES) | ANYTHING)
def test_no_damaged_event_breaks(name, body):
    heard(name, body, town(), NOW)
    sites_in(name, body, town())
    refers_to(body if isinstance(body, dict) else {})
