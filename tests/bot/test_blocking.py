"""Whom an asker does not want to hear from: never asked again, and nobody learns of it."""

from datetime import timedelta

import pytest

from bot.cards import Action, Form
from bot.community import Role
from bot.question import Question, Status
from tests.fakes.community import Community, volunteering
from tests.fakes.values import DANA, KOFI, TESS, key

POOLS = "Does anybody know a good swimming club?"
BLOCKED = "All right. I won't ask them about your questions any more, and I don't tell them."
UNBLOCKED = "All right. I may ask them about your questions again."
TAKEN = "Somebody else has already taken this one. Thank you for being there."


async def block(home: Community, other: str, by: str = "dana", on: str = "yes") -> str:
    await home.submit(by, Form.BLOCK, "", {"other": key(other), "on": on})
    return home.last(by)


async def asked(home: Community, how: str = "") -> Question:
    """Offered to Tess: nobody else is there to be asked yet."""
    await home.enter("kofi", volunteer=volunteering("kofi", paused=True))
    if how:
        found = await home.question_of(await home.ask("dana", POOLS, how))
        assert found is not None
        return found
    return await home.question(await home.say("dana", POOLS))


async def now(home: Community, q: Question) -> Question:
    found = await home.question_of(q.id)
    assert found is not None
    return found


async def test_who_is_asked_just_now_is_asked_no_more_and_not_told_why(anywhere: Community):
    q = await asked(anywhere)
    await anywhere.enter("kofi", volunteer=volunteering("kofi"))
    assert q.offered_to == TESS
    assert await block(anywhere, "tess") == BLOCKED
    assert (await now(anywhere, q)).offered_to == KOFI
    ending = "I am looking for somebody else now. If you have time later, look on the open board."
    assert anywhere.last("tess").startswith(ending)
    assert "Tess" not in anywhere.public()
    await anywhere.force("tess", Action.ACCEPT, q.id)
    assert anywhere.last("tess") == TAKEN
    assert (await now(anywhere, q)).offered_to == KOFI


async def test_who_has_taken_it_has_it_no_more_from_any_account_of_both(anywhere: Community):
    await anywhere.enter("dana2", person="p-dana")
    await anywhere.enter("tess2", person="p-tess")
    q = await asked(anywhere)
    await anywhere.press("tess", "Accept")
    await anywhere.enter("kofi", volunteer=volunteering("kofi"))
    await block(anywhere, "tess2", by="dana2")
    assert (await now(anywhere, q)).offered_to == KOFI
    assert anywhere.last("tess").startswith("I am looking for somebody else now. Thank you for being willing.")
    assert "could not get to it" not in anywhere.public()
    assert "Tess" not in anywhere.last("dana")


async def test_their_questions_are_not_on_the_board_of_the_one_they_blocked(anywhere: Community):
    q = await asked(anywhere)
    await block(anywhere, "tess")
    await block(anywhere, "moda")
    boards = {m: [one.question.id for one in await anywhere.lookups.board(key(m))] for m in ("tess", "moda", "mara")}
    assert boards == {"tess": [], "moda": [], "mara": [q.id]}
    assert await anywhere.lookups.board(key("moda"), everything=True) == ()
    await anywhere.force("moda", Action.TAKE, q.id)
    assert anywhere.last("moda") == TAKEN
    await anywhere.force("mara", Action.TAKE, q.id)
    assert (await now(anywhere, q)).claimed_by == key("mara")


async def test_nothing_goes_to_and_fro_through_the_bot_any_more(home: Community):
    q = await asked(home, "private")
    await home.press("tess", "Accept")
    await home.submit("tess", Form.ANSWER, q.id, {"text": "The one at the harbour."})
    await block(home, "tess")
    before = home.private("dana")
    await home.submit("tess", Form.ANSWER, q.id, {"text": "One thing more."})
    assert home.private("dana") == before
    assert "These are your words" in home.last("tess")
    seen = len(home.private("tess"))
    await home.submit("dana", Form.WRITE_BACK, q.id, {"text": "Somebody else, please?"})
    assert len(home.private("tess")) == seen
    assert (await now(home, q)).status is Status.ESCALATED, "nobody is left: it is open again"


