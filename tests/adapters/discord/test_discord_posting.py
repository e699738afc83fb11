"""Nothing is posted twice, whatever goes wrong and in whatever order; and nothing that is sent calls anybody."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from adapters.discord.client import DiscordApi, DiscordSilence
from adapters.discord.figures import Figures
from adapters.discord.marking import GIVEN, nonce_of, number_of
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.town import Site, site_of
from bot.cards import Action, Address, Button, Card, Direct, InThread, OnlyFor, Quote, Text
from bot.ports import DeliveryError
from tests.adapters.discord.discord_line import Line
from tests.adapters.discord.discord_mouth import ASKER, CARD, Mouth, alone, asked, place_of
from tests.adapters.discord.discord_paper import FORBIDDEN, LIMITED, LOST, UNHEARD, Hands, PaperDiscord
from tests.adapters.discord.discord_rules import calls_nobody, message_is_good, texts
from tests.fakes.discord_faults import Limited
from tests.fakes.discord_guild import Realm
from tests.fakes.discord_payloads import ALICE, BOT, DM, GENERAL, GUILD, QUESTIONS
from tests.fakes.discord_server import DiscordServer
from tests.fakes.slack_faults import CommitThenDrop, Drop

POST, HISTORY = "POST /channels/{channel_id}/messages", "GET /channels/{channel_id}/messages"
BUTTONS = Card((Text("Hello"),), (Button(Action.HELPED, "q1", "Helped"),))


@pytest.fixture
async def api(line: Line) -> DiscordApi:
    await line.supervisor.open()
    return line.api


@pytest.fixture
def mouth(api: DiscordApi, discord: DiscordServer) -> Mouth:
    return Mouth(api, discord)


# --- over the line --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", [CARD, BUTTONS], ids=["words", "buttons"])
@pytest.mark.parametrize("private", [False, True])
async def test_a_try_that_went_through_unheard_is_found_and_not_made_again(
    discord: DiscordServer, api: DiscordApi, mouth: Mouth, card: Card, private: bool
) -> None:
    to: Address = Direct(ASKER) if private else InThread(asked(discord))
    discord.fail(POST, CommitThenDrop())
    with pytest.raises(DiscordSilence):
        await mouth.send(to, card, "k1")
    again = Mouth(api, discord)  # another process, that remembers nothing
    posted = await again.send(to, card, "k1", tried=1)
    [stands] = discord.posts()
    assert posted.message == stands["id"]
    assert (again.counted("ambiguous"), again.counted("found")) == (1, 1)
    assert len(discord.called(POST)) == 1


async def test_a_try_that_was_lost_is_made_again(discord: DiscordServer, mouth: Mouth) -> None:
    to = InThread(asked(discord))
    await mouth.send(to, CARD, "k0")  # the same words, for another wish
    discord.fail(POST, Drop())
    with pytest.raises(DiscordSilence):
        await mouth.send(to, CARD, "k1")
    await mouth.send(to, CARD, "k1", tried=1)
    assert len(discord.posts()) == 2
    assert (mouth.counted("ambiguous"), mouth.counted("found")) == (1, 0)


async def test_a_refusal_leaves_no_doubt_and_needs_no_look(
    discord: DiscordServer, mouth: Mouth, monkeypatch: pytest.MonkeyPatch
) -> None:
    discord.fail(POST, Limited(60.0))
    to = InThread(alone())
    with pytest.raises(DeliveryError) as refused:
        await mouth.send(to, CARD, "k1")
    assert (refused.value.permanent, refused.value.retry_after) == (False, 60.0)
    monkeypatch.setattr("adapters.discord.buckets.Bucket.is_expired", lambda _: True)  # a minute later
    await mouth.send(to, CARD, "k1", tried=1)
    assert discord.called(HISTORY) == []
    assert mouth.counted("ambiguous") == 0


async def test_without_a_way_to_look_the_nonce_still_holds(
    discord: DiscordServer, api: DiscordApi, mouth: Mouth
) -> None:
    discord.realm.forbidden[GENERAL].add("history")
    discord.fail(POST, CommitThenDrop())
    with pytest.raises(DiscordSilence):
        await mouth.send(InThread(alone()), CARD, "k1")
    again = Mouth(api, discord)
    await again.send(InThread(alone()), CARD, "k1", tried=1)
    assert again.counted("blind") == 1
    assert len(discord.posts()) == 1


async def test_a_picture_that_went_through_unheard_is_found(
    discord: DiscordServer, api: DiscordApi, mouth: Mouth
) -> None:
    discord.fail(POST, CommitThenDrop())
    with pytest.raises(DiscordSilence):
        await mouth.messenger.send_picture(InThread(alone()), CARD, b"\x89PNG", "Growth", "k1")
    later = Mouth(api, discord).messenger
    await later.send_picture(InThread(alone()), Card((Text("Else"),)), b"\x89PNG", "Growth", "k1", tried=1)
    await later.send_picture(InThread(alone()), CARD, b"\x89PNG", "Growth", "k2", tried=1)
    assert len(discord.posts()) == 2


# --- in every order -------------------------------------------------------------------------------------------


class Remembering:
    """A town over a realm, with what the connection knows left out."""

    bot = BOT

    def __init__(self, realm: Realm) -> None:
        self._realm = realm

    def site(self, channel: str) -> Site | None:
        found = self._realm.channels.get(channel)
        return None if found is None or found["type"] == DM else site_of(found, GUILD, self)

    def home(self, user: str) -> str:
        return GUILD


class Tries:
    """One wish, and everything that befalls it."""

    def __init__(self) -> None:
        self.hands = Hands()
        self.paper = PaperDiscord(self.hands)
        self.begin_anew()

    def begin_anew(self) -> None:
        town = Remembering(self.paper.realm)
        self.messenger = DiscordMessenger(self.paper, town, self.hands, Figures(CollectorRegistry()))

    def address(self, where: str) -> Address:
        realm = self.paper.realm
        asked_there = place_of(realm.post(GENERAL, ALICE, {"content": "What helps?"}))
        match where:
            case "thread":
                return InThread(asked_there)
            case "channel":
                return InThread(alone())
            case "forum":
                return InThread(alone(QUESTIONS))
            case "only for":
                return OnlyFor(asked_there, ASKER)
            case _:
                return Direct(ASKER)

    def said(self) -> Counter[str]:
        mine = [m for messages in self.paper.realm.messages.values() for m in messages if m["author"]["id"] == BOT]
        return Counter(m["content"] for m in mine)


class SaidBefore(PaperDiscord):
    """Every post is taken for one that stands in the channel already: Discord remembers its nonce."""

    async def call(self, method: str, path: str, **given: Any) -> Any:
        said = await super().call(method, path, **given)
        return {**said, "channel_id": GENERAL} if f"{method} {path}" == POST else said


def test_a_message_that_stands_elsewhere_is_noted_where_it_stands() -> None:
    one = Tries()
    one.paper = SaidBefore(one.hands)
    one.begin_anew()
    posted = asyncio.run(one.messenger.send(one.address("thread"), CARD, "k1"))
    assert (posted.space, posted.channel) == (GUILD, GENERAL)


FAULTS = st.lists(st.sampled_from(["", "", LOST, UNHEARD, LIMITED, FORBIDDEN]), max_size=5)
TRY = st.tuples(FAULTS, st.booleans(), st.integers(0, 500), st.booleans())  # faults, killed, seconds, closed


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["thread", "channel", "forum", "direct", "only for"]),
    st.sampled_from([CARD, BUTTONS]),
    st.lists(TRY, min_size=1, max_size=6),
)
def test_it_is_said_once_whatever_goes_wrong(
    where: str, card: Card, tries: list[tuple[list[str], bool, int, bool]]
) -> None:
    async def walk() -> None:
        one = Tries()
        to = one.address(where)
        for tried, (faults, killed, seconds, closed) in enumerate([*tries, ([], True, 400, False)]):
            if killed:
                one.begin_anew()
            one.hands.seconds += seconds
            one.paper.faults = list(faults)
            one.paper.realm.closed_dms = {ALICE} if closed else set()
            try:
                await one.messenger.send(to, card, "k1", tried=tried)
            except DeliveryError:
                assert one.said()["Hello"] <= 1
            else:
                assert one.said()["Hello"] == 1
                if not killed:  # else it may have been killed before it noted it, and comes again
                    return

    asyncio.run(walk())


LIVE = st.sampled_from(
    ["@everyone", "<@1>", "<@&2>", "<#3>", "@here", "<:a:1>", "\u202e", "http://a.b/", "[x](y)", "\n", "#"]
)
WORDS = st.lists(st.one_of(LIVE, st.text(max_size=30)), max_size=40).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["thread", "forum", "only for"]), WORDS, WORDS, st.booleans())
def test_nothing_that_is_sent_calls_anybody(where: str, asked_words: str, words: str, closed: bool) -> None:
    one = Tries()
    to = one.address(where)
    one.paper.realm.messages[GENERAL][0]["content"] = asked_words
    one.paper.realm.closed_dms = {ALICE} if closed else set()
    card = Card((Quote(asked_words), Text(words)), (Button(Action.HELPED, "q1", words or "x"),))
    posted = asyncio.run(one.messenger.send(to, card, "k1"))
    asyncio.run(one.messenger.revise(posted, card))
    for call, body in one.paper.sent:
        calls_nobody(str(body.get("name", "")))
        body = body.get("message", body)
        if "content" not in body:
            continue
        assert body["allowed_mentions"] == {"parse": []}, call
        message_is_good(body["content"], body["embeds"], body["components"])
        for text in texts(body["content"], body["embeds"], body["components"]):
            calls_nobody(text)


@given(st.text())
def test_a_wish_has_a_nonce_and_a_number_that_discord_takes(key: str) -> None:
    assert len(nonce_of(key)) <= 25
    assert GIVEN <= number_of(key) < 1 << 31
