"""Forms: what is typed is checked, and a mistake is answered with what to do."""

from dataclasses import replace
from datetime import date, time

import pytest

from bot.cards import Form
from bot.community import Role, VolunteerSettings
from bot.forms import InvalidForm, volunteer_settings
from bot.routing import Away, Kind, Quiet
from knowledge.resources import Resource
from tests.fakes.community import Community
from tests.fakes.values import TESS, key

GOOD = {
    "topics": "school, diet",
    "languages": "en,es",
    "time_zone": "Europe/Madrid",
    "quiet": "mon 22:00-07:00; SUN 13:00-14:30",
    "weekly_cap": "3",
    "paused": "yes",
    "away": "2026-12-20 – 2027-01-03",
    "learns": "yes",
    "thanks": "no",
}


def test_a_volunteers_form_becomes_settings():
    settings = volunteer_settings(TESS, GOOD, frozenset({"school", "diet", "travel"}))
    assert settings == VolunteerSettings(
        TESS,
        Kind.PARENT,
        frozenset({"school", "diet"}),
        frozenset({"en", "es"}),
        "Europe/Madrid",
        (Quiet(0, time(22), time(7)), Quiet(6, time(13), time(14, 30))),
        3,
        True,
        Away(date(2026, 12, 20), date(2027, 1, 3)),
        learns=True,
        thanks=False,
    )


def test_what_is_not_said_is_not_agreed_to_and_one_day_away_is_a_day():
    settings = volunteer_settings(TESS, {"away": "2026-12-24"}, frozenset())
    assert settings == VolunteerSettings(TESS, away=Away(date(2026, 12, 24), date(2026, 12, 24)))


@pytest.mark.parametrize(
    ("field", "typed", "answer"),
    [
        ("topics", "school,knitting", "I don't know the topic “knitting”. Please choose from the list."),
        ("time_zone", "Madrid", "I don't know the time zone “Madrid”. Please write it like Europe/Madrid."),
        (
            "time_zone",
            "../../etc/passwd",
            "I don't know the time zone “../../etc/passwd”. Please write it like Europe/Madrid.",
        ),
        ("weekly_cap", "0", "Please choose a number between 1 and 50 a week."),
        ("weekly_cap", "51", "Please choose a number between 1 and 50 a week."),
        ("weekly_cap", "many", "Please choose a number between 1 and 50 a week."),
        ("quiet", "monday 22-7", "Please write quiet hours like: mon 22:00-07:00"),
        ("quiet", "mon 22:00+01:00-07:00", "Please write quiet hours like: mon 22:00-07:00"),
        ("quiet", "mon 25:00-07:00", "Please write quiet hours like: mon 22:00-07:00"),
        ("away", "Christmas", "Please write the days you are away like: 2026-12-20 to 2027-01-03"),
        ("away", "2026-13-01", "Please write the days you are away like: 2026-12-20 to 2027-01-03"),
        ("away", "2027-01-03 2026-12-20", "Please write the first day you are away, and then the last one."),
        ("away", "2026-12-20 2026-12-21 2026-12-22", "Please write the first day you are away, and then the last one."),
    ],
)
def test_a_mistake_is_answered_with_what_to_do(field, typed, answer):
    with pytest.raises(InvalidForm) as invalid:
        volunteer_settings(TESS, {**GOOD, field: typed}, frozenset({"school", "diet"}))
    assert str(invalid.value) == answer


async def test_a_mistake_is_answered_in_the_readers_language_and_changes_nothing(home: Community):
    await home.enter("lucia", language="es")
    await home.submit("lucia", Form.VOLUNTEER, "", {**GOOD, "weekly_cap": "0"})
    assert home.last("lucia") == "No pude guardar eso. Por favor, elige un número entre 1 y 50 por semana."
    async with home.store.read() as tx:
        assert await tx.volunteers.get(key("lucia")) is None


async def test_nobody_makes_a_clinician_of_themselves(home: Community):
    await home.submit("dana", Form.VOLUNTEER, "", {"kind": "clinician"})
    assert home.last("dana") == "This is not open to everybody here. A moderator can help you."
    await home.submit("cleo", Form.VOLUNTEER, "", {"kind": "clinician"})
    async with home.store.read() as tx:
        assert await tx.volunteers.get(key("dana")) is None
        assert (await tx.volunteers.get(key("cleo"))).kind is Kind.CLINICIAN


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"title": "Letters"}, "I could not save that. Please give it a title and a text."),
        (
            {"title": "x" * 301, "text": "y"},
            "I could not save that. Please keep the title under 300 and the text under 20000 characters.",
        ),
        (
            {"title": "Letters", "text": "This miracle cure helps."},
            "This speaks of a cure or of stopping a treatment, so it can't become a resource.",
        ),
    ],
)
async def test_a_resource_that_cannot_be_kept_is_answered_with_why(home: Community, values, answer):
    await home.submit("moda", Form.SAVE_RESOURCE, "", values)
    assert home.last("moda") == answer
    async with home.store.read() as tx:
        assert await tx.drafts.all() == []


