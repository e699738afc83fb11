"""Questions asked through a form: in private, or in a channel without a name. Nobody learns who asked."""

import re
from dataclasses import replace
from typing import Any

import pytest

from bot.asking import pseudonym_for
from bot.cards import Action, Direct, Form, InThread, OnlyFor
from bot.community import Channel, Role
from bot.events import MessageDeleted, MessagePosted, Place
from bot.policy import Mode
from bot.ports import DeliveryError
from bot.question import Outcome, Question, Status
from bot.routing import Kind
from bot.surfaces.beginning import channels_to_ask_in
from tests.fakes.community import GENERAL, Community, volunteering
from tests.fakes.mind import CANARY
from tests.fakes.values import DANA, DAY, key, member

POOLS = "Does anybody know a good swimming club?"
SCHOOL = "School marks infusion days as absence, what can we do?"
ANSWER = "Yes, the one at the old harbour is kind."
OTHERS = ("ben", "tess", "kofi", "cleo", "moda", "mara", "olu")


async def asked(home: Community, text: str = POOLS, how: str = "anonymous", who: str = "dana") -> Question:
    question = await home.question_of(await home.ask(who, text, how))
    assert question is not None
    return question


def everything_but_danas(home: Community) -> str:
    """All that anybody but Dana sees of the bot, links and buttons included."""
    return repr([s for s in home.messenger.shown if getattr(s.to, "member", None) != member("dana")])


async def holder_of(home: Community, question: Question) -> str:
    now = await home.question_of(question.id)
    assert now is not None
    return now.offered_to.rsplit(":", 1)[-1]


async def replies(home: Community, question: Question, who: str, text: str) -> MessagePosted:
    return await home.say(who, text, question.place.thread)


# --- without a name -----------------------------------------------------------------------------------------


async def test_the_bot_posts_it_under_a_pseudonym_and_only_then_is_anybody_asked(anywhere: Community):
    q = await asked(anywhere)
    post, *later = anywhere.messenger.shown
    assert post.to == InThread(Place("web", "home", "general", "", ""))
    assert post.words == (
        f"{q.pseudonym} asks, and prefers not to be named:\n“{POOLS}”\n"
        "Please answer in this thread. I bring every reply to the one who asked."
    )
    assert q.place == Place("web", "home", "general", post.posted.message, post.posted.message)
    assert q.status is Status.OFFERED
    offer = next(s for s in later if "may be able to answer" in s.words)
    assert offer.words.startswith(f"{q.pseudonym} has a question that you may be able to answer.")


async def test_nobody_but_the_asker_sees_who_asked_whatever_becomes_of_the_question(anywhere: Community):
    q = await asked(anywhere, "Dana P. asks: does Dana's school know? Anybody with a swimming club?")
    await anywhere.press(await holder_of(anywhere, q), "Accept")
    await replies(anywhere, q, "ben", ANSWER)
    await anywhere.submit("dana", Form.WRITE_BACK, q.id, {"text": "Thank you! Dana here."})
    await anywhere.press("dana", "Not yet: ask somebody else")
    await anywhere.press(await holder_of(anywhere, q), "Pass")
    await anywhere.wait(hours=30)
    await anywhere.press("dana", "This helped")
    assert "dana" not in everything_but_danas(anywhere).lower()
    async with anywhere.store.read() as tx:
        told = repr([await tx.journal.of(q.id), await tx.audit.all()])
    assert len(re.findall("by='asker'", told)) >= 2
    assert "dana" not in told.lower()


async def test_the_library_answers_in_the_thread_for_everybody(home: Community):
    q = await asked(home, SCHOOL)
    assert [type(s.to) for s in home.messenger.shown] == [InThread, Direct, InThread]
    assert "Infusion days and school" in home.public()
    assert (await home.question_of(q.id)).status is Status.OPEN
    await home.press("dana", "This helped")
    assert (await home.question_of(q.id)).outcome is Outcome.HELPED
    assert home.last("dana") == "I am glad it helped."
    assert ("asked:question", "dana") in await home.behaviours()


async def test_the_bots_own_post_that_comes_back_is_no_question(home: Community):
    q = await asked(home)
    await home.receive(MessagePosted(q.place, member("winwin"), POOLS, home.clock.now(), by_bot=True))
    async with home.store.read() as tx:
        from bot.community import QuestionFilter

        assert [found.id for found in await tx.questions.find(QuestionFilter())] == [q.id]


