"""What platforms say of channels and members, and what follows from it."""

from typing import Any

import pytest

from bot.cards import Action, Form, InThread
from bot.community import Channel, Role
from bot.events import ChannelArchived, ChannelRenamed, MessagePosted, Place
from bot.policy import Mode
from bot.question import Status
from tests.fakes.community import GENERAL, Community, volunteering
from tests.fakes.values import KOFI, TESS, key, member

LOST = "I am no longer in the channel of this question. Thank you for being there."
POOLS = "Does anybody know a good swimming club?"
SCHOOL = "School marks infusion days as absence, what can we do?"


async def channel(home: Community, channel_key: str = GENERAL) -> Channel:
    async with home.store.read() as tx:
        found = await tx.channels.get(channel_key)
    assert found is not None
    return found


# --- invited ------------------------------------------------------------------------------------------------


async def test_invited_it_says_what_it_does_keeps_and_how_to_opt_out(anywhere: Community):
    await anywhere.invite()
    (welcome,) = [s for s in anywhere.messenger.shown if isinstance(s.to, InThread)]
    assert welcome.to == InThread(Place("web", "home", "general", "", ""))
    assert "I help questions here find an answer." in welcome.words
    assert "until 30 days after it is settled" in welcome.words
    assert await channel(anywhere) == Channel(GENERAL, "general", Mode.THREAD, welcomed=True)
    await anywhere.press("ben", "Leave my messages alone")
    assert anywhere.last("ben") == "I will leave your messages alone from now on."


async def test_every_moderator_of_the_space_is_asked_for_the_mode_and_any_of_them_sets_it(anywhere: Community):
    await anywhere.invite()
    for who in ("moda", "mara"):
        assert anywhere.last(who).startswith("I have been invited to #general. What should I do there?")
        labels = [b.label for b in anywhere.sees(who)[-1].card.buttons]
        assert labels == ["Answer in the thread", "Whisper", "Only when called", "Stay silent"]
    assert anywhere.last("olu") == anywhere.last("tess") == ""
    await anywhere.press("moda", "Whisper")
    assert (await channel(anywhere)).mode is Mode.HINT
    assert anywhere.last("mara").startswith("In #general I do this now: Whisper. Chosen by Moda.")
    await anywhere.press("mara", "Stay silent")
    assert (await channel(anywhere)).mode is Mode.OFF
    assert anywhere.private("moda")[-1] == "Saved."
    async with anywhere.store.read() as tx:
        modes = [(a.actor, a.detail) for a in await tx.audit.all() if a.action == "channel_mode"]
    assert modes == [(key("moda"), "hint"), (key("mara"), "off")]


async def test_moderators_of_another_space_are_asked_only_where_there_is_none_here(home: Community):
    await home.invite(channel="web:away:school", name="school")
    assert home.last("moda").startswith("I have been invited to #school.")


@pytest.mark.parametrize("who", ["ben", "tess", "cleo", "nobody"])
async def test_nobody_else_sets_the_mode(home: Community, who):
    await home.invite()
    await home.force(who, Action.SET_MODE, f"{GENERAL}|off")
    assert home.last(who) == "This is not open to everybody here. A moderator can help you."
    assert (await channel(home)).mode is Mode.THREAD


@pytest.mark.parametrize("subject", [f"{GENERAL}|loud", "web:home:unknown|off", "off", ""])
async def test_a_forged_mode_is_refused_kindly(home: Community, subject):
    await home.invite()
    await home.force("moda", Action.SET_MODE, subject)
    assert home.last("moda").startswith("This is no longer there.")
    assert (await channel(home)).mode is Mode.THREAD


async def test_invited_twice_it_welcomes_once_but_again_after_it_was_away(anywhere: Community):
    def welcomes() -> int:
        return sum("find an answer" in s.words for s in anywhere.messenger.shown)

    await anywhere.invite()
    await anywhere.invite()
    assert welcomes() == 1
    await anywhere.submit("moda", Form.CHANNEL, GENERAL, {"mode": "mention"})
    await anywhere.remove()
    assert (await channel(anywhere)) == Channel(GENERAL, "general", Mode.MENTION, gone=True)
    await anywhere.invite()
    assert welcomes() == 2
    assert (await channel(anywhere)).mode is Mode.MENTION


