"""What the bot may not do somewhere: named as Discord names it, told once; time-outs, a new name, a kick."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.discord.client import NO_ACCESS, NO_PERMISSION, DiscordRefusal
from adapters.discord.invite import (
    FILES,
    FORUM,
    HISTORY,
    IN_THREADS,
    NEEDED,
    PUBLIC_THREADS,
    SEND,
    TEXT,
    VIEW,
    Permission,
)
from adapters.discord.refusals import explained
from bot.community import QuestionFilter
from bot.question import Question, Status
from tests.dialogues.discord_stage import CHANNEL, GUILD, DiscordStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_payloads import BOT
from tests.fakes.discord_reading import words_of

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "Ask school to excuse infusion days."}
INFUSION = "How do I get school to excuse infusion days?"
CLUB = "Does anybody know a good swimming club?"
ROWING = "Does anybody know a good rowing club?"
LACKS, SILENCED = "I can't do all that I should in a channel.", "I have a time-out on your server"
PEOPLE = (Person("dana"), Person("tess", volunteer="parent"), Person("moda", roles=("moderator",)))
FAR = "2999-01-01T00:00:00+00:00"
# as a text channel's settings and a forum's show them: support.discord.com, Channel Permissions Settings 101
THERE = {
    "View Channel", "Send Messages", "Send Messages in Threads", "Create Public Threads", "Create Private Threads",
    "Embed Links", "Attach Files", "Read Message History", "Manage Threads",
}  # fmt: skip
IN_A_FORUM = (THERE - {"Send Messages", "Send Messages in Threads", "Manage Threads"}) | {
    "Create Posts", "Send Messages in Posts", "Manage Posts",
}  # fmt: skip


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE, (LETTER,)))
    yield stage
    await stage.close()


def private(stage: DiscordStage, who: str) -> list[str]:
    return [words_of(m) for m in stage.discord.posts(stage.discord.realm.direct(user(who))["id"])]


def told(stage: DiscordStage, words: str) -> list[str]:
    return [said for said in private(stage, "moda") if words in said]


async def allow(stage: DiscordStage, *denied: Permission, **barred: str) -> None:
    """The channel denies the bot exactly this. `barred`: what the API refuses then, in the fake's own words."""
    stage.clock.move(timedelta(seconds=1))
    realm = stage.discord.realm
    deny = str(sum(permission.bit for permission in denied))
    realm.channels[CHANNEL]["permission_overwrites"] = [{"id": GUILD, "type": 0, "allow": "0", "deny": deny}]
    realm.forbidden[CHANNEL] = set(barred.values())
    realm.emit("CHANNEL_UPDATE", realm.channels[CHANNEL])
    await stage._settled()


async def time_out(stage: DiscordStage, who: str, until: str | None) -> None:
    stage.clock.move(timedelta(seconds=1))
    stage.discord.realm.members[who]["communication_disabled_until"] = until
    stage.discord.realm.emit("GUILD_MEMBER_UPDATE", {**stage.discord.realm.members[who], "guild_id": GUILD})
    await stage._settled()


async def question(stage: DiscordStage, text: str) -> Question:
    async with stage.store.read() as tx:
        return next(q for q in await tx.questions.find(QuestionFilter()) if q.text == text)


# --- their names ----------------------------------------------------------------------------------------------


def test_every_permission_is_called_as_a_channels_settings_call_it():
    assert {p.named(TEXT) for p in NEEDED} == THERE
    assert {p.named(FORUM) for p in NEEDED} == IN_A_FORUM


@pytest.mark.parametrize("needed", NEEDED, ids=lambda p: p.name)
def test_a_refusal_and_the_invite_name_the_same(needed):
    refused = explained(DiscordRefusal(NO_PERMISSION, "no", permanent=True), "7", needed)
    assert f'"{needed.named(TEXT)}"' in str(refused)
    assert refused.needs == needed.named(TEXT)
    unseen = explained(DiscordRefusal(NO_ACCESS, "no", permanent=True), "7", needed)
    assert '"View Channel"' in str(unseen)


