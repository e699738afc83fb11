"""What the listener makes of what it hears: where things belong, what was missed, and on which server it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from bot.community import QuestionFilter
from bot.events import PlatformEvent
from bot.post import Arrival
from bot.question import Status
from tests.dialogues.discord_stage import CHANNEL, GUILD, VIEW, DiscordStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_payloads import BOT, HOSPITAL, QUESTIONS
from tests.fakes.discord_reading import words_of

CLUB = "Does anybody know a good swimming club?"
ANSWER = "The one at the old harbour is very kind to our daughter."
PEOPLE = (Person("dana"), Person("ben"), Person("tess", volunteer="parent"), Person("moda", roles=("moderator",)))


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE))
    yield stage
    await stage.close()


async def questions(stage: DiscordStage) -> dict[str, Status]:
    async with stage.store.read() as tx:
        return {q.text: q.status for q in await tx.questions.find(QuestionFilter())}


def private(stage: DiscordStage, who: str) -> list[str]:
    return [words_of(m) for m in stage.discord.posts(stage.discord.realm.direct(user(who))["id"])]


# --- where things belong --------------------------------------------------------------------------------------


async def test_a_reply_by_reference_answers_the_question_it_refers_to(stage):
    asked = await stage.post("dana", CLUB)
    answer = stage.discord.people_say(user("ben"), ANSWER, CHANNEL, reply_to=asked)
    await stage._settled()
    assert await questions(stage) == {CLUB: Status.ANSWERED}
    stage.discord.people_say(user("dana"), "Is that one open in winter?", CHANNEL, reply_to=answer["id"])
    await stage._settled()
    assert list(await questions(stage)) == [CLUB], "what refers to an answer belongs to its question"
    await stage.delete("ben", answer["id"])
    assert (await questions(stage))[CLUB] is not Status.ANSWERED


async def test_a_reply_that_comes_before_its_question_is_handled_waits_for_it(stage):
    keep, free = stage.desk.handle_one, asyncio.Event()
    receive = stage.connection._listener._receive

    async def received(facts: Sequence[PlatformEvent]) -> None:
        """The question lies in the inbox until the answer has been looked at."""
        async with stage.store.begin() as tx:
            arrivals = [Arrival(fact) for fact in facts]
            await tx.inbox.add(arrivals, stage.clock.now(), stage.clock.now())
        free.set()

    stage.connection._listener._receive = received
    asked = stage.discord.people_say(user("dana"), CLUB)
    await free.wait()
    stage.connection._listener._receive = receive
    stage.discord.people_say(user("ben"), ANSWER, CHANNEL, reply_to=asked["id"])
    await asyncio.sleep(0.1)
    stage.clock.move(timedelta(seconds=1))
    await keep()
    await stage._settled()
    assert await questions(stage) == {CLUB: Status.ANSWERED}


async def test_a_reply_to_small_talk_is_a_question_of_its_own(stage):
    hello = await stage.post("ben", "Good morning all of you")
    stage.discord.people_say(user("dana"), CLUB, CHANNEL, reply_to=hello)
    await stage._settled()
    assert list(await questions(stage)) == [CLUB]


async def test_a_post_in_a_forum_is_a_question_with_its_title(stage):
    stage.discord.ask_in_forum(user("dana"), "Swimming", CLUB)
    await stage._settled()
    assert list(await questions(stage)) == [f"Swimming\n{CLUB}"]
    async with stage.store.read() as tx:
        [question] = await tx.questions.find(QuestionFilter())
    assert question.place.channel == QUESTIONS


async def test_the_post_of_a_question_that_was_solved_bears_the_forums_tag_for_it(stage):
    stage.discord.realm.channels[QUESTIONS]["available_tags"] = [{"id": "77", "name": "Solved", "moderated": False}]
    asked = stage.discord.ask_in_forum(user("dana"), "Swimming", CLUB)
    await stage._settled()
    await stage.post("ben", ANSWER, asked["id"])
    await stage.wait(timedelta(hours=4))
    await stage.press("dana", "This helped")
    await read_up(stage)
    assert stage.discord.realm.channels[asked["id"]]["applied_tags"] == ["77"]


async def test_what_is_written_in_a_thread_that_was_put_away_is_heard(stage):
    asked = await stage.post("dana", CLUB)
    stage.discord.realm.change_thread(asked, archived=True)
    await stage.restart()
    assert stage.connection.town.site(asked) is None
    stage.discord.people_say(user("ben"), ANSWER, asked)
    await stage._settled()
    assert await questions(stage) == {CLUB: Status.ANSWERED}


@pytest.mark.parametrize("first", [True, False])
async def test_what_was_written_in_threads_while_nobody_listened_is_read_up_on(stage, first):
    """In the thread of a question; and in one that hangs on no question, which is nobody's private conversation."""
    asked = await stage.post("dana", CLUB if first else "Good morning all of you")
    if asked not in stage.discord.realm.channels:
        stage.discord.realm.start_thread(CHANNEL, "Morning", on=asked, owner=user("dana"))
        await stage._settled()
    await read_up(stage)
    await stage._stop()
    stage.clock.move(timedelta(minutes=1))
    stage.discord.people_say(user("ben"), ANSWER if first else CLUB, asked)
    stage.discord.realm.change_thread(asked, archived=True)
    stage.clock.move(timedelta(minutes=1))
    await stage._start()
    await read_up(stage)
    async with stage.store.read() as tx:
        found = await tx.questions.find(QuestionFilter())
    assert [(q.text, q.status, q.private) for q in found] == ([(CLUB, Status.ANSWERED, False)] if first else [])


