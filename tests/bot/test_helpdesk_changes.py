"""People change their minds: edits, deletions, opting out, being forgotten, other accounts."""

import pytest

from bot.cards import Action, Form
from bot.community import Role
from bot.curation import DraftState
from bot.policy import Mode
from bot.question import Outcome, Result, Status
from bot.routing import Kind
from tests.fakes.community import Community, library, volunteering
from tests.fakes.values import CLEO, KOFI, TESS, key, member

SWIMMING = "Does anybody know a good swimming club?"
ANSWER = "Yes, the one at the old harbour is kind."
WITHDRAWN = "The question is settled or was taken back. Thank you.\nIt was asked at 12:00, about: school."


async def answers_of(home: Community, asked) -> list[str]:
    async with home.store.read() as tx:
        return [a.text for a in await tx.answers.of((await home.question(asked)).id)]


# --- edits --------------------------------------------------------------------------------------------------


async def test_an_edit_is_judged_anew_and_the_card_changes_in_its_place(home: Community):
    asked = await home.say("dana", "School marks infusion days as absence, what can we do?")
    assert "Infusion days and school" in home.public()
    await home.edit(asked, "Has somebody travelled with cooled medicines?")
    question = await home.question(asked)
    assert (question.text, question.suggested) == ("Has somebody travelled with cooled medicines?", ())
    assert home.public() == "This suggestion has been taken back."
    assert len(home.messenger.shown) == 1


async def test_a_question_edited_to_be_about_medicines_is_taken_from_a_parent(home: Community):
    await home.enter("cleo", [Role.CLINICIAN], volunteering("cleo", kind=Kind.CLINICIAN))
    asked = await home.say("dana", "What about vomiting?")
    holder = (await home.question(asked)).offered_to.rsplit(":", 1)[-1]
    await home.edit(asked, "What about vomiting? Should I double the dose?")
    assert (await home.question(asked)).offered_to == key("cleo")
    changed = "The question has changed and needs a clinician now. Thank you for being there."
    assert home.last(holder) == f"{changed}\n[Open the question]"


async def test_a_question_about_medicines_stays_one_when_an_edit_hardly_reads_like_a_question(home: Community):
    asked = await home.say("dana", "Should I double the dose?")
    await home.edit(asked, "I asked whether to double the dose")
    assert (await home.question(asked)).medical


async def test_an_edited_answer_is_kept_as_edited_and_one_emptied_of_its_sense_is_no_answer(home: Community):
    asked = await home.say("dana", SWIMMING)
    answer = await home.say("ben", ANSWER, asked.place.thread)
    await home.edit(answer, "Yes, the one at the new harbour is kind.")
    assert await answers_of(home, asked) == ["Yes, the one at the new harbour is kind."]
    await home.edit(answer, "sorry, wrong thread")
    assert await answers_of(home, asked) == []
    assert (await home.question(asked)).status is Status.OFFERED


async def test_chatter_with_the_bot_edited_into_a_question_stays_private(home: Community):
    hello = await home.say("dana", "Hello", direct=True)
    await home.edit(hello, "How do I tell my daughter about the stoma?")
    assert (await home.question(hello)).private
    assert home.last("tess").startswith("Somebody has a private question") or home.last("kofi").startswith(
        "Somebody has"
    )


# --- deletions ----------------------------------------------------------------------------------------------


async def test_deleting_a_question_withdraws_it_and_drops_its_words(home: Community):
    asked = await home.say("dana", SWIMMING)
    await home.delete(asked)
    question = await home.question(asked)
    assert (question.status, question.outcome, question.text) == (Status.CLOSED, Outcome.WITHDRAWN, "")
    assert home.last("tess") + home.last("kofi") == WITHDRAWN


async def test_deleting_the_only_answer_opens_the_question_again_and_the_author_is_not_asked_at_once(home: Community):
    asked = await home.say("dana", SWIMMING)
    answer = await home.say("tess", ANSWER, asked.place.thread)
    await home.delete(answer)
    question = await home.question(asked)
    assert (question.status, question.offered_to, question.answered_by) == (Status.OFFERED, KOFI, ())
    assert await answers_of(home, asked) == []


async def test_deleting_one_of_two_answers_of_the_same_person_changes_nothing(home: Community):
    asked = await home.say("dana", SWIMMING)
    first = await home.say("tess", ANSWER, asked.place.thread)
    await home.say("tess", "And the second one at the mill is good too.", asked.place.thread)
    before = await home.question(asked)
    await home.delete(first)
    assert await home.question(asked) == before
    assert await answers_of(home, asked) == ["And the second one at the mill is good too."]


