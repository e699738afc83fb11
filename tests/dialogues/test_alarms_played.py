"""On the core and on platforms: what was no crisis is read again where it stands, and what was one has an end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bot.safety.findings import Code, Finding, Speaker
from tests.dialogues.conversations import SETTING, Watched
from tests.dialogues.core_stage import CoreStage
from tests.dialogues.discord_stage import DiscordStage
from tests.dialogues.slack_stage import SlackStage
from tests.fakes.mind import ToyTriage

PLAIN = "How do infusion days count as absence at school?"
LIBRARY = "Infusion days and school"
SORRY = "I had misread what you wrote."


class Excitable(ToyTriage):
    """Takes every infusion for a crisis."""

    def check(self, text: str) -> tuple[Finding, ...]:
        wrong = (Finding(Code.C1, Speaker.SELF, ("toy-wrong",)),) if "infusion" in text.lower() else ()
        return (*wrong, *super().check(text))


@pytest.fixture(params=[CoreStage, SlackStage, DiscordStage])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Watched]:
    made: Callable[[], Watched] = request.param
    opened = made()
    opened.triage = Excitable()
    await opened.open(SETTING)
    yield opened
    await opened.close()


async def seen(stage: Watched, who: str) -> list[str]:
    return [s.words for s in await stage.sees(who)]


async def test_a_question_that_was_no_crisis_gets_what_the_library_has(stage: Watched):
    await stage.post("dana", PLAIN)
    assert not any(LIBRARY in words for words in await seen(stage, "dana"))
    await stage.press("moda", "Not a crisis")
    words = await seen(stage, "dana")
    assert any(LIBRARY in one for one in words)
    assert any(SORRY in one and "write it once more" not in one for one in words)


async def test_a_reply_in_a_thread_and_a_private_message_too(stage: Watched):
    asked = await stage.post("dana", "Does anybody know a good swimming club?")
    await stage.post("ben", "Yes, the one by the infusion ward is kind to everybody.", asked)
    await stage.press("moda", "Not a crisis")
    assert any(SORRY in one and "write it once more" not in one for one in await seen(stage, "ben"))
    async with stage.store.read() as tx:
        (question,) = [q for q in (await tx.questions.in_threads(await _threads(stage))).values() if q.answered_by]
    assert question.text.startswith("Does anybody know")
    await stage.post("olu", PLAIN, private=True)
    await stage.press("moda", "Not a crisis")
    assert any(LIBRARY in one for one in await seen(stage, "olu"))


async def _threads(stage: Watched) -> list[str]:
    async with stage.store.read() as tx:
        return [a.place.thread_key for m in await tx.members.all() for a in await tx.alerts.about(m.key)]


async def test_one_that_was_deleted_meanwhile_is_asked_for_again(stage: Watched):
    message = await stage.post("dana", PLAIN)
    await stage.delete("dana", message)
    await stage.press("moda", "Not a crisis")
    words = await seen(stage, "dana")
    assert any("please write it once more" in one for one in words)
    assert not any(LIBRARY in one for one in words)


async def test_after_a_crisis_one_tap_says_how_it_went_and_the_others_see_it(stage: Watched):
    await stage.post("ben", "I want to die")
    await stage.press("moda", "I'm on it")
    await stage.press("moda", "Resolved")
    await stage.press("moda", "A professional has it now")
    told = (await seen(stage, "mara"))[-1]
    assert told.split("\n") in (["Resolved by Moda.", *gap, "A professional has it now"] for gap in ([], [""]))
    with pytest.raises(AssertionError):
        await stage.press("mara", "Spoke with them")


async def test_reading_up_after_a_false_alarm_asks_nothing_twice(stage: Watched):
    if not hasattr(stage, "read_up"):
        pytest.skip("the core alone has nothing to read")
    await stage.post("dana", PLAIN)
    await stage.press("moda", "Not a crisis")
    before = await about(stage)
    await stage.read_up()
    assert await about(stage) == before != []


async def about(stage: Watched) -> list[str]:
    return [words for words in await seen(stage, "dana") if LIBRARY in words or SORRY in words]