async def test_handing_it_to_them_looks_as_if_they_had_passed_at_once(home: Community):
    q = await asked(home)
    await home.press("tess", "Accept")
    await home.enter("kofi", volunteer=volunteering("kofi"))
    await block(home, "kofi")
    await home.submit("tess", Form.HAND_OVER, q.id, {"to": KOFI})
    assert home.last("tess").startswith("Thank you. I am asking them now")
    assert home.private("kofi") == []
    assert (await now(home, q)).status is Status.ESCALATED


async def test_they_are_asked_again_once_it_is_taken_back_from_any_account(anywhere: Community):
    await anywhere.enter("dana2", person="p-dana")
    await block(anywhere, "tess")
    await anywhere.enter("tess2", person="p-tess")
    assert [m.key for m in await anywhere.lookups.blocked(key("dana2"))] == [TESS]
    assert (await asked(anywhere)).status is Status.ESCALATED
    anywhere.clock.move(timedelta(minutes=5))  # a question of its own
    assert await block(anywhere, "tess2", by="dana2", on="no") == UNBLOCKED
    assert await anywhere.lookups.blocked(DANA) == ()
    assert (await asked(anywhere)).offered_to == TESS


async def test_a_moderator_they_blocked_is_not_told_of_it_unless_there_is_nobody_else(home: Community):
    for name in ("tess", "kofi"):
        await home.enter(name, volunteer=volunteering(name, paused=True))
    await block(home, "moda")
    await home.say("dana", POOLS)
    assert (len(home.private("moda")), len(home.private("mara"))) == (0, 1)
    await block(home, "mara")
    await home.say("dana", "Who knows a warm pool?")
    assert (len(home.private("moda")), len(home.private("mara"))) == (1, 2)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("dana", "This is you, and I never send you your own questions. Please choose somebody else."),
        ("dana2", "This is you, and I never send you your own questions. Please choose somebody else."),
        ("robot", "This is a bot: I ask people only."),
        ("stranger", "I don't know this person yet, so I don't ask them. Please choose somebody else."),
    ],
)
async def test_neither_oneself_nor_a_bot_nor_somebody_unknown(home: Community, other, why):
    await home.enter("dana2", person="p-dana")
    await home.enter("robot", bot=True)
    assert await block(home, other) == f"I could not save that. {why}"
    assert await home.lookups.blocked(DANA) == ()


async def test_the_records_say_that_but_never_whom(anywhere: Community):
    await asked(anywhere)
    await block(anywhere, "tess")
    await block(anywhere, "kofi")
    await block(anywhere, "kofi", on="no")
    data = await anywhere.lookups.my_data(DANA)
    assert data["blocked"] == 1
    assert [a["action"] for a in data["log_of_acts"]] == ["block", "block", "unblock"]
    async with anywhere.store.read() as tx:
        acts = [a for a in await tx.audit.all() if "block" in a.action]
        assert {(a.actor, a.subject, a.detail) for a in acts} == {(DANA, "", "")}
    assert (await anywhere.lookups.my_data(TESS))["blocked"] == 0


async def test_a_moderator_who_looks_into_it_reads_nothing_of_a_block(home: Community):
    await home.enter("mona", [Role.MODERATOR])
    message = await home.say("dana", POOLS)
    await block(home, (await home.question(message)).offered_to.rsplit(":", 1)[-1])
    card = await home.lookups.why(message.place, key("mona"))
    words = " ".join(str(getattr(b, "text", "")) for b in card.blocks)
    assert "It went on to somebody else" in words
    assert "block" not in words.lower()
