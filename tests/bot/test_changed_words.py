"""Edits and deletions are followed, whatever was said meanwhile: one by one, and all at once after a reconnect."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.lead import Lead, Spoken, Tentative
from bot.ports import StoreAway
from tests.bot.test_said_together import ASKS, MORE, STORY, questions
from tests.fakes.community import Community
from tests.fakes.values import NOON, key, place

# --- what fails, and what waits -------------------------------------------------------------------------------------


async def test_a_transaction_that_fails_takes_no_story_away(home: Community, monkeypatch: pytest.MonkeyPatch):
    await home.say("dana", STORY)
    begin, failed = home.store.begin, []

    @asynccontextmanager
    async def once_away():
        async with begin() as tx:
            yield tx
            if not failed and await tx.questions.lately([key("dana")], NOON - timedelta(days=1)):
                failed.append(True)
                raise StoreAway("lost")

    monkeypatch.setattr(home.store, "begin", once_away)
    monkeypatch.setattr("bot.helpdesk.AWAY", 0.0)
    await home.say("dana", ASKS)
    assert failed
    assert await questions(home) == [f"{STORY}\n{ASKS}"]


def test_what_a_transaction_changes_holds_when_it_is_committed():
    lead, told = Lead(), Spoken(place("1"), STORY, NOON)
    lead.keep("ana", told)
    lost, kept = Tentative(lead), Tentative(lead)
    lost.take("ana", place("2"))
    lost.keep("ben", Spoken(place("3"), STORY, NOON))
    assert (lost.has(place("1")), lost.has(place("3"))) == (False, True)
    assert (lead.holds("ana", told), lead.has(place("3"))) == (True, False)
    kept.keep("ana", replace(told, text=MORE))
    kept.keep("eve", Spoken(place("4"), STORY, NOON))
    kept.keep("max", Spoken(place("5"), STORY, NOON))
    kept.taken_back(place("4"))
    kept.drop("max")
    kept.commit()
    assert lead.of("ana", place("2"), NOON) == (replace(told, text=MORE),)
    assert [lead.has(place(n)) for n in "45"] == [False, False]
