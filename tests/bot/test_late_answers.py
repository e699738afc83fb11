"""An answer that comes after the time of whoever had the question ran out: it is taken, and what can't be taken goes
back to its writer."""

from dataclasses import replace

import pytest

from adapters.storage.memory import MemoryStore
from bot.cards import Action, Form
from bot.question import Question, Status
from tests.fakes.community import Community
from tests.fakes.mind import CANARY
from tests.fakes.values import KOFI, TESS

STOMA = "How do I tell my daughter about the stoma?"
ANSWER = f"Draw it with her, {CANARY}."


async def ran_out(home: Community) -> Question:
    """Tess has accepted a private question, and her four hours are over."""
    q = await home.question_of(await home.ask("dana", STOMA))
    assert q is not None
    await home.force("tess", Action.TAKE, q.id)
    await home.wait(hours=4)
    return await now(home, q)


async def now(home: Community, q: Question) -> Question:
    found = await home.question_of(q.id)
    assert found is not None
    return found


async def answers(home: Community, q: Question, who: str = "tess", words: str = ANSWER) -> str:
    await home.submit(who, Form.ANSWER, q.id, {"text": words})
    return home.last(who)


async def test_it_is_taken_and_ends_the_search(anywhere: Community):
    q = await ran_out(anywhere)
    assert (q.status, q.offered_to) == (Status.OFFERED, KOFI)
    await answers(anywhere, q)
    assert ANSWER in anywhere.last("dana")
    assert ((await now(anywhere, q)).status, (await now(anywhere, q)).answered_by) == (Status.ANSWERED, (TESS,))
    assert anywhere.last("kofi").startswith("This question has been answered. Thank you for being there.")


async def test_it_is_brought_over_too_when_somebody_else_has_it_by_now(home: Community):
    q = await ran_out(home)
    await home.press("kofi", "Accept")
    await answers(home, q)
    assert ANSWER in home.last("dana")
    assert (await now(home, q)).status is Status.ANSWERED
    assert home.last("kofi").startswith("This question has been answered.")
    await answers(home, q, "kofi", "And give it a name.")  # who wrote at the same time loses nothing either
    assert "And give it a name." in home.last("dana")
    assert (await now(home, q)).answered_by == (TESS, KOFI)


async def test_it_is_brought_over_too_when_somebody_else_has_answered(home: Community):
    q = await ran_out(home)
    await home.press("kofi", "Accept")
    await answers(home, q, "kofi", "Give it a name.")
    await answers(home, q)
    assert ANSWER in home.last("dana")
    assert (await now(home, q)).answered_by == (KOFI, TESS)


@pytest.mark.parametrize(
    ("press", "why"),
    [
        (Action.HELPED, "This is settled already. Thank you."),
        (Action.WITHDRAW, "This is settled already. Thank you."),
        (Action.FORGET_ME, "This is settled already. Thank you."),
    ],
)
async def test_of_a_closed_question_its_writer_gets_their_words_back_and_nobody_keeps_them(home: Community, press, why):
    q = await ran_out(home)
    await home.force("dana", press, q.id)
    said = len(home.private("dana"))
    assert await answers(home, q) == (
        f"{why}\nThese are your words, so that nothing is lost. I do not keep them:\n“{ANSWER}”"
    )
    assert len(home.private("dana")) == said
    assert isinstance(home.store, MemoryStore)
    assert CANARY not in repr(home.store._committed)
    assert home.desk._delivery._returned == {}


async def test_a_crash_before_they_are_given_back_leaves_the_reason(home: Community):
    q = await ran_out(home)
    await home.force("dana", Action.HELPED, q.id)
    real, home.messenger.send = home.messenger.send, _away  # type: ignore[method-assign]
    await home.submit("tess", Form.ANSWER, q.id, {"text": ANSWER})
    home.messenger.send = real  # type: ignore[method-assign]
    await home.restart()
    await home.wait(minutes=10)
    assert home.last("tess") == "This is settled already. Thank you."


async def _away(*_args: object, **_more: object) -> None:
    raise OSError("the platform is away")


async def test_who_never_had_it_is_refused_however_late(home: Community):
    q = await ran_out(home)
    await home.press("kofi", "Pass")
    assert (await answers(home, q, "kofi")).startswith("Somebody else has already taken this one.")
    assert (await answers(home, q, "ben")).startswith("This button is meant for somebody else.")
    assert CANARY not in "".join(home.private("dana"))


async def test_of_a_question_that_needs_a_clinician_by_now_a_parents_words_go_back(home: Community):
    q = await ran_out(home)
    async with home.store.begin() as tx:
        await tx.questions.save(replace(q, medical=True, version=q.version + 1))
    assert (await answers(home, q)).startswith("This is not open to everybody here.")
    assert CANARY in home.last("tess")


async def test_talk_of_a_cure_goes_back_too(home: Community):
    q = await ran_out(home)
    assert "cure" in await answers(home, q, words="This tea is a miracle cure.")
    assert "This tea is" in home.last("tess")
    assert (await now(home, q)).status is Status.OFFERED
