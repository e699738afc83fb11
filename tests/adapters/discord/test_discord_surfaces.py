"""What people do on Discord besides talking: their own page, commands, forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from discord_rules import message_is_good, modal_is_good

from bot.community import QuestionFilter
from bot.policy import Mode
from bot.signing_in import meant
from knowledge.resources import Resource
from tests.dialogues.discord_stage import CHANNEL, GUILD, DiscordStage, key, user
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_interactions import Interaction, buttons
from tests.fakes.discord_reading import words_of

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "Ask school to excuse infusion days. Take 5 days."}
INFUSION = "How do I get school to excuse infusion days?"
CLUB = "Does anybody know a good swimming club?"
PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent"),
    Person("moda", roles=("moderator",)),
    Person("lucia", language="es"),
)


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    stage = DiscordStage()
    await stage.open(Setting(PEOPLE, (LETTER,)))
    yield stage
    await stage.close()


def shown(interaction: Interaction) -> dict[str, Any]:
    """What they alone are shown, and that Discord takes it."""
    assert interaction.alone, "nothing was shown"
    message = interaction.alone[-1]
    if not message["attachments"]:
        message_is_good(message["content"], message["embeds"], message["components"])
    return message


async def home_of(stage: DiscordStage, who: str) -> dict[str, Any]:
    return shown(await stage.command(who, "winwin home"))


def label_of(message: dict[str, Any], words: str) -> str:
    """On a page with several things to press, a label bears the number of its thing."""
    found = [label for label in buttons(message) if label.partition(". ")[2] == words or label == words]
    assert found, f"no “{words}” among {list(buttons(message))}"
    return found[0]


async def press(stage: DiscordStage, who: str, message: dict[str, Any], label: str) -> Interaction:
    return await stage._began(await stage.discord.press(user(who), message, label_of(message, label)))


# --- one's own page -------------------------------------------------------------------------------------------


async def test_somebody_new_finds_how_to_ask_and_how_to_stop(stage):
    page = await home_of(stage, "dana")
    for wanted in ("Ask a question", "Volunteer", "Leave my messages alone", "Follow a topic"):
        assert label_of(page, wanted)
    await press(stage, "dana", page, "Leave my messages alone")
    assert label_of(page, "Listen to my questions again")


async def test_a_page_speaks_the_readers_language(stage):
    assert "Ask a question" not in str(buttons(await home_of(stage, "lucia")))


async def test_a_volunteer_sees_what_they_hold_and_acts_on_it(stage):
    await stage.post("dana", CLUB)
    page = await home_of(stage, "tess")
    assert CLUB in words_of(page)
    assert "Asked 1 of at most 5 times this week. You have 1 question now." in words_of(page)
    await press(stage, "tess", page, "Accept")
    assert "This question is yours." in words_of(page)
    await press(stage, "tess", page, "I can't after all")
    assert "This question is yours." not in words_of(page)


async def test_a_long_page_is_turned_and_stays_where_it_is(stage):
    for n in range(5):
        await stage.post(
            "ben", f"Does anybody know a good {['swimming', 'diving', 'rowing', 'sailing', 'skating'][n]} club?"
        )
    page = await home_of(stage, "ben")
    first = words_of(page)
    await press(stage, "ben", page, "More")
    second = words_of(page)
    assert second != first
    assert "rowing" in first + second
    await press(stage, "ben", page, "Back")
    assert words_of(page) == first
    await press(stage, "ben", page, "More")
    await press(stage, "ben", page, "I don't need it any more")
    assert "Back" in buttons(page), "the second page is drawn anew, not the first"


async def test_moderators_read_edit_and_publish_on_their_page(stage):
    root = await stage.post("dana", CLUB)
    await stage.press("tess", "Accept")
    answer = await stage.post("tess", "The one at the harbour has a very kind coach for shy kids.", root)
    await stage.save("moda", answer, {"title": "A kind swimming club"})
    await stage.press("tess", "Yes, keep it")
    page = await home_of(stage, "moda")
    assert "A kind swimming club" in words_of(page)
    opened = await press(stage, "moda", page, "Put it right")
    modal_is_good({"custom_id": "", "title": "", **opened.modal})
    await stage.submit({"title": "A very kind swimming club"})
    assert "A very kind swimming club" in words_of(page)
    await press(stage, "moda", page, "Publish")
    assert "Waiting to be read" not in words_of(page)
    async with stage.store.read() as tx:
        assert "A very kind swimming club" in [r.title for r in await tx.resources.all()]


async def test_a_channel_is_set_by_moderators_only(stage):
    refused = await stage.command("ben", "winwin channel")
    assert refused.modal is None
    assert shown(refused)["content"]
    await stage.command("moda", "winwin channel")
    await stage.submit({"mode": "hint", "digest": "yes"})
    async with stage.store.read() as tx:
        channel = await tx.channels.get(f"discord:{GUILD}:{CHANNEL}")
    assert channel is not None
    assert (channel.mode, channel.digest) == (Mode.HINT, True)


# --- commands -------------------------------------------------------------------------------------------------


async def test_the_library_is_searched_and_read(stage):
    found = shown(await stage.command("dana", "resources", about="infusion days school"))
    assert "Infusion days and school" in words_of(found)
    read = await press(stage, "dana", found, "Read it")
    assert "Take 5 days." in words_of(shown(read))
    assert "Write what you are looking for" in words_of(shown(await stage.command("dana", "resources")))


async def test_a_resource_whose_id_has_no_room_on_a_button_opens_all_the_same(stage):
    async with stage.store.begin() as tx:
        long = Resource("an-id-" + "x" * 150, "A long name", "Swimming with a stoma: use a cover.")
        await tx.resources.put([long], stage.clock.now())
    await stage.restart()
    found = shown(await stage.command("dana", "resources", about="swimming with a stoma: use a cover"))
    read = await press(stage, "dana", found, "Read it: A long name")
    assert "use a cover" in words_of(shown(read))
    tended = shown(await stage.command("moda", "resources", about="swimming with a stoma: use a cover"))
    asked = shown(await press(stage, "moda", tended, "Retire"))
    assert "A long name" in words_of(asked)
    await press(stage, "moda", asked, "Retire")
    assert not buttons(asked)
    async with stage.store.read() as tx:
        assert "published" not in [r.state.value for r in (await tx.resources.get([long.id])).values()]


async def test_a_cry_for_help_is_no_search(stage):
    told = shown(await stage.command("dana", "resources", about="I want to die"))
    assert "I have written to you in private" in words_of(told)
    assert "You matter" in words_of(stage.discord.posts(stage.discord.realm.direct(user("dana"))["id"])[-1])


async def test_ones_data_comes_as_a_file_that_they_alone_see(stage):
    await stage.post("dana", CLUB)
    sent = await stage.command("dana", "winwin my-data")
    file = sent.alone[-1]["attachments"][0]
    assert file["filename"] == "winwin-my-data.json"
    assert CLUB in stage.discord.realm.files[file["id"]].decode()
    assert CLUB not in str(stage.discord.posts(stage.discord.realm.direct(user("dana"))["id"]))


async def test_a_link_to_the_pages_is_told_to_whoever_asks_and_to_nobody_else(stage):
    told = shown(await stage.command("dana", "winwin web"))
    (token,) = re.findall(r"\[Open my pages\]\(<?https://pages\.example\.org/login/([\w-]{43})>?\)", str(told))
    record = await meant(stage.store, token, stage.clock.now())
    assert record is not None
    assert record.key == key("dana")
    assert token not in str(stage.discord.posts(stage.discord.realm.direct(user("dana"))["id"]))


async def test_forgetting_is_asked_once_more_and_then_done(stage):
    await stage.post("dana", CLUB)
    asked = shown(await stage.command("dana", "winwin forget-me"))
    await press(stage, "dana", asked, "Erase it all")
    async with stage.store.read() as tx:
        assert not [q for q in await tx.questions.find(QuestionFilter()) if q.text]


async def test_help_names_the_commands_as_they_are_called_there(stage):
    assert "/resources" in words_of(shown(await stage.command("dana", "winwin help")))
    assert "/recursos" in words_of(shown(await stage.command("lucia", "winwin help")))


async def test_topics_are_followed_by_command(stage):
    followed = await stage.command("dana", "follow", topic="School")
    assert "I will tell you when there is something new" in words_of(shown(followed))
    async with stage.store.read() as tx:
        assert await tx.follows.of(key("dana")) == ("school",)


async def test_whom_somebody_does_not_want_to_be_asked_is_chosen_by_command_and_on_their_page(stage):
    await stage.post("ben", "Hello all")
    await stage.command("dana", "winwin block")
    await stage.submit({"other": user("ben")})
    async with stage.store.read() as tx:
        assert await tx.members.blocks(key("dana")) == (key("ben"),)
    opened = await press(stage, "dana", await home_of(stage, "dana"), "Whom I don't ask")
    modal_is_good({"custom_id": "", "title": "", **opened.modal})
    assert "I don't ask: Ben" in str(opened.modal)
    await stage.submit({"other": user("ben"), "on": "no"})
    async with stage.store.read() as tx:
        assert await tx.members.blocks(key("dana")) == ()


async def test_two_accounts_become_one_person(stage):
    await stage.command("dana", "winwin link")
    words = next(w for m in stage.messages_of("dana") if "Your code is" in (w := words_of(m)))
    code = re.findall(r"[A-Z0-9]{4}-[A-Z0-9]{4}", words)[0]
    await stage.command("ben", "winwin link", code=code)
    async with stage.store.read() as tx:
        people = {m.person for m in (await tx.members.get([key("dana"), key("ben")])).values()}
    assert len(people) == 1


async def test_why_is_for_every_message_of_the_bot(stage):
    asked = await stage.post("dana", INFUSION)
    said = stage.discord.posts(asked)[-1]
    why = await stage._began(await stage.discord.context(user("dana"), said, "Why this?"))
    assert "Infusion days and school" in words_of(shown(why))
    link = f"https://discord.com/channels/{GUILD}/{asked}/{said['id']}"
    assert words_of(shown(await stage.command("dana", "winwin why", link=link))) == words_of(shown(why))
    assert "Copy the link" in words_of(shown(await stage.command("dana", "winwin why")))


async def test_somebody_is_spoken_to_in_the_language_of_their_discord(stage):
    stage.discord.realm.locales[user("dana")] = "es-419"
    await stage.command("dana", "winwin help")
    async with stage.store.read() as tx:
        assert (await tx.members.get([key("dana")]))[key("dana")].language == "es"
