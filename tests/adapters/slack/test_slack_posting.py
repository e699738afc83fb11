"""Nothing is posted twice, and a limit in one channel holds up no other."""

import asyncio
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from adapters.slack.client import SlackApi, SlackRefusal, SlackSilence
from adapters.slack.figures import Figures
from adapters.slack.identity import Workspace
from adapters.slack.installations import Installed, OneWorkspace
from adapters.slack.messenger import SlackMessenger
from bot.cards import Card, Direct, InThread, OnlyFor, Text
from bot.events import Member, Place
from bot.ports import DeliveryError
from tests.fakes.slack_faults import CommitThenDrop, Drop, Garbled, RateLimited, Refused, Slow, Status
from tests.fakes.slack_server import BOT_TOKEN, SlackServer
from tests.fakes.slack_workspace import BOT, TEAM

CARD = Card((Text("Hello"),))
ALICE = Member("slack", TEAM, "U01ALICE")


class Wall:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Mouth:
    """A messenger on the fault server, with what it counted."""

    def __init__(self, api: SlackApi) -> None:
        self._registry = CollectorRegistry()
        installations = OneWorkspace(Installed(Workspace(TEAM, "", BOT), BOT_TOKEN))
        self.messenger = SlackMessenger(api, installations, Wall(), Figures(self._registry))
        self.send = self.messenger.send

    def counted(self, name: str) -> float:
        return self._registry.get_sample_value(f"winwin_slack_{name}_total") or 0.0


@pytest.fixture
def mouth(api: SlackApi) -> Mouth:
    return Mouth(api)


def thread_of(slack: SlackServer, channel: str = "C01GEN") -> Place:
    asked = slack.write("U01ALICE", "What helps?", channel)
    return Place("slack", TEAM, channel, asked["ts"], asked["ts"])


@pytest.mark.parametrize("fault", [CommitThenDrop(), Garbled(), Status(502)])
@pytest.mark.parametrize("private", [False, True])
async def test_a_try_that_went_through_unheard_is_found_and_not_made_again(slack, mouth, fault, private):
    to = Direct(ALICE) if private else InThread(thread_of(slack))
    slack.fail("chat.postMessage", fault)
    with pytest.raises(SlackSilence):
        await mouth.send(to, CARD, "k1")
    posted = await mouth.send(to, CARD, "k1", tried=1)
    assert slack.posted_twice() == []
    [stands] = slack.posts()
    assert (posted.channel, posted.message) == (stands["channel"], stands["ts"])
    went_through = isinstance(fault, CommitThenDrop)
    assert (mouth.counted("ambiguous"), mouth.counted("found")) == (1, int(went_through))


async def test_a_process_that_does_not_remember_looks_too(slack, api):
    to = InThread(thread_of(slack))
    first = await Mouth(api).send(to, CARD, "k1")
    again = Mouth(api)
    assert (await again.send(to, CARD, "k1", tried=1)).message == first.message
    assert (again.counted("ambiguous"), again.counted("found")) == (1, 1)
    assert len(slack.posts()) == 1


async def test_another_wish_in_the_same_thread_is_no_reason_not_to_post(slack, mouth):
    to = InThread(thread_of(slack))
    await mouth.send(to, CARD, "k1")
    slack.fail("chat.postMessage", Drop())
    with pytest.raises(SlackSilence):
        await mouth.send(to, CARD, "k2")
    await mouth.send(to, CARD, "k2", tried=1)
    assert slack.keys() == {"k1": 1, "k2": 1}


async def test_a_refusal_leaves_no_doubt_and_needs_no_look(slack, mouth):
    to = InThread(thread_of(slack))
    slack.fail("chat.postMessage", RateLimited(0.01))
    with pytest.raises(SlackRefusal) as refused:
        await mouth.send(to, CARD, "k1")
    assert (refused.value.permanent, refused.value.retry_after) == (False, 0.01)
    await asyncio.sleep(0.02)
    await mouth.send(to, CARD, "k1", tried=1)
    assert slack.called("conversations.replies") == []
    assert mouth.counted("ambiguous") == 0


