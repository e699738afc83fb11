"""Edits and deletions do not overtake what was said meanwhile, and what fails or waits takes no words away."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.events import MessageDeleted
from bot.judging import Judge
from bot.lead import Lead, Spoken, Tentative
from bot.ports import StoreAway
from bot.question import Status
from bot.safety.both import Heed
from tests.bot.test_changed_words import HURTS, come, edited, queued_or_not
from tests.bot.test_helpdesk_crisis import everything
from tests.bot.test_said_together import ASKS, BOTH, MORE, STORY, parts, questions
from tests.fakes.community import Community, peopled
from tests.fakes.mind import CANARY
from tests.fakes.values import NOON, key, place

PRIVATE = f"our clinic is Northfield and my son is {CANARY}"


@queued_or_not
async def test_a_typo_mended_in_the_first_message_keeps_what_was_added(home: Community, queued: bool):
    asked, more = home.posted("dana", "what shoud we bring?"), home.posted("dana", HURTS)
    await come(home, queued, asked, more, edited(asked, ASKS, home))
    assert await questions(home) == [f"{ASKS}\n{HURTS}"]
    assert await parts(home) == 2


@queued_or_not
@pytest.mark.parametrize("text", [f"{HURTS} {ASKS}", ASKS])
async def test_the_first_message_deleted_leaves_what_was_added(home: Community, queued: bool, text: str):
    asked, more = home.posted("dana", ASKS), home.posted("dana", text)
    await come(home, queued, asked, more, MessageDeleted(asked.place, home.clock.now()))
    assert await questions(home) == [text]
    assert (await home.question(more)).status is Status.OFFERED


@queued_or_not
@pytest.mark.parametrize("late", [True, False], ids=["after the question", "before it"])
async def test_a_story_that_was_deleted_is_no_part_of_what_it_led_to(home: Community, queued: bool, late: bool):
    story, asked = home.posted("dana", PRIVATE), home.posted("dana", ASKS)
    gone = MessageDeleted(story.place, home.clock.now())
    await come(home, queued, *((story, asked, gone) if late else (story, gone, asked)))
    assert await questions(home) == [ASKS]
    assert CANARY not in everything(home)


@queued_or_not
@pytest.mark.parametrize("late", [True, False], ids=["after the question", "before it"])
async def test_a_story_that_was_edited_leads_in_its_new_words(home: Community, queued: bool, late: bool):
    story, asked = home.posted("dana", PRIVATE), home.posted("dana", ASKS)
    mended = edited(story, STORY, home)
    await come(home, queued, *((story, asked, mended) if late else (story, mended, asked)))
    assert await questions(home) == [f"{STORY}\n{ASKS}"]
    assert CANARY not in everything(home)


@queued_or_not
async def test_an_edit_under_the_question_keeps_what_was_said_again_in_the_channel(home: Community, queued: bool):
    """The same words once more change nothing in what it says, but in what it stands on."""
    asked = home.posted("dana", ASKS)
    more, again = home.posted("dana", MORE, asked.place.thread), home.posted("dana", ASKS)
    await come(home, queued, asked, more, again, edited(more, "she's ten btw", home))
    assert (await questions(home), await parts(home)) == ([f"{ASKS}\nshe's ten btw"], 3)


async def test_a_story_before_two_needs_leads_to_both(home: Community):
    """What the first of them takes is still there for the second."""
    await home.say("dana", STORY)
    await home.say("dana", BOTH)
    assert [text.splitlines()[0] for text in await questions(home)] == [STORY, STORY]


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
    monkeypatch.setattr("bot.handling.AWAY", 0.0)
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


async def test_what_belongs_together_is_read_side_by_side():
    abreast, most = 0, 0

    class Watching(Judge):
        async def read(self, text: str) -> Heed:
            nonlocal abreast, most
            abreast += 1
            most = max(most, abreast if "\n" not in text and STORY in text and ASKS in text else 0)
            await asyncio.sleep(0)
            abreast -= 1
            return await super().read(text)

    home = await peopled(Community(judge_class=Watching))
    await home.open()
    people: Sequence[str] = [f"p{n}" for n in range(4)]
    await home.receive(*(home.posted(name, STORY) for name in people))
    await home.receive(*(home.posted(name, ASKS) for name in people))
    assert most == len(people)
    await home.close()