async def test_a_form_sent_twice_makes_one_question(home: Community):
    event = await home.submit("dana", Form.ASK, "", {"text": POOLS, "how": "anonymous", "channel": GENERAL})
    await home.receive(event)
    async with home.store.begin() as tx:  # also when the inbox has forgotten that it came
        await tx.inbox.forget_keys(home.clock.now() + DAY)
    await home.receive(event)
    assert sum(isinstance(s.to, InThread) for s in home.messenger.shown) == 1
    async with home.store.read() as tx:
        assert await tx.inbox.waiting() == 0


async def test_a_post_that_fails_is_tried_again_and_nobody_is_asked_before(anywhere: Community):
    anywhere.messenger.failures = [DeliveryError("the platform is away", permanent=False)]
    q = await asked(anywhere)
    assert (q.status, q.place.message, anywhere.messenger.shown) == (Status.OPEN, "", [])
    await anywhere.wait(minutes=5)
    after = await anywhere.question_of(q.id)
    assert (after.status, bool(after.place.message)) == (Status.OFFERED, True)


async def test_a_crash_between_the_post_and_the_note_of_it_posts_nothing_twice(anywhere: Community):
    real = anywhere.desk._delivery._delivered

    async def crashes(row: Any, posted: Any) -> Any:
        if row.wish.kind == "PostQuestion":
            raise OSError("killed")
        return await real(row, posted)

    anywhere.desk._delivery._delivered = crashes  # type: ignore[method-assign]
    q = await asked(anywhere)
    assert (q.status, q.place.message) == (Status.OPEN, "")
    await anywhere.restart()
    await anywhere.wait(minutes=5)
    assert (await anywhere.question_of(q.id)).status is Status.OFFERED
    assert sum(isinstance(s.to, InThread) for s in anywhere.messenger.shown) == 1


async def test_a_channel_that_takes_no_posts_makes_it_private_and_it_goes_on(home: Community):
    home.messenger.failures = [DeliveryError("not in channel", permanent=True)]
    q = await asked(home)
    assert (q.private, q.status) == (True, Status.OFFERED)
    assert any("could not post your question in that channel" in words for words in home.private("dana"))
    assert home.last(await holder_of(home, q)).startswith("Somebody has a private question")
    assert "dana" not in everything_but_danas(home).lower()


@pytest.mark.parametrize("channel", ["web:home:", "web:away:general", "slack:T1:general", "", "web:home:closed"])
async def test_a_channel_where_the_bot_may_not_speak_is_refused_kindly(home: Community, channel):
    await home.submit("moda", Form.CHANNEL, "web:home:closed", {"mode": "off"})
    assert await home.question_of(await home.ask("dana", POOLS, "anonymous", channel)) is None
    expected = "I could not save that. I can't post in that channel. Please choose another one, or ask me in private."
    assert home.last("dana") == expected


async def test_a_question_without_words_is_asked_for_them(home: Community):
    assert await home.question_of(await home.ask("dana", "  ", "anonymous")) is None
    assert home.last("dana") == "I could not save that. Please write your question first."


async def test_replies_come_to_the_asker_in_private_and_follow_edits_and_deletions(anywhere: Community):
    q = await asked(anywhere)
    question_back = await replies(anywhere, q, "ben", "How old?")
    assert anywhere.last("dana") == "Ben has written under your question:\n“How old?”"
    await anywhere.edit(question_back, "How old is she?")
    assert anywhere.last("dana") == "Ben has written under your question:\n“How old is she?”"
    await replies(anywhere, q, "tess", ANSWER)
    assert anywhere.button("dana", "This helped").subject == q.id
    await anywhere.delete(question_back)
    assert anywhere.last("dana") == "This message has been taken back."
    assert "How old" not in repr(anywhere.messenger.shown)
    async with anywhere.store.read() as tx:
        assert [letter.member for letter in await tx.letters.of(q.id)] == [key("tess")]


async def test_the_asker_writes_back_under_the_same_name_before_and_after_the_answer(anywhere: Community):
    q = await asked(anywhere)
    for text in ("She is nine.", "And she loves water."):
        await anywhere.submit("dana", Form.WRITE_BACK, q.id, {"text": text})
        assert anywhere.public() == f"{q.pseudonym} writes:\n“{text}”"
    await replies(anywhere, q, "ben", ANSWER)
    await anywhere.press("dana", "This helped")
    await anywhere.submit("dana", Form.WRITE_BACK, q.id, {"text": "We went there, it was lovely."})
    assert anywhere.public() == f"{q.pseudonym} writes:\n“We went there, it was lovely.”"
    assert anywhere.private("dana")[-1] == "Thank you. I am bringing it over."
    assert (await anywhere.question_of(q.id)).status is Status.CLOSED


