"""Cards as Discord shows them: nothing but words, inside every limit."""

import json
import os
import re
from pathlib import Path

import pytest
from discord_rules import calls_nobody, message_is_good, texts
from discord_town import FORUM, GUILD, HELP, POST, THREAD, town
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.buttons import custom_id, meant, read_id, rows, stand_in
from adapters.discord.limits import size
from adapters.discord.outbound import link_to, pieces, reading, rendered, thread_name, web_address
from bot.cards import Action, Button, Card, Link, Quote, ResourceShown, Style, Text
from bot.events import Place

SNAPSHOTS = Path(__file__).parent / "snapshots.json"
PLACE = Place("discord", GUILD, HELP, "501", THREAD)
THERE = f"https://discord.com/channels/{GUILD}/{THREAD}/501"
EVIL = "@everyone <@7> <#100> [Click](https://evil.example) @here \u202egnp.exe *bold* # big ||x|| </ask:1>"

CARDS = {
    "suggestion": Card(
        (
            Text("This is from our community's library. It may help."),
            ResourceShown(
                "q1", "r1", "A letter", "Ask the clinic.", "Reviewed by Cleo", "https://a.example/x", "Read it"
            ),
            ResourceShown("q1", "r2", "A plan", "Bring a plan.", "", "", "Read it"),
        ),
        (Button(Action.HELPED, "q1", "This helped", Style.PRIMARY), Button(Action.NOT_HELPED, "q1", "Not what I need")),
        question="q1",
    ),
    "offer": Card(
        (Text("Dana has a question", strong=True), Quote("How?\nWhen?"), Link("Read it in the channel", PLACE)),
        (
            Button(Action.ACCEPT, "q1", "Accept", Style.PRIMARY),
            Button(Action.PASS, "q1", "Pass"),
            Button(Action.FORGET_ME, "q1", "Erase it all", Style.DANGER),
        ),
    ),
    "evil": Card(
        (
            Text(EVIL, strong=True),
            Text(EVIL),
            Quote(EVIL, EVIL),
            Link(EVIL, PLACE),
            ResourceShown("q1", "r1", EVIL, EVIL, EVIL, "javascript:alert(1)", EVIL),
        )
    ),
    "many": Card((Text("Which?"),), tuple(Button(Action.SET_MODE, f"k|{n}", f"Number {n}") for n in range(7))),
    "nothing": Card(()),
}


def there(_: Place) -> str:
    return THERE


def good(card: Card):
    shown = rendered(card, there)
    message_is_good(shown.content, shown.embeds, shown.components)
    for text in texts(shown.content, shown.embeds, shown.components):
        calls_nobody(text)
    return shown


def test_cards_look_as_they_did():
    """`WINWIN_SNAPSHOTS=write` keeps what they look like now; look at the difference before it is committed."""
    shown = {
        name: {"content": r.content, "embeds": r.embeds, "components": r.components}
        for name, card in CARDS.items()
        if (r := rendered(card, there))
    }
    if os.environ.get("WINWIN_SNAPSHOTS") == "write":
        SNAPSHOTS.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert shown == json.loads(SNAPSHOTS.read_text("utf-8"))


@pytest.mark.parametrize("name", CARDS)
def test_discord_takes_every_card_and_nobody_is_called(name):
    good(CARDS[name])


def test_a_link_behind_other_words_is_only_ours():
    shown = rendered(CARDS["evil"], there)
    seen = "\n".join([shown.content, *(e["title"] + e["description"] for e in shown.embeds)])
    assert re.findall(r"(?<!\\)\]\(<?([^)>]*)", seen) == [THERE]
    assert "url" not in shown.embeds[0]


def test_a_link_without_an_address_is_only_words():
    assert rendered(Card((Link("Open *and* read", PLACE),)), lambda _: "").content == r"Open \*and\* read"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://",
        "ftp://a.example",
        "https://a b.example",
        "//a.example",
        "x:[",
        "https://a",
        "https://a.example:x/",
        "https://you@a.example",
        "https://a.example/\n",
        "https://a.example/" + "x" * 3_000,
    ],
)
def test_only_addresses_of_the_web_become_links(url):
    card = Card((ResourceShown("q", "r", "T", "S", "", url, "Read it"), Link("Go", PLACE)))
    shown = rendered(card, lambda _: url)
    assert "url" not in shown.embeds[0]
    assert shown.content == "Go"
    assert reading("T", "text", "", url, "Open")[0].components == []


def test_a_long_text_goes_on_in_embeds_at_words_and_is_cut_in_the_end():
    words = " ".join(f"word{n}" for n in range(700))
    shown = good(Card((Text(words),)))
    assert size(shown.content) > 1_000
    assert f"{shown.content} {shown.embeds[0]['description']}".split() == words.split()
    endless = good(Card((Quote("& < > * " * 20_000), CARDS["suggestion"].blocks[1])))
    assert [e.get("title") for e in endless.embeds] == [None, None, "A letter"]
    assert endless.embeds[1]["description"].endswith("…")


def test_every_line_of_a_quote_is_quoted():
    assert rendered(Card((Quote("one\n\ntwo"), Text("three"))), there).content == "> one\n> \n> two\n\nthree"


def test_many_resources_share_the_room():
    many = [ResourceShown("q", f"r{n}", "T" * 400, "S " * 3_000, "F" * 900, "", "Read") for n in range(12)]
    shown = good(Card((Text("These may help."), *many), CARDS["many"].buttons))
    assert len(shown.embeds) == 9
    assert all(len(e["description"]) > 200 for e in shown.embeds)