async def test_a_new_name_is_kept(home: Community):
    await home.invite()
    await home.receive(ChannelRenamed(GENERAL, "parents", home.clock.now()))
    assert (await channel(home)).name == "parents"


# --- removed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["removed", "archived"])
async def test_a_channel_that_is_lost_gets_nothing_and_its_questions_go_on_in_private(anywhere: Community, how):
    await anywhere.invite()
    asked = await anywhere.say("dana", POOLS)
    holder = (await anywhere.question(asked)).offered_to.rsplit(":", 1)[-1]
    taken = await anywhere.say("ben", "How do we tell the grandparents?")
    await anywhere.force(holder, Action.TAKE, (await anywhere.question(taken)).id)
    before = len(anywhere.messenger.shown)
    if how == "removed":
        await anywhere.remove()
    else:
        await anywhere.receive(ChannelArchived(GENERAL, anywhere.clock.now()))
    for question in (await anywhere.question(asked), await anywhere.question(taken)):
        assert (question.status, question.private, question.claimed_by) == (Status.ESCALATED, True, "")
        assert question.text
    assert f"{LOST}\nIt was asked at 12:00, about: school." in anywhere.private(holder)
    assert "I am no longer in its channel." in anywhere.last("moda")
    assert anywhere.private("dana")[0].startswith("I am no longer in the channel where you asked")
    await anywhere.press("moda", "I'll take it")
    await anywhere.wait(hours=4)
    assert not any(isinstance(s.to, InThread) for s in anywhere.messenger.shown[before:])


async def test_whoever_takes_it_then_answers_through_the_bot(home: Community):
    asked = await home.say("dana", POOLS)
    await home.remove()
    q = await home.question(asked)
    await home.force("moda", Action.TAKE, q.id)
    assert any(f"“{POOLS}”" in words for words in home.private("moda"))
    await home.submit("moda", Form.ANSWER, q.id, {"text": "The old harbour is kind."})
    assert "The old harbour is kind." in home.last("dana")


async def test_a_suggestion_in_a_lost_channel_is_left_as_it_is(home: Community):
    asked = await home.say("dana", SCHOOL)
    await home.remove()
    shown = home.public()
    await home.force("dana", Action.HELPED, (await home.question(asked)).id)
    assert home.public() == shown
    assert home.last("dana") == "I am glad it helped."


# --- modes --------------------------------------------------------------------------------------------------


async def set_mode(home: Community, mode: Mode) -> None:
    await home.submit("moda", Form.CHANNEL, GENERAL, {"mode": mode})


async def says(home: Community, text: str, **facts: Any) -> MessagePosted:
    from dataclasses import replace

    event = replace(home.posted("ben", text), **facts)
    await home.receive(event)
    return event


async def test_mentioned_it_hears_where_it_listens_only_to_its_name(home: Community):
    await set_mode(home, Mode.MENTION)
    await says(home, POOLS)
    assert home.public() == ""
    asked = await says(home, POOLS, mentions_bot=True)
    assert (await home.question(asked)).status is Status.OFFERED


async def test_a_mention_that_comes_as_two_events_is_one_question(home: Community):
    await set_mode(home, Mode.MENTION)
    asked = await says(home, POOLS, mentions_bot=True)
    shown = list(home.messenger.shown)
    await home.receive(asked)
    assert home.messenger.shown == shown


async def test_switched_off_it_is_silent_even_when_it_is_mentioned_but_a_crisis_is_still_seen(home: Community):
    await set_mode(home, Mode.OFF)
    shown = len(home.messenger.shown)
    await says(home, POOLS, mentions_bot=True)
    await says(home, SCHOOL)
    assert len(home.messenger.shown) == shown
    await says(home, "I want to die")
    assert home.last("moda").startswith("Safety alert C1.")
    assert "You matter" in home.last("ben")


