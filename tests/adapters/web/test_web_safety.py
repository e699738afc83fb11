"""Safety on the pages: who sees which alert, and where somebody lives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from web_town import NOON, Town

from adapters.web.people import member_of
from bot.community import Role
from bot.drills import drill
from bot.events import Place
from bot.safety.alerts import Alert

HERE = Place("web", "local", "school", "7", "7")


async def put(town: Town, *alerts: Alert) -> None:
    async with town.store.begin() as tx:
        for alert in alerts:
            await tx.alerts.save(alert)


async def test_abuse_beside_something_else_is_on_the_page_of_safety_leads_only(town: Town):
    beside = Alert("a1", HERE, "web:local:dana", "C1", "self", ("r",), NOON, codes=("C1", "C4"))
    await put(town, beside, Alert("a2", HERE, "web:local:dana", "C3", "self", ("r",), NOON))
    page = (await town.be("sol").get("/alerts")).text
    assert "It may be a medical emergency." in page
    assert "a child who is not safe" not in page
    async with town.store.begin() as tx:
        sol = (await tx.members.get([member_of("sol").key]))[member_of("sol").key]
        await tx.members.save(replace(sol, roles=frozenset({Role.MODERATOR, Role.SAFETY_LEAD})))
    page = (await town.be("sol").get("/alerts")).text
    assert "a child who is not safe" in page
    assert "C1 + C4" in page
    assert "Only safety leads see this." in page


async def test_a_drill_says_that_it_is_one_and_asks_for_one_press(town: Town):
    event = drill("one", NOON)
    await put(town, Alert("a1", event.place, event.author.key, "C1", "self", ("r",), NOON, drill=True))
    page = (await town.be("sol").get("/alerts")).text
    assert "This is a drill. Nobody is in danger." in page
    assert ("alert_mine" in page, "alert_false" in page) == (True, False)


@pytest.mark.parametrize(("typed", "status"), [("Spain", 303), ("", 303), ("Narnia", 422)])
async def test_where_somebody_lives_is_said_on_their_own_page(town: Town, typed: str, status: int):
    answer = await town.be("dana").post("/me/country", {"country": typed})
    assert answer.status_code == status
    assert [e.values for e in town.desk.heard] == ([{"country": typed}] if status == 303 else [])
    assert 'name="country"' in (await town.be("dana").get("/me")).text
