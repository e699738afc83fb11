"""Writing back through the bot, and handing a question over."""

import pytest

from bot.cards import Action, Form
from bot.community import Role
from bot.handing import nameable
from bot.question import Outcome, Question, Result, Status, Try
from bot.routing import Kind, Quiet
from tests.fakes.community import Community, volunteering
from tests.fakes.values import DAY, KOFI, NOON, TESS, clinician, key, question, volunteer

POOLS = "Does anybody know a good swimming club?"
ANSWER = "Yes, the one at the old harbour is kind."


async def private(home: Community) -> Question:
    found = await home.question_of(await home.ask("dana", POOLS))
    assert found is not None
    return found


async def now(home: Community, q: Question) -> Question:
    found = await home.question_of(q.id)
    assert found is not None
    return found


async def writes_back(home: Community, q: Question, text: str, who: str = "dana") -> str:
    await home.submit(who, Form.WRITE_BACK, q.id, {"text": text})
    return home.last(who)


# --- writing back -------------------------------------------------------------------------------------------


async def test_what_is_written_while_nobody_has_it_waits_for_whoever_takes_it(anywhere: Community):
    q = await private(anywhere)
    assert await writes_back(anywhere, q, "She is nine.") == "I keep it for whoever takes your question."
    holder = (await now(anywhere, q)).offered_to.rsplit(":", 1)[-1]
    assert "She is nine." not in anywhere.last(holder)
    await anywhere.press(holder, "Accept")
    assert "“She is nine.”" in anywhere.last(holder)
    assert await writes_back(anywhere, q, "And brave.") == "Thank you. I am bringing it over."
    assert anywhere.last(holder) == "The one who asked writes back:\n“And brave.”"


async def test_it_goes_on_after_the_answer_and_after_the_end_to_everybody_who_answered(anywhere: Community):
    q = await private(anywhere)
    for who in ("tess", "kofi"):
        await anywhere.force(who, Action.TAKE, q.id)
        await anywhere.submit(who, Form.ANSWER, q.id, {"text": ANSWER})
        await anywhere.force("dana", Action.ASK_PERSON, q.id)
    await anywhere.force("dana", Action.HELPED, q.id)
    await writes_back(anywhere, q, "Thank you both.")
    assert {anywhere.last(who) for who in ("tess", "kofi")} == {"The one who asked writes back:\n“Thank you both.”"}
    assert (await now(anywhere, q)).status is Status.CLOSED


async def test_a_settled_question_with_nobody_left_is_opened_again(home: Community):
    q = await private(home)
    await home.force("dana", Action.HELPED, q.id)
    assert (await now(home, q)).status is Status.CLOSED
    await writes_back(home, q, "It does not work after all.")
    assert (await now(home, q)).status is Status.OFFERED


async def test_one_whose_answerer_has_left_is_opened_again_too(home: Community):
    q = await private(home)
    await home.force("tess", Action.TAKE, q.id)
    await home.submit("tess", Form.ANSWER, q.id, {"text": ANSWER})
    await home.change("tess", deactivated=True)
    await writes_back(home, q, "Is it warm there?")
    assert (await now(home, q)).offered_to == KOFI


async def test_only_the_asker_writes_back_and_only_where_the_bot_carries(home: Community):
    q = await private(home)
    assert await writes_back(home, q, "Me too", "ben") == "This button is meant for somebody else."
    public = await home.question(await home.say("dana", POOLS))
    gone = "This is no longer there. If you need something, just ask again."
    assert await writes_back(home, public, "Hello?") == gone
    assert await writes_back(home, question(id="unknown"), "Hello?") == gone
    assert await writes_back(home, q, " ") == "I could not save that. Please write a few words first."
    async with home.store.read() as tx:
        assert await tx.letters.of(q.id) == await tx.letters.of(public.id) == []


async def test_an_address_in_what_is_written_back_is_taken_out(home: Community):
    q = await private(home)
    await writes_back(home, q, "Write to dana.p@example.org or 0151 2345678")
    async with home.store.read() as tx:
        (letter,) = await tx.letters.of(q.id)
    assert letter.text == "Write to [e-mail] or [phone number]"


async def test_who_has_answered_in_private_can_write_something_more(home: Community):
    q = await private(home)
    await home.force("tess", Action.TAKE, q.id)
    await home.submit("tess", Form.ANSWER, q.id, {"text": ANSWER})
    assert home.button("tess", "Write something more").subject == q.id
    await home.submit("tess", Form.ANSWER, q.id, {"text": "It opens at nine."})
    assert "It opens at nine." in home.last("dana")
    assert home.button("dana", "Write back").action is Action.WRITE_BACK


async def test_letters_go_with_retention_and_with_their_writer(anywhere: Community):
    q = await private(anywhere)
    await anywhere.force("tess", Action.TAKE, q.id)
    await writes_back(anywhere, q, "She is nine.")
    await anywhere.force("dana", Action.HELPED, q.id)
    anywhere.clock.move(31 * DAY)
    await anywhere.desk.retain()
    async with anywhere.store.read() as tx:
        assert [letter.text for letter in await tx.letters.of(q.id)] == [""]


# --- handing over -------------------------------------------------------------------------------------------


async def taken(home: Community, text: str = POOLS, by: str = "tess") -> Question:
    asked = await home.say("dana", text)
    q = await home.question(asked)
    await home.force(by, Action.TAKE, q.id)
    return q


async def hands_over(home: Community, q: Question, to: str, by: str = "tess") -> str:
    await home.submit(by, Form.HAND_OVER, q.id, {"to": key(to)})
    return home.last(by)


