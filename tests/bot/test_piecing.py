"""A cry for help in several short messages: found joined, and nothing of it stays a question."""

from __future__ import annotations

from bot.question import Outcome
from tests.bot.test_helpdesk_crisis import alert_of, everything
from tests.fakes.community import Community
from tests.fakes.mind import CANARY

BEFORE = f"{CANARY}, how do infusion days count at school? I want to"
AFTER = "die"


async def test_what_was_said_before_it_became_clear_is_no_question_any_more(home: Community):
    first = await home.say("dana", BEFORE)
    assert (await home.question(first)).text == BEFORE
    await home.say("dana", AFTER)
    assert home.last("moda").startswith("Safety alert C1.")
    question = await home.question(first)
    assert (question.outcome, question.text, question.suggested) == (Outcome.WITHDRAWN, "", ())
    assert CANARY not in everything(home)


async def test_an_answer_that_was_its_beginning_is_none(home: Community):
    question = await home.say("ana", "How do infusion days count at school?")
    await home.say("dana", f"We asked the nurse for a short letter. {CANARY} I want to", thread=question.place.message)
    async with home.store.read() as tx:
        assert await tx.answers.of((await home.question(question)).id)
    await home.say("dana", AFTER)
    async with home.store.read() as tx:
        assert not await tx.answers.of((await home.question(question)).id)
    assert CANARY not in everything(home)


async def test_another_persons_words_and_older_ones_stay_what_they_are(home: Community):
    others = await home.say("ana", BEFORE)
    older = await home.say("dana", BEFORE)
    await home.wait(minutes=3)
    await home.say("dana", AFTER)
    assert await alert_of(home) == []
    for kept in (others, older):
        assert (await home.question(kept)).text == BEFORE


async def test_all_in_one_batch_ends_alike(home: Community):
    events = [home.posted("dana", BEFORE), home.posted("dana", AFTER)]
    await home.receive(*events)
    assert home.last("moda").startswith("Safety alert C1.")
    assert CANARY not in everything(home)


async def test_called_false_its_author_is_asked_to_write_again_for_not_all_of_it_can_be_read(home: Community):
    await home.say("dana", BEFORE)
    await home.say("dana", AFTER)
    (alert,) = await alert_of(home)
    assert "in-pieces" in alert.rules
    await home.press("moda", "Not a crisis")
    assert "please write it once more" in home.last("dana")


async def test_a_cry_by_itself_takes_what_was_said_on_the_way_to_it_along(home: Community):
    question = await home.say("ana", "How do infusion days count at school?")
    thread = question.place.message
    await home.say("dana", f"{CANARY} honestly at home nobody believes us and tonight I", thread=thread)
    async with home.store.read() as tx:
        assert await tx.answers.of((await home.question(question)).id)
    await home.say("dana", "want to die", thread=thread)
    async with home.store.read() as tx:
        assert not await tx.answers.of((await home.question(question)).id)
    assert CANARY not in everything(home)
    (alert,) = await alert_of(home)
    assert "in-pieces" in alert.rules


async def test_a_question_asked_just_before_a_cry_is_not_lost(home: Community):
    first = await home.say("dana", "How do infusion days count at school?")
    await home.say("dana", "I want to die")
    question = await home.question(first)
    assert (question.outcome, question.text) == (None, "How do infusion days count at school?")
    (alert,) = await alert_of(home)
    assert "in-pieces" not in alert.rules
