"""What people wrote, from a Slack export and from DiscordChatExporter's JSON."""

import pytest

from adapters.exports import ExportError, read_export
from tests.fakes.exports import Line, discord_file, slack_files, unpacked, zipped

ASKED = Line(0, "U1", "has anybody a letter for the school?")
ANSWERED = Line(9, "U2", "yes, ask the clinic", under=0)


def texts(export):
    return [said.posted.text for said in export.said]


# --- Slack ----------------------------------------------------------------------------------------------------


def test_a_zip_and_its_unpacked_folder_say_the_same(tmp_path):
    found = slack_files([ASKED, ANSWERED])
    packed = read_export(zipped(tmp_path / "export.zip", found))
    assert packed == read_export(unpacked(tmp_path / "folder", found))
    assert texts(packed) == [ASKED.text, ANSWERED.text]
    assert [said.posted.place.opens_thread for said in packed.said] == [True, False]
    assert packed.said[1].posted.place.thread_key == packed.said[0].posted.place.thread_key
    assert packed.channels == {"slack:T01:C00": "general"}
    assert packed.names["slack:T01:U1"] == "Person OfU1"


def test_a_zip_with_everything_in_one_folder_is_read_too(tmp_path):
    inside = {f"Our export/{name}": rows for name, rows in slack_files([ASKED]).items()}
    assert texts(read_export(zipped(tmp_path / "export.zip", inside))) == [ASKED.text]


def test_bots_joins_and_files_without_words_are_counted_and_left_out(tmp_path):
    lines = [
        ASKED,
        Line(1, "U3", "<@U3> has joined the channel", more={"subtype": "channel_join"}),
        Line(2, "UB", "build 7 is green", more={"subtype": "bot_message", "bot_id": "B1"}),
        Line(3, "UA", "I am an app with an account"),
        Line(4, "U2", "", more={"subtype": "file_share", "files": [{"name": "a.pdf"}]}),
        Line(5, "U2", "the letter", more={"subtype": "file_share", "files": [{"name": "a.pdf"}]}),
        Line(6, "U2", "to all of you", under=0, more={"subtype": "thread_broadcast"}),
    ]
    export = read_export(zipped(tmp_path / "e.zip", slack_files(lines, [{"id": "UA", "is_bot": True, "name": "app"}])))
    assert texts(export) == [ASKED.text, "the letter", "to all of you"]
    assert (export.bots, export.other) == (2, 2)


def test_markup_becomes_words(tmp_path):
    line = Line(0, "U1", "see <https://example.org/a?b&amp;c|the letter> &lt;3 <@U2> in <#C1|school> <!here>")
    [said] = read_export(zipped(tmp_path / "e.zip", slack_files([line]))).said
    assert said.posted.text == "see the letter (https://example.org/a?b&c) <3 @somebody in #school @here"


def test_the_last_words_of_an_edited_message_count_and_a_deleted_one_is_gone(tmp_path):
    files = slack_files([ASKED, Line(1, "U2", "old"), Line(2, "U3", "never mind this")])
    day = files["general/2026-03-02.json"]
    old, gone = day[1], day[2]
    day[0]["edited"] = {"user": "U1", "ts": "1.0"}
    new = {**old, "text": "new", "edited": {"user": "U2", "ts": "1772441000.000000"}}
    day.append({"type": "message", "subtype": "message_changed", "message": new, "ts": "1772441000.000000"})
    day.append({"type": "message", "subtype": "message_deleted", "deleted_ts": gone["ts"], "ts": "1772441001.0"})
    export = read_export(zipped(tmp_path / "e.zip", files))
    assert texts(export) == [ASKED.text, "new"]
    assert (export.edited, export.deleted) == (2, 1)


def test_what_is_private_is_left_where_it_is_and_said_so(tmp_path):
    files = slack_files([ASKED, Line(1, "U1", "between us", channel="secret"), Line(2, "U1", "psst", channel="D01")])
    files["groups.json"] = [{"id": "G1", "name": "secret"}]
    files["dms.json"] = [{"id": "D01", "members": ["U1", "U2"]}, {"id": "D02"}]
    files["channels.json"] = [{"id": "C1", "name": "general"}]
    export = read_export(zipped(tmp_path / "e.zip", files))
    assert texts(export) == [ASKED.text]
    assert export.left_out == ("1 private channel", "2 private conversations of two")