async def test_what_the_asker_writes_there_in_their_own_name_says_nothing_about_them(home: Community):
    q = await asked(home)
    before = list(home.messenger.shown)
    await replies(home, q, "dana", "Never mind, we found one!")
    assert home.messenger.shown == before
    assert (await home.question_of(q.id)).status is Status.OFFERED


async def test_a_moderator_who_deletes_the_post_ends_it_and_the_asker_hears_so_in_private(anywhere: Community):
    q = await asked(anywhere)
    await anywhere.submit("dana", Form.WRITE_BACK, q.id, {"text": "She is nine."})
    await anywhere.receive(MessageDeleted(q.place, anywhere.clock.now()))
    after = await anywhere.question_of(q.id)
    assert (after.status, after.text) == (Status.CLOSED, "")
    assert any("Your question is no longer in the channel" in words for words in anywhere.private("dana"))
    async with anywhere.store.read() as tx:
        assert await tx.letters.of(q.id) == []


async def test_the_asker_takes_it_back_and_the_post_loses_its_words(home: Community):
    await asked(home)
    await home.press("dana", "Take it back")
    assert "This question has been taken back." in [s.words for s in home.messenger.shown]
    assert "swimming" not in everything_but_danas(home)


@pytest.mark.parametrize("settled", [False, True])
async def test_an_asker_who_is_forgotten_leaves_no_words_in_the_channel(anywhere: Community, settled):
    q = await asked(anywhere)
    await anywhere.submit("dana", Form.WRITE_BACK, q.id, {"text": "She is nine and loves zebras."})
    if settled:
        await anywhere.force("dana", Action.HELPED, q.id)
    await anywhere.force("dana", Action.FORGET_ME, "me")
    assert "swimming" not in repr(anywhere.messenger.shown)
    assert "zebras" not in repr(anywhere.messenger.shown)
    async with anywhere.store.read() as tx:
        assert [letter.text for letter in await tx.letters.of(q.id)] == [""]


async def test_the_asker_is_never_asked_their_own_question(home: Community):
    await home.enter("dana", volunteer=volunteering("dana", topics=frozenset({"school"})))
    q = await asked(home)
    for _ in range(2):
        await home.press(await holder_of(home, q), "Pass")
    assert (await home.question_of(q.id)).status is Status.ESCALATED
    assert not any("may be able to answer" in words for words in home.private("dana"))


async def test_where_a_channel_whispers_suggestions_go_to_the_asker_alone(home: Community):
    await home.submit("moda", Form.CHANNEL, GENERAL, {"mode": Mode.HINT})
    await asked(home, SCHOOL)
    assert "Infusion days and school" in home.last("dana")
    assert "Infusion days" not in home.public()


async def test_news_for_somebody_who_takes_no_private_messages_reach_them_alone_in_the_channel(home: Community):
    class Closed(type(home.messenger)):  # type: ignore[misc]
        async def send(self, to: Any, card: Any, key: str, *, tried: int = 0) -> Any:
            if to == Direct(member("dana")):
                raise DeliveryError("direct messages are closed", permanent=True)
            return await super().send(to, card, key, tried=tried)

    home.messenger.__class__ = Closed
    q = await asked(home)
    await replies(home, q, "ben", ANSWER)
    alone = [s for s in home.messenger.shown if isinstance(s.to, OnlyFor)]
    assert {s.to for s in alone} == {OnlyFor(q.place, member("dana"))}
    assert ANSWER in alone[-1].words
    said = await home.say("dana", "I want to die")
    safety = [s for s in home.messenger.shown if "You matter" in s.words]
    assert [s.to for s in safety] == [OnlyFor(said.place, member("dana"))]  # never where others could see it
    assert home.last("moda").startswith("Safety alert C1.")


async def test_talk_of_a_cure_is_posted_and_moderators_are_asked_to_look(home: Community):
    q = await asked(home, "Has anybody tried that miracle cure?")
    assert home.last("moda").startswith("This post speaks of a cure")
    (link,) = [b.place for s in home.sees("moda") for b in s.card.blocks if hasattr(b, "place") and "post" in b.label]
    assert link == q.place


