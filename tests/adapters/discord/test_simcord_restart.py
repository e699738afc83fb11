"""The process ends in the middle, or the line does: what people hold still works, and nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.community import QuestionFilter
from bot.question import Status
from tests.dialogues.simcord_stage import SimcordStage
from tests.dialogues.stage import Person, Setting

CLUB = "Does anybody know a good swimming club?"
SCHOOL = "Does anybody know how to talk to the school?"
KIND = "The one at the harbour has a very kind coach for shy kids."
PEOPLE = (Person("dana"), Person("ben"), Person("tess", volunteer="parent"), Person("moda", roles=("moderator",)))


@pytest.fixture
async def stage() -> AsyncIterator[SimcordStage]:
    stage = SimcordStage()
    await stage.open(Setting(PEOPLE))
    yield stage
    await stage.close()


async def questions(stage: SimcordStage) -> dict[str, Status]:
    async with stage.store.read() as tx:
        return {q.text: q.status for q in await tx.questions.find(QuestionFilter())}


async def read_up(stage: SimcordStage) -> None:
    """Until there is nothing left to read up on."""
    for _ in range(12):  # a call a second in a channel
        await stage.connection.catch_up()
        await stage.wait(timedelta(seconds=1))
    await stage.settled()


async def test_buttons_of_before_work_after_every_restart(stage):
    await stage.post("dana", CLUB)
    await stage.restart()
    await stage.press("tess", "Accept")
    await stage.restart()
    await stage.press("tess", "I can't after all")
    root = await stage.post("ben", SCHOOL)
    await stage.press("tess", "Accept")
    await stage.post("tess", KIND, root)
    await stage.wait(timedelta(hours=4))
    await stage.restart()
    await stage.press("ben", "This helped")
    assert await questions(stage) == {CLUB: Status.ESCALATED, SCHOOL: Status.CLOSED}


async def test_a_form_that_was_open_is_sent_after_the_restart(stage):
    root = await stage.post("dana", CLUB)
    await stage.press("tess", "Accept")
    answer = await stage.post("tess", KIND, root)
    await stage.context("moda", answer, "Save as resource")
    await stage.restart()
    await stage.submit("moda", {"title": "A kind swimming club"})
    await stage.press("tess", "Yes, keep it")
    async with stage.store.read() as tx:
        assert [draft.title for draft in await tx.drafts.all()] == ["A kind swimming club"]


async def test_what_was_said_changed_and_deleted_meanwhile_is_read_up_on(stage):
    gone = await stage.post("dana", CLUB)
    changed = await stage.post("ben", SCHOOL)
    await read_up(stage)
    await stage.stop()
    world, new = stage.world, "Does anybody know a good diving club?"
    await world.env.advance_time(60)
    await world.people["dana"].delete(world.handle(world.message(int(gone))))
    await world.people["ben"].edit(world.handle(world.message(int(changed))), f"{SCHOOL} He is nine.")
    await world.people["moda"].send(world.channel, new)
    await stage.start()
    await read_up(stage)
    assert (await questions(stage)).keys() == {"", f"{SCHOOL} He is nine.", new}


async def test_a_line_that_was_cut_is_followed_by_another_and_by_reading_up(stage):
    await read_up(stage)
    stage.world.cut()
    await stage.world.people["dana"].send(stage.world.channel, CLUB)
    await stage.world.up()
    await read_up(stage)
    assert len(stage.world.clients) == 2
    assert set(await questions(stage)) == {CLUB}


async def test_commands_are_registered_once(stage):
    await stage.restart()
    await stage.restart()
    assert len(stage.world.calls("PUT", "/commands")) == 1