def test_a_day_that_cannot_be_read_does_not_hold_up_the_others(tmp_path):
    files = {**slack_files([ASKED]), "general/2026-03-03.json": "{", "general/2026-03-04.json": '{"a": 1}'}
    export = read_export(unpacked(tmp_path / "folder", files))
    assert texts(export) == [ASKED.text]
    assert export.bad == (
        ("general/2026-03-03.json", "not JSON"),
        ("general/2026-03-04.json", "not a list of messages"),
    )


# --- Discord --------------------------------------------------------------------------------------------------

HERE = Line(0, "1", "has anybody a letter for the school?")


def test_one_file_of_discord(tmp_path):
    bot = Line(2, "7", "beep", more={"author": {"id": "7", "name": "b", "isBot": True}})
    joined = Line(3, "2", "Joined the server.", more={"type": "GuildMemberJoin"})
    edited = Line(4, "2", "new words", more={"timestampEdited": "2026-03-02T09:00:00+00:00"})
    path = unpacked(tmp_path, {"general.json": discord_file([HERE, bot, joined, edited])}) / "general.json"
    export = read_export(path)
    assert texts(export) == [HERE.text, "new words"]
    assert (export.bots, export.other, export.edited) == (1, 1, 1)
    assert export.channels == {"discord:900:100": "general"}
    assert export.names["discord:900:1"] == "Nick Of1"


def test_a_reply_refers_to_what_it_answers_and_to_what_that_one_answers(tmp_path):
    lines = [HERE, Line(1, "2", "ask the clinic", under=0), Line(2, "3", "same here", under=1)]
    forwarded = {"reference": {"type": "Forward", "messageId": "5000", "channelId": "100"}}
    lines.append(Line(3, "3", "look", more=forwarded))
    export = read_export(zipped(tmp_path / "d.zip", {"a.json": discord_file(lines)}))
    keys = [f"discord:900:100:{number}" for number in (5000, 5001)]
    assert [said.refers for said in export.said] == [(), (keys[0],), (keys[1], keys[0]), ()]
    assert all(said.posted.place.opens_thread for said in export.said)


def test_threads_and_posts_of_forums_hang_on_their_channel(tmp_path):
    thread = {"id": "5000", "type": "GuildPublicThread", "categoryId": "100", "category": "general", "name": "letters"}
    starts = Line(0, "1", "", more={"type": "21"})
    post = {**thread, "id": "700", "categoryId": "200", "category": "forum", "name": "School letter?"}
    export = read_export(
        unpacked(
            tmp_path / "d",
            {
                "general.json": discord_file([HERE]),
                "thread.json": discord_file([starts, Line(5, "2", "ask the clinic")], thread, [5000, 6000]),
                "post.json": discord_file([Line(7, "3", "who has one"), Line(8, "2", "I do")], post, [700, 701]),
            },
        )
    )
    assert [(s.posted.text, s.posted.place.thread_key) for s in export.said] == [
        (HERE.text, "discord:900:100:5000"),
        ("ask the clinic", "discord:900:100:5000"),
        ("School letter?\nwho has one", "discord:900:200:700"),
        ("I do", "discord:900:200:700"),
    ]
    assert export.channels == {"discord:900:100": "general", "discord:900:200": "forum"}


def test_private_conversations_of_discord_are_left_out_and_what_is_passed_on_stands_beside(tmp_path):
    private = {"id": "300", "type": "DirectTextChat", "name": "somebody"}
    passed_on = Line(1, "2", "look", more={"forwardedMessage": {"content": "words of another place"}})
    files = {"a.json": discord_file([HERE, passed_on]), "b.json": discord_file([Line(0, "1", "psst")], private)}
    export = read_export(zipped(tmp_path / "d.zip", files))
    assert (texts(export), export.left_out) == ([HERE.text, "look"], ("1 private conversation",))
    assert export.said[1].posted.beside == "words of another place"


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_times_that_no_chat_has_are_left_out(tmp_path, year):
    odd = Line(0, "1", "when?", more={"timestamp": f"{year}-12-31T23:59:59+00:00"})
    export = read_export(zipped(tmp_path / "d.zip", {"a.json": discord_file([HERE, odd])}))
    assert texts(export) == [HERE.text]


def test_an_export_in_which_nobody_speaks_is_refused_with_what_was_left_out(tmp_path):
    files = {**slack_files([]), "groups.json": [{"id": "G1", "name": "secret"}]}
    with pytest.raises(ExportError, match=r"nobody says anything in .* \(left out: 1 private channel\)"):
        read_export(zipped(tmp_path / "e.zip", files))