async def test_an_answer_deleted_while_a_moderator_fills_the_form_is_not_saved(home: Community):
    asked = await home.say("dana", SWIMMING)
    answer = await home.say("tess", ANSWER, asked.place.thread)
    await home.delete(answer)
    await home.submit("moda", Form.SAVE_RESOURCE, answer.place.key, {"title": "Swimming", "text": ANSWER})
    assert home.last("moda") == "This is no longer there. If you need something, just ask again."
    async with home.store.read() as tx:
        assert await tx.drafts.all() == []


# --- opting out, private details ------------------------------------------------------------------------------


async def test_somebody_who_opted_out_is_not_listened_to_until_they_speak_to_the_bot(home: Community):
    await home.force("dana", Action.OPT_OUT, "me")
    assert home.last("dana") == "I will leave your messages alone from now on."
    await home.say("dana", SWIMMING)
    asked = await home.say("ben", SWIMMING)
    await home.say("dana", ANSWER, asked.place.thread)
    assert await answers_of(home, asked) == []
    assert (await home.question(asked)).status is Status.OFFERED
    private = await home.say("dana", "How do we tell the school?", direct=True)
    assert (await home.question(private)).asker == key("dana")


async def test_a_crisis_of_somebody_who_opted_out_is_still_seen(home: Community):
    await home.force("dana", Action.OPT_OUT, "me")
    await home.say("dana", "I want to die")
    assert home.last("moda").startswith("Safety alert C1.")


async def test_an_address_is_not_kept_and_the_author_is_nudged_alone(home: Community):
    asked = await home.say("dana", "Who can help? Write to dana.p@example.org please")
    assert (await home.question(asked)).text == "Who can help? Write to [e-mail] please"
    assert "You may want to take it out. I have not kept it." in "\n".join(home.private("dana"))
    assert "example.org" not in repr(home.messenger.shown)


async def test_talk_of_a_cure_goes_to_the_moderators_and_does_not_end_the_search(home: Community):
    asked = await home.say("dana", SWIMMING)
    await home.say("ben", "Our healer has a miracle cure, drop everything else.", asked.place.thread)
    assert (await home.question(asked)).status is Status.OFFERED
    expected = "This post speaks of a cure, or of stopping a treatment. Could you look at it, please?\n[Open the post]"
    assert home.last("moda") == expected
    await home.submit("moda", Form.SAVE_RESOURCE, "", {"title": "Cure", "text": "A miracle cure."})
    assert home.last("moda").startswith("This speaks of a cure")


# --- being forgotten ------------------------------------------------------------------------------------------


async def test_a_volunteer_who_is_forgotten_hands_everything_on(home: Community):
    offered = await home.say("dana", SWIMMING)
    claimed = await home.say("ben", "How do we tell the grandparents?")
    holder = (await home.question(offered)).offered_to.rsplit(":", 1)[-1]
    other = "kofi" if holder == "tess" else "tess"
    await home.force(holder, Action.ACCEPT, (await home.question(claimed)).id)
    await home.force(holder, Action.FORGET_ME, "me")
    assert home.last(holder) == "I have erased your words and your name here."
    assert [(await home.question(m)).offered_to for m in (offered, claimed)] == [key(other)] * 2
    assert "A member could not get to it this time. I am looking for somebody else." in [
        s.words for s in home.messenger.shown
    ]


async def test_an_asker_who_is_forgotten_has_nothing_open_and_no_words_left(home: Community):
    asked = await home.say("dana", SWIMMING)
    await home.force("dana", Action.FORGET_ME, "me")
    question = await home.question(asked)
    assert (question.status, question.outcome, question.text) == (Status.CLOSED, Outcome.WITHDRAWN, "")
    assert "swimming" not in repr(home.messenger.shown)


async def test_a_resource_of_somebody_forgotten_is_gone_from_the_library_at_once(home: Community):
    asked = await home.say("dana", SWIMMING)
    answer = await home.say("tess", ANSWER, asked.place.thread)
    form = {"title": "Swimming clubs", "text": ANSWER, "publish_at_once": "yes", "asked_as": SWIMMING}
    await home.submit("moda", Form.SAVE_RESOURCE, answer.place.key, form)
    await home.press("tess", "Yes, keep it")
    assert len(home.librarian.library) == 2
    await home.force("tess", Action.FORGET_ME, "me")
    assert len(home.librarian.library) == 1


# --- one person, two accounts ---------------------------------------------------------------------------------


