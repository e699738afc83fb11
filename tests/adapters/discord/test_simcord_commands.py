"""Commands as they are registered, menus on messages, panels, forms and choices, as simcord lets people use them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from simcord import InteractionResult, ResponseMessage, SetupError

from bot.community import Topic
from bot.policy import Mode
from tests.dialogues.simcord_stage import SimcordStage
from tests.dialogues.stage import Person, Setting
from tests.fakes.discord_interactions import buttons
from tests.fakes.discord_reading import words_of

LETTER = {"id": "r1", "title": "Infusion days and school", "text": "Ask school to excuse infusion days. Take 5 days."}
INFUSION = "How do I get school to excuse infusion days?"
CLUB = "Does anybody know a good swimming club?"
KIND = "The one at the harbour has a very kind coach for shy kids."
PEOPLE = (
    Person("dana"),
    Person("ben"),
    Person("tess", volunteer="parent"),
    Person("kofi", volunteer="parent", topics=("none",)),
    Person("moda", roles=("moderator", "owner")),
    Person("lucia", language="es"),
)
PARTS = (
    *("home", "web", "my-data", "forget-me", "opt-out", "opt-in"),
    *("block", "country", "link", "unlink", "why", "channel", "roles", "appoint", "unmask", "help"),
)
TOPICS = [Topic(f"topic-{n}", f"Topic {n}") for n in range(60)]


@pytest.fixture
async def stage() -> AsyncIterator[SimcordStage]:
    stage = SimcordStage()
    await stage.open(Setting(PEOPLE, (LETTER,)))
    yield stage
    await stage.close()


def shown(given: InteractionResult) -> ResponseMessage:
    """The last that they alone were shown for it."""
    found = [*([given.response] if given.response else []), *given.followups]
    assert found, f"nothing was shown: {given}"
    assert found[-1].ephemeral
    return found[-1]


def words(message: ResponseMessage) -> str:
    return words_of({"content": message.content, "embeds": [embed.to_dict() for embed in message.embeds]})


def labels(message: ResponseMessage) -> list[str]:
    return list(buttons({"components": message.components}))


async def click(stage: SimcordStage, who: str, message: ResponseMessage, label: str) -> InteractionResult:
    """On a page with several things to press, a label bears the number of its thing."""
    (found,) = [one for one in labels(message) if one == label or one.partition(". ")[2] == label]
    pressed = await stage.world.who(who, message.channel_id).click(message, label=found)
    return await stage._began(pressed)


async def test_everybody_finds_the_same_commands_on_the_server_and_in_private(stage):
    dana = stage.world.people["dana"]
    there = set(dana.available_commands(stage.world.channel))
    assert there == {"ask", "follow", "resources", "volunteer"} | {f"winwin {part}" for part in PARTS}
    assert set(dana.user.available_commands()) == there


@pytest.mark.parametrize("private", [False, True], ids=["on the server", "in private"])
async def test_every_command_is_answered_with_a_form_or_with_words(stage, private):
    dana = stage.world.people["dana"]
    for name in dana.available_commands(stage.world.channel):
        asked = await (dana.user.slash(name) if private else dana.slash(stage.world.channel, name))
        given = await stage._began(asked)
        assert given.modal or words(shown(given)) or shown(given).attachments, name


async def test_a_command_that_somebody_types_too_much_into_is_not_sent(stage):
    with pytest.raises(SetupError, match="at most 100"):
        await stage.command("dana", "follow", topic="x" * 101)


async def test_the_library_is_searched_and_read(stage):
    found = shown(await stage.command("dana", "resources", about="infusion days school"))
    assert "Infusion days and school" in words(found)
    assert "Take 5 days." in words(shown(await click(stage, "dana", found, "Read it")))


async def test_one_s_own_page_is_changed_where_it_stands(stage):
    page = shown(await stage.command("dana", "winwin home"))
    await click(stage, "dana", page, "Leave my messages alone")
    assert "Listen to my questions again" in " ".join(labels(page))
    assert "Ask a question" not in str(labels(shown(await stage.command("lucia", "winwin home"))))


async def test_a_volunteer_takes_a_question_from_their_page(stage):
    await stage.post("dana", CLUB)
    page = shown(await stage.command("tess", "winwin home"))
    await click(stage, "tess", page, "Accept")
    assert "This question is yours." in words(page)


async def test_one_s_data_comes_as_a_file(stage):
    await stage.post("dana", CLUB)
    (file,) = shown(await stage.command("dana", "winwin my-data")).attachments
    assert CLUB in stage.world.backend.cdn.get(file.url).decode()


async def test_a_form_of_many_choices_is_filled_page_by_page(stage):
    stage.topics = TOPICS
    panel = shown(await stage.command("ben", "volunteer"))
    pages = [label for label in labels(panel) if label != "Save"]
    assert len(pages) > 1
    opened = await click(stage, "ben", panel, pages[0])
    assert opened.modal is not None
    kinds = {row["component"]["type"] for row in opened.modal["components"] if "component" in row}
    assert kinds & {3, 21, 22}, "something is chosen there"
    await stage.submit("ben", {})
    async with stage.store.read() as tx:
        assert await tx.volunteers.get(stage.key("ben"))


async def test_the_channel_s_form_is_a_moderator_s_and_is_kept(stage):
    refused = await stage.command("ben", "winwin channel")
    assert refused.modal is None
    await stage.command("moda", "winwin channel")
    await stage.submit("moda", {"mode": "hint"})
    async with stage.store.read() as tx:
        (channel,) = await tx.channels.all()
    assert channel.mode is Mode.HINT


async def test_menus_on_messages_of_people_and_of_the_bot(stage):
    root = await stage.post("dana", INFUSION)
    said = stage.world.shown_to("dana")[-1]
    why = words(shown(await stage.context("ben", str(said.id), "Why this?")))
    assert "Infusion days and school" in why
    link = f"https://discord.com/channels/{stage.guild}/{said.channel_id}/{said.id}"
    assert words(shown(await stage.command("ben", "winwin why", link=link))) == why
    asking = await stage.context("dana", root, "Ask a person about this")
    assert INFUSION in str(asking.modal)


async def test_the_form_of_a_resource_holds_the_answer_and_people_are_chosen_by_name(stage):
    root = await stage.post("dana", CLUB)
    answer = await stage.post("tess", KIND, root)
    opened = await stage.context("moda", answer, "Save as resource")
    assert KIND in str(opened.modal)
    await stage.submit("moda", {"title": "A kind swimming club"})
    await stage.post("ben", "Does anybody know a good diving club?")
    asked, other = ("tess", "kofi") if stage.offers("tess") else ("kofi", "tess")
    await stage.press(asked, "Accept")
    await stage.hand_over(asked, other)
    assert any(f"{asked.title()} had it" in seen.words for seen in await stage.sees(other))


async def test_an_answer_that_comes_after_a_quarter_of_an_hour_goes_to_them_in_private(stage):
    found = await stage.command("dana", "resources", about="infusion days school")
    whence_is_over = shown(found)
    await stage.world.env.advance_time(16 * 60)
    assert "Take 5 days." in words(shown(await click(stage, "dana", whence_is_over, "Read it")))
