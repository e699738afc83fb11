"""Cards as Slack shows them: nothing but words, inside every limit."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_rules import calls_nobody, message_is_good, texts

from adapters.slack.markup import escaped, flat, linked, plain
from adapters.slack.outbound import rendered, words_alone, words_marked
from bot.cards import Action, Button, Card, Link, Quote, ResourceShown, Style, Text
from bot.events import Place

SNAPSHOTS = Path(__file__).parent / "snapshots.json"
PLACE = Place("slack", "T1", "C1", "1700000000.000200", "1700000000.000100")
THERE = "https://circle.slack.com/archives/C1/p1700000000000200"
EVIL = "<!channel> <@U1> <https://evil.example|Click> @here & \u202egnp.exe *bold*"

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
    "evil": Card((Text(EVIL, strong=True), Text(EVIL), Quote(EVIL, EVIL), Link(EVIL, PLACE))),
    "many": Card((Text("Which?"),), tuple(Button(Action.SET_MODE, f"k|{n}", f"Number {n}") for n in range(7))),
    "nothing": Card(()),
}


def there(_: Place) -> str:
    return THERE


def test_cards_look_as_they_did():
    """`WINWIN_SNAPSHOTS=write` keeps what they look like now; look at the difference before it is committed."""
    shown = {name: {"text": r.text, "blocks": r.blocks} for name, c in CARDS.items() if (r := rendered(c, there))}
    if os.environ.get("WINWIN_SNAPSHOTS") == "write":
        SNAPSHOTS.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert shown == json.loads(SNAPSHOTS.read_text("utf-8"))


@pytest.mark.parametrize("name", [n for n in CARDS if n != "nothing"])
def test_slack_takes_every_card(name):
    shown = rendered(CARDS[name], there)
    message_is_good(shown.text, shown.blocks)


def test_what_people_write_calls_nobody_and_links_nowhere():
    shown = rendered(CARDS["evil"], there)
    for text in [shown.text, *texts(shown.blocks), words_marked(CARDS["evil"], there)]:
        calls_nobody(text)


def test_a_link_without_an_address_is_only_words():
    blocks = rendered(Card((Link("Open & read", PLACE),)), lambda _: "").blocks
    assert blocks == [{"type": "section", "text": {"type": "mrkdwn", "text": "Open &amp; read"}}]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://", "ftp://a.example", "https://a b", "//a.example", "x:["]
)
def test_only_addresses_of_the_web_become_links(url):
    card = Card((ResourceShown("q", "r", "T", "S", "", url, "Read it"), Link("Go", PLACE)))
    shown = rendered(card, lambda _: url)
    assert "url" not in shown.blocks[0]["accessory"]
    assert "<" not in shown.blocks[1]["text"]["text"]


def test_a_long_text_is_cut_into_sections_at_words_and_in_the_end_cut():
    words = " ".join(f"word{n}" for n in range(1_000))
    blocks = rendered(Card((Text(words),)), there).blocks
    assert len(blocks) > 1
    assert " ".join(b["text"]["text"] for b in blocks) == words
    endless = rendered(Card((Quote("& < > " * 20_000),)), there)
    message_is_good(endless.text, endless.blocks)
    assert endless.blocks[-1]["text"]["text"].endswith("…")


def test_every_line_of_a_quote_is_quoted():
    assert rendered(Card((Quote("one\ntwo"),)), there).blocks[0]["text"]["text"] == "> one\n> two"


TEXTS = st.text(max_size=400) | st.text("<>&@!*_~`|\n\u202e ", max_size=200) | st.just("x" * 9_000)
BLOCKS = st.one_of(
    st.builds(Text, TEXTS, st.booleans()),
    st.builds(Quote, TEXTS, TEXTS),
    st.builds(ResourceShown, st.just("q1"), st.text("abc", min_size=1), TEXTS, TEXTS, TEXTS, TEXTS, st.just("Read it")),
    st.builds(Link, TEXTS, st.just(PLACE)),
)
BUTTONS = st.builds(Button, st.sampled_from(Action), TEXTS, TEXTS, st.sampled_from(Style))


@given(st.lists(BLOCKS, min_size=1, max_size=70), st.lists(BUTTONS, max_size=30))
def test_slack_takes_any_card_and_no_word_of_it_is_more_than_a_word(blocks, buttons):
    card = Card(tuple(blocks), tuple(buttons))
    shown = rendered(card, there)
    message_is_good(shown.text, shown.blocks)
    for text in [shown.text, *(b["text"]["text"] for b in shown.blocks if b["type"] == "section")]:
        calls_nobody(text)


@given(st.text())
def test_what_is_escaped_reads_as_it_was_written(text):
    assert "<" not in escaped(text)
    assert "\n" not in flat(text)
    kept = plain(escaped(text)).replace("\u2060", "")
    assert kept == plain(escaped(kept)).replace("\u2060", "")


def test_words_go_in_and_come_out_the_same():
    assert plain(escaped("a < b && c > d")) == "a < b && c > d"
    assert linked("https://a.example/?x=1&y=<2>", "a|b <c>") == "<https://a.example/?x=1&amp;y=%3C2%3E|a¦b &lt;c&gt;>"


def test_the_words_alone_are_all_of_them():
    assert words_alone(CARDS["offer"]) == "Dana has a question\n“How?\nWhen?”\nRead it in the channel"
