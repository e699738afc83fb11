"""Where a card ends up on Discord, whatever has become of the place it was for."""

from __future__ import annotations

import pytest

from adapters.discord.client import DiscordApi
from adapters.discord.threads import private_name
from bot.cards import Action, Button, Card, Direct, InThread, OnlyFor, Posted, Quote, Text
from bot.events import Place
from bot.ports import DeliveryError
from tests.adapters.discord.discord_line import Line
from tests.adapters.discord.discord_mouth import ASKER, CARD, Mouth, alone, asked, place_of
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_payloads import ALICE, BEN, BOT, GENERAL, GUILD, HOSPITAL, PRIVATE_THREAD, QUESTIONS
from tests.fakes.discord_server import DiscordServer

POST, START = "POST /channels/{channel_id}/messages", "POST /channels/{channel_id}/messages/{message_id}/threads"
BUTTONS = Card((Text("Hello"),), (Button(Action.HELPED, "q1", "Helped"),))


@pytest.fixture
async def api(line: Line) -> DiscordApi:
    await line.supervisor.open()
    return line.api


@pytest.fixture
def mouth(api: DiscordApi, discord: DiscordServer) -> Mouth:
    return Mouth(api, discord)


def reply_of(discord: DiscordServer, place: Place) -> bool:
    """Whether what the bot said last is an answer by reference in the channel."""
    said = discord.posts(place.channel)[-1]
    return bool(said["message_reference"]["message_id"] == place.thread)


# --- in a thread ----------------------------------------------------------------------------------------------


async def test_a_thread_is_begun_on_the_question_and_bears_its_words(discord: DiscordServer, mouth: Mouth) -> None:
    place = asked(discord, "How do we tell <@300000000000000002> and the school? " * 5)
    posted = await mouth.send(InThread(place), CARD, "k1")
    thread = discord.realm.channels[place.message]
    assert thread["name"].startswith("How do we tell")
    assert "<@" not in thread["name"]
    assert len(thread["name"]) <= 100
    [said] = discord.posts(place.message)
    assert posted == Posted("discord", f"{GUILD}/{place.message}", GENERAL, said["id"], posted.at)
    again = await mouth.send(InThread(place), CARD, "k2")
    assert again.space == posted.space
    assert len(discord.called(START)) == 1


async def test_a_thread_that_somebody_began_will_do(discord: DiscordServer, mouth: Mouth) -> None:
    place = asked(discord)
    discord.realm.start_thread(GENERAL, "Theirs", on=place.message, owner=BEN)
    discord.realm.change_thread(place.message, archived=True)
    await mouth.send(InThread(place), CARD, "k1")
    assert len(discord.posts(place.message)) == 1
    assert [c.status for c in discord.called(START)] == [400]


async def test_what_stands_in_a_thread_is_answered_there(discord: DiscordServer, mouth: Mouth) -> None:
    place = asked(discord)
    thread = discord.realm.start_thread(GENERAL, "Theirs", on=place.message, owner=BEN)
    inside = place_of(discord.people_say(BEN, "We say it plainly.", thread["id"]), GENERAL, thread["id"])
    await mouth.send(InThread(inside), CARD, "k1")
    assert len(discord.posts(thread["id"])) == 1


async def test_an_archived_thread_is_woken(discord: DiscordServer, mouth: Mouth) -> None:
    place = asked(discord)
    posted = await mouth.send(InThread(place), CARD, "k1")
    discord.realm.change_thread(place.message, archived=True)
    discord.fail(POST, Refused(50083, 400))
    await mouth.send(InThread(place), CARD, "k2")
    assert len(discord.posts(place.message)) == 2
    discord.realm.change_thread(place.message, archived=True)
    await mouth.revise(posted, Card((Text("Goodbye"),)))
    assert discord.posts(place.message)[0]["content"] == "Goodbye"


async def test_a_locked_thread_is_left_alone(discord: DiscordServer, mouth: Mouth) -> None:
    place = asked(discord)
    posted = await mouth.send(InThread(place), CARD, "k1")
    discord.realm.change_thread(place.message, archived=True, locked=True)
    await mouth.send(InThread(place), CARD, "k2")
    assert reply_of(discord, place)
    with pytest.raises(DeliveryError, match="locked") as refused:
        await mouth.revise(posted, CARD)
    assert refused.value.permanent
    assert discord.realm.channels[place.message]["thread_metadata"]["archived"]


@pytest.mark.parametrize("code", [50013, 50024, 160006])
async def test_where_no_thread_can_be_it_is_an_answer_by_reference(
    discord: DiscordServer, mouth: Mouth, code: int
) -> None:
    place = asked(discord)
    discord.fail(START, Refused(code))
    posted = await mouth.send(InThread(place), CARD, "k1")
    assert reply_of(discord, place)
    assert posted.space == GUILD


