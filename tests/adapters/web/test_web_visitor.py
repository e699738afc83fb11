"""Being somebody else, and moving the clock."""

from datetime import UTC, datetime, time, timedelta

import pytest
from web_town import NOON, Town

from adapters.web.inbound import BadInput
from adapters.web.pages.visitor import by_words, next_morning, step_of
from adapters.web.people import Person, hue, initials, person_now
from bot.cards import Card, Direct, Text
from bot.community import VolunteerSettings
from bot.events import Member
from bot.routing import Quiet


def test_the_next_morning_is_eight_oclock_where_one_lives_also_across_a_change_of_the_clocks() -> None:
    before = datetime(2025, 3, 9, 4, 0, tzinfo=UTC)  # 23:00 on 8 March in New York; the clocks change at night
    assert next_morning(before, "America/New_York") == datetime(2025, 3, 9, 12, 0, tzinfo=UTC)
    early = datetime(2025, 3, 5, 6, 0, tzinfo=UTC)
    assert next_morning(early, "UTC") == datetime(2025, 3, 5, 8, 0, tzinfo=UTC)
    assert next_morning(datetime(2025, 3, 5, 8, 0, tzinfo=UTC), "UTC") == datetime(2025, 3, 6, 8, 0, tzinfo=UTC)


def test_only_the_four_steps_are_known() -> None:
    assert step_of("8h", NOON, "UTC") == timedelta(hours=8)
    with pytest.raises(BadInput):
        step_of("-1h", NOON, "UTC")


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (timedelta(minutes=10), "10 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=20, minutes=5), "20 hours 5 minutes"),
    ],
)
def test_a_step_in_words(by: timedelta, words: str) -> None:
    assert by_words(by) == words


async def test_moving_the_clock_settles_the_desk_and_says_what_happened(town: Town) -> None:
    dana = town.be("dana")
    answer = await dana.post("/clock", {"by": "1h", "back": "/c/school"})
    assert answer.headers["location"] == "/c/school"
    assert town.clock.now() == NOON + timedelta(hours=1)
    assert "1 hour later. winwin had nothing to do." in (await town.visitor.get("/c/school")).text


async def test_whoever_something_waits_for_is_shown_it_first(town: Town) -> None:
    await town.messenger.send(Direct(Member("web", "local", "tess")), Card((Text("A question for you"),)), "w1")
    page = await town.be("dana").get("/c/school")
    assert "Be Tess" in page.text
    answer = await town.be("dana").post("/become", {"person": "tess", "back": "/c/school"})
    assert answer.headers["location"] == "/private"
    assert "A question for you" in (await town.visitor.get("/private")).text
    assert (await town.be("tess").post("/become", {"person": "nobody"})).status_code == 404


async def test_the_first_steps_can_be_put_away_and_brought_back(town: Town) -> None:
    dana = town.be("dana")
    assert "Three steps" in (await dana.get("/c/school")).text
    await dana.post("/welcome/away", {"back": "/c/school"})
    assert "Three steps" not in (await dana.get("/c/school")).text
    await dana.post("/welcome/back")
    assert "Three steps" in (await dana.get("/c/school")).text


async def test_forgetting_oneself_takes_the_words_from_the_chat(town: Town) -> None:
    await town.be("dana").say("canary")
    assert (await town.be("dana").post("/me", {"action": "forget_me"})).status_code == 303
    assert "canary" not in (await town.be("tess").get("/c/school")).text
    assert (await town.be("dana").post("/me", {"action": "publish"})).status_code == 422


def test_a_person_in_quiet_hours_says_until_when() -> None:
    person = Person("tess", "Tess W.", "volunteer")
    settings = VolunteerSettings("web:local:tess", time_zone="UTC", quiet=(Quiet(2, time(9), time(14)),))
    now = person_now(person, None, settings, NOON)
    assert now.wakes_at == datetime(2025, 3, 5, 14, 0, tzinfo=UTC)
    assert person_now(person, None, settings, NOON + timedelta(hours=3)).wakes_at is None


def test_an_avatar_has_two_letters_and_a_steady_colour() -> None:
    assert [initials(n) for n in ("Dana P.", "Lucía", "", "…")] == ["DP", "L", "?", "?"]
    assert hue("dana") == hue("dana")
    assert 0 <= hue("ravi") < 12
