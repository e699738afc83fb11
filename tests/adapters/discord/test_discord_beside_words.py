"""What triage reads of a Discord message besides its words: passed on, a poll's, an app's. Not a linked page's."""

import pytest
from discord_town import ANN, GUILD, HELP, town

from adapters.discord.inbound import beside_of, heard, moment

MSG = "1450000000000000000"
USER = {"id": ANN, "username": "ann", "global_name": "Ann"}
BASE = {"id": MSG, "channel_id": HELP, "guild_id": GUILD, "author": USER, "type": 0, "content": ""}
RICH = {
    "type": "rich",
    "title": "Reported",
    "description": "It reads",
    "fields": [{"name": "what", "value": "I want to die"}],
    "footer": {"text": "an app"},
    "author": {"name": "an app"},
}
POLL = {
    "question": {"text": "Who would miss me?"},
    "answers": [{"poll_media": {"text": "nobody"}}, {"poll_media": {"emoji": {"name": "x"}}}],
}


def passed_on(**given) -> dict:
    return {"message_snapshots": [{"message": given}]}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"embeds": [RICH]}, "Reported\nIt reads\nwhat\nI want to die"),
        ({"embeds": [RICH, {"type": "rich", "title": "Two"}]}, "Reported\nIt reads\nwhat\nI want to die\nTwo"),
        ({"poll": POLL}, "Who would miss me?\nnobody"),
        (passed_on(content="goodbye all"), "goodbye all"),
        (
            passed_on(content="see", embeds=[RICH], poll=POLL),
            "see\nWho would miss me?\nnobody\nReported\nIt reads\nwhat\nI want to die",
        ),
        ({"message_snapshots": [{"message": {"content": "one"}}, {"message": {"content": "two"}}]}, "one\ntwo"),
        ({**passed_on(content="first"), "poll": POLL}, "first\nWho would miss me?\nnobody"),
    ],
)
def test_words_beside_a_message_are_read(given, read):
    assert beside_of(given) == read


@pytest.mark.parametrize("kind", ["link", "article", "video", "image", "gifv", None])
def test_what_discord_shows_of_a_link_is_not_read(kind):
    shown = {"type": kind, "title": "He wants to die", "description": "A novel", "fields": RICH["fields"]}
    assert beside_of({"embeds": [shown]}) == ""
    assert beside_of(passed_on(content="", embeds=[shown])) == ""


def test_a_message_passed_on_twice_is_read_to_its_first_words_only():
    inner = {"content": "outer", **passed_on(content="inner")}
    assert beside_of(passed_on(**inner)) == "outer"


@pytest.mark.parametrize("event", ["MESSAGE_CREATE", "MESSAGE_UPDATE"])
def test_a_message_without_words_of_its_own_still_reaches_triage(event):
    edited = {"edited_timestamp": "2026-03-04T12:05:00+00:00"} if event == "MESSAGE_UPDATE" else {}
    [said] = heard(event, {**BASE, **edited, "poll": POLL}, town(), moment("2026-03-04T12:06:00+00:00"))
    assert (said.text, said.beside) == ("", "Who would miss me?\nnobody")


def test_names_stand_for_mentions_beside_a_message_too():
    assert "<@" not in beside_of(passed_on(content=f"<@{ANN}> said it"))
