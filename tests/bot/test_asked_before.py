"""The same was asked before and people answered: the bot links to that thread, holds nobody up, and shows no words."""

from dataclasses import replace

import pytest

from bot.cards import Action, Form, Link, OnlyFor
from bot.community import Channel
from bot.earlier import find_earlier
from bot.events import MessagePosted
from bot.judging import as_bytes
from bot.past import BATCH, MOST, Past
from bot.policy import Mode
from bot.question import Outcome, Question, Status
from bot.safety.alerts import Alert
from bot.safety.findings import Code, Finding, Speaker
from tests.fakes.community import GENERAL, INFUSION, Community
from tests.fakes.values import KOFI, NOON, TESS, key, member

ASKED = "Where is the zebrafinch swimming club by the old harbour?"
AGAIN = "Where are our zebrafinch swimming clubs by the old harbour?"
ANSWER = "The one behind the lighthouse is very patient with beginners."
HERE = "This was asked here before, and people answered. It may help you too."
OTHER = "web:home:parents"


@pytest.fixture
def town(home: Community) -> Community:
    return home


async def answered(town: Community, words: str = ASKED, by: str = "tess") -> MessagePosted:
    """Dana asked, somebody has answered in the thread."""
    asked = await town.say("dana", words)
    await town.say(by, ANSWER, asked.place.thread)
    assert (await town.question(asked)).status is Status.ANSWERED
    return asked


async def asks(town: Community, words: str = AGAIN, who: str = "ben") -> Question:
    return await town.question(await town.say(who, words))


def shown(town: Community) -> list[str]:
    return [s.words for s in town.messenger.shown if "and people answered" in s.words]


def links(town: Community) -> list[Link]:
    return [b for s in town.messenger.shown for b in s.card.blocks if isinstance(b, Link) and "wrote" in b.label]


async def test_the_thread_is_linked_and_people_are_asked_all_the_same(town: Community):
    before = await answered(town)
    q = await asks(town)
    (words,) = shown(town)
    assert words.startswith(HERE)
    assert "zebrafinch" not in words
    assert "lighthouse" not in words
    assert [(b.place, b.label) for b in links(town)] == [(before.place, "Read what they wrote: 4 Mar 2026")]
    assert (q.status, bool(q.offered_to)) == (Status.OFFERED, True)
    assert ("shown:thread", "ben") in await town.behaviours()
    assert ("shown:resource", "ben") not in await town.behaviours()


async def test_why_says_how_alike_they_are(town: Community):
    await answered(town)
    q = await asks(town)
    async with town.store.read() as tx:
        (asked,) = [e for e in await tx.journal.of(q.id) if e.event == "Asked"]
    assert "asked before: 100 % alike in meaning, 100 % of the words shared: a link is shown" in asked.why


async def test_this_helped_closes_it_once(town: Community):
    await answered(town)
    q = await asks(town)
    volunteer = q.offered_to.rsplit(":", 1)[-1]
    await town.press("ben", "This helped")
    closed = await town.question_of(q.id)
    assert closed is not None
    assert (closed.status, closed.outcome) == (Status.CLOSED, Outcome.HELPED)
    assert "This question has been answered" in town.last(volunteer)
    assert "This helped" not in [b.label for s in town.messenger.shown for b in s.card.buttons if HERE in s.words]
    await town.force("ben", Action.HELPED, q.id)
    assert town.last("ben") == "This is settled already. Thank you."
    assert [b for b, _ in await town.behaviours()].count("pressed:helped") == 1


async def test_it_can_still_be_pressed_when_somebody_has_the_question(town: Community):
    await answered(town)
    q = await asks(town)
    await town.press(q.offered_to.rsplit(":", 1)[-1], "Accept")
    await town.press("ben", "This helped")
    closed = await town.question_of(q.id)
    assert closed is not None
    assert closed.outcome is Outcome.HELPED


@pytest.mark.parametrize("label", ["Not what I need", "Ask a person"])
async def test_the_other_buttons_leave_the_search_as_it_is(town: Community, label: str):
    await answered(town)
    q = await asks(town)
    await town.press("ben", label)
    later = await town.question_of(q.id)
    assert later is not None
    assert (later.status, later.offered_to) == (q.status, q.offered_to)
    assert any("I am asking one of our volunteers now." in s.words for s in town.messenger.seen(member("nobody")))
    (card,) = [s.card for s in town.messenger.shown if HERE in s.words]
    assert card.buttons == ()


