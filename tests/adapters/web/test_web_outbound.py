"""Cards become what a page shows, and survive being kept as JSON."""

import pytest

from adapters.web.codec import dump_card, load_card
from adapters.web.outbound import BlockView, ButtonView, CardView, card_view, plain_line, web_address
from bot.cards import Action, Button, Card, Link, Quote, ResourceShown, Style, Text
from bot.events import Place

PLACE = Place("web", "local", "school", "9", "7")
EVERYTHING = Card(
    (
        Text("Hello", strong=True),
        Text("One of these may help."),
        Quote("Any tips?", "Dana"),
        ResourceShown("q1", "letter", "A letter", "Ask the clinic.", "Reviewed", "https://example.org/a"),
        Link("Read it", PLACE),
    ),
    (
        Button(Action.HELPED, "q1", "This helped", Style.PRIMARY),
        Button(Action.SAVE, PLACE.key, "Save"),
        Button(Action.ANSWER, "q/1", "Write an answer"),
    ),
    question="q1",
)


def test_every_kind_of_block_and_button_is_shown() -> None:
    assert card_view(EVERYTHING) == CardView(
        (
            BlockView("heading", "Hello"),
            BlockView("text", "One of these may help."),
            BlockView("quote", "Any tips?", by="Dana"),
            BlockView(
                "resource",
                "Ask the clinic.",
                title="A letter",
                facts="Reviewed",
                url="https://example.org/a",
                subject="q1/letter",
            ),
            BlockView("link", "Read it", href="/c/school/t/7#post-9"),
        ),
        (
            ButtonView("helped", "q1", "This helped", "primary"),
            ButtonView("save", PLACE.key, "Save", "plain", "/save/9"),
            ButtonView("answer", "q/1", "Write an answer", "plain", "/answer/q%2F1"),
        ),
        quiet=False,
    )


def test_a_card_is_the_same_after_being_kept() -> None:
    assert load_card(dump_card(EVERYTHING)) == EVERYTHING
    assert load_card(dump_card(Card((), quiet=True))) == Card((), quiet=True)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "ht tp://["])
def test_only_addresses_of_the_web_become_links(url: str) -> None:
    assert web_address(url) == ""


def test_a_place_on_another_platform_has_no_link_here() -> None:
    elsewhere = Place("slack", "T1", "C1", "1", "1")
    assert card_view(Card((Link("Read it", elsewhere),))).blocks == (BlockView("link", "Read it"),)


def test_the_preview_is_the_first_text() -> None:
    assert plain_line(Card((Quote("a quote"), Text("Saved.")))) == "Saved."