async def test_a_look_that_slack_limits_waits_and_goes_on_where_it_was(slack, mouth):
    place = thread_of(slack)
    for n in range(20):
        slack.write("U02BEN", f"reply {n}", thread=place.thread)
    slack.fail("chat.postMessage", CommitThenDrop())
    with pytest.raises(SlackSilence):
        await mouth.send(InThread(place), CARD, "k1")
    slack.limit_history(every=0.1)
    with pytest.raises(SlackRefusal, match="ratelimited"):
        await mouth.send(InThread(place), CARD, "k1", tried=1)
    await asyncio.sleep(0.11)
    await mouth.send(InThread(place), CARD, "k1", tried=2)
    assert slack.posted_twice() == []
    asked = [c.asked.get("cursor", "") for c in slack.called("conversations.replies", "ok")]
    assert len(asked) == 2
    assert asked[1]


NO_WAY_TO_LOOK = [
    Refused("missing_scope", needed="channels:history"),
    Refused("unknown_method"),
    Status(404),
    Status(501),
]


@pytest.mark.parametrize("fault", NO_WAY_TO_LOOK, ids=str)
async def test_without_a_way_to_look_it_is_posted_again_and_counted(slack, mouth, fault):
    slack.fail("chat.postMessage", Drop())
    slack.fail("conversations.replies", fault, times=-1)
    to = InThread(thread_of(slack))
    with pytest.raises(SlackSilence):
        await mouth.send(to, CARD, "k1")
    await mouth.send(to, CARD, "k1", tried=1)
    assert mouth.counted("blind") == 1
    assert len(slack.posts()) == 1


async def test_what_one_person_sees_is_repeated_once_and_then_said_in_private(slack, mouth):
    to = OnlyFor(thread_of(slack), ALICE)
    slack.fail("chat.postEphemeral", CommitThenDrop(), times=2)
    for tried in (0, 1):
        with pytest.raises(SlackSilence):
            await mouth.send(to, CARD, "k1", tried=tried)
    posted = await mouth.send(to, CARD, "k1", tried=2)
    assert posted.channel == "D01ALICE"
    assert [m.get("ephemeral_to", "private") for m in slack.posts()] == ["U01ALICE", "U01ALICE", "private"]
    assert mouth.counted("blind") == 1


async def test_a_refused_ephemeral_goes_to_the_conversation_and_is_found_there(slack, mouth):
    slack.workspace.channels["C01GEN"].members.discard("U01ALICE")
    to = OnlyFor(thread_of(slack), ALICE)
    slack.fail("chat.postMessage", CommitThenDrop())
    with pytest.raises(SlackSilence):
        await mouth.send(to, CARD, "k1")
    posted = await mouth.send(to, CARD, "k1", tried=1)
    assert not posted.alone
    assert slack.keys() == {"k1": 1}


async def test_a_limit_holds_in_its_channel_and_nowhere_else(slack, mouth):
    here, there = InThread(thread_of(slack)), InThread(thread_of(slack, "C02HOSP"))
    slack.fail("chat.postMessage", RateLimited(30), channel="C01GEN")
    for key in ("k1", "k2"):
        with pytest.raises(SlackRefusal, match=r"ratelimited|waiting") as refused:
            await mouth.send(here, CARD, key)
        assert 29 < (refused.value.retry_after or 0) <= 30
    assert len(slack.called("chat.postMessage")) == 1, "Slack is not asked again before its time"
    assert (await mouth.send(there, CARD, "k3")).channel == "C02HOSP"


async def test_a_channel_gets_a_burst_and_then_about_one_message_a_second(slack, mouth):
    to = InThread(thread_of(slack))
    waits = []
    for n in range(12):
        try:
            await mouth.send(to, CARD, f"k{n}")
        except SlackRefusal as refused:
            waits.append(refused.retry_after)
    assert len(slack.posts()) == 10
    assert [round(w or 0) for w in waits] == [1, 2]


