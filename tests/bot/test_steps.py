"""One step, one transaction: a contradictory fact leaves no trace, and the journal tells why, without words."""

import pytest

from bot.cards import Action
from bot.community import JournalEntry
from bot.events import MarkedHelpful
from bot.question import Refused
from bot.steps import new_id
from tests.fakes.community import Community
from tests.fakes.values import DANA, NOON, TESS


def test_the_same_fact_makes_the_same_id():
    assert new_id("q", "posted:1") == new_id("q", "posted:1") != new_id("q", "posted:2")


async def test_the_journal_tells_each_step_with_its_reason(home: Community):
    asked = await home.say("dana", "School marks infusion days as absence, what can we do?")
    await home.press("dana", "Not what I need")
    question = await home.question(asked)
    async with home.store.read() as tx:
        entries = await tx.journal.of(question.id)
    assert [(e.event, e.by, e.before, e.after) for e in entries] == [
        ("Asked", DANA, "", "open"),
        ("MarkedUnhelpful", DANA, "open", "offered"),
        ("OfferSent", TESS, "offered", "offered"),
    ]
    why = "knows about school; asked 0 of 5 times this week"
    assert entries[1] == JournalEntry(question.id, NOON, "MarkedUnhelpful", DANA, "open", "offered", why)
    assert "absence" not in repr(entries)


async def test_a_refused_fact_leaves_no_trace(home: Community):
    asked = await home.say("dana", "School marks infusion days as absence, what can we do?")
    before = await home.question(asked)
    async with home.store.begin() as tx:
        steps = home.desk._stepping.steps(tx)
        with pytest.raises(Refused):
            await steps.befall(before, MarkedHelpful(TESS), TESS)
        assert steps.outgoing == []
    assert await home.question(asked) == before
    await home.force("tess", Action.HELPED, before.id)
    assert home.last("tess") == "This button is meant for somebody else."
    assert await home.question(asked) == before


async def test_pressing_the_same_button_again_is_answered_once(home: Community):
    asked = await home.say("dana", "School marks infusion days as absence, what can we do?")
    question = await home.question(asked)
    for _ in range(3):
        await home.force("dana", Action.ASK_PERSON, question.id)
    asking = "I am asking one of our volunteers now. If they can't, I will ask the next one."
    assert [s.words for s in home.messenger.shown].count(asking) == 2  # once as news, once as an answer to the press
