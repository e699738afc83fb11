"""Why the bot did what it did: everybody sees what is theirs to see, and a private question gives nobody away."""

from dataclasses import replace

import pytest

from bot.cards import Action, Form
from bot.community import Role
from bot.events import Place
from bot.news import Notice
from bot.policy import Mode
from bot.question import Refused
from tests.fakes.community import INFUSION, Community, peopled
from tests.fakes.messenger import Shown, words_of
from tests.fakes.values import CLEO, DANA, KOFI, MODA, TESS, key

PARKING = "Where do you park at the hospital?"
STRANGER = "web:home:stranger"
HIDDEN = "What is about people is left out here."


def place_of(shown: Shown) -> Place:
    posted = shown.posted
    return Place(posted.platform, posted.space, posted.channel, posted.message, posted.message)


async def why(community: Community, place: Place, who: str = "") -> str:
    return words_of(await community.lookups.why(place, who))


async def is_refused(community: Community, place: Place, who: str) -> bool:
    with pytest.raises(Refused) as refused:
        await community.lookups.why(place, who)
    return refused.value.notice is Notice.NOT_ALLOWED


def latest(community: Community, name: str) -> Shown:
    return community.sees(name)[-1]


async def test_a_suggestion_is_explained_by_its_figures_to_everybody(anywhere: Community):
    await anywhere.say("dana", f"{INFUSION[0]}?")
    place = place_of(latest(anywhere, "nobody"))
    for who in (DANA, MODA, TESS, STRANGER, ""):
        words = await why(anywhere, place, who)
        assert words.startswith("To show what the library has on this question.")
        assert "from 50 % on" in words
        assert f"“{INFUSION[0]}”: " in words
        assert "a question: 90 % sure" in words
    assert [HIDDEN in await why(anywhere, place, who) for who in (DANA, MODA, TESS, "")] == [False, False, True, True]


async def test_who_was_asked_is_for_the_asker_and_moderators(anywhere: Community):
    asked = await anywhere.say("dana", PARKING)
    first = (await anywhere.question(asked)).offered_to
    name = first.rsplit(":", 1)[-1].title()
    await anywhere.press(name.lower(), "Pass")
    for who in (DANA, MODA):
        words = await why(anywhere, asked.place, who)
        assert words.startswith("I took this for a question.")
        assert f"{name}: passed" in words
        assert f"{name} passed" in words
        assert "Dana asked" in words
    for who in (KOFI, STRANGER, ""):
        words = await why(anywhere, asked.place, who)
        assert HIDDEN in words
        assert "passed" not in words
        assert not [n for n in ("Dana", "Tess", "Kofi", "Cleo") if n in words]


async def test_the_askers_other_account_sees_it_all_too(home: Community):
    await home.enter("dana2", person="p-dana")
    asked = await home.say("dana", PARKING)
    assert HIDDEN not in await why(home, asked.place, key("dana2"))


async def test_a_private_question_is_explained_to_those_in_it_and_its_asker_named_to_nobody_else(anywhere: Community):
    asked = await anywhere.say("dana", PARKING, direct=True)
    holder = (await anywhere.question(asked)).offered_to
    offer = place_of(latest(anywhere, holder.rsplit(":", 1)[-1]))
    assert "Dana asked" in await why(anywhere, asked.place, DANA)
    for who in (MODA, holder):
        for place in (asked.place, offer):
            words = await why(anywhere, place, who)
            assert "Dana" not in words
            assert "Somebody asked" in words
    outsider = KOFI if holder != KOFI else TESS
    for who in (outsider, STRANGER, ""):
        assert await is_refused(anywhere, asked.place, who)
        assert await is_refused(anywhere, offer, who)


async def test_a_message_for_one_member_is_explained_to_them_and_to_moderators(home: Community):
    await home.submit("dana", Form.VOLUNTEER, "", {"weekly_cap": "0"})
    place = place_of(latest(home, "dana"))
    for who in (DANA, MODA):
        assert (await why(home, place, who)).startswith("An answer to a button or a form.")
    for who in (TESS, ""):
        assert await is_refused(home, place, who)


async def test_a_reply_is_explained_by_what_it_was_taken_for(home: Community):
    asked = await home.say("dana", PARKING)
    short = await home.say("ben", "same here", asked.place.thread)
    long = await home.say("ben", "Behind the church there is always room.", asked.place.thread)
    assert (await why(home, short.place)).startswith("I did not take this for an answer: the search for one went on.")
    assert (await why(home, long.place)).startswith("I took this for an answer to the question: 90 % sure.")