async def test_the_one_who_was_named_is_told_by_whom_and_has_to_accept(anywhere: Community):
    q = await taken(anywhere)
    assert anywhere.button("tess", "Hand it to somebody").action is Action.HAND_OVER
    told = await hands_over(anywhere, q, "kofi")
    assert told.startswith("Thank you. I am asking them now, and somebody else if it does not suit them.\n")
    assert "Tess had it, and thinks that you may know better." in anywhere.last("kofi")
    assert "Tess thinks that somebody else may know better. I am looking for them now." in anywhere.public()
    handed = await now(anywhere, q)
    assert (handed.status, handed.offered_to, handed.claimed_by, handed.handed_by) == (
        Status.OFFERED,
        KOFI,
        "",
        TESS,
    )
    await anywhere.press("kofi", "Accept")
    claimed = await now(anywhere, q)
    assert (claimed.claimed_by, claimed.handed_by) == (KOFI, "")
    assert "Kofi has taken your question" in anywhere.public()


async def test_silence_and_passing_return_it_to_the_queue(home: Community):
    await home.enter("eva", volunteer=volunteering("eva"))
    q = await taken(home)
    await hands_over(home, q, "kofi")
    await home.press("kofi", "Pass")
    offered = await now(home, q)
    assert (offered.offered_to, offered.handed_by) == (key("eva"), "")
    assert "had it, and thinks" not in home.last("eva")
    await home.press("eva", "Accept")
    await home.enter("finn", volunteer=volunteering("finn"))
    await hands_over(home, q, "finn", by="eva")
    await home.wait(seconds=home.policy.offer.total_seconds() + 60)
    assert (await now(home, q)).status is Status.ESCALATED
    assert (await now(home, q)).tries[-1].result is Result.EXPIRED


CANT = "I could not save that. This person can't be asked just now. Please choose somebody else."


@pytest.mark.parametrize("to", ["tess", "ben", "moda", "nobody", "paula", "guido"])
async def test_only_somebody_entitled_can_be_named(home: Community, to):
    await home.enter("paula", volunteer=volunteering("paula", paused=True))
    await home.enter("guido", volunteer=volunteering("guido"), guest=True)
    q = await taken(home)
    assert await hands_over(home, q, to) == CANT
    assert (await now(home, q)).claimed_by == TESS


async def test_what_is_about_medicines_is_handed_to_clinicians_only(home: Community):
    await home.enter("cleo", [Role.CLINICIAN], volunteering("cleo", kind=Kind.CLINICIAN))
    await home.enter("nora", [Role.CLINICIAN], volunteering("nora", kind=Kind.CLINICIAN))
    q = await taken(home, "Should I double the dose?", by="cleo")
    assert await hands_over(home, q, "kofi", by="cleo") == CANT
    await hands_over(home, q, "nora", by="cleo")
    assert (await now(home, q)).offered_to == key("nora")


async def test_only_who_has_it_hands_it_over_and_only_while_they_have_it(home: Community):
    q = await taken(home)
    assert await hands_over(home, q, "tess", by="kofi") == "This button is meant for somebody else."
    await home.press("tess", "I can't after all")
    assert await hands_over(home, q, "kofi") == "This is settled already. Thank you."
    assert await hands_over(home, question(id="unknown"), "kofi") == (
        "This is no longer there. If you need something, just ask again."
    )


@pytest.mark.parametrize("account", ["dana", "dana2"])
async def test_naming_the_asker_tells_nobody_that_it_was_they_who_asked(anywhere: Community, account):
    await anywhere.enter("dana", person="p-dana")
    await anywhere.enter(account, person="p-dana", volunteer=volunteering(account))
    await anywhere.enter("eva", volunteer=volunteering("eva"))
    q = await anywhere.question_of(await anywhere.ask("dana", POOLS, "anonymous"))
    assert q is not None
    await anywhere.force("tess", Action.TAKE, q.id)
    told = await hands_over(anywhere, q, account)
    assert told.startswith("Thank you. I am asking them now, and somebody else if it does not suit them.\n")
    after = await now(anywhere, q)
    assert after.offered_to in (KOFI, key("eva"))
    assert after.tries == (
        Try(TESS, Result.RELEASED, anywhere.clock.now()),
        Try(key(account), Result.PASSED, anywhere.clock.now()),
    )
    assert not any("had it, and thinks" in words for words in anywhere.private(account))


def test_whom_one_may_name():
    asleep = volunteer("olga", quiet=(Quiet(2, NOON.time(), NOON.replace(hour=14).time()),))
    people = [volunteer("tess"), volunteer("kofi"), volunteer("dana"), clinician("cleo"), asleep]
    people += [volunteer("paula", paused=True), volunteer("passed"), volunteer("said")]
    q = question(tries=(Try(key("passed"), Result.PASSED, NOON),), answered_by=(key("said"),))
    named = [v.name for v in nameable(q, people, TESS, NOON)]
    assert named == ["Kofi", "Dana", "Cleo"]  # the asker is in it, so that the list does not tell who asked
    assert [v.name for v in nameable(question(medical=True), people, TESS, NOON)] == ["Cleo"]


async def test_a_button_that_opens_a_form_does_nothing_by_itself(home: Community):
    q = await taken(home)
    for action in (Action.HAND_OVER, Action.WRITE_BACK, Action.ANSWER):
        await home.force("tess", action, q.id)
    assert (await now(home, q)).claimed_by == TESS
    assert (await now(home, q)).outcome is not Outcome.WITHDRAWN
