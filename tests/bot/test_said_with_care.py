"""What is put together to one question hurts nobody: no private details, no cry that people have called none, nothing
of who does not want to be heard, and no guess shown to everybody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards import Action
from bot.events import MessagePosted
from bot.lead import Lead, Spoken
from bot.policy import Mode
from bot.private_details import without_together
from bot.question import Outcome, Status
from bot.safety.triage import Code, Finding, Speaker
from tests.bot.test_helpdesk_crisis import alert_of, everything
from tests.bot.test_said_together import ASKS, MORE, STORY, questions
from tests.fakes.community import GENERAL, Community, library, peopled
from tests.fakes.mind import ToyTriage
from tests.fakes.values import NOON, place

FALSE = "What helps when he says I want to die of boredom"  # no question mark: it does not stand by itself
SOUP = "Who has a soup recipe? I could want to die for one"


async def called_none(home: Community, text: str, thread: str = "") -> MessagePosted:
    """A message that is read as a cry, and people say that it is none: then it is read again."""
    message = await home.say("dana", text, thread)
    (alert,) = await alert_of(home)
    await home.force("moda", Action.ALERT_FALSE, alert.id)
    await home.desk.settle()
    return message


async def pages(home: Community) -> int:
    async with home.store.read() as tx:
        return len(await tx.alerts.about("web:home:dana"))


async def test_what_people_have_called_no_cry_is_a_question_beside_the_one_before_it(home: Community):
    asked = await home.say("dana", ASKS)
    soup = await called_none(home, SOUP)
    assert set(await questions(home)) == {ASKS, SOUP}
    assert (await home.question(soup)).status is Status.OFFERED
    assert (await home.question(asked)).text == ASKS
    assert await pages(home) == 1


@pytest.mark.parametrize("minutes", [0, 10])
async def test_what_is_added_to_it_pages_people_and_does_not_take_it_away(home: Community, minutes: int):
    """Read together it is a cry once more: people are paged, and the question is not lost."""
    asked = await called_none(home, f"{FALSE}?")
    async with home.store.begin() as tx:  # as one that was heard without a question mark
        question = (await tx.questions.in_threads([asked.place.thread_key]))[asked.place.thread_key]
        await tx.questions.save(replace(question, text=FALSE, version=question.version + 1))
    await home.wait(minutes=minutes)
    await home.say("dana", MORE, asked.place.thread)
    question = await home.question(asked)
    assert (question.text, question.status) == (FALSE, Status.OFFERED)
    assert await pages(home) == 2


@pytest.mark.parametrize("under_it", [True, False])
async def test_a_statement_that_people_have_called_no_cry_is_added_to_nothing(home: Community, under_it: bool):
    asked = await home.say("dana", ASKS)
    await called_none(home, "honestly I want to die of boredom here", asked.place.thread if under_it else "")
    assert (await home.question(asked)).text == ASKS
    assert await pages(home) == 1


class Naming(ToyTriage):
    """Somebody's name is private beside a diagnosis, and harmless without."""

    def check(self, text: str) -> tuple[Finding, ...]:
        names = "Mateo Alvarez" in text and "Crohn" in text
        return (*super().check(text), *([Finding(Code.P1, Speaker.SELF, ("toy-p1",))] if names else []))


async def test_a_name_that_is_private_only_beside_what_was_said_before_is_kept_nowhere():
    home = await peopled(Community(triage=Naming()))
    await home.open()
    await home.say("dana", "my son has Crohn's")
    asked = await home.say("dana", "what should we bring?")
    more = await home.say("dana", "his name is Mateo Alvarez")
    assert (await home.question(asked)).text == "my son has Crohn's\nwhat should we bring?\nhis name is [name]"
    async with home.store.read() as tx:
        assert len(await tx.parts.at(more.place.key)) == 1
    assert "Mateo" not in everything(home)
    await home.close()


def test_what_goes_from_one_message_into_the_next_is_taken_out_of_both():
    said = ["call me on 555", "123 4567, what now?"]
    assert without_together(said) == ["call me on [phone number]", "[phone number], what now?"]
    assert without_together(["he is nine", "what now?"]) == ["he is nine", "what now?"]


async def test_what_opted_out_people_say_to_the_bot_is_not_remembered(home: Community):
    await home.force("dana", Action.OPT_OUT, "me")
    story = replace(home.posted("dana", STORY), mentions_bot=True)
    await home.receive(story)
    assert not home.desk._known.lead.has(story.place)
    asked = replace(home.posted("dana", ASKS), mentions_bot=True)
    await home.receive(asked)
    assert (await home.question(asked)).text == ASKS