async def test_nobody_else_presses(town: Community):
    await answered(town)
    q = await asks(town)
    await town.force("tess", Action.HELPED, q.id)
    assert (await town.question_of(q.id)) == q


async def test_in_hint_mode_only_the_asker_sees_it(town: Community):
    await answered(town)
    async with town.store.begin() as tx:
        await tx.channels.save(Channel(GENERAL, "general", Mode.HINT))
    await asks(town)
    (card,) = [s for s in town.messenger.shown if HERE in s.words]
    assert isinstance(card.to, OnlyFor)
    assert card.to.member == member("ben")


async def test_what_the_library_has_comes_first(town: Community):
    await answered(town, INFUSION[1].replace(":", "?"))
    q = await asks(town, INFUSION[1].replace(":", "?"))
    assert q.suggested
    assert not q.earlier
    assert shown(town) == []


async def test_in_their_language(town: Community):
    await answered(town, "¿Qué piscina del puerto enseña natación?")
    await asks(town, "¿Qué piscina del puerto enseña natación?")
    assert any("Esto ya se preguntó aquí" in s.words for s in town.messenger.shown)


@pytest.mark.parametrize(
    "words",
    [
        "Where is the zebrafinch swimming club by the old station?",
        "Where is the zebrafinch swimming club without the old harbour?",
        "Which club?",
    ],
)
async def test_another_need_in_like_words_is_met_with_silence(town: Community, words: str):
    await answered(town)
    await answered(town, "Which club?")
    q = await asks(town, words, who="dana" if words == "Which club?" else "ben")
    assert not q.earlier
    assert shown(town) == []


# --- to which questions nobody is led -----------------------------------------------------------------------


async def test_not_to_one_without_an_answer(town: Community):
    await town.say("dana", ASKED)
    await town.desk.remember()
    assert not (await asks(town)).earlier


async def test_not_to_ones_own(town: Community):
    await answered(town)
    assert not (await asks(town, who="dana")).earlier


async def test_not_to_one_that_was_taken_back_or_deleted(town: Community):
    before = await answered(town)
    await town.delete(before)
    assert not (await asks(town)).earlier


async def test_not_to_one_whose_answer_was_deleted(town: Community):
    asked = await town.say("dana", ASKED)
    reply = await town.say("tess", ANSWER, asked.place.thread)
    await town.delete(reply)
    assert not (await asks(town)).earlier


@pytest.mark.parametrize("who", ["dana", "tess"])
async def test_not_to_one_of_whom_somebody_was_forgotten(town: Community, who: str):
    await answered(town)
    await town.force(who, Action.FORGET_ME, key(who))
    assert not (await asks(town)).earlier
    await town.desk.remember()
    assert len(town.desk._known.past) == (0 if who == "dana" else 1)


@pytest.mark.parametrize("who", ["dana", "tess"])
async def test_not_to_one_of_whom_somebody_opted_out(town: Community, who: str):
    await answered(town)
    await town.force(who, Action.OPT_OUT, key(who))
    assert not (await asks(town)).earlier


async def test_not_to_an_answer_of_somebody_the_asker_does_not_want(town: Community):
    await answered(town)
    async with town.store.begin() as tx:
        await tx.members.block(key("ben"), TESS, NOON)
    assert not (await asks(town)).earlier


@pytest.mark.parametrize("words", ["Can we double the dose of it in the harbour?", "Is there a miracle cure in it?"])
async def test_not_about_medicines_or_cures(town: Community, words: str):
    await answered(town, words, by="cleo")
    assert not (await asks(town, words)).earlier


@pytest.mark.parametrize("code", [Code.M1, Code.M2, Code.C1])
async def test_not_to_words_that_rules_find_something_in(town: Community, code: Code):
    await answered(town)
    q = await asks(town)
    known, (vector,) = town.desk._known, await as_vectors(town, AGAIN)
    anew = replace(q, earlier="")
    async with town.store.read() as tx:
        assert (await find_earlier(anew, vector, (), lambda _: (), known, tx)).earlier
        found = Finding(code, Speaker.SELF, ("rule",))
        assert not (await find_earlier(anew, vector, (), lambda _: (found,), known, tx)).earlier


async def as_vectors(town: Community, *texts: str) -> list[bytes]:
    return [as_bytes(vector) for vector in await town.model.embed(texts)]


@pytest.mark.parametrize("message", ["", "reply"])
async def test_not_where_people_look_after_a_crisis(town: Community, message: str):
    before = await answered(town)
    where = replace(before.place, message=message or before.place.message)
    async with town.store.begin() as tx:
        await tx.alerts.save(Alert("a1", where, key("dana"), "C1", "self", ("r",), NOON))
    assert not (await asks(town)).earlier


