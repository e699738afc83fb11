"""Nobody is left with what is no longer true: the asker after a claim that ended, moderators after a question that is
settled, and whoever sleeps is not woken for an ordinary question."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot import effects as do
from bot import events as on
from bot.cards import Action, Form
from bot.community import Role
from bot.news import News
from bot.question import Status
from bot.questions import decide
from bot.routing import Away, Quiet
from bot.searching import UNTOLD
from tests.fakes.community import Community, volunteering
from tests.fakes.values import DANA, DAY, HOUR, MODA, NOON, key, question, turn, volunteer

PARKING = "Where do you park at the hospital?"
MEDICINE = "Should I double the dose when he vomits?"
NIGHT = tuple(Quiet(day, time(22), time(7)) for day in range(7))
MARA = key("mara")


@pytest.fixture
async def quiet_house(home: Community) -> Community:
    """Nobody volunteers but Tess, who has been asked and passed on: what is asked next goes to the moderators."""
    await home.enter("kofi")
    async with home.store.begin() as tx:
        await tx.volunteers.save(volunteering("kofi", paused=True))
    return home


async def escalated(home: Community, text: str = PARKING) -> tuple[str, str]:
    asked = await home.say("dana", text)
    await home.press("tess", "Pass")
    q = await home.question(asked)
    assert q.status is Status.ESCALATED
    return q.id, asked.place.message


# --- the asker --------------------------------------------------------------------------------------------


async def test_after_a_claim_that_ended_the_asker_is_told_who_could_not_and_who_knows(quiet_house: Community):
    asked, _ = await escalated(quiet_house)
    for _ in range(2):  # each time is news again
        await quiet_house.force("moda", Action.TAKE, asked)
        assert quiet_house.public() == "Moda has taken your question and wants to answer it here."
        await quiet_house.force("moda", Action.RELEASE, asked)
        assert quiet_house.public() == (
            "Moda could not get to it after all, and I have not found anybody else yet. The moderators know about your "
            "question now. Everybody here can still answer it."
        )


async def test_after_a_hand_over_that_came_to_nothing_the_asker_hears_so(quiet_house: Community):
    asked, _ = await escalated(quiet_house)
    await quiet_house.force("moda", Action.TAKE, asked)
    await quiet_house.enter("ben", volunteer=volunteering("ben"))
    await quiet_house.submit("moda", Form.HAND_OVER, asked, {"to": key("ben")})
    assert quiet_house.public() == "Moda thinks that somebody else may know better. I am looking for them now."
    await quiet_house.press("ben", "Pass")
    assert quiet_house.public().startswith("I have not found anybody to answer yet. The moderators know")


async def test_who_asked_about_medicines_is_sent_to_the_care_team_and_not_to_everybody(quiet_house: Community):
    await quiet_house.say("dana", MEDICINE)
    assert quiet_house.public() == (
        "This is about medicines, and I have found no clinician here who can answer it now. The moderators know about "
        "your question now. Other parents and the moderators can't answer it, so please don't wait for us: your care "
        "team or a pharmacist can. I keep your question open."
    )


async def test_an_answer_that_was_not_enough_is_not_passed_over(quiet_house: Community):
    asked, thread = await escalated(quiet_house)
    await quiet_house.say("ben", "We park behind the church, it is free on Sundays.", thread)
    await quiet_house.force("dana", Action.ASK_PERSON, asked)
    assert quiet_house.public().startswith("I have not found anybody else to answer yet.")
    lead = "This question was answered, and the one who asked needs more. I have found nobody else."
    assert quiet_house.last("moda").startswith(lead)


# --- the moderators ---------------------------------------------------------------------------------------


async def cards(home: Community, who: str) -> list[tuple[str, bool]]:
    """What they see in private, and whether there is something to press on it."""
    return [(s.words, bool(s.card.buttons)) for s in home.sees(who) if getattr(s.to, "member", None)]


async def test_when_one_takes_it_the_cards_of_the_others_say_so_also_those_of_reminders(quiet_house: Community):
    asked, _ = await escalated(quiet_house)
    await quiet_house.wait(hours=25)
    assert [pressable for _, pressable in await cards(quiet_house, "mara")] == [True, True]
    await quiet_house.force("moda", Action.TAKE, asked)
    assert await cards(quiet_house, "mara") == [("Moda has taken this one. Thank you for being there.", False)] * 2
    assert (await cards(quiet_house, "moda")).count(("You have taken this one. Thank you.", False)) == 2


SETTLED = "This question is settled or was taken back: there is nothing left to do. Thank you for being there."


@pytest.mark.parametrize("how", ["deleted", "crisis", "withdrawn", "answered"])
async def test_a_question_that_is_gone_or_settled_leaves_no_card_open(quiet_house: Community, how: str):
    message = await quiet_house.say("dana", PARKING)
    await quiet_house.press("tess", "Pass")
    before = await cards(quiet_house, "moda")
    assert [pressable for _, pressable in before] == [True]
    if how == "deleted":
        await quiet_house.delete(message)
    elif how == "crisis":
        await quiet_house.edit(message, "I want to die")
    elif how == "withdrawn":
        await quiet_house.force("dana", Action.WITHDRAW, (await quiet_house.question(message)).id)
    else:
        await quiet_house.say("ben", "We park behind the church, it is free on Sundays.", message.place.message)
    words = "This question has been answered. Thank you for being there." if how == "answered" else SETTLED
    assert [card for card in await cards(quiet_house, "moda") if "Safety" not in card[0]] == [(words, False)]


async def test_one_that_waits_again_is_told_on_a_new_card(quiet_house: Community):
    asked, _ = await escalated(quiet_house)
    await quiet_house.force("mara", Action.TAKE, asked)
    await quiet_house.force("mara", Action.RELEASE, asked)
    shown = await cards(quiet_house, "moda")
    assert [pressable for _, pressable in shown] == [False, True]


async def test_who_has_a_private_question_is_not_named_to_the_moderators(quiet_house: Community):
    message = await quiet_house.say("dana", PARKING, direct=True)
    await quiet_house.press("tess", "Pass")
    await quiet_house.force("moda", Action.TAKE, (await quiet_house.question(message)).id)
    assert await cards(quiet_house, "mara") == [("Somebody has taken this one. Thank you for being there.", False)]


# --- quiet hours of moderators ----------------------------------------------------------------------------

TWO_AT_NIGHT = NOON - 10 * HOUR
SEVEN = NOON - 5 * HOUR
SLEEPER = volunteer("moda", quiet=NIGHT, weekly_cap=0)


def told(*people, moderators=(MODA,), now=TWO_AT_NIGHT, **facts):
    return decide(
        question(medical=True, **facts), on.PersonRequested(DANA), turn(*people, now=now, moderators=moderators)
    )


def test_a_moderator_who_sleeps_is_told_when_they_are_up_and_the_asker_when_that_is():
    asleep = told(SLEEPER)
    assert asleep.effects == (do.TellAsker("q1", News.ESCALATED, SEVEN),)
    assert (asleep.question.status, asleep.question.deadline) == (Status.ESCALATED, SEVEN)
    morning = decide(asleep.question, on.DeadlinePassed(SEVEN), turn(SLEEPER, now=SEVEN))
    assert morning.effects == (do.AlertModerator("q1", MODA, 0),), "for the first time, so it is no reminder"
    assert (morning.question.reminders, morning.question.deadline) == (0, SEVEN + DAY)
    assert UNTOLD not in morning.question.told


def test_who_asks_again_meanwhile_hears_the_same():
    asleep = told(SLEEPER).question
    again = decide(asleep, on.PersonRequested(DANA), turn(SLEEPER, now=TWO_AT_NIGHT + HOUR))
    assert again.effects == (do.TellAsker("q1", News.ESCALATED, SEVEN),)


def test_where_another_moderator_is_up_only_they_are_told():
    assert told(SLEEPER, moderators=(MODA, MARA)).effects == (
        do.AlertModerator("q1", MARA, 0),
        do.TellAsker("q1", News.ESCALATED),
    )


def test_moderators_who_are_all_away_for_long_are_told_all_the_same():
    away = replace(SLEEPER, away=Away(NOON.date(), NOON.date() + timedelta(days=20)))
    assert told(away, now=NOON).effects == (do.AlertModerator("q1", MODA, 0), do.TellAsker("q1", News.ESCALATED))


async def test_at_night_the_asker_is_told_when_the_moderators_are_up(home: Community):
    for name in ("moda", "mara"):
        await home.enter(name, [Role.MODERATOR], volunteer=volunteering(name, quiet=NIGHT))
    home.clock.move(14 * HOUR)
    asked = await home.say("dana", MEDICINE)
    assert home.public() == (
        "This is about medicines, and I have found no clinician here who can answer it now. The moderators are asleep "
        "or off too: I tell them at 7:00, your time. Other parents and the moderators can't answer it, so please don't "
        "wait for us: your care team or a pharmacist can. I keep your question open."
    )
    assert home.private("moda") == []
    board = await home.lookups.board(key("moda"), everything=True)
    assert board[0].question.id == (await home.question(asked)).id
    await home.wait(hours=5, minutes=5)
    assert home.last("moda").startswith("I have found nobody to answer this question.")


# --- the volunteer ----------------------------------------------------------------------------------------


async def test_a_warning_says_which_question_it_is_without_its_words(home: Community):
    message = await home.say("dana", PARKING, direct=True)
    await home.press("tess", "Accept")
    await home.wait(hours=3, minutes=35)
    assert (await home.question(message)).warned
    assert "You took a question that has no answer yet." in home.last("tess")
    assert "It was asked at 12:00" in home.last("tess")
    assert "park" not in home.last("tess")


async def test_a_volunteer_hears_that_an_answer_was_not_enough(home: Community):
    message = await home.say("dana", PARKING)
    await home.say("ben", "We park behind the church, it is free on Sundays.", message.place.message)
    await home.force("dana", Action.ASK_PERSON, (await home.question(message)).id)
    holder = (await home.question(message)).offered_to.rsplit(":", 1)[-1]
    assert "Somebody has answered already, and the one who asked needs a little more." in home.last(holder)