async def test_a_newcomer_is_not_asked_their_own_question_through_another_account(home: Community):
    asked = await home.say("nina", SWIMMING)  # never seen before
    person = (await home.question(asked)).asker_person
    async with home.store.read() as tx:
        assert person == (await tx.members.get([key("nina")]))[key("nina")].person
    await home.enter("nina2", person=person, volunteer=volunteering("nina2"))
    await home.force("nina2", Action.TAKE, (await home.question(asked)).id)
    assert home.last("nina2") == "This is your own question: somebody else answers it."
    await home.say("nina2", ANSWER, asked.place.thread)
    assert (await home.question(asked)).status is Status.OFFERED


# --- modes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "public", "private"),
    [(Mode.THREAD, True, False), (Mode.HINT, False, True), (Mode.MENTION, False, False), (Mode.OFF, False, False)],
)
async def test_a_channel_hears_and_shows_as_its_mode_says(home: Community, mode, public, private):
    await home.submit("moda", Form.CHANNEL, "web:home:general", {"mode": mode})
    await home.say("ben", "School marks infusion days as absence, what can we do?")
    assert (bool(home.public()), bool(home.private("ben"))) == (public, private)


async def test_a_volunteers_word_counts_at_the_press_not_when_the_card_was_shown(home: Community):
    asked = await home.say("dana", SWIMMING)
    holder = (await home.question(asked)).offered_to.rsplit(":", 1)[-1]
    async with home.store.begin() as tx:
        await tx.members.save((await tx.members.get([key(holder)]))[key(holder)])
        await tx.members.forget(key(holder), home.clock.now())
    await home.force(holder, Action.ACCEPT, (await home.question(asked)).id)
    assert home.last(holder) == "Volunteers take questions here. If you would like to be one: /volunteer"


async def test_never_mind_takes_a_question_back(home: Community):
    asked = await home.say("dana", SWIMMING)
    await home.say("dana", "Never mind, we found one!", asked.place.thread)
    assert (await home.question(asked)).outcome is Outcome.WITHDRAWN


async def test_a_refused_draft_keeps_no_words(home: Community):
    asked = await home.say("dana", SWIMMING)
    answer = await home.say("tess", ANSWER, asked.place.thread)
    await home.submit("moda", Form.SAVE_RESOURCE, answer.place.key, {"title": "Swimming", "text": ANSWER})
    await home.press("tess", "No, thank you")
    async with home.store.read() as tx:
        (draft,) = await tx.drafts.all()
    assert (draft.state, draft.title, draft.text) == (DraftState.DECLINED, "", "")
    assert home.last("tess") == "All right, nothing is kept."


async def test_an_offer_put_off_comes_again_only_after_the_time_set_for_it(home: Community):
    asked = await home.say("dana", SWIMMING)
    holder = (await home.question(asked)).offered_to.rsplit(":", 1)[-1]
    await home.press(holder, "Not now")
    other = "kofi" if holder == "tess" else "tess"
    await home.press(other, "Pass")
    question = await home.question(asked)
    assert [t.result for t in question.tries] == [Result.POSTPONED, Result.PASSED]
    assert question.status is Status.ESCALATED
    await home.wait(hours=23)
    assert (await home.question(asked)).status is Status.ESCALATED
    await home.wait(hours=1)
    assert (await home.question(asked)).offered_to == key(holder)


async def test_the_weekly_cap_counts_what_was_sent_in_seven_days(home: Community):
    await home.enter("tess", volunteer=volunteering("tess", weekly_cap=1))
    await home.enter("kofi", volunteer=volunteering("kofi", paused=True))
    first = await home.say("dana", SWIMMING)
    await home.press("tess", "Pass")
    second = await home.say("ben", "How do we tell the grandparents?")
    assert (await home.question(second)).status is Status.ESCALATED
    await home.wait(days=6)
    third = await home.say("ben", "How do we tell the neighbours?")
    assert (await home.question(third)).status is Status.ESCALATED
    await home.wait(days=1)
    assert TESS in ((await home.question(third)).offered_to, (await home.question(second)).offered_to)
    assert (await home.question(first)).status is Status.ESCALATED
    assert member("tess").key == TESS


async def test_under_a_question_about_medicines_no_sentence_with_a_number_is_shown(home: Community):
    text = "Ask your team first. Never take 2 tablets instead of 1. Keep the leaflet."
    (resource,) = library(("Double the dose after vomiting?", text))
    from dataclasses import replace

    await home.shelve(replace(resource, id="m1", medical=True, clinician=CLEO))
    await home.say("dana", "Should I double the dose after vomiting?")
    assert "Ask your team first. Keep the leaflet." in home.public()
    assert "tablets" not in home.public()