@pytest.mark.parametrize("how", ["private", "anonymous"])
async def test_not_to_one_that_was_asked_in_private_or_without_a_name(town: Community, how: str):
    asked = await town.question_of(await town.ask("dana", ASKED, how))
    assert asked is not None
    helper = asked.offered_to.rsplit(":", 1)[-1]
    await town.press(helper, "Accept")
    if how == "private":
        await town.submit(helper, Form.ANSWER, asked.id, {"text": ANSWER})
    else:
        await town.say(helper, ANSWER, asked.place.thread)
    done = await town.question_of(asked.id)
    assert done is not None
    assert done.status is Status.ANSWERED
    assert not (await asks(town)).earlier


async def test_not_once_its_words_are_gone(town: Community):
    await answered(town)
    await town.wait(hours=4)
    await town.press("dana", "This helped")
    assert (await asks(town)).earlier
    town.clock.move(town.policy.keep_text * 2)
    await town.desk.retain()
    await town.desk.remember()
    assert len(town.desk._known.past) == 0
    assert not (await asks(town, who="tess")).earlier


# --- closed channels, other spaces ----------------------------------------------------------------------------


async def asks_in(town: Community, channel: str, who: str = "ben") -> Question:
    event = town.posted(who, AGAIN)
    event = replace(event, place=replace(event.place, channel=channel))
    await town.receive(event)
    return await town.question(event)


async def test_a_closed_channel_is_linked_to_from_nowhere_else(town: Community):
    await answered(town)
    assert not (await asks_in(town, "parents")).earlier
    await town.invite()
    assert not (await asks_in(town, "parents")).earlier
    private = await town.question_of(await town.ask("ben", AGAIN))
    assert private is not None
    assert not private.earlier


async def test_one_that_is_open_to_everybody_is_by_its_name(town: Community):
    await answered(town)
    await town.invite()
    await town.open_to_all()
    assert (await asks_in(town, "parents")).earlier
    assert shown(town)[0].startswith("This was asked before, in #general, and people answered. It may help you too.")
    private = await town.question_of(await town.ask("mara", AGAIN))
    assert private is not None
    assert private.earlier


async def test_a_guest_is_led_to_no_other_channel(town: Community):
    await answered(town)
    await town.open_to_all()
    await town.change("ben", guest=True)
    assert not (await asks_in(town, "parents")).earlier


async def test_never_to_another_space(town: Community):
    await answered(town)
    await town.open_to_all()
    event = town.posted("ben", AGAIN)
    away = replace(event, place=replace(event.place, space="away"), author=replace(event.author, space="away"))
    await town.receive(away)
    assert shown(town) == []


async def test_what_closed_since_is_not_shown_any_more(town: Community):
    before = await answered(town)
    q = await asks(town)
    await town.delete(before)
    await town.edit(
        MessagePosted(q.place, member("ben"), AGAIN, NOON),
        "Where are our zebrafinch swimming clubs, by the old harbour?",
    )
    assert any("I have taken this link back." in s.words for s in town.messenger.shown)
    assert not any(HERE in s.words for s in town.messenger.shown)


# --- what a process knows -------------------------------------------------------------------------------------


async def test_after_a_restart_it_is_known_again(town: Community):
    await answered(town)
    await town.restart()
    assert not (await asks(town)).earlier
    assert not await town.desk.remember()
    assert (await asks(town, who="mara")).earlier


async def test_a_model_that_fails_costs_nobody_anything(town: Community):
    await answered(town)
    await town.restart()
    town.model.failures = [RuntimeError("out of memory")]
    assert not await town.desk.remember()
    assert (await asks(town)).offered_to in (TESS, KOFI)


async def test_one_that_was_edited_since_is_read_anew(town: Community):
    before = await answered(town)
    await town.edit(before, "What do you pack for the hospital in winter?")
    assert not (await asks(town)).earlier
    await town.desk.remember()
    assert not (await asks(town, who="mara")).earlier


def test_the_newest_are_kept():
    past = Past()
    for n in range(MOST + 1):
        past.keep(f"q{n}", "words", bytes(8))
    assert len(past) == MOST
    assert not past.is_of("q0", "words")
    assert past.is_of("q1", "words")
    assert not past.is_of("q1", "other words")
    assert past.nearest(bytes(16), 5) == []
    assert len(past.nearest(bytes(8), BATCH)) == BATCH
