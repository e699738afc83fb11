"""A crisis is never treated as a question, never stored, and people are paged until one of them has it."""

import asyncio
import pickle
from typing import Any

import pytest

from adapters.storage.memory import MemoryStore
from bot.cards import Action
from bot.community import Role
from bot.events import MessageEdited
from bot.judging import Judge
from bot.question import Outcome, Status
from tests.fakes.community import Community, peopled
from tests.fakes.mind import CANARY

CRISIS = f"I want to die, {CANARY}, and how do infusion days count at school?"
PAGE = "Safety alert C1. Please look now.\nIt may be about somebody who is about to harm themselves.\n"
ALERT = f"{PAGE}[Open the message]"
WITHDRAWN = "The question is settled or was taken back. Thank you.\nIt was asked at 12:00, about: school."


def everything(home: Community) -> str:
    """All that the store, the fakes and the index hold, as text."""
    assert isinstance(home.store, MemoryStore)
    shown = [(s.words, s.card) for s in home.messenger.shown]
    rows: Any = home.store._committed
    return repr(rows) + repr(shown) + repr(pickle.dumps(rows))


async def alert_of(home: Community):
    async with home.store.read() as tx:
        return await tx.alerts.open()


async def test_a_crisis_gets_a_private_answer_and_pages_two_people_and_no_suggestion(home: Community):
    await home.say("dana", CRISIS)
    assert home.last("dana").startswith("I am glad you said it. You matter")
    assert home.last("moda") == home.last("mara") == ALERT
    assert home.public() == home.last("olu") == home.last("tess") == ""
    assert await home.behaviours() == []
    async with home.store.read() as tx:
        assert await tx.questions.in_threads(["web:home:general:1"]) == {}


async def test_the_words_of_a_crisis_are_nowhere(home: Community):
    await home.say("dana", CRISIS)
    assert CANARY not in everything(home)
    await home.say("dana", f"An ordinary question about {CANARY}?")
    assert CANARY in everything(home)  # the search above would have found it


async def test_the_words_of_a_crisis_do_not_even_lie_in_the_inbox(home: Community):
    await home.desk.close()  # it still receives, and nobody is at work
    await home.desk.receive([home.posted("dana", CRISIS)])
    assert CANARY not in everything(home)
    await home.desk.receive([home.posted("dana", f"An ordinary question about {CANARY}?")])
    assert CANARY in everything(home)


async def test_it_is_paged_again_after_five_minutes_the_owner_after_ten_and_then_all_until_somebody_has_it(
    home: Community,
):
    await home.say("dana", CRISIS)
    await home.wait(minutes=5)
    assert [len(home.private(who)) for who in ("moda", "mara", "olu")] == [2, 2, 0]
    await home.wait(minutes=5)
    assert [len(home.private(who)) for who in ("moda", "mara", "olu")] == [3, 3, 1]
    await home.wait(minutes=10)
    assert [len(home.private(who)) for who in ("moda", "mara", "olu")] == [4, 4, 2]
    await home.press("mara", "I'm on it")
    assert home.last("moda") == ALERT.replace("Safety alert C1. Please look now.", "Mara is on it.")
    await home.wait(hours=3)
    assert len(home.private("moda")) == 4
    await home.press("mara", "Resolved")
    assert home.last("moda") == "Resolved by Mara."
    assert await alert_of(home) == []


FOLDED = "I have written to you about this again, further down."


async def test_however_often_somebody_is_paged_one_card_of_an_alert_is_live(home: Community):
    await home.say("dana", CRISIS)
    await home.wait(minutes=20)
    assert home.private("moda") == [FOLDED, FOLDED, FOLDED, ALERT]
    assert home.private("olu") == [FOLDED, ALERT]
    assert [bool(s.card.buttons) for s in home.sees("olu") if s.words == FOLDED] == [False]
    await home.press("moda", "I'm on it")
    assert home.private("moda")[:3] == [FOLDED] * 3
    assert home.private("moda")[3].startswith("Moda is on it.")


