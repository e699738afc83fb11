"""What no event told is read up on: after an hour away, at any limit, and without doing anything twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.community import RELAYED, Answer, QuestionFilter
from bot.question import Outcome, Status
from tests.adapters.slack.slack_town import CHANNEL, INFUSION, Town, town, user
from tests.dialogues.slack_stage import key
from tests.fakes.clock import MovableClock
from tests.fakes.slack_faults import Refused
from tests.fakes.slack_faults import Status as Http


@pytest.fixture
async def home(tmp_path) -> AsyncIterator[Town]:
    async with town(tmp_path) as there:
        yield there


async def test_a_question_asked_while_nobody_listened_is_answered(home: Town):
    await home.leave()
    asked = home.write("dana", INFUSION)
    await home.come_back()
    assert (await home.question(asked)).status is Status.OPEN
    assert [m["thread_ts"] for m in home.slack.posts(CHANNEL)] == [asked]


async def test_what_was_said_before_the_bot_came_is_left_alone(tmp_path):
    async with town(tmp_path) as home:
        await home.leave()
        early = home.write("dana", INFUSION)
        home.slack.workspace.open_channel("C05NEW", "new")
        before = home.slack.write(user("dana"), INFUSION, "C05NEW")["ts"]
        home.clock.move(timedelta(minutes=1))
        await home.come_back()
        assert await home.question(early)
        assert await home.question(before, "C05NEW") is None


async def test_nothing_is_done_twice_for_what_events_told_already(home: Town):
    asked = await home.post("dana", INFUSION)
    answered = await home.post("dana", "How do you pack for a night in hospital?")
    await home.post("ben", "We always take the small blue bag with pyjamas", answered)
    for _ in range(3):
        home.clock.move(timedelta(minutes=11))
        await home.caught_up()
    async with home.store.read() as tx:
        questions = await tx.questions.find(QuestionFilter())
        journal = [e.event for q in questions for e in await tx.journal.of(q.id)]
    assert [q.place.message for q in questions] == [asked, answered]
    assert (journal.count("Asked"), journal.count("Replied"), journal.count("Reworded")) == (2, 1, 0)
    assert home.slack.posted_twice() == []
    assert float(await home.mark()) >= float(answered)


async def test_an_answer_given_while_nobody_listened_ends_the_search(home: Town):
    asked = await home.post("dana", "How do you pack for a night in hospital?")
    await home.leave()
    home.write("ben", "We always take the small blue bag with pyjamas", asked)
    await home.come_back()
    question = await home.question(asked)
    assert (question.status, question.answered_by) == (Status.ANSWERED, (key("ben"),))


async def test_a_question_and_its_answer_both_missed_are_both_found(home: Town):
    await home.leave()
    asked = home.write("dana", "How do you pack for a night in hospital?")
    home.write("ben", "We always take the small blue bag with pyjamas", asked)
    await home.come_back()
    assert (await home.question(asked)).status is Status.ANSWERED


async def test_a_question_deleted_while_nobody_listened_is_taken_back(home: Town):
    lone = await home.post("dana", "How do you pack for a night in hospital?")
    talked = await home.post("dana", "Which sweets are fine after a scope?")
    await home.post("ben", "Following this one", talked)
    await home.leave()
    for ts in (lone, talked):
        await home.slack.delete(CHANNEL, ts, heard=False)
    await home.come_back()
    for ts in (lone, talked):
        question = await home.question(ts)
        assert (question.outcome, question.text) == (Outcome.WITHDRAWN, "")


async def test_an_answer_deleted_while_nobody_listened_is_gone(home: Town):
    asked = await home.post("dana", "How do you pack for a night in hospital?")
    answer = await home.post("ben", "We always take the small blue bag with pyjamas", asked)
    assert (await home.question(asked)).status is Status.ANSWERED
    await home.leave()
    await home.slack.delete(CHANNEL, answer, heard=False)
    await home.come_back()
    assert (await home.question(asked)).status is not Status.ANSWERED


async def test_an_answer_that_the_bot_has_yet_to_post_is_not_missing(home: Town):
    asked = await home.post("dana", "How do you pack for a night in hospital?")
    await home.post("ben", "We always take the small blue bag with pyjamas", asked)
    question = await home.question(asked)
    place = replace(question.place, message=f"{RELAYED}r1")
    async with home.store.begin() as tx:
        await tx.answers.put(
            Answer(place, question.id, "discord:G1:nora", "Take slippers.", 1.0, question.asked_at, "r1")
        )
    await home.leave()
    await home.come_back()
    async with home.store.read() as tx:
        assert len(await tx.answers.of(question.id)) == 2


async def test_an_edit_made_while_nobody_listened_is_followed(home: Town):
    asked = await home.post("dana", "How do you pack for a night in hospital?")
    await home.leave()
    home.clock.move(timedelta(minutes=1))
    await home.slack.edit(CHANNEL, asked, INFUSION, heard=False)
    await home.come_back()
    question = await home.question(asked)
    assert (question.text, question.suggested) == (INFUSION, ("r1",))


async def test_a_private_question_begun_while_nobody_listened_is_heard(home: Town):
    await home.post("dana", INFUSION)
    await home.caught_up()
    await home.leave()
    room = home.slack.workspace.direct(user("ben")).id
    home.clock.move(timedelta(seconds=5))
    asked = home.slack.write(user("ben"), "How do I get school to excuse infusion days?", room)["ts"]
    await home.come_back()
    assert (await home.question(asked, room)).private


async def test_bots_and_the_bot_itself_are_passed_over(home: Town):
    await home.leave()
    home.clock.move(timedelta(seconds=5))
    bot = home.slack.write("U0OTHER", INFUSION, CHANNEL, bot_id="B1", subtype="bot_message")["ts"]
    joined = home.slack.write(user("ben"), "<@UBEN> has joined?", CHANNEL, subtype="channel_join")["ts"]
    await home.come_back()
    assert [await home.question(ts) for ts in (bot, joined)] == [None, None]


async def test_an_hour_in_many_channels_is_read_at_one_call_a_time_with_fifteen_messages(home: Town):
    rooms = {CHANNEL: 70, "C02A": 40, "C03B": 5}
    for channel in ("C02A", "C03B"):
        home.slack.workspace.open_channel(channel, channel.lower())
    home.clock.move(timedelta(minutes=11))
    await home.caught_up()
    await home.leave()
    home.slack.limit_history(every=0.03)
    asked = []
    for channel, count in rooms.items():
        for n in range(count):
            text = f"How do you pack bag number {n} for a night?" if n % 10 == 0 else "We had a fine day"
            ts = home.write("dana", text, channel=channel, after=1)
            asked += [(ts, channel)] if n % 10 == 0 else []
    await home.come_back()
    assert [ts for ts, channel in asked if await home.question(ts, channel) is None] == []
    assert len(home.slack.called("conversations.history", "ok")) >= 70 // 15 + 40 // 15 + 1
    assert home.slack.posted_twice() == []
    refused, went = (len(home.slack.called("conversations.history", o)) for o in ("ratelimited", "ok"))
    assert refused <= went / 2, "the limit is learned, not run against"


async def test_who_is_killed_while_reading_goes_on_from_the_mark(home: Town):
    await home.leave()
    home.slack.limit_history(every=0.02)
    asked = []
    for n in range(40):
        question = n in (0, 20, 39)
        ts = home.write("dana", f"How do you pack bag number {n} for a night?" if question else "We had a fine day")
        asked += [ts] if question else []
    before = await home.mark()
    await home._start()
    while float(await home.mark() or 0) <= float(before):
        if not await home.connection.catch_up():
            home.clock.move(timedelta(seconds=0.05))
            await asyncio.sleep(0.01)
    halfway = await home.mark()
    await home.leave()
    assert float(halfway) < float(asked[-1])
    await home.come_back()
    assert [ts for ts in asked if await home.question(ts) is None] == []
    assert home.slack.posted_twice() == []
    oldest = [c.asked.get("oldest") for c in home.slack.called("conversations.history", "ok")]
    assert halfway in oldest


async def test_a_mark_stays_where_it_is_when_the_facts_could_not_be_kept(home: Town):
    await home.leave()
    asked = home.write("dana", INFUSION)
    before = await home.mark()

    async def broken(_: object) -> None:
        raise OSError("the disk is full")

    await home._start()
    home.connection._backfill._receive = broken
    with pytest.raises(OSError, match="full"):
        await home.caught_up()
    assert await home.mark() == before
    home.connection._backfill._receive = home.desk.receive
    await home.caught_up()
    assert await home.question(asked)


async def test_new_events_do_not_wait_for_the_reading(home: Town):
    await home.leave()
    for n in range(40):
        home.write("ben", f"We had a fine day {n}")
    home.slack.limit_history(every=30.0)
    await home._start()
    await home.connection.catch_up()
    asked = await home.post("dana", INFUSION)
    assert await home.question(asked)


async def test_a_channel_that_cannot_be_read_holds_up_no_other(home: Town):
    home.slack.workspace.open_channel("C02A", "a")
    home.clock.move(timedelta(minutes=11))
    await home.caught_up()
    await home.leave()
    asked = home.write("dana", INFUSION)
    home.slack.fail("conversations.history", Refused("missing_scope", needed="channels:history"), channel="C02A")
    home.slack.fail("conversations.history", Http(503), channel=CHANNEL)
    home.clock.move(timedelta(minutes=11))
    await home.come_back()
    assert await home.question(asked)


@pytest.mark.parametrize("known", ["conversations.list", ""])
@pytest.mark.parametrize("fault", [Refused("unknown_method"), Refused("missing_scope"), Http(404)], ids=str)
async def test_without_a_list_of_its_channels_it_reads_where_it_has_been(home: Town, known, fault):
    for method in {"users.conversations", "conversations.list"} - {known}:
        home.slack.fail(method, fault, times=-1)
    home.slack.workspace.open_channel("C02A", "a", joined=False)
    await home.leave()
    asked = home.write("dana", INFUSION)
    await home.come_back()
    assert await home.question(asked)
    assert await home.mark("C02A") == "", "it is no member there"


async def test_a_channel_in_which_somebody_spoke_is_read_from_then_on(home: Town):
    for method in ("users.conversations", "conversations.list"):
        home.slack.fail(method, Refused("unknown_method"), times=-1)
    home.slack.workspace.open_channel("C02A", "a")
    await home.slack.people_say("UDANA", "Hello everybody", "C02A")
    home.clock.move(timedelta(minutes=11))
    await home.caught_up()
    await home.leave()
    asked = home.write("dana", INFUSION, channel="C02A")
    await home.come_back()
    assert await home.question(asked, "C02A")


async def test_a_line_that_misses_what_was_written_is_replaced(home: Town):
    home.clock.move(timedelta(minutes=1))
    asked = home.write("dana", INFUSION)
    home.clock.move(timedelta(minutes=11))
    await home.caught_up()
    assert await home.question(asked)
    await home.slack.until(lambda: home.slack.sockets.opened == 2)


async def test_a_deleted_head_is_only_believed_when_slack_says_so(home: Town):
    asked = await home.post("dana", "How do you pack for a night in hospital?")
    await home.leave()
    home.slack.fail("conversations.replies", Refused("internal_error"))
    await home.come_back()
    assert (await home.question(asked)).status is not Status.CLOSED


async def test_a_clock_that_is_set_back_a_day_holds_up_no_reading(home: Town):
    backfill = home.connection._backfill
    missed = home.write("ben", INFUSION)
    right = backfill._clock
    backfill._clock = backfill._rooms._clock = MovableClock(home.clock.now() - timedelta(days=1))
    for _ in range(5):
        await backfill.step()
    backfill._clock = backfill._rooms._clock = right
    await home.desk.settle()
    assert await home.question(missed)
