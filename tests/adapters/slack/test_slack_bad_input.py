"""Whatever comes in over Slack ends in one kind sentence or in silence, and nothing is lost by it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.question import Outcome, Status
from knowledge.resources import Resource
from tests.adapters.slack.slack_town import CHANNEL, INFUSION, Town, town, user
from tests.dialogues.slack_stage import key
from tests.dialogues.stage import Person
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_faults import Refused
from tests.fakes.slack_reading import filled, words_of
from tests.fakes.slack_server import SIGNING_SECRET, buttons
from tests.fakes.slack_workspace import TEAM, Json

HOSPITAL = "How do you pack for a night in hospital?"


@pytest.fixture
async def home(tmp_path) -> AsyncIterator[Town]:
    async with town(tmp_path) as there:
        yield there


async def heard(home: Town, payload: object) -> None:
    """Taken and acknowledged, whatever it is."""
    envelope = await home.slack.sockets.send("events_api", payload)
    await asyncio.wait_for(envelope.acked.wait(), 3)
    await home.desk.settle()


async def well(home: Town) -> None:
    """The community goes on as if nothing had been."""
    asked = await home.post("dana", INFUSION)
    assert (await home.question(asked)).suggested == ("r1",)


# --- what is no event -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": "unheard_of", "user": "UDANA"},
        {"type": "message"},
        {"type": "message", "channel": None, "user": 7, "text": ["?"], "ts": {}},
        {"type": "message", "channel": CHANNEL, "user": "UDANA", "text": "Hello?", "ts": "yesterday"},
        {"type": "message", "subtype": "message_changed", "channel": CHANNEL, "message": "?"},
        {"type": "message", "subtype": "message_deleted", "channel": CHANNEL, "deleted_ts": None},
        {"type": "app_mention", "channel": CHANNEL},
        {"type": "member_joined_channel"},
        {"type": "app_home_opened"},
        {"type": "tokens_revoked", "tokens": "all"},
        {"type": "user_change", "user": "UDANA"},
        {"type": "channel_rename", "channel": []},
    ],
    ids=lambda e: str(e)[:50],
)
async def test_an_event_that_is_none_is_acknowledged_and_left_alone(home: Town, event):
    before = len(home.slack.posts())
    await heard(home, home.slack.event(event))
    assert len(home.slack.posts()) == before
    await well(home)


FIELDS = ["type", "user", "channel", "message", "ts", "text", "view", "actions", "event", "team", "state", "container"]
LEAVES = st.none() | st.booleans() | st.integers(-9, 10**12) | st.text(max_size=8) | st.sampled_from([CHANNEL, TEAM])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=12,
)
KINDS = st.sampled_from(["block_actions", "view_submission", "view_closed", "message_action", "message", ""])


async def test_any_payload_at_all_is_taken_without_harm(home: Town):
    taker = home.connection._taker()
    payloads_of_any_kind: list[dict[str, object]] = []

    @given(
        st.dictionaries(st.sampled_from(["type", "user", "view", "actions", "event", "team", "container"]), ANYTHING),
        KINDS,
    )
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    def collect(payload, kind):
        payloads_of_any_kind.append({**payload, "type": kind})
        payloads_of_any_kind.append(home.slack.event(payload if isinstance(payload, dict) else {}))

    collect()
    for payload in payloads_of_any_kind:
        await taker(payload, "U0BOT")
    await home.desk.settle()
    await well(home)


# --- signatures -------------------------------------------------------------------------------------------------


@pytest.fixture
async def door(home: Town) -> AsyncIterator[AsyncClient]:
    """The way in over HTTP, as winwin's own server mounts it."""
    app = FastAPI()
    app.include_router(home.connection.routes(SIGNING_SECRET))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://winwin") as client:
        yield client


async def knock(door: AsyncClient, body: str, headers: dict[str, str]) -> int:
    sent = {"Content-Type": "application/json", **headers}
    return (await door.post("/slack/events", content=body, headers=sent)).status_code


async def test_of_a_thousand_forged_and_stale_requests_none_is_taken(home: Town, door: AsyncClient):
    now = time.time()
    accepted = 0
    for n in range(1000):
        ts = f"{int(now)}.{n:06d}"
        message = {"type": "message", "channel": CHANNEL, "user": user("dana"), "text": INFUSION, "ts": ts}
        body = json.dumps(home.slack.event(message))
        good = payloads.signed(SIGNING_SECRET, body, now)
        forged = [
            payloads.signed("another secret", body, now),
            payloads.signed(SIGNING_SECRET, body, now - 301 - n),
            payloads.signed(SIGNING_SECRET, body, now + 301 + n),
            payloads.signed(SIGNING_SECRET, body + " ", now),
            {**good, "X-Slack-Signature": good["X-Slack-Signature"].replace("v0=", "v1=")},
            {**good, "X-Slack-Signature": ""},
            {**good, "X-Slack-Request-Timestamp": "soon"},
            {"X-Slack-Signature": good["X-Slack-Signature"]},
            {"X-Slack-Request-Timestamp": good["X-Slack-Request-Timestamp"]},
            {},
        ][n % 10]
        accepted += await knock(door, body, forged) < 400
    await home.desk.settle()
    assert accepted == 0
    assert home.slack.posts(CHANNEL) == []