async def test_nobody_takes_it_for_a_day_the_pages_thin_out_and_never_end(home: Community):
    await home.say("dana", CRISIS)
    await home.wait(hours=24)
    first = len(home.private("moda"))
    assert first == 17  # at 0, 5, 10, 20, 40, 80, 160 minutes, then every two hours
    await home.wait(hours=24)
    assert len(home.private("moda")) == first + 12
    assert home.private("moda")[-1] == ALERT


async def test_an_old_card_that_cannot_be_changed_holds_up_no_page(home: Community):
    await home.say("dana", CRISIS)
    home.messenger.stuck = True
    await home.wait(minutes=10)
    assert home.private("moda") == [ALERT] * 3
    home.messenger.stuck = False
    await home.wait(minutes=10)
    assert home.private("moda") == [FOLDED, FOLDED, FOLDED, ALERT]


async def test_only_people_of_the_watch_can_take_an_alert(home: Community):
    await home.say("dana", CRISIS)
    (alert,) = await alert_of(home)
    await home.force("tess", Action.ALERT_FALSE, alert.id)
    assert home.last("tess") == "This is not open to everybody here. A moderator can help you."
    assert (await alert_of(home)) == [alert]


async def test_abuse_is_seen_by_safety_leads_and_owners_only(home: Community):
    await home.say("ben", "My uncle hurts us at home")
    assert [bool(home.private(who)) for who in ("mara", "olu", "moda", "ben")] == [True, True, False, True]
    (alert,) = await alert_of(home)
    await home.force("moda", Action.ALERT_MINE, alert.id)
    assert home.last("moda") == "This is not open to everybody here. A moderator can help you."


async def test_where_there_is_neither_lead_nor_owner_a_moderator_is_paged_and_may_act():
    home = Community()
    await home.enter("moda", [Role.MODERATOR])
    await home.open()
    await home.say("ben", "My uncle hurts us at home")
    await home.press("moda", "I'm on it")
    assert home.last("moda").startswith("Moda is on it.")
    await home.close()


async def test_where_nobody_can_be_paged_the_author_is_not_told_that_somebody_was_and_time_goes_on():
    home = Community()
    await home.open()
    await home.say("ben", CRISIS)
    assert "I have let people know" not in home.last("ben")
    await home.wait(hours=1)
    await home.enter("moda", [Role.MODERATOR])
    await home.wait(minutes=10)
    assert home.last("moda") == ALERT
    await home.close()


async def test_a_crisis_in_private_names_its_author_because_the_link_would_open_for_nobody(home: Community):
    await home.say("dana", CRISIS, direct=True)
    assert home.last("moda") == (
        f"{PAGE}Dana wrote it to me in private. I keep no words of it: please write to them yourself."
    )


async def test_a_crisis_typed_into_an_answer_form_is_a_crisis(home: Community):
    asked = await home.say("dana", "How do I tell my daughter about the stoma?", direct=True)
    await home.press("tess", "Accept")
    await home.submit("tess", "answer", (await home.question(asked)).id, {"text": CRISIS})
    assert home.last("tess").startswith("I am glad you said it.")
    assert home.last("moda").startswith(f"{PAGE}Tess wrote it to me in private.")
    assert (await home.question(asked)).status is Status.CLAIMED
    assert CANARY not in everything(home)


async def test_a_question_edited_into_a_crisis_is_taken_out_and_cannot_be_opened_again(home: Community):
    asked = await home.say("dana", "Does anybody know a good swimming club?")
    await home.edit(asked, CRISIS)
    question = await home.question(asked)
    assert (question.status, question.outcome, question.text) == (Status.CLOSED, Outcome.WITHDRAWN, "")
    assert home.last("tess") + home.last("kofi") == WITHDRAWN
    before = len(home.messenger.shown)
    await home.force("dana", Action.ASK_PERSON, question.id)
    assert home.last("dana") == "This is no longer there. If you need something, just ask again."
    assert len(home.messenger.shown) == before + 1
    await home.edit(asked, "Never mind me. Does anybody know a good swimming club?")
    assert (await home.question(asked)) == question
    assert "swimming" not in everything(home)