async def test_names_and_addresses_are_taken_out_of_everything_that_is_kept(home: Community):
    values = {
        "title": "What Tess does",
        "text": "Tess writes to the school: tess@example.org",
        "asked_as": "Does Kofi know?\nCall 0151 2345678?",
    }
    await home.submit("moda", Form.SAVE_RESOURCE, "", values)
    async with home.store.read() as tx:
        (draft,) = await tx.drafts.all()
    kept = ("What [name] does", "[name] writes to the school: [e-mail]", ("Does [name] know?", "Call [phone number]?"))
    assert (draft.title, draft.text, draft.asked_as) == kept


async def test_what_a_moderator_says_is_not_private_stays_in(home: Community):
    values = {
        "title": "Whom to ring",
        "text": "The line is [phone number], mine [phone number 2]. Tess has 07700 900 123.",
        "keep": "[phone number]0800 555 0100",
    }
    await home.submit("moda", Form.SAVE_RESOURCE, "", values)
    async with home.store.read() as tx:
        (draft,) = await tx.drafts.all()
    assert draft.text == "The line is 0800 555 0100, mine [phone number 2]. [name] has [phone number]."


DOSES = Resource("m1", "After vomiting", "Ring your team.", topics=("school",), medical=True, reviewed_by="Cleo")


async def test_what_is_about_medicines_is_edited_by_clinicians_only(home: Community):
    await home.shelve(DOSES)
    edit = {"title": "After vomiting", "text": "Just wait."}
    await home.submit("moda", Form.EDIT_RESOURCE, "m1", edit)
    assert home.last("moda") == "This is not open to everybody here. A moderator can help you."
    await home.submit("cleo", Form.EDIT_RESOURCE, "m1", edit)
    async with home.store.read() as tx:
        edited = (await tx.resources.get(["m1"]))["m1"]
    assert edited == replace(
        DOSES,
        text="Just wait.",
        topics=(),
        reviewed_by="Cleo",
        reviewed_at=home.clock.now(),
        clinician=key("cleo"),
        version=2,
    )


async def test_a_resource_edited_to_be_about_medicines_needs_a_clinician_too(home: Community):
    await home.submit("moda", Form.EDIT_RESOURCE, "r1", {"title": "School", "text": "Then double the dose."})
    assert home.last("moda") == "This is not open to everybody here. A moderator can help you."
    assert home.librarian.library.get("r1").title == "Infusion days and school"


async def test_a_retired_resource_is_gone_from_the_library_at_once(home: Community):
    await home.submit("moda", Form.RETIRE_RESOURCE, "r1", {})
    assert len(home.librarian.library) == 0
    assert home.last("moda") == "Saved."


async def test_a_moderators_own_text_is_published_at_once_where_they_wish_it(home: Community):
    values = {"title": "Pools", "text": "The old harbour is kind.", "publish_at_once": "yes"}
    await home.submit("moda", Form.SAVE_RESOURCE, "", values)
    assert home.private("moda") == ["“Pools” is in the library now. It can help the next person who asks. Thank you."]
    await home.submit("moda", Form.SAVE_RESOURCE, "", {**values, "title": "Double the dose", "text": "double the dose"})
    assert "It speaks of treatment, so only a clinician can publish it." in home.last("cleo")


async def test_a_right_that_was_taken_away_meanwhile_no_longer_publishes(home: Community):
    asked = await home.say("dana", "Does anybody know a good swimming club?")
    answer = await home.say("tess", "Yes, the one at the old harbour is kind.", asked.place.thread)
    values = {"title": "Pools", "text": "The old harbour is kind.", "publish_at_once": "yes"}
    await home.submit("moda", Form.SAVE_RESOURCE, answer.place.key, values)
    await home.enter("moda", [Role.ORGANISER])
    await home.press("tess", "Yes, keep it")
    assert len(home.librarian.library) == 1
    assert home.last("mara").startswith("A new resource is waiting to be read: “Pools”")
