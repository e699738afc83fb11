"""A question of one space, answered from another: whoever is asked elsewhere reads it on their card, and the bot posts
their answer into its thread. What was asked in a channel that is not open to all never leaves its space."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.answering import answer_of
from bot.cards import Action, Form, Link
from bot.community import Answer, Role
from bot.crossing import confined
from bot.effects import RelayAnswer
from bot.events import MessageDeleted
from bot.ports import Store
from bot.question import Question, Status
from tests.fakes.community import GENERAL, Community, peopled, volunteering
from tests.fakes.values import NOON, greeted, key, place, question

LONG = "Does anybody know a good swimming club? " + "She tires quickly and needs a warm pool. " * 30
ANSWER = "Yes, the one at the old harbour is kind."
NORA = key("nora@slack")
POSTED = f"Nora, from our Slack, answers:\n“{ANSWER}”"


@pytest.fixture
async def untold(every_store: Store) -> AsyncIterator[Community]:
    """Nora has an account in a Slack workspace and nowhere else; nobody else volunteers. Nobody has said yet who may
    read the channel."""
    community = await peopled(Community(every_store, platforms=("web", "slack")))
    async with community.store.begin() as tx:
        for name in ("tess", "kofi"):
            await tx.volunteers.save(volunteering(name, paused=True))
    await community.enter("nora@slack", volunteer=volunteering("nora@slack"))
    await community.open()
    yield community
    await community.close()


@pytest.fixture
async def town(untold: Community) -> Community:
    await untold.open_to_all()
    return untold


async def asked(town: Community, words: str = LONG) -> Question:
    return await town.question(await town.say("dana", words))


async def now(town: Community, q: Question) -> Question:
    found = await town.question_of(q.id)
    assert found is not None
    return found


async def answered(town: Community, words: str = ANSWER) -> Question:
    q = await asked(town)
    await town.press("nora@slack", "Accept")
    subject = town.button("nora@slack", "Write an answer").subject
    await town.submit("nora@slack", Form.ANSWER, subject, {"text": words})
    return await now(town, q)


def links(town: Community, name: str) -> list[Link]:
    mine = [s for s in town.sees(name) if getattr(getattr(s.to, "member", None), "key", "") == key(name)]
    return [block for shown in mine for block in shown.card.blocks if isinstance(block, Link)]


async def test_whoever_is_elsewhere_reads_all_of_it_and_the_bot_posts_their_answer(town: Community):
    q = await asked(town)
    assert q.offered_to == NORA
    assert LONG.strip() in town.last("nora@slack")
    await town.press("nora@slack", "Accept")
    assert "I will post it in the thread under your name." in town.last("nora@slack")
    assert LONG.strip() in town.last("nora@slack")
    await town.submit("nora@slack", Form.ANSWER, q.id, {"text": ANSWER})
    assert town.public() == POSTED
    (shown,) = [s for s in town.messenger.shown if s.words == POSTED]
    assert shown.to.place == q.place  # type: ignore[union-attr]
    assert [b.label for b in shown.card.buttons] == ["This helped", "Not yet: ask somebody else"]
    answered = await now(town, q)
    assert (answered.status, answered.answered_by) == (Status.ANSWERED, (NORA,))
    assert ("answered:question", "nora") in await town.behaviours()
    assert links(town, "nora@slack") == []
    assert "It was asked at 12:00" in town.last("nora@slack")
    assert "swimming" not in town.last("nora@slack")
    await town.press("dana", "This helped")
    assert (await now(town, q)).status is Status.CLOSED


async def test_only_the_asker_presses_under_it(town: Community):
    q = await answered(town)
    await town.force("ben", Action.HELPED, q.id)
    assert (await now(town, q)).status is Status.ANSWERED
    await town.press("dana", "Not yet: ask somebody else")
    assert (await now(town, q)).status is not Status.ANSWERED


async def test_who_has_an_account_there_too_gets_the_link_and_may_do_either(town: Community):
    await town.enter("nora", person="p-nora@slack")
    await asked(town)
    assert [b.label for b in links(town, "nora@slack")] == ["Read it in the channel"]
    assert LONG.strip() not in town.last("nora@slack")
    await town.press("nora@slack", "Accept")
    assert [b.label for b in links(town, "nora@slack")] == ["Answer it in the thread"]
    assert town.button("nora@slack", "Write an answer")


async def test_what_is_written_later_changes_the_message_that_stands_there(town: Community):
    q = await answered(town)
    assert town.button("nora@slack", "Write something more").subject == q.id
    await town.submit("nora@slack", Form.ANSWER, q.id, {"text": f"{ANSWER} It opens at nine."})
    said = [s.words for s in town.messenger.shown if "from our Slack" in s.words]
    assert said == [POSTED.replace("kind.", "kind. It opens at nine.")]
    async with town.store.read() as tx:
        (answer,) = await tx.answers.of(q.id)
    assert answer.text.endswith("nine.")
    assert not answer.on_its_way
    assert [b for b, who in await town.behaviours() if who == "nora"].count("answered:question") == 1


async def test_it_stands_in_the_thread_like_any_answer_and_may_be_saved_and_its_writer_is_asked(town: Community):
    q = await answered(town)
    async with town.store.read() as tx:
        (answer,) = await tx.answers.of(q.id)
    assert answer.place.thread_key == q.place.thread_key
    found = await town.lookups.answer_to_save(answer.place.key, key("moda"), text="what a surface sees of the card")
    assert (found.text, found.author) == (ANSWER, NORA)
    await town.submit("moda", Form.SAVE_RESOURCE, answer.place.key, {"title": "Swimming", "text": ANSWER})
    assert "Your answer could help the next family." in town.last("nora@slack")
    await town.press("nora@slack", "Yes, keep it")
    async with town.store.read() as tx:
        (draft,) = await tx.drafts.all()
    assert (draft.author, draft.question) == (NORA, q.id)


async def test_forgotten_its_words_go_from_the_thread_too(town: Community):
    q = await answered(town)
    await town.force("nora@slack", Action.FORGET_ME, NORA)
    assert ANSWER not in repr([(s.words, s.card) for s in town.messenger.shown])
    assert "This answer has been taken back." in [s.words for s in town.sees("ben")]
    assert (await now(town, q)).status is Status.ANSWERED


async def test_a_private_answer_goes_with_its_writer_too(town: Community):
    q = await town.question_of(await town.ask("dana", "How do I tell my daughter about the stoma?"))
    assert q is not None
    await town.press("nora@slack", "Accept")
    await town.submit("nora@slack", Form.ANSWER, q.id, {"text": ANSWER})
    assert ANSWER in town.last("dana")
    await town.force("nora@slack", Action.FORGET_ME, NORA)
    assert town.last("dana") == "This answer has been taken back."


async def test_taken_out_of_the_thread_it_is_no_answer_any_more(town: Community):
    q = await answered(town)
    async with town.store.read() as tx:
        (answer,) = await tx.answers.of(q.id)
    await town.receive(MessageDeleted(answer.place, town.clock.now()))
    assert (await now(town, q)).status is not Status.ANSWERED


async def test_the_one_who_asked_without_a_name_gets_it_in_private_too(town: Community):
    q = await town.question_of(await town.ask("dana", "Who knows a warm pool?", "anonymous"))
    assert q is not None
    await town.press("nora@slack", "Accept")
    await town.submit("nora@slack", Form.ANSWER, q.id, {"text": ANSWER})
    assert town.public() == POSTED
    assert town.last("dana") == f"Nora has answered your question:\n“{ANSWER}”"
    assert {"This helped", "Write back"} <= {b.label for s in town.sees("dana") for b in s.card.buttons}
    (posted,) = [s for s in town.messenger.shown if s.words == POSTED]
    assert posted.card.buttons == ()
    async with town.store.read() as tx:
        (answer,) = await tx.answers.of(q.id)
    await town.receive(MessageDeleted(answer.place, town.clock.now()))  # by a moderator
    assert ANSWER not in repr([s.words for s in town.sees("dana") if s != posted])


async def test_where_the_thread_takes_nothing_it_is_brought_to_the_asker_and_stands_nowhere(town: Community):
    q = await asked(town)
    await town.press("nora@slack", "Accept")
    await town.remove()  # the channel is lost while she writes
    await town.submit("nora@slack", Form.ANSWER, q.id, {"text": ANSWER})
    assert ANSWER in town.last("dana")
    assert ANSWER not in town.public()


async def test_a_crisis_typed_into_it_is_a_crisis_and_posted_nowhere(town: Community):
    q = await asked(town)
    await town.press("nora@slack", "Accept")
    await town.submit("nora@slack", Form.ANSWER, q.id, {"text": "I want to die"})
    assert town.last("nora@slack").startswith("I am glad you said it.")
    assert (await now(town, q)).status is Status.CLAIMED
    assert "want to die" not in repr([s.card for s in town.messenger.shown])


# --- what never crosses over --------------------------------------------------------------------------------


async def test_from_a_channel_that_is_not_open_to_all_nobody_elsewhere_is_asked(town: Community):
    await town.open_to_all(public=False)
    await town.enter("moda2@slack", [Role.MODERATOR])
    q = await asked(town)
    assert (q.status, q.offered_to) == (Status.ESCALATED, "")
    assert "nobody" in town.last("moda")
    for who in ("nora@slack", "moda2@slack"):
        assert town.private(who) == []
        await town.force(who, Action.TAKE, q.id)
        assert town.last(who) == "This is not open to everybody here. A moderator can help you."
        assert [one.question.id for one in await town.lookups.board(key(who))] == []
    assert [one.question.id for one in await town.lookups.board(key("moda"))] == [q.id]


async def test_of_a_channel_nobody_has_spoken_of_nothing_crosses_over(untold: Community):
    q = await asked(untold)
    assert q.status is Status.ESCALATED
    assert untold.private("nora@slack") == []


async def test_closed_while_somebody_elsewhere_has_it_its_words_are_shown_there_no_more(town: Community):
    q = await asked(town)
    await town.press("nora@slack", "Accept")
    await town.open_to_all(public=False)
    await town.submit("nora@slack", Form.ANSWER, q.id, {"text": ANSWER})
    assert town.last("nora@slack").startswith("This is not open to everybody here.")
    assert ANSWER in town.last("nora@slack")  # her own words
    await town.wait(hours=3, minutes=35)
    assert "warm pool" not in town.last("nora@slack")


async def test_nobody_elsewhere_can_be_named_for_it(town: Community):
    await town.open_to_all(public=False)
    q = await asked(town)
    await town.force("moda", Action.TAKE, q.id)
    await town.submit("moda", Form.HAND_OVER, q.id, {"to": NORA})
    assert "This person can't be asked just now." in town.last("moda")
    assert (await now(town, q)).claimed_by == key("moda")


async def test_where_its_own_space_has_no_moderator_those_elsewhere_are_told_without_words(town: Community):
    for who in ("moda", "mara"):
        await town.change(who, deactivated=True)
    await town.enter("mo@slack", [Role.MODERATOR])
    await town.open_to_all(public=False)
    await asked(town)
    assert "not open to all" in town.last("mo@slack")
    assert "warm pool" not in town.last("mo@slack")
    alone = [s for s in town.sees("mo@slack") if "not open to all" in s.words]
    assert [s.card.buttons for s in alone] == [()]


@pytest.mark.parametrize(
    ("facts", "channel", "stays"),
    [
        ({}, {"public": True}, False),
        ({}, {}, True),
        ({}, None, True),
        ({"private": True}, None, False),  # to the bot alone
        ({"private": True}, {"welcomed": False}, False),  # a private conversation that is read up on
        ({"private": True}, {"welcomed": False, "gone": True}, True),  # its channel was lost
        ({"private": True}, {}, True),  # and the bot is back in it
        ({"private": True, "pseudonym": "Koala-27"}, None, True),  # it could not be posted there
    ],
)
def test_what_stays_in_its_space(facts, channel, stays):
    known = None if channel is None else replace(greeted(GENERAL)[0], **channel)
    assert confined(question(**facts), known) is stays


async def test_a_wish_that_was_stored_before_finds_its_answer_by_its_place(home: Community):
    old = Answer(place("relayed-r1", "1"), "q1", NORA, ANSWER, 1.0, NOON)
    async with home.store.begin() as tx:
        await tx.answers.put(old)
        assert await answer_of(RelayAnswer("q1", old.place.key), tx) == old