async def test_silence_is_explained_by_the_channels_mode():
    for mode, words in (
        (Mode.THREAD, "I did not take this for a question, and I kept nothing of it."),
        (Mode.HINT, "I did not take this for a question, and I kept nothing of it."),
        (Mode.MENTION, "In this channel I only answer when I am called by name. I kept nothing of this."),
        (Mode.OFF, "In this channel I say nothing. I keep nothing about its messages."),
    ):
        community = await peopled(Community(mode=mode))
        await community.open()
        said = await community.say("dana", "Good morning to all of you")
        assert (await why(community, said.place, DANA)).startswith(words)
        await community.submit("moda", Form.CHANNEL, said.place.channel_key, {"mode": "off"})
        assert (await why(community, said.place, DANA)).startswith("In this channel I say nothing.")
        await community.close()


async def test_a_crisis_is_explained_to_its_author_and_to_those_who_watch_and_to_nobody_else(anywhere: Community):
    await anywhere.enter("sara", [Role.SAFETY_LEAD])
    said = await anywhere.say("dana", "I want to die")
    reply = place_of(latest(anywhere, "dana"))
    lead = "Fixed rules found words that can mean danger"
    for place in (said.place, reply):
        assert (await why(anywhere, place, DANA)).startswith(lead)
        assert "toy-c1" not in await why(anywhere, place, DANA)
        assert "Rules: toy-c1" in await why(anywhere, place, key("sara"))
    for who in (TESS, CLEO, ""):
        words = await why(anywhere, said.place, who)
        assert words.startswith("I did not take this for a question, and I kept nothing of it.")
        assert await is_refused(anywhere, reply, who)


async def test_what_may_be_about_a_childs_safety_is_for_leads_only(home: Community):
    await home.enter("sara", [Role.SAFETY_LEAD])
    said = await home.say("dana", "Somebody hurts us at home")
    assert "toy-c4" in await why(home, said.place, key("sara"))
    assert "Fixed rules" not in await why(home, said.place, MODA)


async def test_what_turned_out_to_be_no_crisis_is_a_message_like_any_other(home: Community):
    said = await home.say("dana", "I want to die")
    await home.press("mara", "Not a crisis")
    assert "Fixed rules" not in await why(home, said.place, DANA)


async def test_a_draft_card_is_explained_to_its_author(home: Community):
    values = {"title": "Parking", "text": "Behind the church.", "author": TESS}
    await home.submit("moda", Form.SAVE_RESOURCE, "", values)
    place = place_of(next(s for s in home.sees("tess") if "Your answer could help" in s.words))
    assert (await why(home, place, TESS)).startswith("To ask the author before their answer is kept.")
    assert await is_refused(home, place, DANA)


async def test_it_is_told_in_the_readers_language_and_time(home: Community):
    asked = await home.say("dana", PARKING)
    await home.enter("dana", language="es", time_zone="Europe/Madrid")
    words = await why(home, asked.place, DANA)
    assert words.startswith("Entendí que esto era una pregunta.")
    assert "4 mar, 13:00 · Dana preguntó" in words


async def test_a_message_nobody_knows_is_explained_too(home: Community):
    nowhere = Place("web", "home", "elsewhere", "1", "1")
    assert (await why(home, nowhere, MODA)).startswith("I did not take this for a question")


async def test_the_same_as_a_value_for_a_surface_that_draws_it(home: Community):
    asked = await home.say("dana", f"{INFUSION[0]}?")
    found = await home.lookups.explain(asked.place, DANA)
    assert [s.resource for s in found.suggestions] == ["r1"]
    assert (found.shown_from, found.hidden, found.asked) == (0.5, False, ())
    stranger = await home.lookups.explain(asked.place)
    assert replace(found, steps=(), hidden=True) == replace(stranger, steps=())
    assert [s.title for s in stranger.steps] == ["Somebody asked"]


async def test_a_withdrawn_question_is_still_explained_without_words(home: Community):
    asked = await home.say("dana", PARKING)
    await home.force("dana", Action.FORGET_ME, "x")
    words = await why(home, asked.place, MODA)
    assert PARKING not in words
    assert "Dana" not in words
