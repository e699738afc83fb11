"""Asking quietly, writing back and handing over on the pages of the local community."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from web_town import NOON, Town

from adapters.web.people import member_of
from bot.community import Answer, JournalEntry, VolunteerSettings
from bot.events import FormSubmitted, Place
from bot.question import Question, Status
from tests.fakes.values import greeted, question


async def put(town: Town, **facts: Any) -> None:
    here = {"place": Place("web", "local", "school", "1", "1")}
    asked: Question = question(id="q7", asker=member_of("dana").key, asked_at=NOON, **(here | facts))
    async with town.store.begin() as tx:
        await tx.questions.add(asked)


@pytest.mark.parametrize("how", ["private", "anonymous"])
async def test_a_quiet_question_is_sent_as_the_core_reads_it(town: Town, how: str) -> None:
    page = await town.be("dana").get("/ask")
    assert "nobody sees who asked" in page.text
    values = {"text": "Who knows a pool?", "how": how, "channel": "school"}
    answer = await town.be("dana").post("/ask", values)
    assert answer.headers["location"] == "/private"
    wanted = {**values, "channel": "web:local:school"}
    assert town.desk.heard == [FormSubmitted("press-0000-0001", "ask", "", wanted, member_of("dana"), NOON)]


@pytest.mark.parametrize("wrong", [{"text": " "}, {"how": "loudly"}])
async def test_a_quiet_question_with_a_mistake_is_not_sent(town: Town, wrong: dict[str, str]) -> None:
    values = {"text": "Who knows a pool?", "how": "private", "channel": "school"} | wrong
    assert (await town.be("dana").post("/ask", values)).status_code == 422
    assert town.desk.heard == []


async def test_the_asker_writes_back_and_nobody_else(town: Town) -> None:
    await put(town, pseudonym="Koala-27")
    assert "as Koala-27" in (await town.be("dana").get("/write-back/q7")).text
    await town.be("dana").post("/write-back/q7", {"text": "She is nine."})
    (fact,) = town.desk.heard
    assert fact == FormSubmitted(
        "press-0000-0001", "write_back", "q7", {"text": "She is nine."}, member_of("dana"), NOON
    )
    assert (await town.be("tess").get("/write-back/q7")).status_code == 403
    assert (await town.be("tess").post("/write-back/q7", {"text": "Me too"})).status_code == 403
    assert (await town.be("dana").post("/write-back/q7", {"text": " "})).status_code == 422
    assert len(town.desk.heard) == 1


async def test_who_has_it_reads_it_and_writes_the_answer(town: Town) -> None:
    await put(town, status=Status.CLAIMED, claimed_by=member_of("tess").key, private=True)
    assert "How do we tell the school?" in (await town.be("tess").get("/answer/q7")).text
    await town.be("tess").post("/answer/q7", {"text": "Write a letter."})
    (fact,) = town.desk.heard
    assert fact == FormSubmitted(
        "press-0000-0001", "answer", "q7", {"text": "Write a letter."}, member_of("tess"), NOON
    )
    assert (await town.be("sol").get("/answer/q7")).status_code == 403
    assert (await town.be("sol").post("/answer/q7", {"text": "Me!"})).status_code == 403
    assert len(town.desk.heard) == 1


async def test_an_answer_that_comes_too_late_stays_in_the_form(town: Town) -> None:
    await put(town, status=Status.CLOSED, private=True)
    async with town.store.begin() as tx:
        taken = JournalEntry("q7", NOON, "OfferAccepted", member_of("tess").key, "offered", "claimed", "")
        await tx.journal.add([taken])
    page = await town.be("tess").post("/answer/q7", {"text": "Write a letter."})
    assert page.status_code == 422
    assert "This is settled already. Thank you." in page.text
    assert "Write a letter.</textarea>" in page.text
    assert "How do we tell the school?" not in page.text
    assert (await town.be("tess").get("/answer/q7")).status_code == 403
    assert town.desk.heard == []


async def test_after_the_time_ran_out_an_answer_is_still_sent(town: Town) -> None:
    await put(town, private=True)
    async with town.store.begin() as tx:
        taken = JournalEntry("q7", NOON, "QuestionTaken", member_of("tess").key, "open", "claimed", "")
        await tx.journal.add([taken])
    await town.be("tess").post("/answer/q7", {"text": "Write a letter."})
    assert len(town.desk.heard) == 1


async def test_what_stands_in_a_thread_already_stands_in_the_form_too(town: Town) -> None:
    key, where = member_of("tess").key, Place("slack", "T1", "C1", "1", "1")
    await put(town, place=where, status=Status.ANSWERED, answered_by=(key,))
    async with town.store.begin() as tx:
        await tx.channels.save(replace(greeted("slack:T1:C1")[0], public=True))
        await tx.answers.put(Answer(replace(where, message="2"), "q7", key, "Write a letter.", 1.0, NOON, "r1"))
    page = (await town.be("tess").get("/answer/q7")).text
    assert "Write a letter.</textarea>" in page
    assert "winwin posts it in the thread" in page


async def test_who_has_it_hands_it_over_to_somebody_of_a_list(town: Town) -> None:
    await put(town, status=Status.CLAIMED, claimed_by=member_of("tess").key)
    async with town.store.begin() as tx:
        await tx.volunteers.save(VolunteerSettings(member_of("sol").key))
    page = await town.be("tess").get("/hand-over/q7")
    assert 'value="web:local:sol"' in page.text
    assert 'value="web:local:tess"' not in page.text
    await town.be("tess").post("/hand-over/q7", {"to": "web:local:sol"})
    assert town.desk.heard[-1] == FormSubmitted(
        "press-0000-0001", "hand_over", "q7", {"to": "web:local:sol"}, member_of("tess"), NOON
    )
    assert (await town.be("dana").get("/hand-over/q7")).status_code == 403


async def test_the_board_calls_who_asked_without_a_name_by_the_pseudonym(town: Town) -> None:
    await put(town, pseudonym="Koala-27")
    board = (await town.be("tess").get("/board")).text
    assert "Koala-27" in board