async def test_what_was_written_in_a_post_that_was_put_away_is_read_up_on(stage):
    asked = stage.discord.ask_in_forum(user("dana"), "Swimming", CLUB)["id"]
    await stage._settled()
    await read_up(stage)
    await stage._stop()
    stage.clock.move(timedelta(minutes=1))
    stage.discord.people_say(user("ben"), ANSWER, asked)
    stage.discord.realm.change_thread(asked, archived=True)
    stage.clock.move(timedelta(minutes=1))
    await stage._start()
    await read_up(stage)
    assert list((await questions(stage)).values()) == [Status.ANSWERED]


@pytest.mark.parametrize("before", ["Hello bot, I would like to know how this works?", ""])
async def test_what_was_written_in_private_while_nobody_listened_is_read_up_on(stage, before):
    """Where the bot and the person have spoken before: Discord does not tell of other conversations."""
    if before:
        await stage.post("dana", before, private=True)
    else:
        await stage.command("dana", "winwin opt-in")
    known = set(await questions(stage))
    await read_up(stage)
    await stage._stop()
    stage.clock.move(timedelta(minutes=1))
    stage.discord.people_say(user("dana"), CLUB, stage.discord.realm.direct(user("dana"))["id"])
    stage.clock.move(timedelta(minutes=1))
    await stage._start()
    await read_up(stage)
    await read_up(stage)
    async with stage.store.read() as tx:
        found = await tx.questions.find(QuestionFilter())
    assert [(q.text, q.private) for q in found if q.text not in known] == [(CLUB, True)]
    assert (await channels(stage)).keys() == {CHANNEL, HOSPITAL, QUESTIONS}


async def test_a_history_of_nobody_knows_what_is_nobodys_private_conversation(stage):
    await stage.post("dana", "Good morning all of you")
    message = stage.discord.realm.shown(CHANNEL, user("dana"), {"content": CLUB})
    assert stage.connection._posted(message, "") is not None
    assert stage.connection._posted({**message, "channel_id": "123"}, "") is None


async def read_up(stage: DiscordStage) -> None:
    """Until a round of reading up is over."""
    stage.clock.move(timedelta(minutes=11))
    backfill = stage.connection._backfill
    assert backfill is not None
    await stage.connection.catch_up()
    while not backfill.idle:
        stage.clock.move(timedelta(seconds=2))
        await stage.connection.catch_up()
    await stage._settled()


async def test_somebody_unknown_is_heard_in_private_through_the_server_where_they_are(stage):
    stage.discord.realm.enter(user("zoe"), "zoe")
    await stage.post("zoe", CLUB, private=True)
    async with stage.store.read() as tx:
        [question] = await tx.questions.find(QuestionFilter())
    assert (question.asker, question.private) == (key("zoe"), True)


