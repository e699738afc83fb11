"""Somebody's own page as messages of Discord's: whatever is on it, Discord takes it, and nothing to press is lost."""

from __future__ import annotations

from discord_rules import message_is_good
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.outbound_panel import home_page, item_pages
from bot.cards import Action, Button, Card, Form, Quote, ResourceShown, Text
from bot.showing.home import Item, Opens, Part
from bot.wording import say_in
from tests.fakes.discord_interactions import buttons

WORDS = st.text(min_size=1, max_size=60).filter(str.strip)
BLOCK = st.one_of(
    WORDS.map(Text),
    WORDS.map(Quote),
    st.builds(ResourceShown, st.just("q1"), WORDS, WORDS, WORDS, WORDS, st.just(""), st.sampled_from(("", "Read it"))),
)
SUBJECT = st.text("abcdef0123456789:", min_size=1, max_size=20)
BUTTON = st.builds(Button, st.sampled_from(Action), SUBJECT, WORDS)
ITEM = st.builds(
    Item,
    st.builds(Card, st.lists(BLOCK, max_size=3).map(tuple), st.lists(BUTTON, max_size=5).map(tuple)),
    st.lists(st.builds(Opens, st.sampled_from(Form), SUBJECT, WORDS), max_size=2).map(tuple),
)
PARTS = st.lists(st.builds(Part, WORDS, st.lists(ITEM, min_size=1, max_size=6).map(tuple)), max_size=4)


@given(PARTS, st.integers(-3, 30))
def test_discord_takes_every_page(parts, page):
    shown = home_page(parts, page, lambda _: "", say_in("en"))
    message_is_good(shown.content, shown.embeds, shown.components)


@given(st.lists(ITEM, max_size=8))
def test_discord_takes_every_list(items):
    for shown in item_pages(items, lambda _: ""):
        message_is_good(shown.content, shown.embeds, shown.components)


def _item(n: int) -> Item:
    return Item(Card((Text(f"Thing {n}"),), (Button(Action.TAKE, f"q{n}", "Take it"),)))


def test_each_thing_has_its_number_and_its_row_and_all_of_them_have_a_page():
    parts = (Part("Waiting", tuple(_item(n) for n in range(1, 10))),)
    pages = [home_page(parts, n, lambda _: "", say_in("en")) for n in range(3)]
    assert [list(buttons({"components": p.components})) for p in pages] == [
        ["1. Take it", "2. Take it", "3. Take it", "4. Take it", "More"],
        ["1. Take it", "2. Take it", "3. Take it", "4. Take it", "Back", "More"],
        ["Take it", "Back"],
    ]
    assert pages[0].content.splitlines()[:2] == ["**Waiting**", "1\\. Thing 1"]
    assert home_page(parts, 99, lambda _: "", say_in("en")) == pages[2]


def test_the_number_stands_at_the_first_words_whatever_they_are():
    press = (Button(Action.TAKE, "q1", "Take it"),)
    quoted = Item(Card((Quote("How long is it?"),), press))
    headed = Item(Card((Text("Dana asks", strong=True), Quote("How long is it?")), press))
    page = home_page((Part("Waiting", (quoted, headed)),), 0, lambda _: "", say_in("en"))
    assert [line for line in page.content.splitlines() if line] == [
        "**Waiting**",
        "> 1\\. How long is it?",
        "**2\\. Dana asks**",
        "> How long is it?",
    ]


def test_an_empty_page_is_a_page():
    shown = home_page((), 0, lambda _: "", say_in("en"))
    message_is_good(shown.content, shown.embeds, shown.components)