async def test_a_request_that_is_sent_again_does_nothing_again(home: Town, door: AsyncClient):
    message = home.slack.write(user("dana"), INFUSION)
    body = json.dumps(home.slack.event(payloads.message_event(home.slack.workspace.channels[CHANNEL], message)))
    headers = payloads.signed(SIGNING_SECRET, body, time.time())
    assert [await knock(door, body, headers) for _ in range(5)] == [200] * 5
    await home.desk.settle()
    assert len(home.slack.posts(CHANNEL, message["ts"])) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"payload=%7B", b"a" * 100_000])
async def test_a_body_that_is_none_is_refused_politely(home: Town, door: AsyncClient, body):
    signed = payloads.signed(SIGNING_SECRET, body.decode("latin1"), time.time())
    answer = await door.post("/slack/events", content=body, headers={"Content-Type": "application/json", **signed})
    assert answer.status_code < 500
    await well(home)


# --- people and channels that are not as one thinks -------------------------------------------------------------


async def test_a_stranger_from_another_organisation_is_answered_like_anybody(home: Town):
    home.slack.workspace.enter("USTRANGER", "stranger", team_id="T0OTHER")
    message = home.slack.write("USTRANGER", INFUSION, CHANNEL, user_team="T0OTHER", source_team="T0OTHER")
    await heard(home, home.slack.event(payloads.message_event(home.slack.workspace.channels[CHANNEL], message)))
    question = await home.question(message["ts"])
    assert question.asker == "slack:T0OTHER:USTRANGER"
    assert len(home.slack.posts(CHANNEL, message["ts"])) == 1


async def test_a_volunteer_who_takes_no_messages_is_passed_over(home: Town):
    home.slack.workspace.people[user("tess")]["deleted"] = True
    asked = await home.post("dana", HOSPITAL)
    question = await home.question(asked)
    assert question.offered_to != key("tess")
    told = [words_of(m["blocks"]) for m in home.slack.posts(home.slack.workspace.direct(user("moda")).id)]
    assert told, "the moderators hear of it"


async def test_a_channel_the_bot_was_removed_from_loses_no_question(home: Town):
    asked = await home.post("dana", HOSPITAL)
    home.slack.workspace.channels[CHANNEL].members.discard("U0BOT")
    await home.press("tess", "Accept")
    question = await home.question(asked)
    assert question.claimed_by == key("tess")


async def test_a_missing_scope_keeps_what_was_to_be_said(home: Town):
    home.slack.fail("chat.postMessage", Refused("missing_scope", needed="chat:write"), channel=CHANNEL, times=2)
    asked = await home.post("dana", INFUSION)
    assert home.slack.posts(CHANNEL, asked) == []
    assert await home.parked() == 0
    await home.wait(timedelta(minutes=10))
    assert ["community's library" in words_of(m["blocks"]) for m in home.slack.posts(CHANNEL, asked)] == [True, False]


# --- buttons and forms ------------------------------------------------------------------------------------------


def pressed(home: Town, who: str, card: Json, label: str, **button: str) -> Json:
    """The press as Slack sends it, whether or not the card still stands like that."""
    shown = {**buttons(card)[label], **button}
    return payloads.block_actions(user(who), card["channel"], card, shown, "t", "", home.slack.workspace.ts())


@pytest.mark.parametrize("label", ["Not what I need", "Ask a person"])
async def test_a_button_of_a_deleted_question_ends_in_one_kind_line(home: Town, label):
    asked = await home.post("dana", INFUSION)
    [card] = home.slack.posts(CHANNEL, asked)
    await home.delete("dana", asked)
    await home.slack.deliver(pressed(home, "dana", card, label))
    await home.desk.settle()
    assert (await home.question(asked)).outcome is Outcome.WITHDRAWN
    room = home.slack.workspace.direct(user("dana")).id
    assert [words_of(m["blocks"]) for m in home.slack.posts(room)] == [
        "This is no longer there. If you need something, just ask again."
    ]


async def test_a_button_that_is_not_ones_own_changes_nothing(home: Town):
    asked = await home.post("dana", HOSPITAL)
    card = home.showing("tess", "Accept")
    await home.slack.deliver(pressed(home, "ben", card, "Accept"))
    await home.desk.settle()
    question = await home.question(asked)
    assert (question.status, question.offered_to) == (Status.OFFERED, key("tess"))
    assert told(home, "ben") == ["Volunteers take questions here. If you would like to be one: /volunteer"]


