"""Who answered something well is asked for its like, if they agreed to that; and it is unlearned at once."""

from dataclasses import replace

from bot.community import Answer, VolunteerSettings
from bot.events import MessageDeleted
from bot.recollection import QUESTIONS, Vectors
from tests.fakes.community import Community
from tests.fakes.values import KOFI, TESS, key

SWIMMING = "Which swimming club takes children with a stoma bag?"
ANSWER = "The swimming club by the river takes children with a stoma bag."
LIKE_IT = "Is there a swimming club that takes children with a stoma bag?"


async def volunteering(home: Community, name: str, *, learns: bool) -> None:
    async with home.store.begin() as tx:
        await tx.volunteers.save(VolunteerSettings(key(name), learns=learns))


async def skill_of(home: Community, member: str) -> bytes:
    async with home.store.read() as tx:
        return next(v.skill for v in await tx.volunteers.pool(home.clock.now()) if v.member == member)


async def answered_well(home: Community, by: str = "kofi") -> None:
    """Neither has declared a topic, so that nothing else speaks for one of them."""
    async with home.store.begin() as tx:
        await tx.volunteers.save(VolunteerSettings(TESS))
    asked = await home.say("dana", SWIMMING)
    for name in ("tess", "kofi"):
        if name != by and (await home.question(asked)).offered_to == key(name):
            await home.press(name, "Pass")
    await home.press(by, "Accept")
    await home.say(by, ANSWER, asked.place.thread)
    await home.wait(hours=4)
    await home.press("dana", "This helped")


async def answered_too(home: Community, *names: str) -> None:
    """As much work as the other one had, of another kind."""
    asked = await home.say("dana", "What do you pack for a long day at the clinic?")
    question = await home.question(asked)
    async with home.store.begin() as tx:
        for name in names:
            place = replace(asked.place, message=f"{asked.place.message}-{name}")
            await tx.answers.put(Answer(place, question.id, key(name), "", 0.9, home.clock.now()))
    await home.delete(asked)


async def test_what_helped_says_who_is_asked_next_time(home: Community):
    await volunteering(home, "kofi", learns=True)
    await answered_well(home)
    await answered_too(home, "tess")
    assert await skill_of(home, KOFI)
    assert not await skill_of(home, TESS)
    asked = await home.say("ben", LIKE_IT)
    question = await home.question(asked)
    async with home.store.read() as tx:
        whys = [entry.why for entry in await tx.journal.of(question.id)]
    assert any("has answered questions like this one well" in why for why in whys), whys
    assert question.offered_to == KOFI


async def test_without_consent_nothing_is_learned(home: Community):
    await answered_well(home)
    async with home.store.begin() as tx:
        await tx.volunteers.save(VolunteerSettings(KOFI, learns=True))
    assert not await skill_of(home, KOFI)


async def test_after_a_restart_the_question_is_read_again_before_somebody_is_looked_for(home: Community):
    await volunteering(home, "kofi", learns=True)
    await answered_well(home)
    await home.enter("ana", volunteer=VolunteerSettings(key("ana")))
    await answered_too(home, "tess", "ana")
    asked = await home.say("ben", "Is there something for it?")
    await home.edit(asked, LIKE_IT)
    first = (await home.question(asked)).offered_to
    assert first != KOFI  # he was asked once this week, the others were not
    await home.restart()
    await home.press(first.rsplit(":", 1)[-1], "Pass")
    assert (await home.question(asked)).offered_to == KOFI


async def test_an_answer_that_is_deleted_is_unlearned(home: Community):
    await volunteering(home, "kofi", learns=True)
    asked = await home.say("dana", SWIMMING)
    await home.press((await home.question(asked)).offered_to.rsplit(":", 1)[-1], "Accept")
    reply = await home.say("kofi", ANSWER, asked.place.thread)
    await home.wait(hours=4)
    await home.press("dana", "This helped")
    assert await skill_of(home, KOFI)
    await home.receive(MessageDeleted(reply.place, home.clock.now()))
    assert not await skill_of(home, KOFI)


async def test_a_model_that_fails_costs_nobody_an_answer(home: Community):
    await volunteering(home, "kofi", learns=True)
    await answered_well(home)
    asked = await home.say("ben", LIKE_IT)
    await home.restart()
    home.model.failures = [RuntimeError("out of memory")] * 3
    await home.press((await home.question(asked)).offered_to.rsplit(":", 1)[-1], "Pass")
    assert (await home.question(asked)).offered_to in (KOFI, TESS)


def test_the_newest_questions_are_remembered():
    vectors = Vectors()
    for n in range(QUESTIONS + 1):
        vectors.keep(f"q{n}", b"v")
    assert vectors.of("q0") == b""
    assert vectors.of("q1") == b"v"
    vectors.drop("q1")
    vectors.drop("q1")
    assert vectors.of("q1") == b""


async def test_a_settled_question_is_not_kept_in_mind(home: Community):
    asked = await home.say("dana", SWIMMING)
    question = await home.question(asked)
    assert home.desk._known.vectors.of(question.id)
    await home.say("kofi", ANSWER, asked.place.thread)
    await home.wait(hours=4)
    await home.press("dana", "This helped")
    assert not home.desk._known.vectors.of(question.id)
