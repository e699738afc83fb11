"""Several messages that are one question, and one message with two: what happens to them, whatever comes in between."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards import Action
from bot.events import MessageDeleted, MessagePosted
from bot.lead import Lead, Spoken
from bot.policy import Mode
from bot.question import Outcome, Status
from tests.bot.test_helpdesk_crisis import alert_of, everything
from tests.fakes.community import GENERAL, Community, library, volunteering
from tests.fakes.mind import CANARY
from tests.fakes.values import NOON, key, place

STORY = "we have our first infusion on tuesday"
ASKS = "what should we bring?"
MORE = "he's nine btw"
SWIMMING = "Does anybody know a good swimming club?"
BOTH = "what do I pack for the infusion? And separately: does anybody know how to appeal an insurance denial?"
DENIAL = "And separately: does anybody know how to appeal an insurance denial?"


async def questions(home: Community) -> list[str]:
    """The words of all questions there are, in order."""
    async with home.store.read() as tx:
        return [q.text for q in await tx.questions.lately([key("dana"), key("ben")], NOON - timedelta(days=1))]


async def parts(home: Community) -> int:
    async with home.store.read() as tx:
        asked = await tx.questions.lately([key("dana"), key("ben")], NOON - timedelta(days=1))
        return len(await tx.parts.of([q.id for q in asked]))


# --- one question ------------------------------------------------------------------------------------------------


async def test_a_question_has_its_story_and_grows_and_one_person_is_asked(anywhere: Community):
    for text in ("Hi all", STORY, ASKS, MORE, "and does it hurt?"):
        await anywhere.say("dana", text)
        anywhere.clock.move(timedelta(seconds=50))
    assert await questions(anywhere) == [f"{STORY}\n{ASKS}\n{MORE}\nand does it hurt?"]
    cards = [shown for name in ("tess", "kofi") for shown in anywhere.private(name)]
    assert len(cards) == 1
    assert MORE in cards[0]


async def test_all_in_one_batch_ends_alike(anywhere: Community):
    await anywhere.receive(*(anywhere.posted("dana", text) for text in (STORY, ASKS, MORE)))
    assert await questions(anywhere) == [f"{STORY}\n{ASKS}\n{MORE}"]


async def test_what_comes_again_is_said_once(home: Community):
    await home.say("dana", STORY)
    asked = await home.say("dana", ASKS)
    more = await home.say("dana", MORE)
    before = await home.question(asked)
    await home.receive(asked, more)
    async with home.store.begin() as tx:
        await tx.inbox.forget_keys(home.clock.now() + timedelta(days=1))
    await home.receive(asked, more)
    assert await home.question(asked) == before
    assert await home.question(more) == before


async def test_a_crash_between_two_messages_loses_no_question(anywhere: Community):
    await anywhere.say("dana", STORY)
    await anywhere.restart()
    await anywhere.say("dana", ASKS)
    await anywhere.restart()
    await anywhere.say("dana", MORE)
    assert await questions(anywhere) == [f"{ASKS}\n{MORE}"]


async def test_in_whatever_order_they_are_handled_they_are_one(home: Community):
    asked, more = home.posted("dana", ASKS), home.posted("dana", "and does it hurt?")
    more = replace(more, at=more.at + timedelta(seconds=20))
    await home.receive(more)
    await home.receive(asked)
    assert await questions(home) == [f"{ASKS}\nand does it hurt?"]


@pytest.mark.parametrize("text", [STORY, SWIMMING, "Thanks everyone!"])
async def test_what_is_said_later_or_by_somebody_else_or_to_others_is_no_part_of_it(home: Community, text: str):
    asked = await home.say("dana", ASKS)
    await home.say("ben", text)
    if text == STORY:
        await home.wait(minutes=3)
    await home.say("dana", text)
    assert (await home.question(asked)).text == ASKS


async def test_a_question_asked_twice_is_asked_once(home: Community):
    asked = await home.say("dana", SWIMMING)
    await home.say("dana", SWIMMING)
    assert await questions(home) == [SWIMMING]
    await home.delete(asked)
    assert await questions(home) == [SWIMMING]
    async with home.store.read() as tx:
        (left,) = await tx.questions.lately([key("dana")], NOON - timedelta(days=1))
    assert left.status is Status.OFFERED


async def test_a_question_without_a_name_is_not_told_by_what_its_author_says(home: Community):
    asked = await home.ask("dana", SWIMMING, "anonymous")
    await home.say("dana", MORE)
    found = await home.question_of(asked)
    assert found is not None
    assert found.text == SWIMMING


async def test_what_is_said_where_the_bot_does_not_listen_leads_to_nothing(home: Community):
    await home.invite()
    await home.force("moda", Action.SET_MODE, f"{GENERAL}|{Mode.MENTION}")
    await home.say("dana", STORY)
    asked = replace(home.posted("dana", ASKS), mentions_bot=True)
    await home.receive(asked)
    assert (await home.question(asked)).text == ASKS


async def test_opted_out_people_are_not_heard(home: Community):
    asked = await home.say("dana", ASKS)
    await home.say("dana", STORY)
    await home.force("dana", Action.OPT_OUT, "me")
    await home.say("dana", MORE)
    await home.say("dana", "and it is her first", asked.place.thread)
    assert (await home.question(asked)).text == f"{ASKS}\n{STORY}"
    await home.say("ben", STORY)
    await home.force("ben", Action.OPT_OUT, "me")
    await home.force("ben", Action.OPT_IN, "me")
    bens = await home.say("ben", ASKS)
    assert (await home.question(bens)).text == ASKS


# --- edited, deleted, forgotten ------------------------------------------------------------------------------------


async def test_each_message_is_followed_when_it_is_edited_or_deleted(anywhere: Community):
    story = await anywhere.say("dana", STORY)
    asked = await anywhere.say("dana", ASKS)
    more = await anywhere.say("dana", MORE)
    await anywhere.edit(more, "she's ten btw")
    await anywhere.edit(asked, "what should we pack?")
    assert await questions(anywhere) == [f"{STORY}\nwhat should we pack?\nshe's ten btw"]
    await anywhere.delete(more)
    await anywhere.edit(story, "we have our second infusion")
    assert await questions(anywhere) == ["we have our second infusion\nwhat should we pack?"]
    await anywhere.delete(story)
    assert await questions(anywhere) == ["what should we pack?"]
    assert await parts(anywhere) == 0
    await anywhere.delete(asked)
    assert await questions(anywhere) == [""]


async def test_what_led_to_it_and_is_taken_back_before_it_is_no_part_of_it(home: Community):
    story = await home.say("dana", STORY)
    await home.delete(story)
    again = await home.say("dana", "we have our first scan on tuesday")
    await home.edit(again, "we have our first scan on friday")
    await home.say("dana", ASKS)
    assert await questions(home) == [f"we have our first scan on friday\n{ASKS}"]


async def test_without_its_first_message_it_goes_on_where_the_next_one_asks(anywhere: Community):
    asked = await anywhere.say("dana", ASKS)
    more = await anywhere.say("dana", "and does it hurt?")
    await anywhere.delete(asked)
    question = await anywhere.question(more)
    assert (question.text, question.place, question.status) == ("and does it hurt?", more.place, Status.OFFERED)
    await anywhere.say("ben", "It hardly hurts at all with the cream.", more.place.thread)
    assert (await anywhere.question(more)).status is Status.ANSWERED


async def test_without_what_it_asks_it_is_taken_back(home: Community):
    asked = await home.say("dana", ASKS)
    await home.say("dana", f"{CANARY} {MORE}")
    await home.delete(asked)
    question = await home.question(asked)
    assert (question.outcome, question.text) == (Outcome.WITHDRAWN, "")
    assert await parts(home) == 0
    assert CANARY not in everything(home)


async def test_a_reply_under_any_of_its_messages_answers_it(anywhere: Community):
    await anywhere.say("dana", STORY)
    await anywhere.say("dana", ASKS)
    more = await anywhere.say("dana", MORE)
    await anywhere.say("ben", "Bring a blanket, snacks and a charger.", more.place.thread)
    assert (await anywhere.question(more)).answered_by == (key("ben"),)


async def test_no_words_are_left_after_forget_me_and_after_their_time(anywhere: Community):
    await anywhere.say("dana", f"{CANARY} {STORY}")
    asked = await anywhere.say("dana", ASKS)
    await anywhere.force("dana", Action.FORGET_ME, "me")
    await anywhere.say("ben", f"{CANARY} {STORY}")
    kept = await anywhere.say("ben", ASKS)
    await anywhere.force("ben", Action.HELPED, (await anywhere.question(kept)).id)
    async with anywhere.store.read() as tx:
        ids = [(await anywhere.question(m)).id for m in (asked, kept)]
        assert [[CANARY in p.text for p in await tx.parts.of([i])] for i in ids] == [[False, False], [True, False]]
    anywhere.clock.move(timedelta(days=31))
    await anywhere.desk.retain()
    async with anywhere.store.read() as tx:
        assert not any(part.text for part in await tx.parts.of(ids))
    assert (await anywhere.question(kept)).text == ""


async def test_what_was_said_before_forget_me_leads_to_nothing(home: Community):
    await home.say("dana", STORY)
    await home.force("dana", Action.FORGET_ME, "me")
    asked = await home.say("dana", ASKS)
    assert (await home.question(asked)).text == ASKS


def test_what_was_said_is_remembered_for_two_minutes_and_of_a_few():
    lead = Lead()
    lead.keep("ana", Spoken(place("1"), STORY, NOON))
    assert [s.text for s in lead.of("ana", place("2"), NOON + timedelta(minutes=2))] == [STORY]
    assert lead.of("ana", place("2"), NOON + timedelta(minutes=3)) == ()
    lead.let_go(NOON + timedelta(minutes=3))
    assert not lead.has(place("1"))
    for number in range(600):
        lead.keep(f"p{number}", Spoken(place(str(number)), STORY, NOON))
    assert not lead.has(place("1"))
    assert lead.has(place("599"))


# --- a cry for help ------------------------------------------------------------------------------------------------


async def test_what_is_a_cry_only_when_it_is_read_together_pages_people_and_is_no_question(home: Community):
    """Too late, or too long, for bot.piecing: what is put together is read for a crisis all the same."""
    asked = await home.say("dana", f"{CANARY} does anybody know what helps? honestly at home I want")
    await home.wait(minutes=10)
    await home.say("dana", f"to die {CANARY}", asked.place.thread)
    assert home.last("moda").startswith("Safety alert C1.")
    (alert,) = await alert_of(home)
    assert "in-pieces" in alert.rules
    question = await home.question(asked)
    assert question.text.endswith("at home I want")  # it asks something: it is not lost
    assert "to die" not in everything(home)


async def test_a_story_that_turns_out_to_be_a_cry_is_no_beginning(home: Community):
    long = f"{CANARY} honestly at home nobody believes us and the nights are long and {'so ' * 60}tonight I want"
    await home.say("dana", long)
    await home.say("dana", "to die, what should we bring?")
    assert home.last("moda").startswith("Safety alert C1.")
    assert await questions(home) == []
    assert CANARY not in everything(home)


async def test_what_led_to_a_cry_is_taken_out_of_the_question_it_had_become_a_part_of(home: Community):
    await home.say("dana", f"{CANARY} honestly at home nobody believes us and tonight I")
    asked = await home.say("dana", ASKS)
    await home.say("dana", "want to die")
    assert home.last("moda").startswith("Safety alert C1.")
    assert (await home.question(asked)).text == ASKS
    assert CANARY not in everything(home)


async def test_an_added_message_that_is_edited_into_a_cry_is_no_part_any_more(home: Community):
    asked = await home.say("dana", ASKS)
    more = await home.say("dana", f"{CANARY} {MORE}")
    await home.edit(more, "I want to die")
    assert home.last("moda").startswith("Safety alert C1.")
    assert (await home.question(asked)).text == ASKS
    assert CANARY not in everything(home)


async def test_after_a_cry_nothing_is_put_together(home: Community):
    asked = await home.say("dana", ASKS)
    await home.say("dana", "I want to die")
    await home.wait(minutes=1)
    await home.say("dana", "it is all too much, and he is nine.")
    assert (await home.question(asked)).text == ASKS
    await home.say("dana", "How do we tell the school?")
    assert await questions(home) == [ASKS, "How do we tell the school?"]


# --- two needs -----------------------------------------------------------------------------------------------------


async def test_two_needs_are_two_questions_and_each_has_a_life_of_its_own(anywhere: Community):
    asked = await anywhere.say("dana", BOTH)
    assert await questions(anywhere) == ["what do I pack for the infusion?", DENIAL]
    await anywhere.say("ben", "Appeal the denial with a letter from your doctor.", asked.place.thread)
    async with anywhere.store.read() as tx:
        first, second = (await tx.questions.all_in([asked.place.thread_key]))[asked.place.thread_key]
    assert (first.status, second.status, second.beside) == (Status.OFFERED, Status.ANSWERED, first.id)
    assert {first.offered_to} <= {key("tess"), key("kofi")}
    await anywhere.say("ben", "For the infusion we always pack a warm blanket.", asked.place.thread)
    assert (await anywhere.question(asked)).status is Status.ANSWERED


async def test_what_one_of_them_has_in_hand_they_answer(home: Community):
    await home.enter("kofi", volunteer=volunteering("kofi", paused=True))
    asked = await home.say("dana", BOTH)
    async with home.store.read() as tx:
        first, second = (await tx.questions.all_in([asked.place.thread_key]))[asked.place.thread_key]
    await home.force("tess", Action.ACCEPT, second.id)
    await home.force("ben", Action.TAKE, first.id)
    await home.say("tess", "We wrote to them twice and then they gave in.", asked.place.thread)
    found = await home.question_of(second.id)
    assert found is not None
    assert found.answered_by == (key("tess"),)


async def test_an_edit_makes_two_of_one_and_one_of_two(anywhere: Community):
    asked = await anywhere.say("dana", "what do I pack for the infusion?")
    await anywhere.edit(asked, BOTH)
    assert await questions(anywhere) == ["what do I pack for the infusion?", DENIAL]
    await anywhere.edit(asked, "what do I pack for the infusion on tuesday?")
    async with anywhere.store.read() as tx:
        first, second = (await tx.questions.all_in([asked.place.thread_key]))[asked.place.thread_key]
    assert first.text == "what do I pack for the infusion on tuesday?"
    assert (second.text, second.outcome) == ("", Outcome.WITHDRAWN)


async def test_deleted_taken_back_or_a_cry_both_are_gone(home: Community):
    async def both(message: MessagePosted) -> list[Outcome | None]:
        async with home.store.read() as tx:
            found = await tx.questions.all_in([message.place.thread_key])
        return [q.outcome for q in found[message.place.thread_key]]

    first = await home.say("dana", BOTH)
    await home.receive(MessageDeleted(first.place, home.clock.now()))
    second = await home.say("ben", BOTH)
    await home.say("ben", "never mind, found it", second.place.thread)
    third = await home.say("dana", BOTH)
    await home.edit(third, "I want to die")
    for message in (first, second, third):
        assert await both(message) == [Outcome.WITHDRAWN, Outcome.WITHDRAWN]


async def test_together_no_more_is_shown_than_for_one_question(home: Community):
    await home.shelve(*library(("pack for the infusion", "A blanket."), ("appeal an insurance denial", "A letter.")))
    asked = await home.say("dana", "What do we pack for the infusion? Separately: how do I appeal an insurance denial?")
    async with home.store.read() as tx:
        both = (await tx.questions.all_in([asked.place.thread_key]))[asked.place.thread_key]
    assert [q.suggested for q in both] == [("r1",), ("r2",)]


# --- taken back ----------------------------------------------------------------------------------------------------


async def test_never_mind_in_the_channel_takes_back_what_was_asked_just_before(home: Community):
    early = await home.say("dana", "Has anyone appealed an insurance denial for infliximab?")
    await home.wait(minutes=5)
    asked = await home.say("dana", SWIMMING)
    await home.say("dana", "never mind, found it")
    assert (await home.question(asked)).outcome is Outcome.WITHDRAWN
    assert (await home.question(early)).outcome is None
    await home.say("ben", "never mind, found it")
    assert (await home.question(early)).outcome is None


async def test_to_the_bot_alone_it_takes_back_the_only_question_there_is(home: Community):
    asked = await home.say("dana", SWIMMING, direct=True)
    await home.wait(minutes=30)
    await home.say("dana", "ya lo encontré, gracias", direct=True)
    assert (await home.question(asked)).outcome is Outcome.WITHDRAWN
