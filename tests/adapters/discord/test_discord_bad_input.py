"""Whatever comes in over Discord ends in one kind sentence or in silence, and nothing is lost by it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import structlog
from discord_rules import calls_nobody, message_is_good, texts
from discord_town import damaged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.community import QuestionFilter, Topic
from bot.question import Outcome, Question, Status
from bot.showing import replies
from bot.wording import say_in
from knowledge.resources import Resource
from tests.dialogues.discord_stage import CHANNEL, DiscordStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_faults import Refused
from tests.fakes.discord_interactions import Interaction, buttons
from tests.fakes.discord_payloads import BOT
from tests.fakes.discord_reading import filled, words_of

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "Ask school to excuse infusion days."}
INFUSION = "How do I get school to excuse infusion days?"
HOSPITAL = "How do you pack for a night in hospital?"
BLUE = "We always take the small blue bag with pyjamas"
PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent"),
    Person("moda", roles=("moderator",)),
    Person("mara", roles=("moderator",)),
)
POST, CALLBACK = "POST /channels/{channel_id}/messages", "POST /interactions/{webhook_id}/{webhook_token}/callback"


@pytest.fixture
async def home() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE, (LETTER,)))
    yield stage
    await stage.close()


async def question(home: DiscordStage, text: str) -> Question | None:
    async with home.store.read() as tx:
        return next((q for q in await tx.questions.find(QuestionFilter()) if q.text.startswith(text)), None)


async def parked(home: DiscordStage) -> int:
    async with home.store.read() as tx:
        return len(await tx.outbox.parked())


async def pressed(home: DiscordStage, who: str, card: dict[str, Any], label: str, **button: str) -> Interaction:
    """The press as Discord sends it, whether or not the card still stands like that."""
    part = {**buttons(card)[label], **button, "label": "x"}
    message = {**card, "components": [{"type": 1, "components": [part]}]}
    return await home._began(await home.discord.press(user(who), message, "x"))


# --- what is no event -------------------------------------------------------------------------------------------


async def test_events_damaged_in_any_way_end_nothing_and_take_no_neighbour_along(home: DiscordStage):
    """Recorded from a day's life, each with something missing or something else in its place."""
    gateway = home.discord.gateway
    asked = await home.post("dana", INFUSION)
    await home.edit("dana", asked, f"{INFUSION} Please.")
    home.discord.realm.emit("CHANNEL_UPDATE", home.discord.realm.channels[CHANNEL])
    await home.press("dana", "Not what I need")
    await home.post("ben", "We wrote a letter to the headteacher.", asked)
    await home.command("ben", "winwin help")
    await home.delete("dana", await home.post("dana", "Never mind."))
    [line] = [line for line in gateway.lines if line.session]
    assert line.session is not None
    recorded = {e["t"]: e["d"] for e in line.session.log if e["t"] not in ("READY", "RESUMED")}
    assert recorded.keys() >= {
        *("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "THREAD_CREATE"),
        *("CHANNEL_UPDATE", "GUILD_CREATE", "INTERACTION_CREATE"),
    }
    broken: list[tuple[str, Any]] = []

    @given(st.sampled_from(sorted(recorded)).flatmap(lambda e: st.tuples(st.just(e), damaged([recorded[e]]))))
    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    def collect(event: tuple[str, Any]) -> None:
        broken.append(event)

    collect()
    neighbours = []
    for n, (name, data) in enumerate(broken):
        await gateway.say(name, data)
        if n % 20 == 0:
            neighbours.append(f"What helps before scan number {n}?")
            home.discord.people_say(user("ben"), neighbours[-1])
    await home._settled()
    async with home.store.read() as tx:
        heard = [q.text for q in await tx.questions.find(QuestionFilter())]
    assert [text for text in neighbours if heard.count(text) != 1] == []
    assert gateway.opened == 1


async def test_without_the_intent_only_what_mentions_the_bot_is_a_question(home: DiscordStage):
    home.discord.gateway.approved = 0
    await home.restart()
    await home.post("dana", HOSPITAL)
    assert await question(home, "") is None
    await home.post("dana", f"<@{BOT}> {HOSPITAL}")
    found = await question(home, "")
    assert found is not None
    assert HOSPITAL in found.text


# --- buttons and forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["Not what I need", "Ask a person"])
async def test_a_button_of_a_deleted_question_ends_in_one_kind_line(home: DiscordStage, label: str):
    asked = await home.post("dana", INFUSION)
    card = dict(home.discord.posts(asked)[-1])
    await home.delete("dana", asked)
    said = await pressed(home, "dana", card, label)
    found = await question(home, INFUSION)
    assert found is None or found.outcome is Outcome.WITHDRAWN
    private = home.discord.posts(home.discord.realm.direct(user("dana"))["id"])
    told = [words_of(m) for m in (*said.alone, *private)]
    assert told == ["This is no longer there. If you need something, just ask again."]


async def test_a_button_that_is_not_ones_own_changes_nothing(home: DiscordStage):
    await home.post("dana", HOSPITAL)
    said = await pressed(home, "ben", home.showing("tess", "Accept"), "Accept")
    found = await question(home, HOSPITAL)
    assert found is not None
    assert (found.status, found.offered_to) == (Status.OFFERED, key("tess"))
    private = home.discord.posts(home.discord.realm.direct(user("ben"))["id"])
    assert [words_of(m) for m in (*said.alone, *private)] == [
        "Volunteers take questions here. If you would like to be one: /volunteer"
    ]


FORGED = ["", "{}", "q0", "'; DROP TABLE q", "x" * 60, "{}/../r1", "{}\x00", "🫂" * 20, "{}|{}"]
RISKY = ["accept", "release", "helped", "withdraw", "publish", "consent_yes", "alert_mine", "no_such_action", ""]


@pytest.mark.parametrize("action", RISKY)
async def test_a_forged_button_changes_nothing(home: DiscordStage, action: str):
    """Well made, by somebody whose button it is not; `{}` is the question's real id."""
    asked = await home.post("dana", INFUSION)
    before = await question(home, INFUSION)
    assert before is not None
    card = home.discord.posts(asked)[-1]
    room = home.discord.realm.direct(user("ben"))["id"]
    for value in FORGED:
        heard = len(home.discord.posts(room))
        forged = f"1|{action}|{value.format(before.id, before.id)}"[:100]
        said = await pressed(home, "ben", card, "This helped", custom_id=forged)
        assert await question(home, INFUSION) == before
        assert len(said.alone) + len(home.discord.posts(room)) - heard <= 1, "one sentence, or silence"
    assert await parked(home) == 0


async def test_a_press_that_was_heard_after_three_seconds_counts_all_the_same(home: DiscordStage):
    await home.post("dana", HOSPITAL)
    home.discord.fail(CALLBACK, Refused(10062, 404))
    late = home.discord.interactions.press(user("tess"), home.showing("tess", "Accept"), "Accept")
    home.discord.gateway.emit("INTERACTION_CREATE", late.body)
    await home._settled()
    found = await question(home, HOSPITAL)
    assert found is not None
    assert (found.status, found.claimed_by) == (Status.CLAIMED, key("tess"))
    assert "This question is yours." in "\n".join(words_of(m) for m in home.messages_of("tess"))


async def test_two_moderators_who_press_at_once_publish_once(home: DiscordStage):
    asked = await home.post("dana", HOSPITAL)
    answer = await home.post("ben", BLUE, asked)
    await home.save("moda", answer, {"title": "The blue bag"})
    await home.press("ben", "Yes, keep it")
    cards = [home.showing(who, "Publish") for who in ("moda", "mara")]
    begun = [home.discord.press(user(who), c, "Publish") for who, c in zip(("moda", "mara"), cards, strict=True)]
    await asyncio.gather(*begun)
    await home._settled()
    async with home.store.read() as tx:
        assert [r.title for r in await tx.resources.all()].count("The blue bag") == 1
    late = [words_of(m) for who in ("moda", "mara") for m in home.messages_of(who) if "already" in words_of(m)]
    assert late == ["This is settled already. Thank you."]


async def test_a_form_sent_after_the_question_was_closed_is_answered_kindly(home: DiscordStage):
    asked = await home.post("dana", HOSPITAL)
    answer = await home.post("ben", BLUE, asked)
    message = dict(home.discord.realm.message(home._channel_of(answer), answer))
    opened = await home._began(await home.discord.context(user("moda"), message, "Save as resource"))
    assert opened.modal is not None
    await home.delete("ben", answer)
    await home.delete("dana", asked)
    values = filled(opened.modal, {"title": "The blue bag", "text": "blue"})
    said = await home._began(await home.discord.submit(opened, values))
    private = [words_of(m) for m in home.discord.posts(home.discord.realm.direct(user("moda"))["id"])]
    assert [words_of(m) for m in said.alone][-1:] + private[-1:]
    assert "Saved. I am asking the author whether we may keep it." in "\n".join(
        [*(words_of(m) for m in said.alone), *private]
    )
    assert "Yes, keep it" in buttons(home.messages_of("ben")[-1]), "whose words they are is asked all the same"


# --- what Discord does not let through --------------------------------------------------------------------------


async def test_a_card_that_automod_holds_back_comes_in_private(home: DiscordStage):
    home.discord.fail(POST, Refused(200000, 400))
    asked = await home.post("dana", INFUSION)
    assert home.discord.posts(asked) == []
    assert await parked(home) == 0
    assert "from our community's library" in words_of(home.messages_of("dana")[-1])


async def test_a_card_that_automod_holds_back_everywhere_is_told_to_the_moderators_and_the_question_stays(
    home: DiscordStage,
):
    home.discord.fail(POST, Refused(200000, 400), times=2)
    with structlog.testing.capture_logs() as logs:
        asked = await home.post("dana", INFUSION)
    assert home.discord.posts(asked) == []
    found = await question(home, INFUSION)
    assert found is not None
    assert found.outcome is None
    assert await parked(home) == 1
    told = "\n".join(words_of(m) for m in (*home.messages_of("moda"), *home.messages_of("mara")))
    assert "I could not deliver a message." in told
    assert "exempt the bot's role" in str(logs)
    assert "infusion" not in told


@pytest.mark.parametrize(("code", "status"), [(20016, 400), (20028, 400), (40333, 403)])
async def test_slow_mode_delays_a_card_and_loses_none(home: DiscordStage, code: int, status: int):
    home.discord.fail(POST, Refused(code, status), times=2)
    asked = await home.post("dana", INFUSION)
    await home.wait(timedelta(minutes=10))
    assert await parked(home) == 0
    assert ["community's library" in words_of(m) for m in home.discord.posts(asked)] == [True, False]


async def test_a_thread_that_moderators_lock_leaves_the_answer_in_the_channel(home: DiscordStage):
    asked = await home.post("dana", INFUSION)
    await home.post("dana", HOSPITAL, asked)
    home.discord.realm.change_thread(asked, archived=True, locked=True)
    await home._settled()
    await home.press("dana", "Not what I need")
    await home.press("tess", "Accept")
    assert await parked(home) == 0
    [said] = [m for m in home.discord.posts(CHANNEL) if "has taken your question" in words_of(m)]
    assert said["message_reference"]["message_id"] == asked


# --- words that would do harm -----------------------------------------------------------------------------------

NASTY = "@everyone @here <@&300> [your bank](https://evil.example) </ask:1> <t:0> **bold** ||hidden|| `code`"


async def test_nothing_that_people_write_calls_everybody_or_makes_a_link(home: DiscordStage):
    async with home.store.begin() as tx:
        loud = Resource("r2", f"{NASTY} hospital bag", f"{NASTY} pack a bag for a night in hospital")
        await tx.resources.put([loud], home.clock.now())
    await home.restart()
    await home.post("dana", f"{NASTY} How do you pack a bag for a night in hospital?")
    await home.wait(timedelta(hours=1))
    said = home.discord.posts()
    assert "evil.example" in json.dumps(said), "the words are shown"
    for message in said:
        for text in texts(message["content"], message["embeds"], message["components"]):
            calls_nobody(text)
            assert "](https://evil" not in text
    sent = [c.asked for c in home.discord.calls if c.call == POST]
    assert all(asked["allowed_mentions"] == {"parse": []} for asked in sent)


@pytest.mark.parametrize("filling", ["🫂" * 3_600, "*_`~|>" * 600, "word " * 790])
async def test_words_over_every_limit_are_cut_and_sent(home: DiscordStage, filling: str):
    """Up to four thousand signs may be written, two thousand answered."""
    realm = home.discord.realm
    message = realm.shown(CHANNEL, user("dana"), {"content": "…"}) | {"content": f"{HOSPITAL} {filling}"[:4_000]}
    realm.messages[CHANNEL].append(message)
    realm.emit("MESSAGE_CREATE", realm.heard(message))
    await home._settled()
    card = home.showing("tess", "Accept")
    assert len(message["content"]) > 3_500
    message_is_good(card["content"], card["embeds"], card["components"])
    assert HOSPITAL in words_of(card)
    assert realm.channels[message["id"]]["name"].startswith(HOSPITAL), "its thread"
    assert await parked(home) == 0


# --- words of a form that was not sent --------------------------------------------------------------------------


async def test_who_goes_on_with_a_form_after_a_restart_is_told_that_its_words_are_gone(home: DiscordStage):
    home.topics = tuple(Topic(f"t{n}", f"Topic {n}") for n in range(40))  # more than one window holds
    await home.restart()
    asked = await home.post("dana", HOSPITAL)
    answer = await home.post("ben", BLUE, asked)
    message = home.discord.realm.message(home._channel_of(answer), answer)
    panel = (await home._began(await home.discord.context(user("moda"), message, "Save as resource"))).alone[-1]
    first, *_ = [label for label in buttons(panel) if label != "Save"]
    opened = await home._began(await home.discord.press(user("moda"), panel, first))
    await home.submit({"title": "The blue bag"})
    gone = replies.begin_again(say_in("en"))
    assert gone not in [words_of(m) for m in home.messages_of("moda")], "nothing was lost so far"
    await home.restart()
    saved = await home._began(await home.discord.press(user("moda"), panel, "Save"))
    assert [words_of(m) for m in saved.alone][-1] == gone
    assert "The blue bag" not in words_of(saved.alone[0])
    async with home.store.read() as tx:
        assert await tx.drafts.all() == []
    await home.restart()
    home._last = opened
    page = await home.submit({"title": "The blue bag"})
    assert [words_of(m) for m in page.alone].count(gone) == 1
    again = await home._began(await home.discord.press(user("moda"), panel, "Save"))
    assert gone not in [words_of(m) for m in again.alone], "said once"
