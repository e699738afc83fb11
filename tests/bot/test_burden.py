"""How much is asked of a volunteer, as they see it themselves."""

from dataclasses import replace

import pytest

from bot.cards import Action, Text
from bot.lookups import Burden, MyQuestions
from bot.showing.home import AtHome, burden_words, home
from bot.showing.scene import Scene
from bot.wording import say_in
from tests.fakes.community import Community, volunteering
from tests.fakes.values import DAY, NOON, TESS, key

EN, ES = say_in("en"), say_in("es")


@pytest.mark.parametrize(
    ("burden", "words"),
    [
        (Burden(2, 5, 1), "Asked 2 of at most 5 times this week. You have 1 question now."),
        (Burden(0, 1, 0), "Asked 0 of at most 1 time this week. You have no question now."),
        (Burden(1, 3, 2), "Asked 1 of at most 3 times this week. You have 2 questions now."),
    ],
)
def test_it_is_said_in_right_numbers(burden, words):
    assert burden_words(burden, EN) == words
    assert burden_words(burden, ES) != words


async def test_cards_of_the_last_week_and_what_they_have_now_are_counted(anywhere: Community):
    assert await anywhere.lookups.burden(TESS) == Burden(0, 5, 0)
    await anywhere.enter("kofi", volunteer=volunteering("kofi", paused=True))
    await anywhere.say("dana", "Does anybody know a good swimming club?")
    assert await anywhere.lookups.burden(TESS) == Burden(1, 5, 1)
    await anywhere.press("tess", "Pass")
    assert await anywhere.lookups.burden(TESS) == Burden(1, 5, 0)
    anywhere.clock.move(8 * DAY)
    assert await anywhere.lookups.burden(TESS) == Burden(0, 5, 0)


async def test_who_is_not_asked_has_none(home: Community):
    await home.force("tess", Action.OPT_OUT, "me")
    assert await home.lookups.burden(TESS) is None
    assert await home.lookups.burden(key("dana")) is None


def shown(**facts: object) -> str:
    at = AtHome(TESS, Scene(NOON), MyQuestions((), ()), volunteering("tess"))
    parts = home(replace(at, **facts), EN)  # type: ignore[arg-type]  # put together from parts
    (part,) = [p for p in parts if p.title == "Volunteering"]
    return " ".join(b.text for b in part.items[0].card.blocks if isinstance(b, Text))


def test_it_stands_on_their_own_page_also_in_a_break():
    words = "Asked 2 of at most 5 times this week. You have no question now."
    assert shown(burden=Burden(2, 5, 0)) == words
    paused = volunteering("tess", paused=True)
    assert shown(burden=Burden(2, 5, 0), volunteer=paused) == (
        f"You are taking a break: I don't ask you for now. {words}"
    )
    assert shown() == "I don't ask you at present."
