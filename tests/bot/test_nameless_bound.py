"""Nobody can flood a channel through the bot: what is asked without a name too often is kept for its asker."""

import pytest

from bot.asking import A_DAY
from bot.cards import Action, Form, InThread
from bot.policy import Policy
from bot.question import Outcome, Question, Status
from tests.fakes.community import GENERAL, Community
from tests.fakes.mind import CANARY
from tests.fakes.values import DANA

LIMITS = Policy()
POOLS = "Does anybody know a good swimming club?"
HELD_BACK = "I posted others for you not long ago, so I keep this one safe: shall I ask somebody in private?"


async def asked(home: Community, text: str = POOLS, who: str = "dana") -> Question:
    question = await home.question_of(await home.ask(who, text, "anonymous"))
    assert question is not None
    return question


async def as_often_as_it_goes(home: Community) -> None:
    for number in range(LIMITS.nameless_a_day):
        assert not (await asked(home, f"{POOLS} ({number})")).private
        home.clock.move(LIMITS.nameless_pause)


def posts(home: Community) -> list[str]:
    return [s.words for s in home.messenger.shown if isinstance(s.to, InThread) and " asks, and " in s.words]


async def test_the_fourth_of_a_day_is_kept_for_its_asker_and_asked_in_private_when_they_want(anywhere: Community):
    await as_often_as_it_goes(anywhere)
    q = await asked(anywhere, "Who knows a swimming teacher?")
    assert (q.status, q.outcome, q.private, q.pseudonym) == (Status.CLOSED, Outcome.WITHDRAWN, True, "")
    assert q.text == "Who knows a swimming teacher?"
    assert len(posts(anywhere)) == LIMITS.nameless_a_day
    assert anywhere.last("dana") == HELD_BACK
    await anywhere.press("dana", "Ask somebody in private")
    after = await anywhere.question_of(q.id)
    assert (after.status, after.outcome) == (Status.OFFERED, None)
    assert anywhere.last(after.offered_to.rsplit(":", 1)[-1]).startswith("Somebody has a private question")
    assert "teacher" not in repr(posts(anywhere))


async def test_a_day_later_it_is_posted_again(home: Community):
    await as_often_as_it_goes(home)
    home.clock.move(A_DAY)
    assert not (await asked(home)).private


async def test_two_in_a_row_have_a_short_pause_between_them_and_others_need_not_wait(home: Community):
    await asked(home)
    assert (await asked(home, "And who knows a pool?")).private
    assert not (await asked(home, who="ben")).private
    home.clock.move(LIMITS.nameless_pause)
    assert not (await asked(home, "And who knows a pool?")).private


async def test_another_account_of_the_same_person_does_not_count_anew(home: Community):
    await home.enter("dana2", person="p-dana")
    await asked(home)
    assert (await asked(home, who="dana2")).private


async def test_a_form_that_comes_twice_is_not_held_back_by_itself(home: Community):
    event = await home.submit("dana", Form.ASK, "", {"text": POOLS, "how": "anonymous", "channel": GENERAL})
    async with home.store.begin() as tx:
        await tx.inbox.forget_keys(home.clock.now() + A_DAY)
    await home.receive(event)
    assert HELD_BACK not in home.private("dana")


async def test_questions_in_private_are_never_held_back(home: Community):
    await as_often_as_it_goes(home)
    question = await home.question_of(await home.ask("dana", POOLS, "private"))
    assert question is not None
    assert question.status is Status.OFFERED


async def test_a_crisis_is_never_held_back(anywhere: Community):
    await as_often_as_it_goes(anywhere)
    question = await anywhere.question_of(await anywhere.ask("dana", f"I want to die, {CANARY}", "anonymous"))
    assert question is None
    assert "You matter, and you do not have to carry this alone." in anywhere.last("dana")
    assert anywhere.last("moda").startswith("Safety alert C1.")
    assert HELD_BACK not in anywhere.private("dana")


@pytest.mark.parametrize("who", ["ben", "moda"])
async def test_only_the_asker_can_have_it_asked(home: Community, who):
    await asked(home)
    q = await asked(home, "And who knows a pool?")
    await home.force(who, Action.ASK_PERSON, q.id)
    after = await home.question_of(q.id)
    assert (after.asker, after.status) == (DANA, Status.CLOSED)
