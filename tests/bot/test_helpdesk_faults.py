"""What goes wrong: repeats, crashes, poison, a platform that is away. Nothing is lost, and nothing is said twice."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest

from bot import handling
from bot.cards import Action, Form
from bot.events import FormSubmitted, PlatformEvent
from bot.judging import Judge
from bot.ports import DeliveryError, StoreAway
from bot.question import Result, Status
from tests.fakes.community import Community, peopled
from tests.fakes.values import KOFI, TESS, member


class ChokingJudge(Judge):
    """Breaks on one word, as a bug would."""

    async def judge(self, heard):
        if any("poison" in h.text for h in heard):
            raise ValueError("a bug")
        return await super().judge(heard)


async def walk(home: Community, times: int) -> None:
    """A question, a pass, an accepted offer, an answer, thanks; every fact comes `times` times, also much later."""
    past: list[PlatformEvent] = []

    async def come(event: PlatformEvent) -> None:
        past.append(event)
        again = [event] * (times - 1) + random.Random(times).choices(past, k=times - 1)
        random.Random(len(past)).shuffle(again)
        await home.receive(event, *again)

    asked = home.posted("dana", "School marks infusion days as absence, what can we do?")
    await come(asked)
    for name, label in (("dana", "Not what I need"), ("tess", "Pass"), ("kofi", "Accept")):
        button = home.button(name, label)
        await come(home.pressed(name, button.action, button.subject))
    await come(home.posted("kofi", "We wrote a letter with the nurse.", asked.place.thread))
    async with home.store.read() as tx:
        (answer,) = await tx.answers.of((await home.question(asked)).id)
    form = {"title": "Letters", "text": "Write a letter with the nurse.", "topics": "school"}
    await come(FormSubmitted("f1", "save_resource", answer.place.key, form, member("moda"), home.clock.now()))
    await home.wait(hours=4)
    for name, label in (("kofi", "Yes, keep it"), ("moda", "Publish"), ("dana", "This helped")):
        button = home.button(name, label)
        await come(home.pressed(name, button.action, button.subject))


async def told(home: Community) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    shown = [(getattr(s.to, "member", None), s.words) for s in home.messenger.shown]
    return sorted((str(who), words) for who, words in shown), await home.behaviours()


async def test_a_fact_that_comes_five_times_and_again_later_has_no_effect_twice(anywhere: Community):
    await walk(anywhere, 5)
    told_of_repeats = await told(anywhere)
    once = await peopled(Community())
    await once.open()
    await walk(once, 1)
    assert told_of_repeats == await told(once)
    assert max(Counter(anywhere.messenger.sends).values()) == 1
    await once.close()


@pytest.fixture
async def choking():
    home = await peopled(Community(judge_class=ChokingJudge))
    await home.open()
    yield home
    await home.close()


async def test_what_cannot_be_handled_is_parked_after_five_tries_with_an_alert_and_its_neighbours_go_on(choking):
    home = choking
    poison = home.posted("ben", "What is this poison?")
    good = [home.posted("dana", f"Does anybody know swimming club {n}?") for n in range(3)]
    await home.desk.receive([good[0], poison, *good[1:]])
    await home.desk.settle()
    assert [(await home.question(g)).status for g in good[:2]] == [Status.OFFERED, Status.OFFERED]
    assert home.private("moda").count(UNHANDLED) == 0
    await home.wait(minutes=30)
    assert home.private("moda").count(UNHANDLED) == 1
    async with home.store.read() as tx:
        assert await tx.inbox.waiting() == 0
        assert [a.subject for a in await tx.audit.all()] == ["inbox:2"]
    await home.receive(poison)
    assert home.private("moda").count(UNHANDLED) == 1


UNHANDLED = "Something came in that I could not handle. Please tell whoever runs me: the log says more."


async def test_a_platform_that_is_away_for_a_moment_gets_everything_when_it_is_back(home: Community):
    home.messenger.failures = [DeliveryError("503", permanent=False) for _ in range(4)]
    asked = await home.say("dana", "Does anybody know a good swimming club?")
    assert home.messenger.shown == []
    await home.wait(minutes=5)
    await home.wait(minutes=5)
    assert home.public().startswith("I am asking one of our volunteers now.")
    question = await home.question(asked)
    assert question.deadline is not None
    assert question.tries == ()


async def test_the_pause_a_platform_asks_for_is_kept(home: Community):
    home.messenger.failures = [DeliveryError("429", permanent=False, retry_after=240)]
    await home.say("ben", "School marks infusion days as absence, what can we do?")
    await home.wait(minutes=3)
    assert home.messenger.shown == []
    await home.wait(minutes=1)
    assert "Infusion days and school" in home.public()


async def test_an_offer_that_cannot_be_delivered_goes_to_the_next_person_and_uses_no_rung(home: Community):
    home.messenger.broken_for = {member("tess")}
    asked = await home.say("dana", "How do we tell the school?")
    async with home.store.read() as tx:
        await tx.audit.all()
    question = await home.question(asked)
    others = [t for t in question.tries if t.member == TESS]
    assert question.offered_to == KOFI
    assert [t.result for t in others] in ([], [Result.UNREACHABLE])


async def test_nobody_reachable_is_escalated_and_the_moderators_are_told(home: Community):
    home.messenger.broken_for = {member("tess"), member("kofi")}
    asked = await home.say("dana", "How do we tell the school?")
    question = await home.question(asked)
    assert (question.status, {t.result for t in question.tries}) == (Status.ESCALATED, {Result.UNREACHABLE})
    assert any(words.startswith("I have found nobody to answer") for words in home.private("moda"))


async def test_our_own_bug_in_a_card_is_tried_five_times_and_parked_with_an_alert(home: Community):
    home.messenger.failures = [ValueError("a bug") for _ in range(5)]
    await home.say("ben", "School marks infusion days as absence, what can we do?")
    for seconds in (1, 4, 16, 64):
        assert home.last("moda") == ""
        await home.wait(seconds=seconds)
    assert home.last("moda") == "I could not deliver a message. Please tell whoever runs me: the log says more."
    async with home.store.read() as tx:
        assert [row.wish.kind for row in await tx.outbox.parked()] == ["ShowSuggestions"]


async def test_a_card_that_was_deleted_is_not_revised_and_nobody_is_bothered(home: Community):
    await home.say("ben", "School marks infusion days as absence, what can we do?")
    button = home.button("ben", "This helped")
    home.messenger.shown.clear()
    await home.force("ben", Action.HELPED, button.subject)
    assert home.public() == "I am glad it helped."
    assert home.private("moda") == []


async def test_a_question_whose_deadline_cannot_be_handled_does_not_stand_before_the_others(home: Community):
    for name in ("dana", "ben"):
        await home.say(name, "School marks infusion days as absence, what can we do?")
    real = home.desk._stepping.steps

    def broken(tx):
        steps = real(tx)
        befall = steps.befall

        async def choke(question, event, by):
            if question.asker.endswith("dana") and type(event).__name__ == "DeadlinePassed":
                raise ValueError("a bug")
            return await befall(question, event, by)

        steps.befall = choke
        return steps

    home.desk._stepping.steps = broken
    await home.wait(minutes=12)
    assert home.public().startswith("I am asking one of our volunteers now.")
    assert home.private("moda").count(UNHANDLED) == 1
    home.desk._stepping.steps = real
    await home.wait(minutes=10)
    async with home.store.read() as tx:
        assert await tx.questions.due(home.clock.now(), 10) == []


async def test_a_model_that_fails_after_publishing_neither_loses_the_resource_nor_says_anything_twice(home: Community):
    form = {
        "title": "Swimming with a stoma",
        "text": "Small cover, dark suit.",
        "topics": "school",
        "publish_at_once": "yes",
    }
    home.model.failures = [RuntimeError("out of memory")]
    await home.submit("moda", Form.SAVE_RESOURCE, "", form)
    published = "“Swimming with a stoma” is in the library now. It can help the next person who asks. Thank you."
    assert home.private("moda") == [published]
    await home.say("ben", "Where is everybody today?")
    await home.say("ben", "Swimming with a stoma?")
    assert "Small cover, dark suit." in home.public()
    assert home.private("moda").count(published) == 1


class Crash(BaseException):
    """The process dies here: nothing after this line runs."""


async def test_a_process_that_dies_between_commit_and_delivery_says_everything_once_after_the_restart(
    anywhere: Community,
):
    """The same walk, cut at every send in turn: once before it reached the platform and once after."""
    home = anywhere
    asked = await home.say("dana", "School marks infusion days as absence, what can we do?")
    for name, label in (("dana", "Not what I need"), ("tess", "Pass"), ("kofi", "Accept")):
        button = home.button(name, label)
        event = home.pressed(name, button.action, button.subject)
        await die_while_delivering(home, event, reached=label == "Pass")
    await die_while_delivering(home, home.posted("kofi", "We wrote a letter with the nurse.", asked.place.thread), True)
    await home.wait(hours=4)
    counts = Counter(s.words for s in home.messenger.shown if s.seen_by(member("dana")))
    assert set(counts.values()) == {1}
    assert home.last("dana").startswith("Somebody has answered your question. Did it help?")
    assert (await home.question(asked)).status is Status.ANSWERED


async def die_while_delivering(home: Community, event: PlatformEvent, reached: bool) -> None:
    """The facts are committed; then the process is gone, before or after the platform took what is said."""
    send, revise = home.messenger.send, home.messenger.revise

    async def cut_send(*args, **more):
        if reached:
            await send(*args, **more)
        await asyncio.sleep(3600)

    async def cut_revise(*args):
        if reached:
            await revise(*args)
        await asyncio.sleep(3600)

    home.messenger.send, home.messenger.revise = cut_send, cut_revise
    await home.desk.receive([event])
    for _ in range(50):
        await asyncio.sleep(0.002)
    for task in [*home.desk._sending.under_way, home.desk._worker]:
        task.cancel()
    await asyncio.gather(*home.desk._sending.under_way, return_exceptions=True)
    home.messenger.send, home.messenger.revise = send, revise
    await home.restart()
    await home.desk.settle()


async def test_facts_that_were_received_but_not_handled_are_handled_after_the_restart(anywhere: Community):
    home = anywhere
    await home.desk.close()  # it still receives, and nobody is at work
    asked = home.posted("dana", "Does anybody know a good swimming club?")
    await home.desk.receive([asked])
    await home.restart()
    await home.desk.settle()
    assert (await home.question(asked)).status is Status.OFFERED


async def test_a_slow_platform_gets_nothing_twice_when_the_lease_runs_out_meanwhile(home: Community):
    gate = asyncio.Event()
    send = home.messenger.send

    async def slow(*args, **more):
        await gate.wait()
        return await send(*args, **more)

    home.messenger.send = slow
    await home.desk.receive([home.posted("ben", "School marks infusion days as absence, what can we do?")])
    await asyncio.sleep(0.05)
    home.clock.move(timedelta(minutes=3))
    ticking = asyncio.create_task(home.desk.deliver_one())
    await asyncio.sleep(0.05)
    gate.set()
    await ticking
    await home.desk.settle()
    assert max(Counter(home.messenger.sends).values()) == 1


async def test_a_store_that_is_away_time_and_again_has_nothing_given_up(home: Community, monkeypatch):
    """A database that is cut off, full or locked says nothing about a fact or a card: both are tried again."""
    monkeypatch.setattr(handling, "AWAY", 0.001)
    chance, away = random.Random(7), 60
    doors = {name: getattr(home.store, name) for name in ("begin", "post", "read")}

    def shut(name: str):
        def door():
            nonlocal away
            if away and chance.random() < 0.5:
                away -= 1
                raise StoreAway("the connection was cut")
            return doors[name]()

        return door

    asked = home.posted("dana", "School marks infusion days as absence, what can we do?")
    await home.desk.receive([asked])
    for name in doors:
        monkeypatch.setattr(home.store, name, shut(name))
    for _ in range(200):
        try:
            await home.desk.settle()
        except StoreAway:
            continue
        if not away:
            break
        home.clock.move(timedelta(minutes=2))
    assert away == 0
    await home.wait(minutes=2)
    assert (await home.question(asked)).suggested
    async with home.store.read() as tx:
        assert await tx.outbox.parked() == []
        assert "parked" not in {entry.action for entry in await tx.audit.all()}
    assert max(Counter(home.messenger.sends).values()) == 1