async def test_a_deleted_question_and_a_deleted_thread(discord: DiscordServer, mouth: Mouth) -> None:
    gone, cut = asked(discord), asked(discord)
    discord.delete(GENERAL, gone.message)
    await mouth.send(InThread(gone), CARD, "k1")
    assert discord.posts(GENERAL)[-1]["message_reference"]["message_id"] == gone.message
    await mouth.send(InThread(cut), CARD, "k2")
    del discord.realm.channels[cut.message]
    discord.fail(START, Refused(160004, 400))
    await mouth.send(InThread(cut), CARD, "k3")
    assert reply_of(discord, cut)


async def test_a_thread_goes_on_when_its_message_is_deleted(discord: DiscordServer, mouth: Mouth) -> None:
    place = asked(discord)
    discord.realm.start_thread(GENERAL, "Theirs", on=place.message, owner=BEN)
    discord.realm.change_thread(place.message, archived=True)  # so the connection does not know it
    discord.delete(GENERAL, place.message)
    await mouth.send(InThread(place), CARD, "k1")
    assert len(discord.posts(place.message)) == 1


async def test_without_the_permission_to_speak_it_is_said_which(discord: DiscordServer, mouth: Mouth) -> None:
    discord.realm.forbidden[GENERAL].add("send")
    with pytest.raises(DeliveryError, match='lacks the permission "Send Messages"') as refused:
        await mouth.send(InThread(asked(discord)), CARD, "k1")
    assert refused.value.permanent
    discord.realm.forbidden[HOSPITAL].add("view")
    with pytest.raises(DeliveryError, match='"View Channel"'):
        await mouth.send(InThread(alone(HOSPITAL)), CARD, "k2")


async def test_a_channel_that_is_gone_is_gone_for_good(discord: DiscordServer, mouth: Mouth) -> None:
    with pytest.raises(DeliveryError, match="is deleted") as refused:
        await mouth.send(InThread(alone("299999999999999999")), CARD, "k1")
    assert refused.value.permanent


# --- forums ---------------------------------------------------------------------------------------------------


async def test_in_a_forum_the_post_is_the_place(discord: DiscordServer, mouth: Mouth) -> None:
    said = discord.ask_in_forum(ALICE, "Telling the school?", "How much do they need to know?")
    posted = await mouth.send(InThread(place_of(said, QUESTIONS)), CARD, "k1")
    assert len(discord.posts(said["id"])) == 1
    await mouth.revise(posted, Card((Text("Goodbye"),)))
    assert discord.posts(said["id"])[0]["content"] == "Goodbye"
    assert discord.called(START) == []


async def test_a_new_post_in_a_forum_has_a_title_and_can_be_changed(discord: DiscordServer, mouth: Mouth) -> None:
    card = Card((Text("Somebody asks:"), Quote("What helps before a scan?")))
    posted = await mouth.send(InThread(alone(QUESTIONS)), card, "k1")
    thread = discord.realm.channels[posted.message]
    assert (thread["name"], thread["parent_id"]) == ("What helps before a scan?", QUESTIONS)
    assert (posted.space, posted.channel) == (GUILD, QUESTIONS)
    await mouth.revise(posted, CARD)
    assert discord.posts(posted.message)[0]["content"] == "Hello"


async def test_a_forum_that_wants_a_tag_gets_one(discord: DiscordServer, mouth: Mouth) -> None:
    tags = [{"id": "1", "name": "Staff", "moderated": True}, {"id": "2", "name": "Other", "moderated": False}]
    discord.realm.channels[QUESTIONS]["available_tags"] = tags
    discord.fail("POST /channels/{channel_id}/threads", Refused(40067, 400))
    posted = await mouth.send(InThread(alone(QUESTIONS)), CARD, "k1")
    assert discord.realm.channels[posted.message]["applied_tags"] == ["2"]


async def test_a_forums_post_that_is_gone_takes_nothing(discord: DiscordServer, mouth: Mouth) -> None:
    said = discord.ask_in_forum(ALICE, "Telling the school?", "How much do they need to know?")
    del discord.realm.channels[said["id"]]
    with pytest.raises(DeliveryError) as refused:
        await mouth.send(InThread(place_of(said, QUESTIONS)), CARD, "k1")
    assert refused.value.permanent


# --- in private -----------------------------------------------------------------------------------------------


async def test_a_private_conversation_is_opened_once(discord: DiscordServer, mouth: Mouth) -> None:
    place = asked(discord)
    first = await mouth.send(Direct(ASKER), CARD, "k1")
    second = await mouth.send(OnlyFor(place, ASKER), CARD, "k2")
    assert first.channel == second.channel
    assert len(discord.called("POST /users/@me/channels")) == 1
    await mouth.revise(first, Card((Text("Goodbye"),)))
    assert [m["content"] for m in discord.posts(first.channel)] == ["Goodbye", "Hello"]