def test_a_pseudonym_is_plain_and_one_per_question():
    names = {pseudonym_for(f"q{n}") for n in range(200)}
    assert all(re.fullmatch(r"[A-Z][a-z]+-\d\d", name) for name in names)
    assert len(names) > 150
    assert pseudonym_for("q1") == pseudonym_for("q1")


# --- safety -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["private", "anonymous"])
async def test_a_crisis_in_the_form_is_an_alert_without_words_and_no_question(anywhere: Community, how):
    question_id = await anywhere.ask("dana", f"I want to die and {CANARY}, what now?", how)
    assert await anywhere.question_of(question_id) is None
    assert "You matter, and you do not have to carry this alone." in anywhere.last("dana")
    assert anywhere.last("moda").startswith("Safety alert C1.")
    assert CANARY not in repr(anywhere.messenger.shown)
    assert not any(isinstance(s.to, InThread) for s in anywhere.messenger.shown)


async def test_a_crisis_written_back_is_an_alert_and_reaches_nobody_else(anywhere: Community):
    q = await asked(anywhere)
    await anywhere.submit("dana", Form.WRITE_BACK, q.id, {"text": f"I want to die, {CANARY}"})
    assert "You matter" in anywhere.last("dana")
    assert CANARY not in repr(anywhere.messenger.shown)
    async with anywhere.store.read() as tx:
        assert await tx.letters.of(q.id) == []


@pytest.mark.parametrize("how", ["private", "anonymous"])
async def test_an_address_in_the_form_is_taken_out(home: Community, how):
    q = await asked(home, "Who can help? Write to dana.p@example.org please", how)
    assert q.text == "Who can help? Write to [e-mail] please"


async def test_a_question_about_medicines_goes_to_clinicians_only(home: Community):
    await home.enter("cleo", [Role.CLINICIAN], volunteering("cleo", kind=Kind.CLINICIAN))
    q = await asked(home, "Should I double the dose?")
    assert (q.medical, q.offered_to) == (True, key("cleo"))


# --- in private ---------------------------------------------------------------------------------------------


async def test_a_private_question_by_form_is_answered_through_the_bot(anywhere: Community):
    q = await asked(anywhere, POOLS, "private")
    assert (q.private, q.pseudonym, q.asker) == (True, "", DANA)
    volunteer = await holder_of(anywhere, q)
    await anywhere.press(volunteer, "Accept")
    await anywhere.submit(volunteer, Form.ANSWER, q.id, {"text": ANSWER})
    assert ANSWER in anywhere.last("dana")
    await anywhere.submit("dana", Form.WRITE_BACK, q.id, {"text": "Is it warm there?"})
    assert anywhere.last(volunteer) == "The one who asked writes back:\n“Is it warm there?”"
    await anywhere.submit(volunteer, Form.ANSWER, q.id, {"text": "Yes, 31 degrees."})
    assert "Yes, 31 degrees." in anywhere.last("dana")
    assert not any(isinstance(s.to, InThread) for s in anywhere.messenger.shown)
    assert "dana" not in everything_but_danas(anywhere).lower()
    await anywhere.wait(hours=5)
    assert "Did it help?" in anywhere.last("dana")


async def test_what_hardly_reads_like_a_question_is_one_because_it_was_asked(home: Community):
    q = await asked(home, "swimming for my daughter", "private")
    assert q.status is Status.OFFERED


# --- where one may ask --------------------------------------------------------------------------------------


async def test_the_form_names_the_channel_one_is_in_and_of_others_only_those_open_to_all(home: Community):
    """The name of a closed channel would tell something to those who are not in it."""
    async with home.store.begin() as tx:
        for name, facts in {
            "open": {"public": True},
            "closed": {},
            "left": {"public": True, "gone": True},
            "silent": {"public": True, "mode": Mode.OFF},
        }.items():
            await tx.channels.save(replace(Channel(f"web:home:{name}", name, Mode.THREAD), **facts))
        await tx.channels.save(Channel("web:away:open", "far", Mode.THREAD, public=True))
        found = await channels_to_ask_in({}, tx, member("dana"))
        assert found == [("web:home:open", "#open")]
        here = {"channel": "web:home:closed", "channel_name": "closed"}
        assert await channels_to_ask_in(here, tx, member("dana")) == [("web:home:closed", "#closed"), *found]
