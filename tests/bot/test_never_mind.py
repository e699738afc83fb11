"""What takes a question back and what only sounds like it: closed by mistake it is lost, so only a short message that
asks for nothing settles it, in the thread, in the channel, and as an edit."""

import pytest

from bot.events import MessageEdited
from bot.lead import Spoken
from bot.never_mind import settles
from bot.question import Outcome, Status
from tests.bot.test_said_together import ASKS, BOTH, MORE, SWIMMING, questions
from tests.fakes.community import Community

SETTLED = (
    *("never mind, found it", "nvm", "Solved!", "You can ignore this, it's sorted", "No need to answer any more"),
    *("we figured it out, the nurse called back", "ya lo encontré", "resuelto, gracias", "all good now, thanks"),
    *("The school nurse called and it's all sorted now. Thanks!", "never mind, my husband found the letter in the car"),
    *("Solved, the pump just needed a new battery", "we're all set, the clinic rescheduled us", "wrong, scratch that"),
    *("ya está resuelto, nos llamó la enfermera", "olvídenlo, me equivoqué de grupo", "is sorted now, thanks"),
)
NOT_SETTLED = (
    "got our answer from insurance: denied. What do I do now? I am desperate.",
    "The insurance is sorted now. What I need to know is how to give the injection.",
    "We got the insurance sorted. Does anyone know how to get him to swallow the pills? Thanks!",
    "Never mind, found it. Anyone know a swimming club? Thanks!",
    "nvm that. anyone know how to fly with a feeding pump",
    "insurance sorted, need help with the school now",
    "ya lo encontré, ahora necesito saber dónde enviarlo",
    "sorted the insulin. what about the pump thanks",
    "got the answer, it is surgery, I am so scared",
    "Oh we solved the feeding part, only the injections are left to figure out",
)


@pytest.mark.parametrize("text", SETTLED)
def test_what_says_no_more_settles_it(text: str):
    assert settles(text)


@pytest.mark.parametrize("text", NOT_SETTLED)
def test_what_asks_on_settles_nothing(text: str):
    assert not settles(text)


@pytest.mark.parametrize("text", NOT_SETTLED[:3])
async def test_what_asks_on_under_a_question_belongs_to_it(home: Community, text: str):
    asked = await home.say("dana", ASKS)
    await home.wait(minutes=5)
    await home.say("dana", text, asked.place.thread)
    question = await home.question(asked)
    assert (question.text, question.status) == (f"{ASKS}\n{text}", Status.OFFERED)


@pytest.mark.parametrize("text", SETTLED[:4])
async def test_under_a_question_it_is_taken_back(home: Community, text: str):
    asked = await home.say("dana", ASKS)
    await home.say("dana", text, asked.place.thread)
    assert (await home.question(asked)).outcome is Outcome.WITHDRAWN


@pytest.mark.parametrize("story", [None, "we begin on tuesday"])
async def test_never_mind_and_a_new_question_takes_the_old_one_back_and_asks_the_new_one(
    home: Community, story: str | None
):
    asked = await home.say("dana", ASKS)
    if story:  # what was said in between is a beginning of the new one at most, and holds nothing up
        home.desk._known.lead.keep(asked.author.key, spoken(home, story))
    new = await home.say("dana", NOT_SETTLED[3])
    assert (await home.question(asked)).outcome is Outcome.WITHDRAWN
    question = await home.question(new)
    assert (question.status, question.text.splitlines()[-1]) == (Status.OFFERED, NOT_SETTLED[3])


async def test_queued_together_it_is_the_same(home: Community):
    old, new = home.posted("dana", ASKS), home.posted("dana", NOT_SETTLED[3])
    await home.receive(old, new)
    assert (await home.question(old)).outcome is Outcome.WITHDRAWN
    assert (await home.question(new)).status is Status.OFFERED


async def test_never_mind_and_two_new_questions_are_asked_both(home: Community):
    asked = await home.say("dana", SWIMMING)
    new = await home.say("dana", "nvm. What to pack? Separately: who appeals denials? Thanks!")
    assert (await home.question(asked)).outcome is Outcome.WITHDRAWN
    async with home.store.read() as tx:
        both = (await tx.questions.all_in([new.place.thread_key]))[new.place.thread_key]
    assert [q.status for q in both] == [Status.OFFERED, Status.OFFERED]


async def test_of_a_long_message_nothing_is_taken_back(home: Community):
    asked = await home.say("dana", SWIMMING)
    await home.say("dana", f"nvm, found it. {BOTH} Thanks!")
    assert (await home.question(asked)).status is Status.OFFERED
    assert len(await questions(home)) == 3


async def test_an_edit_to_never_mind_takes_it_back_and_its_words_go(anywhere: Community):
    asked = await anywhere.say("dana", ASKS)
    await anywhere.edit(asked, "never mind, found it")
    question = await anywhere.question(asked)
    assert (question.outcome, question.text) == (Outcome.WITHDRAWN, "")
    assert "never mind" not in anywhere.last("tess") + anywhere.last("kofi")


async def test_queued_with_its_edit_it_is_taken_back(home: Community):

    asked = home.posted("dana", ASKS)
    await home.receive(asked, MessageEdited(asked.place, asked.author, "nvm, found it", home.clock.now()))
    assert (await home.question(asked)).outcome is Outcome.WITHDRAWN


async def test_both_of_two_are_taken_back_by_an_edit(home: Community):
    asked = await home.say("dana", BOTH)
    await home.edit(asked, "never mind, found it")
    assert await questions(home) == ["", ""]


async def test_what_was_added_and_is_edited_to_never_mind_takes_back_what_it_was_added_to(home: Community):
    asked = await home.say("dana", ASKS)
    more = await home.say("dana", MORE)
    await home.edit(more, "never mind, found it")
    question = await home.question(asked)
    assert (question.outcome, question.text) == (Outcome.WITHDRAWN, ASKS)


async def test_an_edit_that_only_adds_that_it_is_solved_beside_the_question_is_followed(home: Community):
    asked = await home.say("dana", ASKS)
    await home.edit(asked, f"{ASKS} EDIT: solved, thanks")
    assert (await home.question(asked)).status is Status.OFFERED


def spoken(home: Community, text: str) -> Spoken:

    return Spoken(home.posted("dana", text).place, text, home.clock.now())
