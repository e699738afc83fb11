"""The whole way: a parent asks, a person answers, the answer becomes a resource, the next parent gets it."""

from bot.cards import Action, Form
from bot.question import Outcome, Status
from tests.fakes.community import Community

ASKED = "School marks infusion days as absence, what can we do?"
ANSWER = "We wrote a letter with the nurse and the headteacher excused every infusion day."


async def test_the_whole_chain(anywhere: Community):
    home = anywhere
    asked = await home.say("dana", ASKED)
    assert home.public().startswith("This is from our community's library. It may help.\nInfusion days and school")

    await home.press("dana", "Not what I need")
    assert home.last("tess").startswith("Dana has a question that you may be able to answer.")
    await home.press("tess", "Pass")
    assert home.last("tess") == "Passed on. Thank you for looking.\n[Open the question]"
    await home.press("kofi", "Accept")
    assert "Kofi has taken your question and wants to answer it here." in home.public()

    await home.say("kofi", ANSWER, asked.place.thread)
    assert (await home.question(asked)).status is Status.ANSWERED
    await home.wait(hours=4)
    await home.press("dana", "This helped")
    assert home.public() == "I am glad it helped."
    assert (await home.question(asked)).outcome is Outcome.HELPED

    async with home.store.read() as tx:
        answer = (await tx.answers.of((await home.question(asked)).id))[0]
    form = {"title": "Excused infusion days", "text": ANSWER, "topics": "school", "asked_as": ASKED}
    await home.submit("moda", Form.SAVE_RESOURCE, answer.place.key, form)
    await home.press("kofi", "Yes, keep it")
    await home.press("moda", "Publish")
    assert {
        "You said yes to keeping your answer. Thank you.",  # what became of the card that asked
        "“Excused infusion days” is in the library now. It can help the next person who asks. Thank you.",
    } <= set(home.private("kofi"))

    await home.say("ben", "What can we do about absence marks on infusion days at school?")
    assert "Excused infusion days" in home.public()
    await home.press("ben", "This helped")
    assert await home.behaviours() == [
        ("asked:question", "dana"),
        ("shown:resource", "dana"),
        ("accepted:question", "kofi"),
        ("answered:question", "kofi"),
        ("pressed:helped", "dana"),
        ("submitted:resource", "kofi"),
        ("asked:question", "ben"),
        ("shown:resource", "ben"),
        ("shown:resource", "ben"),
        ("pressed:helped", "ben"),
    ]


async def test_a_private_question_is_relayed_both_ways_and_never_shown_in_public(home: Community):
    asked = await home.say("dana", "How do I tell my daughter about the stoma?", direct=True)
    offer = home.last("tess")
    assert offer.startswith("Somebody has a private question that you may be able to answer.\n“How do I tell")
    assert "Dana" not in offer
    await home.press("tess", "Accept")
    assert "“How do I tell my daughter about the stoma?”" in home.last("tess")
    await home.submit(
        "tess", Form.ANSWER, home.button("tess", "Write an answer").subject, {"text": "Draw it with her."}
    )
    assert home.last("dana") == "Tess has answered your question:\n“Draw it with her.”"
    assert "“" not in home.last("tess")
    await home.press("dana", "This helped")
    assert (await home.question(asked)).outcome is Outcome.HELPED
    assert home.sees("ben") == []


async def test_only_who_has_taken_a_private_question_can_answer_it(home: Community):
    asked = await home.say("dana", "How do I tell my daughter about the stoma?", direct=True)
    question = await home.question(asked)
    await home.submit("kofi", Form.ANSWER, question.id, {"text": "Let me barge in."})
    assert home.last("kofi").startswith("This button is meant for somebody else.\n")
    assert (await home.question(asked)).status is Status.OFFERED


async def test_a_quote_goes_from_the_card_when_the_offer_ends(home: Community):
    await home.say("dana", "Does anybody know a good swimming club?")
    assert "swimming" in home.last("kofi") + home.last("tess")
    await home.wait(seconds=home.policy.offer.total_seconds())
    await home.wait(seconds=home.policy.offer.total_seconds())
    closed = [s.words for who in ("kofi", "tess") for s in home.sees(who) if "looking for somebody else now" in s.words]
    assert len(closed) == 2
    assert not any("swimming" in words for words in closed)


async def test_a_volunteer_with_an_old_card_still_may_take_it_and_the_other_is_thanked(home: Community):
    asked = await home.say("dana", "Does anybody know a good swimming club?")
    first = (await home.question(asked)).offered_to.rsplit(":", 1)[-1]
    await home.wait(seconds=home.policy.offer.total_seconds())
    second = (await home.question(asked)).offered_to.rsplit(":", 1)[-1]
    assert {first, second} == {"tess", "kofi"}
    await home.force(first, Action.ACCEPT, (await home.question(asked)).id)
    assert home.last(second) == "Somebody else has taken this one. Thank you.\n[Open the question]"
    assert home.last(first).startswith("Thank you. This question is yours.")


async def test_nobody_holds_more_than_two_questions_at_once(home: Community):
    for number in range(5):
        await home.say("dana", f"Does anybody know swimming club number {number}?")
    held = [line for line in home.private("tess") if line.startswith("Dana has a question")]
    assert len(held) == 2


async def test_an_escalated_question_reaches_the_moderators_and_one_of_them_can_take_it(home: Community):
    asked = await home.say("dana", "Should I double the dose when he vomits?")  # no clinician volunteers
    assert (await home.question(asked)).status is Status.ESCALATED
    assert home.last("moda").startswith("I have found nobody to answer this question.")
    assert "only a clinician may answer it" in home.last("moda")
    await home.force("moda", Action.TAKE, (await home.question(asked)).id)
    assert home.last("moda").startswith("It is about medicines, so only a clinician takes it.")
    assert (await home.question(asked)).status is Status.ESCALATED
    await home.force("cleo", Action.TAKE, (await home.question(asked)).id)
    assert (await home.question(asked)).claimed_by == "web:home:cleo"
    assert home.last("cleo").startswith("Thank you. This question is yours.")
    await home.say("cleo", "Please ring us before you change anything.", asked.place.thread)
    assert home.last("cleo") == "This question has been answered. Thank you for being there.\n[Open the question]"
