"""Two questions of one message stand at one place: what was answered to either is read up on after an outage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.discord.backfill_kept import Kept
from adapters.slack.backfill_talks import talks
from adapters.storage.memory import MemoryStore
from bot.community import Answer
from bot.events import Place
from bot.policy import Mode
from tests.contracts.storage.storage_values import question

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("order", ["q1 q2", "q2 q1"])
@pytest.mark.parametrize("platform", ["slack", "discord"])
async def test_the_answers_to_each_are_known(platform: str, order: str) -> None:
    store = MemoryStore()
    place = Place(platform, "g", "c", "m1", "m1")
    async with store.begin() as tx:
        for name in order.split():
            beside = "" if name == "q1" else "q1"
            await tx.questions.add(replace(question(name), place=place, asked_at=NOW, beside=beside))
        for name, message in (("q1", "m2"), ("q2", "m3")):
            there = replace(place, message=message)
            await tx.answers.put(Answer(there, name, f"{platform}:g:b", "Ask the school nurse.", 0.9, NOW))
    later = NOW + timedelta(hours=1)
    found = await (talks("g", later, store) if platform == "slack" else Kept(store, Mode.THREAD).talks("g", later))
    assert [sorted(a.message for a in talk.answers) for talk in found] == [["m2", "m3"]]