async def test_a_question_in_private_is_answered_by_reference(discord: DiscordServer, mouth: Mouth) -> None:
    channel = discord.realm.direct(ALICE)["id"]
    place = asked(discord, channel=channel)
    posted = await mouth.send(InThread(place), CARD, "k1")
    assert reply_of(discord, place)
    assert (posted.channel, discord.called(START)) == (channel, [])


async def test_closed_conversations_lead_to_a_thread_of_their_own(discord: DiscordServer, mouth: Mouth) -> None:
    discord.realm.closed_dms.add(ALICE)
    place = asked(discord)
    posted = await mouth.send(OnlyFor(place, ASKER), CARD, "k1")
    await mouth.send(OnlyFor(asked(discord), ASKER), CARD, "k2")
    [thread] = [c for c in discord.realm.channels.values() if c["type"] == PRIVATE_THREAD]
    assert (thread["name"], thread["parent_id"]) == (private_name(ALICE), GENERAL)
    assert discord.realm.thread_members[thread["id"]] == {BOT, ALICE}
    assert len(discord.posts(thread["id"])) == 2
    await mouth.revise(posted, Card((Text("Goodbye"),)))
    assert discord.posts(thread["id"])[0]["content"] == "Goodbye"


async def test_a_process_that_does_not_remember_finds_their_thread(
    discord: DiscordServer, mouth: Mouth, api: DiscordApi
) -> None:
    discord.realm.closed_dms.add(ALICE)
    first = await mouth.send(OnlyFor(asked(discord), ASKER), CARD, "k1")
    second = await Mouth(api, discord).send(OnlyFor(asked(discord), ASKER), CARD, "k2")
    assert second.space == first.space
    del discord.realm.channels[first.space.partition("/")[2]]
    assert (await mouth.send(OnlyFor(asked(discord), ASKER), CARD, "k3")).space != first.space


async def test_closed_conversations_are_the_end_where_there_is_no_channel(discord: DiscordServer, mouth: Mouth) -> None:
    discord.realm.closed_dms.add(ALICE)
    said = discord.ask_in_forum(ALICE, "Telling the school?", "How much do they need to know?")
    for to in (Direct(ASKER), OnlyFor(place_of(said, QUESTIONS), ASKER)):
        with pytest.raises(DeliveryError, match="take no private messages") as refused:
            await mouth.send(to, CARD, f"k{to}")
        assert refused.value.permanent
    discord.realm.forbidden[GENERAL].add("threads")
    with pytest.raises(DeliveryError, match='"Create Private Threads"'):
        await mouth.send(OnlyFor(asked(discord), ASKER), CARD, "k3")


async def test_conversations_begun_too_fast_are_begun_later(discord: DiscordServer, mouth: Mouth) -> None:
    discord.fail("POST /users/@me/channels", Refused(40003, 400))
    with pytest.raises(DeliveryError) as later:
        await mouth.send(Direct(ASKER), CARD, "k1")
    assert (later.value.permanent, later.value.retry_after) == (False, 60.0)


# --- how it is said -------------------------------------------------------------------------------------------


async def test_a_quiet_card_raises_no_notification(discord: DiscordServer, mouth: Mouth) -> None:
    await mouth.send(InThread(alone()), Card((Text("Hello"),), quiet=True), "k1")
    await mouth.send(InThread(alone()), CARD, "k2")
    assert [m["flags"] for m in discord.posts(GENERAL)] == [4096, 0]


async def test_a_card_that_is_gone_cannot_be_changed(discord: DiscordServer, mouth: Mouth) -> None:
    posted = await mouth.send(InThread(alone()), BUTTONS, "k1")
    await mouth.revise(posted, CARD)
    assert discord.posts(GENERAL)[0]["components"] == []
    discord.delete(GENERAL, posted.message)
    with pytest.raises(DeliveryError) as gone:
        await mouth.revise(posted, CARD)
    assert gone.value.permanent


async def test_a_picture_stands_under_its_words(discord: DiscordServer, mouth: Mouth) -> None:
    await mouth.messenger.send_picture(InThread(alone()), CARD, b"\x89PNG", "Growth", "k1")
    [said] = discord.posts(GENERAL)
    assert (said["content"], said["attachments"][0]["description"]) == ("Hello", "Growth")
    discord.fail(POST, Refused(50013))
    await mouth.messenger.send_picture(InThread(alone()), CARD, b"\x89PNG", "Growth", "k2")
    assert [len(m["attachments"]) for m in discord.posts(GENERAL)] == [1, 0]
