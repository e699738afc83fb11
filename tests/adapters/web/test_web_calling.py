"""A helpline's number can be tapped; other lines are left as they are."""

from __future__ import annotations

import pytest

from adapters.web.calling import helpline
from adapters.web.outbound import card_view
from bot.cards import Card, Text
from bot.safety.helplines import load_helplines


def links(line: str) -> list[tuple[str, str]]:
    return [(text, href) for text, href in helpline(line) if href]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Samaritans: 116 123 (24 hours)", [("116 123", "tel:116123")]),
        ("988 Suicide & Crisis Lifeline: call or text 988 (24 hours)", [("988", "tel:988")]),
        ("Crisis Text Line: text HOME to 741741 (24 hours)", [("741741", "sms:741741")]),
        (
            "Kids Help Phone: 1-800-668-6868 or text 686868 (24 hours)",
            [("1-800-668-6868", "tel:18006686868"), ("686868", "sms:686868")],
        ),
        (
            "Find a Helpline: findahelpline.com (directory; hours vary by line)",
            [("findahelpline.com", "https://findahelpline.com")],
        ),
        (
            "Centro: 135 (Buenos Aires), 0800 345 1435 (see x)",
            [("135", "tel:135"), ("0800 345 1435", "tel:08003451435")],
        ),
    ],
)
def test_what_reaches_somebody_is_a_link(line: str, expected: list[tuple[str, str]]) -> None:
    assert links(line) == expected
    assert "".join(text for text, _ in helpline(line)) == line


def test_every_line_that_ships_can_be_tapped() -> None:
    lines = [f"{line.name}: {line.contact} ({line.hours})" for line in load_helplines()]
    assert [line for line in lines if not links(line)] == []


@pytest.mark.parametrize("line", ["Please talk to a person now.", "You follow: School (2 topics)", "Ana: see (later)"])
def test_a_line_that_is_no_helpline_stays_a_paragraph(line: str) -> None:
    assert helpline(line) == ()
    assert [b.kind for b in card_view(Card((Text(line),))).blocks] == ["text"]