async def test_a_crisis_edited_into_a_question_stays_with_the_people_who_watch(home: Community):
    asked = await home.say("dana", CRISIS)
    await home.edit(asked, "How do infusion days count as absence at school?")
    async with home.store.read() as tx:
        assert await tx.questions.in_threads([asked.place.thread_key]) == {}
    assert home.public() == ""


async def test_after_not_a_crisis_an_edit_is_heard_as_usual(home: Community):
    asked = await home.say("dana", CRISIS)
    await home.press("moda", "Not a crisis")
    assert home.last("mara") == "Not a crisis. Closed by Moda."
    await home.edit(asked, "How do infusion days count as absence at school?")
    assert (await home.question(asked)).status is Status.OPEN


async def test_correcting_a_typo_in_a_crisis_does_not_page_everybody_anew(home: Community):
    asked = await home.say("dana", CRISIS)
    shown = len(home.messenger.shown)
    await home.edit(asked, CRISIS + "!")
    assert len(home.messenger.shown) == shown
    await home.edit(asked, "My son says he wants to die")
    assert len(home.messenger.shown) == shown + 3  # another code: an alert of its own


async def test_an_answer_edited_into_a_crisis_is_no_answer_any_more(home: Community):
    asked = await home.say("dana", "Does anybody know a good swimming club?")
    answer = await home.say("ben", "Yes, the one at the old harbour is kind.", asked.place.thread)
    assert (await home.question(asked)).status is Status.ANSWERED
    await home.edit(answer, CRISIS)
    assert (await home.question(asked)).status is Status.OFFERED
    async with home.store.read() as tx:
        assert await tx.answers.of((await home.question(asked)).id) == []


@pytest.mark.parametrize("words", ["My son says he wants to die", "He has chest pain", "My uncle hurts us at home"])
async def test_the_private_answer_fits_the_crisis(home: Community, words: str):
    await home.say("dana", words)
    leads = {
        "My son says he wants to die": "That must be frightening to hear.",
        "He has chest pain": "This sounds like something a doctor should see now.",
        "My uncle hurts us at home": "Thank you for telling me. Every child should be safe.",
    }
    assert home.last("dana").startswith(leads[words])
    assert "nobody watches me round the clock" in home.last("dana")


async def test_a_crisis_overtakes_an_earlier_message_of_its_thread_which_then_is_no_question(home: Community):
    await home.desk.close()  # both arrive while nobody is at work
    posted = home.posted("dana", "Does anybody know a good swimming club?")
    await home.desk.receive([posted, MessageEdited(posted.place, posted.author, CRISIS, posted.at)])
    await home.restart()
    await home.desk.settle()
    async with home.store.read() as tx:
        assert await tx.questions.in_threads([posted.place.thread_key]) == {}
    assert home.public() == ""
    assert home.last("moda") == ALERT


class WaitingJudge(Judge):
    """A model that is not done with ordinary messages yet."""

    async def judge(self, heard):
        if heard:
            await asyncio.Event().wait()
        return await super().judge(heard)


@pytest.mark.parametrize("left_behind", [False, True])
async def test_a_crisis_waits_for_no_model_that_reads_what_came_with_it(left_behind: bool):
    home = await peopled(Community(judge_class=WaitingJudge))
    together = [home.posted("ben", f"Where is the school bus {n}?") for n in range(5)]
    if not left_behind:
        await home.open()
    await home.desk.receive([*together, home.posted("dana", CRISIS)])
    if left_behind:
        async with home.store.begin() as tx:
            await tx.inbox.release()
    at_work = asyncio.create_task(home.desk.handle_one())
    for _ in range(100):
        await asyncio.sleep(0.01)
        if home.last("moda"):
            break
    at_work.cancel()
    if home.desk._worker is not None:
        home.desk._worker.cancel()
    await asyncio.gather(at_work, return_exceptions=True)
    assert home.last("moda") == ALERT
    await home.close()