# --- told once ------------------------------------------------------------------------------------------------


async def test_moderators_are_told_once_what_to_switch_on_and_where(stage):
    await allow(stage, PUBLIC_THREADS, FILES, no="threads")
    assert told(stage, LACKS) == [], "what is not needed is not asked for"
    await stage.post("dana", INFUSION)
    assert LETTER["title"] in words_of(stage.discord.posts(CHANNEL)[-1]), "it is said in the channel, then"
    (once,) = told(stage, LACKS)
    assert once.endswith("In #general: Create Public Threads, Attach Files")
    await stage.post("dana", CLUB)
    await stage.restart()
    await stage.post("dana", ROWING)
    assert told(stage, LACKS) == [once]
    assert not any(LACKS in said for said in private(stage, "dana"))


async def test_threads_in_which_it_may_not_speak_are_told_though_none_is_begun(stage):
    await allow(stage, IN_THREADS)
    await stage.post("dana", INFUSION)
    assert LETTER["title"] in words_of(stage.discord.posts(CHANNEL)[-1])
    (once,) = told(stage, LACKS)
    assert once.endswith("In #general: Send Messages in Threads")


async def test_what_was_mended_and_is_missing_again_is_told_again(stage):
    await allow(stage, PUBLIC_THREADS, no="threads")
    await stage.post("dana", INFUSION)
    await allow(stage)
    async with stage.store.read() as tx:
        channel = await tx.channels.get(f"discord:{GUILD}:{CHANNEL}")
    assert channel is not None
    assert channel.lacks == ()
    await stage.post("dana", CLUB)
    assert len(told(stage, LACKS)) == 1
    await allow(stage, PUBLIC_THREADS, no="threads")
    await stage.post("dana", ROWING)
    assert len(told(stage, LACKS)) == 2


async def test_mended_while_nobody_listened_it_is_known_at_the_start(stage):
    await allow(stage, PUBLIC_THREADS, no="threads")
    await stage.post("dana", INFUSION)
    await stage._stop()
    stage.discord.realm.channels[CHANNEL]["permission_overwrites"] = []
    stage.clock.move(timedelta(seconds=1))
    await stage._start()
    async with stage.store.read() as tx:
        channel = await tx.channels.get(f"discord:{GUILD}:{CHANNEL}")
    assert channel is not None
    assert channel.lacks == ()


async def test_a_permission_that_only_a_role_of_the_thread_lacks_is_named_too(stage):
    """Discord refuses, and what we know of the channel gives no reason: then it is what was tried."""
    stage.discord.fail("POST /channels/{channel_id}/messages/{message_id}/threads", Refused(50013, 403), times=-1)
    await stage.post("dana", INFUSION)
    (once,) = told(stage, LACKS)
    assert once.endswith("In #general: Create Public Threads")


async def test_a_history_that_it_may_not_read_is_told(stage):
    await stage.post("dana", INFUSION)
    await allow(stage, HISTORY, no="history")
    stage.connection._gap()
    for _ in range(20):
        stage.clock.move(timedelta(seconds=2))
        await stage.connection.catch_up()
    await stage._settled()
    (once,) = told(stage, LACKS)
    assert once.endswith("In #general: Read Message History")


async def test_a_channel_that_it_is_shut_out_of_is_left_alone_without_a_word(stage):
    await allow(stage, VIEW, no="view")
    assert told(stage, LACKS) == []


