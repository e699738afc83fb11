"""The API for machines: what a search in it must never give, and what it gives instead."""

from __future__ import annotations

from web_town import Town

from adapters.web.people import member_of
from bot.events import MessagePosted


async def test_a_crisis_in_a_search_of_the_api_finds_nothing_but_help(town: Town) -> None:
    answer = await town.visitor.get("/api/v1/resources", params={"q": "I want to die, school"})
    assert answer.status_code == 422
    assert answer.json()["action"] == "crisis"
    assert "You matter, and you do not have to carry this alone." in answer.json()["error"]
    assert "112" in answer.json()["error"]
    assert "letter" not in answer.text
    assert town.desk.heard == []  # nobody knows who it was


async def test_a_crisis_in_a_search_of_the_api_by_somebody_who_is_known_is_handed_to_the_desk(town: Town) -> None:
    answer = await town.be("tess").get("/api/v1/resources?q=I+want+to+die")
    assert answer.json()["action"] == "crisis"
    (heard,) = town.desk.heard
    assert isinstance(heard, MessagePosted)
    assert (heard.author, heard.text, heard.direct) == (member_of("tess"), "I want to die", True)
