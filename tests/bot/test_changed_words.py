"""Edits and deletions are followed, whatever was said meanwhile: one by one, and all at once after a reconnect."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards import Action
from bot.events import MessageDeleted, MessageEdited, MessagePosted, PlatformEvent
from bot.question import Outcome, Status
from tests.bot.test_helpdesk_crisis import alert_of, everything
from tests.bot.test_said_together import ASKS, BOTH, DENIAL, MORE, parts, questions
from tests.fakes.community import Community, peopled
from tests.fakes.mind import CANARY
from tests.fakes.values import key

HURTS = "and does it hurt?"
FALSE = "honestly I want to die of boredom there"
PACK = "what do I pack for the infusion?"
APPEAL = "does anybody know how to appeal an insurance denial?"


def edited(said: MessagePosted, text: str, home: Community) -> MessageEdited:
    return MessageEdited(said.place, said.author, text, home.clock.now(), direct=said.direct)


async def come(home: Community, queued: bool, *events: PlatformEvent) -> None:
    if queued:
        await home.receive(*events)
        return
    for event in events:
        await home.receive(event)


queued_or_not = pytest.mark.parametrize("queued", [True, False], ids=["queued", "one by one"])


async def of(home: Community, message: MessagePosted) -> list[tuple[str, Status]]:
    async with home.store.read() as tx:
        found = (await tx.questions.all_in([message.place.thread_key]))[message.place.thread_key]
    return sorted((q.text, q.status) for q in found)


# --- two needs ------------------------------------------------------------------------------------------------------


async def with_the_first_answered(home: Community) -> MessagePosted:
    asked = await home.say("dana", BOTH)
    await home.say("ben", "Pack warm socks, a charger and snacks for the infusion", asked.place.thread)
    assert (await home.question(asked)).status is Status.ANSWERED
    return asked


async def test_a_need_that_is_cut_out_takes_its_own_question_with_it(anywhere: Community):
    asked = await with_the_first_answered(anywhere)
    await anywhere.edit(asked, APPEAL)
    assert await of(anywhere, asked) == [("", Status.CLOSED), (APPEAL, Status.OFFERED)]
    await anywhere.edit(asked, BOTH)
    assert await of(anywhere, asked) == [("", Status.CLOSED), (DENIAL, Status.OFFERED), (PACK, Status.OFFERED)]
    await anywhere.edit(asked, f"{BOTH} Thank you!")
    assert len(await of(anywhere, asked)) == 3


async def test_what_was_taken_out_does_not_come_back_when_the_first_wording_comes_once_more(home: Community):
    asked = await with_the_first_answered(home)
    await home.edit(asked, APPEAL)
    async with home.store.begin() as tx:
        await tx.inbox.forget_keys(home.clock.now() + timedelta(days=1))
    await home.receive(asked)
    assert await of(home, asked) == [("", Status.CLOSED), (DENIAL, Status.OFFERED)]


async def test_the_other_way_round_they_are_the_same_questions(home: Community):
    asked = await home.say("dana", BOTH)
    await home.edit(asked, f"{APPEAL} And separately: {PACK}")
    found = await of(home, asked)
    assert found == [(f"And separately: {PACK}", Status.OFFERED), (APPEAL, Status.OFFERED)]
    assert (await home.question(asked)).text.endswith(PACK)


async def test_a_new_need_is_not_hidden_behind_the_answer_to_an_old_one(home: Community):
    """The sentence around both says nothing of which is which."""
    around = "My son has Crohn's and is nine."
    asked = await home.say("dana", f"{around} {BOTH}")
    await home.say("ben", "Pack warm socks, a charger and snacks for the infusion", asked.place.thread)
    await home.edit(asked, f"{around} does the infusion hurt much? And separately: {APPEAL}")
    found = await of(home, asked)
    assert (f"{around} does the infusion hurt much?", Status.OFFERED) in found
    assert [status for text, status in found if APPEAL in text] == [Status.OFFERED]


async def test_in_other_words_an_open_need_stays_the_same_question(home: Community):
    asked = await home.say("dana", BOTH)
    first = await home.question(asked)
    await home.edit(asked, f"which bag goes along on tuesday? And separately: {APPEAL}")
    assert (await home.question(asked)).id == first.id
    assert (await home.question(asked)).text == "which bag goes along on tuesday?"


# --- words taken out ------------------------------------------------------------------------------------------------


@queued_or_not
async def test_edited_to_nothing_it_is_gone(home: Community, queued: bool):
    asked = home.posted("dana", f"{ASKS} {CANARY}")
    await come(home, queued, asked, edited(asked, " ", home))
    assert ((await home.question(asked)).outcome, await questions(home)) == (Outcome.WITHDRAWN, [""])
    assert CANARY not in everything(home)


async def test_with_nothing_left_but_a_poll_it_is_gone_too(home: Community):
    asked = await home.say("dana", ASKS)
    await home.receive(replace(edited(asked, "", home), beside="Blue or red?"))
    assert await questions(home) == [""]


async def test_two_needs_edited_to_nothing_are_gone_both(home: Community):
    asked = await home.say("dana", BOTH)
    await home.edit(asked, "")
    assert await questions(home) == ["", ""]


@pytest.mark.parametrize(("more", "left"), [(HURTS, HURTS), (MORE, "")])
async def test_of_what_was_added_only_what_asks_is_left_then(home: Community, more: str, left: str):
    asked = await home.say("dana", ASKS)
    await home.say("dana", more)
    await home.edit(asked, "")
    assert await questions(home) == [left]


async def test_the_first_fact_once_more_without_its_words_takes_nothing_out(home: Community):
    asked = await home.say("dana", ASKS)
    async with home.store.begin() as tx:
        await tx.inbox.forget_keys(home.clock.now() + timedelta(days=1))
    await home.receive(replace(asked, text=""))
    assert await questions(home) == [ASKS]


@pytest.mark.parametrize("direct", [True, False], ids=["in private", "by a mention"])
async def test_who_opted_out_can_mend_and_take_back_what_they_asked(home: Community, direct: bool):
    await home.force("dana", Action.OPT_OUT, "me")
    asked = replace(home.posted("dana", f"who knows {CANARY} and swimming?", direct=direct), mentions_bot=True)
    await home.receive(asked)
    await home.edit(asked, "who knows swimming?")
    assert await questions(home) == ["who knows swimming?"]
    assert CANARY not in everything(home)
    await home.edit(asked, "never mind, found it")
    assert (await home.question(asked)).outcome is Outcome.WITHDRAWN


async def test_what_they_said_before_they_opted_out_is_not_heard_once_more(home: Community):
    asked = await home.say("dana", ASKS)
    await home.edit(asked, "what should we pack?")
    await home.force("dana", Action.OPT_OUT, "me")
    async with home.store.begin() as tx:
        await tx.inbox.forget_keys(home.clock.now() + timedelta(days=1))
    await home.receive(asked)
    assert await questions(home) == ["what should we pack?"]


async def test_where_nothing_of_theirs_is_read_an_edit_does_not_look_like_words_taken_out():
    home = await peopled(Community(scan_opted_out=False))
    await home.open()
    asked = await home.say("dana", ASKS)
    await home.force("dana", Action.OPT_OUT, "me")
    await home.edit(asked, "what should we pack?")
    assert await of(home, asked) == [(ASKS, Status.OFFERED)]
    await home.close()


# --- what is left is a cry ------------------------------------------------------------------------------------------


@queued_or_not
async def test_what_is_a_cry_when_a_message_between_is_deleted_pages_people(home: Community, queued: bool):
    asked = home.posted("dana", "what should we bring? I really want")
    between, cry = home.posted("dana", "socks for him"), home.posted("dana", f"to die {CANARY}")
    await come(home, queued, asked, between, cry, MessageDeleted(between.place, home.clock.now()))
    (alert,) = await alert_of(home)
    assert (alert.author, alert.place) == (key("dana"), cry.place)
    assert await questions(home) == ["what should we bring? I really want"]
    assert await parts(home) == 0
    assert CANARY not in everything(home)


async def test_what_is_a_cry_without_the_question_pages_people_and_is_no_question(home: Community):
    await home.say("dana", f"{CANARY} all week I want")
    asked = await home.say("dana", "what should we bring to the infusion?")
    await home.say("dana", "to die of shame he never eats")
    await home.delete(asked)
    assert len(await alert_of(home)) == 1
    assert await questions(home) == [""]
    assert CANARY not in everything(home)


async def test_what_read_like_a_cry_before_and_is_none_loses_the_deleted_message_alone(home: Community):
    """People are paged once more, and the question is not lost."""
    asked = await home.say("dana", ASKS)
    await home.say("dana", MORE)
    third = await home.say("dana", "it is on tuesday")
    async with home.store.begin() as tx:  # as if new rules read like a cry what was none when it was said
        question = (await tx.questions.in_threads([asked.place.thread_key]))[asked.place.thread_key]
        kept = [replace(p, text=p.text.replace(MORE, FALSE)) for p in await tx.parts.of([question.id])]
        for part in kept:
            await tx.parts.put(part)
        text = "\n".join(p.text for p in kept)
        await tx.questions.save(replace(question, text=text, version=question.version + 1))
    await home.delete(third)
    assert await questions(home) == [f"{ASKS}\n{FALSE}"]
    assert len(await alert_of(home)) == 1


# --- medicines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("added", ["and could we double the dose?", "so we double the dose now"])
async def test_what_nobody_has_reviewed_goes_when_a_question_turns_medical(home: Community, added: str):
    asked = await home.say("dana", "infusion days and school?")
    assert (await home.question(asked)).suggested == ("r1",)
    home.clock.move(timedelta(seconds=20))
    await home.say("dana", added)
    question = await home.question(asked)
    assert (question.medical, question.suggested) == (True, ())
    async with home.store.read() as tx:
        assert list(await tx.suggestions.of(question.id)) == []
    assert "excused days" not in home.public()


async def test_nor_does_it_stay_when_an_edit_hardly_asks_any_more(home: Community):
    asked = await home.say("dana", "infusion days and school?")
    await home.edit(asked, "infusion days and school, we double the dose then")
    question = await home.question(asked)
    assert (question.medical, question.suggested) == (True, ())
    async with home.store.read() as tx:
        assert list(await tx.suggestions.of(question.id)) == []