def test_long_resources_leave_room_for_long_words():
    words = " ".join(f"word{n}" for n in range(500))
    long = [ResourceShown("q", f"r{n}", "T", "S " * 3_000, "", "", "Read") for n in range(3)]
    shown = good(Card((Text(words), *long)))
    assert f"{shown.content} {shown.embeds[0]['description']}".split() == words.split()


def test_a_button_is_known_after_a_restart():
    assert custom_id(Action.HELPED, "q1") == "1|helped|q1"
    assert read_id("1|set_mode|discord:9:1|hint") == ("set_mode", "discord:9:1|hint")
    assert [read_id(wrong) for wrong in ("", "helped", "2|helped|q1", "1||q1", "1|helped|" + "x" * 99)] == [None] * 5


def test_an_id_that_is_too_long_is_found_again():
    long = "resource-" * 20
    made = custom_id(Action.OPEN_RESOURCE, f"q1/{long}")
    action, subject = read_id(made)
    question, _, resource = subject.rpartition("/")
    assert (action, question, resource) == ("open_resource", "q1", stand_in(long))
    assert meant(resource, ["other", long]) == long
    assert (meant(resource, ["other"]), meant("r1", [])) == ("", "r1")
    assert read_id(custom_id(Action.UNFOLLOW, long)) == ("unfollow", stand_in(long))
    assert read_id(custom_id(Action.OPEN_RESOURCE, "q" * 200 + "/r1"))[1].startswith("~")


def test_two_buttons_that_do_the_same_are_one():
    twice = [Button(Action.PASS, "q1", "Pass"), Button(Action.PASS, "q1", "Pass again")]
    assert [b["label"] for row in rows(twice) for b in row["components"]] == ["Pass"]


def test_messages_are_opened_where_they_stand():
    def link(channel: str, message: str, thread: str, guild: str = GUILD) -> str:
        return link_to(Place("discord", guild, channel, message, thread), town())

    start = "https://discord.com/channels"
    assert link(HELP, "501", THREAD) == f"{start}/{GUILD}/{THREAD}/501", "in its thread"
    assert link(HELP, THREAD, THREAD) == f"{start}/{GUILD}/{HELP}/{THREAD}", "a thread hangs on it"
    assert link(HELP, "600", "601") == f"{start}/{GUILD}/{HELP}/600", "a reply without a thread"
    assert link(FORUM, POST, POST) == f"{start}/{GUILD}/{POST}/{POST}", "the first message of a post"
    assert link("800", "801", "801") == f"{start}/@me/800/801"
    assert link(HELP, "", "") == f"{start}/{GUILD}/{HELP}"
    assert link_to(Place("slack", "T1", "C1", "1.2", "1.2"), town()) == ""


def test_a_resource_is_read_as_long_as_it_is():
    words = " ".join(f"word{n}" for n in range(2_400))
    shown = reading("A *plan*", words, "Reviewed by Cleo", "https://a.example/x", "Open it")
    for one in shown:
        message_is_good(one.content, one.embeds, one.components)
    assert " ".join(one.embeds[0]["description"] for one in shown).split() == words.split()
    assert shown[0].embeds[0]["title"] == r"A \*plan\*"
    assert shown[-1].embeds[0]["footer"] == {"text": "Reviewed by Cleo"}
    opener = {"type": 2, "style": 5, "label": "Open it", "url": "https://a.example/x"}
    assert [one.components for one in shown[:-1]] == [[] for _ in shown[:-1]]
    assert shown[-1].components == [{"type": 1, "components": [opener]}]
    assert reading("A", "", "")[0].embeds == [{"title": "A"}]


def test_a_thread_is_named_after_the_first_words():
    assert thread_name("How do we\ntell @everyone?") == "How do we tell @\u2060everyone?"
    assert thread_name("word " * 40) == "word " * 19 + "…"
    assert thread_name(" ") == "…"


TEXTS = st.text(max_size=400) | st.text("<>&@#:!*_~`|[]()\\\n\u202e🫂1. ", max_size=200) | st.just("x" * 9_000)
BLOCKS = st.one_of(
    st.builds(Text, TEXTS, st.booleans()),
    st.builds(Quote, TEXTS, TEXTS),
    st.builds(ResourceShown, st.just("q1"), st.text("abc", min_size=1), TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
    st.builds(Link, TEXTS, st.just(PLACE)),
)
BUTTONS = st.builds(Button, st.sampled_from(Action), TEXTS, TEXTS, st.sampled_from(Style))


@given(st.lists(BLOCKS, min_size=1, max_size=30), st.lists(BUTTONS, max_size=30))
def test_discord_takes_any_card_and_no_word_of_it_is_more_than_a_word(blocks, buttons):
    good(Card(tuple(blocks), tuple(buttons)))


@given(TEXTS, TEXTS, TEXTS)
def test_discord_takes_any_text_to_read(title, text, facts):
    for shown in reading(title, text, facts, "https://a.example", title):
        message_is_good(shown.content, shown.embeds, shown.components)
        for words in texts(shown.content, shown.embeds, shown.components):
            calls_nobody(words)


@given(TEXTS)
def test_no_piece_is_empty_or_too_long(text):
    assert all(0 < len(piece) <= 1_900 for piece in pieces(text))
    assert web_address(text) in ("", text)