async def test_who_is_on_no_server_of_the_bot_is_not_heard(stage):
    stage.discord.realm.enter(user("zoe"), "zoe")
    del stage.discord.realm.members[user("zoe")]
    await stage.post("zoe", CLUB, private=True)
    assert await questions(stage) == {}


# --- being on a server ----------------------------------------------------------------------------------------


async def channels(stage: DiscordStage) -> dict[str, tuple[str, bool, bool]]:
    async with stage.store.read() as tx:
        found = await tx.channels.all()
    return {c.key.rsplit(":", 1)[-1]: (c.name, c.welcomed, c.gone) for c in found}


async def test_on_arrival_it_says_hello_in_one_channel_and_knows_the_names_of_all(stage):
    async with stage.store.begin() as tx:
        for channel in await tx.channels.all():
            await tx.channels.save(type(channel)(channel.key, "", channel.mode))
    before = len(stage.discord.posts(CHANNEL))
    stage.clock.move(timedelta(seconds=1))
    await stage.restart()
    await stage.restart()
    assert len(stage.discord.posts(CHANNEL)) == before + 1
    assert stage.discord.posts(HOSPITAL) == []
    assert await channels(stage) == {
        CHANNEL: ("general", True, False),
        HOSPITAL: ("hospital-days", False, False),
        QUESTIONS: ("questions", False, False),
    }


async def test_who_may_read_a_channel_follows_what_is_allowed_there(stage):
    async def public() -> dict[str, bool]:
        async with stage.store.read() as tx:
            return {c.key.rsplit(":", 1)[-1]: c.public for c in await tx.channels.all()}

    assert await public() == {CHANNEL: True, HOSPITAL: True, QUESTIONS: True}
    room = stage.discord.realm.channels[CHANNEL]
    shut = {"id": GUILD, "type": 0, "allow": "0", "deny": str(VIEW)}
    room["permission_overwrites"] = [shut, {"id": BOT, "type": 1, "allow": str(VIEW), "deny": "0"}]
    stage.clock.move(timedelta(seconds=1))
    stage.discord.realm.emit("CHANNEL_UPDATE", room)
    await stage._settled()
    assert await public() == {CHANNEL: False, HOSPITAL: True, QUESTIONS: True}
    assert (await channels(stage))[CHANNEL] == ("general", True, False)
    room["permission_overwrites"] = []  # while nobody listens
    await stage.restart()
    assert (await public())[CHANNEL]


async def test_a_channel_that_went_while_nobody_listened_is_gone(stage):
    del stage.discord.realm.channels[CHANNEL]
    await stage.restart()
    assert (await channels(stage))[CHANNEL][2]


async def test_removed_from_the_server_it_sends_nothing_there_any_more(stage):
    await stage.post("dana", CLUB)
    stage.discord.realm.emit("GUILD_DELETE", {"id": GUILD})
    await stage._settled()
    assert all(gone for _, _, gone in (await channels(stage)).values())


async def test_an_outage_of_a_server_is_no_removal(stage):
    stage.discord.realm.emit("GUILD_DELETE", {"id": GUILD, "unavailable": True})
    await stage._settled()
    assert not any(gone for _, _, gone in (await channels(stage)).values())
    assert stage.connection.town.site(CHANNEL) is not None


async def test_commands_are_registered_once(stage):
    put = "PUT /applications/{application_id}/commands"
    assert len(stage.discord.called(put)) == 1
    for command in stage.discord.realm.commands[""]:  # what Discord adds, and what it leaves out
        command |= {"nsfw": False, "dm_permission": True, "contexts": list(reversed(command["contexts"]))}
        command |= {"integration_types": [0]}
        for option in command.get("options", ()):
            if option.get("required") is False:
                del option["required"]
    await stage.restart()
    assert len(stage.discord.called(put)) == 1
    stage.discord.realm.commands[""][0]["description"] = "Something else"
    await stage.restart()
    assert len(stage.discord.called(put)) == 2


async def test_commands_that_could_not_be_registered_are_registered_later(stage):
    stage.discord.realm.commands.clear()
    stage.discord.fail("GET /applications/{application_id}/commands", Refused(0, 403))
    await stage.restart()
    assert not stage.discord.realm.commands
    stage.clock.move(timedelta(minutes=2))
    await stage.connection.catch_up()
    assert stage.discord.realm.commands[""]