async def test_overwrites_of_the_channel_count_not_only_the_servers_roles(stage):
    """What everybody lacks there, the bot's own role may still have."""
    realm = stage.discord.realm
    own = {"id": BOT, "type": 1, "allow": str(SEND.bit | PUBLIC_THREADS.bit | IN_THREADS.bit), "deny": "0"}
    everyone = {"id": GUILD, "type": 0, "allow": "0", "deny": own["allow"]}
    realm.channels[CHANNEL]["permission_overwrites"] = [everyone, own]
    realm.emit("CHANNEL_UPDATE", realm.channels[CHANNEL])
    await stage._settled()
    assert stage.connection.guilds.lacking(CHANNEL) == ()
    assert CHANNEL in stage.connection.town.rooms(GUILD)
    realm.channels[CHANNEL]["permission_overwrites"] = [everyone]
    realm.emit("CHANNEL_UPDATE", realm.channels[CHANNEL])
    await stage._settled()
    assert CHANNEL not in stage.connection.town.rooms(GUILD)


# --- time-outs ------------------------------------------------------------------------------------------------


async def test_with_a_time_out_the_bot_waits_says_so_once_and_goes_on_afterwards(stage):
    await time_out(stage, BOT, FAR)
    stage.discord.realm.forbidden[CHANNEL] = {"send", "threads"}
    await stage.post("dana", INFUSION)
    await stage.post("dana", CLUB)
    assert len(told(stage, SILENCED)) == 1
    assert told(stage, LACKS) == []
    async with stage.store.read() as tx:
        assert await tx.outbox.parked() == []
        channel = await tx.channels.get(f"discord:{GUILD}:{CHANNEL}")
    assert channel is not None
    assert not channel.gone, "a time-out is no reason to go on in private"
    await time_out(stage, BOT, None)
    stage.discord.realm.forbidden.clear()
    await stage.wait(timedelta(minutes=6))
    await stage._settled()
    assert any(LETTER["title"] in words_of(m) for m in stage.discord.posts())
    assert stage.discord.posted_twice() == []


async def test_somebody_with_a_time_out_is_heard_when_they_press(stage):
    await stage.post("dana", INFUSION)
    await time_out(stage, user("dana"), FAR)
    await stage.press("dana", "This helped")
    assert (await question(stage, INFUSION)).status is Status.CLOSED


# --- a new name, a kick ---------------------------------------------------------------------------------------


async def test_a_channel_with_a_new_name_stays_the_same_channel(stage):
    await stage.post("dana", INFUSION)
    realm = stage.discord.realm
    realm.channels[CHANNEL]["name"] = "parents-ask"
    stage.clock.move(timedelta(seconds=1))
    realm.emit("CHANNEL_UPDATE", realm.channels[CHANNEL])
    await stage._settled()
    await stage.press("dana", "Not what I need")
    async with stage.store.read() as tx:
        channel = await tx.channels.get(f"discord:{GUILD}:{CHANNEL}")
        assert len(await tx.questions.find(QuestionFilter())) == 1
    assert channel is not None
    assert (channel.name, channel.gone) == ("parents-ask", False)
    await allow(stage, PUBLIC_THREADS, no="threads")
    await stage.post("dana", CLUB)
    assert told(stage, LACKS)[0].endswith("In #parents-ask: Create Public Threads")


async def test_a_bot_that_is_kicked_loses_no_question(stage):
    await stage.post("dana", CLUB)
    before = len(stage.discord.posts(CHANNEL))
    stage.discord.realm.forbidden[CHANNEL] = {"view", "send"}
    stage.clock.move(timedelta(seconds=1))
    stage.discord.realm.emit("GUILD_DELETE", {"id": GUILD})
    await stage._settled()
    kept = await question(stage, CLUB)
    assert (kept.status, kept.private) == (Status.ESCALATED, True)
    assert kept.text == CLUB
    assert any("I am no longer in the channel where you asked" in said for said in private(stage, "dana"))
    assert any("I am no longer in its channel" in said for said in private(stage, "moda"))
    await stage.wait(timedelta(hours=2))
    assert len(stage.discord.posts(CHANNEL)) == before
    async with stage.store.read() as tx:
        assert (await tx.members.get([key("dana")]))[key("dana")].deactivated is False