async def test_an_empty_mention_after_a_question_is_handled(home: Community):
    await home.say("dana", "Does anybody know a good swimming club?")
    await home.receive(replace(home.posted("dana", " ? "), mentions_bot=True))
    await home.receive(replace(home.posted("dana", "  "), mentions_bot=True))
    async with home.store.read() as tx:
        assert await tx.inbox.waiting() == 0


def test_each_piece_is_forgotten_after_its_own_two_minutes():
    lead, late = Lead(), NOON + timedelta(seconds=100)
    lead.keep("ana", Spoken(place("1"), STORY, NOON))
    lead.keep("ana", Spoken(place("2"), MORE, late))
    lead.keep("ben", Spoken(place("3"), STORY, NOON + timedelta(days=1)))  # by a clock that is wrong
    lead.let_go(NOON + timedelta(minutes=2, seconds=1))
    assert [lead.has(place(n)) for n in "123"] == [False, True, False]
    lead.keep("ana", Spoken(place("4"), STORY, late))
    lead.keep("ana", Spoken(place("5"), "so " * 400, late))
    lead.keep("ana", Spoken(place("6"), STORY, late))
    lead.keep("ana", Spoken(place("7"), STORY, late))
    assert [lead.has(place(n)) for n in "24567"] == [False, True, False, True, True]


@pytest.mark.parametrize("alone", [True, False])
async def test_what_is_only_alike_stays_whispered_when_the_question_grows_and_shrinks(home: Community, alone: bool):
    """To the bot alone, and where a channel has hints."""
    if not alone:
        await home.invite("moda")
        await home.force("moda", Action.SET_MODE, f"{GENERAL}|{Mode.HINT}")
    await home.shelve(*library(("Infusion days and school", "Ask for excused days.")))
    asked = await home.say("dana", "Who watches the little sister on infusion days?", direct=alone)
    more = await home.say("dana", "on infusion days", direct=alone)
    shown = (await home.question(asked)).suggested
    await home.delete(more)
    assert (shown, (await home.question(asked)).suggested) == (("r1",), ("r1",))
    assert (await home.question(asked)).outcome is not Outcome.WITHDRAWN


async def test_what_is_only_alike_is_not_shown_to_everybody_when_more_is_said(home: Community):
    await home.shelve(*library(("Infusion days and school", "Ask for excused days.")))
    asked = await home.say("dana", "Who watches the little sister?")
    await home.say("dana", "on infusion days")
    assert (await home.question(asked)).suggested == ()


async def test_what_names_itself_another_question_is_asked_once_all_the_same(home: Community):
    await home.say("dana", "Another question: who knows a good swimming club?")
    await home.say("dana", "Another question: who knows a good swimming club?")
    assert await questions(home) == ["Another question: who knows a good swimming club?"]


class Threefold(ToyTriage):
    """A cry only where all of it is read."""

    def check(self, text: str) -> tuple[Finding, ...]:
        all_of_it = all(word in text for word in ("nobody", "infusion", "denial"))
        return (*super().check(text), *([Finding(Code.C1, Speaker.SELF, ("toy-c1",))] if all_of_it else []))


async def test_two_needs_with_what_was_said_before_are_read_as_one_for_a_cry():
    home = await peopled(Community(triage=Threefold()))
    await home.open()
    await home.say("dana", f"nobody believes us and {'so ' * 80}")
    await home.say("dana", "what do I pack for the infusion? And separately: how do I appeal an insurance denial?")
    assert await pages(home) == 1
    assert await questions(home) == []
    await home.close()


async def test_a_card_that_everybody_reads_gets_no_guess_when_its_channel_whispers_by_now(home: Community):
    school = ("Infusion days and school", "A letter about school absence on infusion days: ask for excused days.")
    await home.shelve(*library(school, ("Swimming", "Swimming lessons, pool, goggles, water, towel.")))
    await home.invite("moda")
    asked = await home.say("dana", "infusion days and school?")
    assert "Infusion days and school" in home.public()
    await home.force("moda", Action.SET_MODE, f"{GENERAL}|{Mode.HINT}")
    await home.edit(asked, "swimming goggles for small children who are afraid?")
    question = await home.question(asked)
    async with home.store.read() as tx:
        assert [s.title for s in await tx.suggestions.of(question.id)] == ["Swimming"]
    assert "Swimming" not in home.public()
    assert "This suggestion has been taken back." in home.public()