async def test_switched_off_it_still_answers_who_writes_to_it_alone(home: Community):
    home.desk._hearing._default_mode = Mode.OFF
    private = await home.say("dana", POOLS, direct=True)
    assert (await home.question(private)).private


@pytest.mark.parametrize("mode", [Mode.HINT, Mode.OFF])
async def test_news_are_whispered_where_the_channel_wants_no_words_of_the_bot(home: Community, mode):
    asked = await says(home, SCHOOL)
    await set_mode(home, mode)
    public = [s for s in home.messenger.shown if isinstance(s.to, InThread)]
    await home.press("ben", "Ask a person")
    await home.force("tess", Action.TAKE, (await home.question(asked)).id)
    assert "Tess has taken your question" in home.last("ben")
    assert len([s for s in home.messenger.shown if isinstance(s.to, InThread)]) == len(public)


# --- members ------------------------------------------------------------------------------------------------


async def test_what_the_platform_says_of_a_member_is_kept_and_nonsense_is_not(anywhere: Community):
    await anywhere.change("dana", name="Dana P.", time_zone="Europe/Madrid", language="es-ES")
    await anywhere.wait(seconds=1)
    await anywhere.change("dana", time_zone="Mars/Base")
    async with anywhere.store.read() as tx:
        record = (await tx.members.get([key("dana")]))[key("dana")]
    assert (record.name, record.time_zone, record.language) == ("Dana P.", "Europe/Madrid", "es")


async def test_who_is_deactivated_hands_on_what_they_hold_and_is_not_asked_any_more(anywhere: Community):
    asked = await anywhere.say("dana", POOLS)
    claimed = await anywhere.say("ben", "How do we tell the grandparents?")
    holder = (await anywhere.question(asked)).offered_to
    name = holder.rsplit(":", 1)[-1]
    await anywhere.force(name, Action.ACCEPT, (await anywhere.question(claimed)).id)
    other = KOFI if holder == TESS else TESS
    await anywhere.change(name, deactivated=True)
    assert [(await anywhere.question(m)).offered_to for m in (asked, claimed)] == [other, other]
    third = await anywhere.say("ben", "How do we tell the neighbours?")
    assert (await anywhere.question(third)).offered_to != holder


async def test_a_deactivated_moderator_is_neither_told_nor_paged(home: Community):
    await home.change("moda", deactivated=True)
    await home.say("dana", "I want to die")
    async with home.store.read() as tx:
        (alert,) = await tx.alerts.open()
    assert {m for m, _ in alert.paged} == {key("mara"), key("olu")}


@pytest.mark.parametrize("kind", ["guest", "bot"])
async def test_guests_and_bots_are_not_asked_and_take_nothing_but_a_guest_may_ask(home: Community, kind):
    await home.change("tess", **{kind: True})
    await home.change("kofi", **{kind: True})
    asked = await home.say("tess", POOLS)
    assert (await home.question(asked)).status is Status.ESCALATED
    other = await home.say("dana", POOLS)
    await home.force("kofi", Action.TAKE, (await home.question(other)).id)
    refused = "This is not open to everybody here. A moderator can help you."
    assert home.last("kofi") == refused
    await home.submit("kofi", Form.VOLUNTEER, "", {})
    assert home.private("kofi")[-2:] == [refused, refused]
    async with home.store.read() as tx:
        assert (await tx.members.get([KOFI]))[KOFI].staff is (kind == "bot")


async def test_an_account_that_is_switched_on_again_is_asked_again(home: Community):
    await home.enter("kofi", volunteer=volunteering("kofi", paused=True))
    await home.change("tess", deactivated=True)
    await home.wait(seconds=1)
    await home.change("tess")
    asked = await home.say("dana", POOLS)
    assert (await home.question(asked)).offered_to == TESS


async def test_somebody_never_seen_before_becomes_known(home: Community):
    await home.change("nina", name="Nina")
    async with home.store.read() as tx:
        found = (await tx.members.get([member("nina").key]))[member("nina").key]
    assert (found.name, found.roles) == ("Nina", frozenset())
    assert not any(role in found.roles for role in Role)