def told(home: Town, who: str) -> list[str]:
    """What the bot has said to somebody in private."""
    room = home.slack.workspace.direct(user(who)).id
    return [words_of(m["blocks"]) for m in home.slack.posts(room)]


FORGED = ["", "{}", "q0", "'; DROP TABLE question; --", "x" * 2000, "{}/../r1", "{}\x00", "🫂" * 100, "{}|{}"]
RISKY = ["accept", "release", "helped", "withdraw", "publish", "consent_yes", "alert_mine", "no_such_action", ""]


@pytest.mark.parametrize("action", RISKY)
async def test_a_forged_button_value_changes_nothing(home: Town, action):
    """Well made, by somebody whose button it is not; `{}` is the question's real id."""
    asked = await home.post("dana", INFUSION)
    before = await home.question(asked)
    assert before is not None
    [card] = home.slack.posts(CHANNEL, asked)
    for value in FORGED:
        heard_before = len(told(home, "ben"))
        forged = {"action_id": f"{action}:0", "value": f"1|{action}|{value.format(before.id, before.id)}"}
        await home.slack.deliver(pressed(home, "ben", card, "This helped", **forged))
        await home.desk.settle()
        assert await home.question(asked) == before
        assert len(told(home, "ben")) <= heard_before + 1, "one sentence, or silence"
    assert await home.parked() == 0


async def test_two_moderators_who_press_at_once_publish_once(home: Town):
    await home._enter(Person("mara", roles=("moderator",)))
    asked = await home.post("dana", HOSPITAL)
    answer = await home.post("ben", "We always take the small blue bag with pyjamas", asked)
    values = {"title": "The blue bag", "topics": "school"}
    await home.save("moda", answer, values)
    await home.press("ben", "Yes, keep it")
    card = home.showing("moda", "Publish")
    presses = [pressed(home, who, card, "Publish") for who in ("moda", "mara")]
    await asyncio.gather(*(home.slack.deliver(p) for p in presses))
    await home.desk.settle()
    async with home.store.read() as tx:
        assert [r.title for r in await tx.resources.all()].count("The blue bag") == 1
    late = [words for who in ("moda", "mara") for words in told(home, who) if "already" in words]
    assert late == ["This is settled already. Thank you."]


async def test_a_form_sent_after_the_question_was_closed_is_answered_kindly(home: Town):
    asked = await home.post("dana", HOSPITAL)
    answer = await home.post("ben", "We always take the small blue bag with pyjamas", asked)
    await home.slack.shortcut(user("moda"), "save_as_resource", CHANNEL, answer)
    view = home.modal()
    await home.delete("ben", answer)
    await home.delete("dana", asked)
    before = len(told(home, "moda"))
    await home.slack.submit(user("moda"), view, filled(view, {"title": "The blue bag", "text": "blue"}))
    await home.desk.settle()
    assert told(home, "moda")[before:] == ["Saved. I am asking the author whether we may keep it."]
    assert "Yes, keep it" in buttons(home.messages_of("ben")[-1]), "whose words they are is asked all the same"
    await well(home)


async def test_a_trigger_that_expired_is_answered_with_one_line(home: Town):
    asked = await home.post("dana", HOSPITAL)
    answer = await home.post("ben", "We always take the small blue bag with pyjamas", asked)
    message = home.slack.workspace.channels[CHANNEL].find(answer)
    body = payloads.message_shortcut(
        user("moda"),
        "save_as_resource",
        CHANNEL,
        message,
        home.slack.trigger(expired=True),
        home.slack._respond_at(),
    )
    await home.slack.deliver(body)
    assert home.slack.called("views.open", "expired_trigger_id")
    [said] = home.slack.responses
    assert said["text"] == "That took a moment too long. Please press once more."


# --- words that would do harm -----------------------------------------------------------------------------------

NASTY = "<!channel> <!here> <@U03MODA> <https://evil.example|your bank> *bold* & <b>"


async def test_nothing_that_people_write_calls_everybody_or_makes_a_link(home: Town):
    async with home.store.begin() as tx:
        loud = Resource(
            "r2", f"{NASTY} hospital bag", f"{NASTY} pack a bag for a night in hospital", topics=("school",)
        )
        await tx.resources.put([loud], home.clock.now())
    await home.restart()
    await home.post("dana", f"{NASTY} How do you pack a bag for a night in hospital?")
    await home.wait(timedelta(hours=1))
    said = json.dumps(home.slack.posts())
    assert "evil.example" in said, "the words are shown"
    for harm in ("<!channel>", "<!here>", "<https://evil.example|"):
        assert harm not in said


async def test_words_over_every_limit_are_cut_and_sent(home: Town):
    long = "How do you pack for a night in hospital? " + "&<>" * 13_000
    asked = await home.post("dana", long)
    assert await home.question(asked)
    card = home.showing("tess", "Accept")
    assert len(card["blocks"]) <= 50
    assert all(len(b.get("text", {}).get("text", "")) <= 3000 for b in card["blocks"])
    assert await home.parked() == 0