@pytest.mark.parametrize("text", ["[]", '"ok"', "7", "null"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_an_answer_that_is_no_object_is_as_good_as_none(slack, mouth, text, kind):
    slack.fail("chat.postMessage", Garbled(text, kind))
    with pytest.raises(SlackSilence):
        await mouth.send(InThread(thread_of(slack)), CARD, "k1")


async def test_a_gateway_that_finds_no_post_method_is_tried_again(slack, mouth):
    slack.fail("chat.postMessage", Status(404))
    to = InThread(thread_of(slack))
    with pytest.raises(SlackRefusal) as refused:
        await mouth.send(to, CARD, "k1")
    assert not refused.value.permanent
    await mouth.send(to, CARD, "k1", tried=1)
    assert len(slack.posts()) == 1
    assert not slack.called("conversations.replies"), "it was surely not posted"


@pytest.mark.parametrize("fault", [Refused("unknown_method"), Status(404)], ids=str)
async def test_without_ephemeral_messages_it_is_said_in_private(slack, mouth, fault):
    slack.fail("chat.postEphemeral", fault)
    await mouth.send(OnlyFor(thread_of(slack), ALICE), CARD, "k1")
    assert len(slack.posts(slack.workspace.direct(ALICE.id).id)) == 1


async def test_a_slow_answer_is_waited_for(slack, mouth):
    slack.fail("chat.postMessage", Slow(0.2))
    assert (await mouth.send(InThread(thread_of(slack)), CARD, "k1")).message


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "not_in_channel"])
async def test_a_channel_that_is_lost_is_lost_for_good(slack, mouth, error):
    slack.fail("chat.postMessage", Refused(error))
    with pytest.raises(DeliveryError) as lost:
        await mouth.send(InThread(thread_of(slack)), CARD, "k1")
    assert lost.value.permanent


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked", "missing_scope"])
async def test_what_the_operator_can_mend_is_kept(slack, mouth, error):
    slack.fail("chat.postMessage", Refused(error))
    with pytest.raises(DeliveryError) as kept:
        await mouth.send(InThread(thread_of(slack)), CARD, "k1")
    assert not kept.value.permanent


# --- pictures -------------------------------------------------------------------------------------------------

PNG, UPLOAD = b"\x89PNG of the week", "files.completeUploadExternal"
TEAM_CHANNEL = InThread(Place("slack", TEAM, "C01GEN", "", ""))


@pytest.mark.parametrize("fault", [CommitThenDrop(), Garbled(), Status(502)])
async def test_a_picture_that_went_through_unheard_is_found_and_not_sent_again(slack, api, fault):
    slack.fail(UPLOAD, fault)
    with pytest.raises(SlackSilence):
        await Mouth(api).messenger.send_picture(TEAM_CHANNEL, CARD, PNG, "Growth", "k1")
    again = Mouth(api)  # another process, that remembers nothing
    posted = await again.messenger.send_picture(TEAM_CHANNEL, CARD, PNG, "Growth", "k1", tried=1)
    [stands] = slack.posts("C01GEN")
    went_through = isinstance(fault, CommitThenDrop)
    assert posted.message == stands["ts"] or not went_through
    assert (again.counted("ambiguous"), again.counted("found")) == (1, int(went_through))


async def test_another_weeks_picture_is_no_reason_not_to_send_this_one(slack, mouth):
    await mouth.messenger.send_picture(TEAM_CHANNEL, CARD, PNG, "Growth", "k1")
    await mouth.messenger.send_picture(TEAM_CHANNEL, CARD, PNG, "Growth", "k2", tried=1)
    assert len(slack.posts("C01GEN")) == 2


async def test_words_that_went_alone_are_not_repeated_with_the_picture(slack, mouth):
    """The first try might send no file, and the words went through unheard; then the scope was granted."""
    slack.fail("files.getUploadURLExternal", Refused("missing_scope", needed="files:write"))
    slack.fail("chat.postMessage", CommitThenDrop())
    with pytest.raises(SlackSilence):
        await mouth.messenger.send_picture(TEAM_CHANNEL, CARD, PNG, "Growth", "k1")
    await mouth.messenger.send_picture(TEAM_CHANNEL, CARD, PNG, "Growth", "k1", tried=1)
    assert len(slack.posts("C01GEN")) == 1


async def test_a_picture_that_slack_wants_later_waits_and_needs_no_look(slack, mouth):
    slack.fail(UPLOAD, RateLimited(0.01))
    with pytest.raises(SlackRefusal) as refused:
        await mouth.messenger.send_picture(TEAM_CHANNEL, CARD, PNG, "Growth", "k1")
    assert not refused.value.permanent
    await mouth.messenger.send_picture(TEAM_CHANNEL, CARD, PNG, "Growth", "k1", tried=1)
    assert slack.called("conversations.history") == []
    assert [m["files"][0]["title"] for m in slack.posts("C01GEN")] == ["Growth"]
