"""Who people and channels are, asked of Discord."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.discord.directory import DiscordDirectory
from bot.events import Member, MemberChanged, Place
from bot.ports import DeliveryError
from tests.adapters.discord.discord_paper import LOST, Hands, PaperDiscord
from tests.fakes.discord_payloads import ALICE, BOT, GENERAL, GUILD, QUESTIONS

ASKER = Member("discord", GUILD, ALICE)


@pytest.fixture
def paper() -> PaperDiscord:
    return PaperDiscord(Hands())


@pytest.fixture
def directory(paper: PaperDiscord) -> DiscordDirectory:
    return DiscordDirectory(paper, Hands())


def place(channel: str) -> Place:
    return Place("discord", GUILD, channel, "1", "1")


async def test_people_are_called_as_their_server_calls_them(paper: PaperDiscord, directory: DiscordDirectory) -> None:
    said = await directory.person(ASKER, GUILD)
    assert isinstance(said, MemberChanged)
    assert (said.member, said.name, said.bot) == (ASKER, "Alice", False)
    paper.realm.members[ALICE]["nick"] = "Ali from ward 3"
    said = await directory.person(ASKER, GUILD)
    assert said is not None
    assert said.name == "Ali from ward 3"
    bot = await directory.person(replace(ASKER, id=BOT), GUILD)
    assert bot is not None
    assert bot.bot


async def test_of_strangers_nothing_is_told(paper: PaperDiscord, directory: DiscordDirectory) -> None:
    assert await directory.person(replace(ASKER, id="399999999999999999"), GUILD) is None
    assert await directory.person(replace(ASKER, space="199999999999999999"), GUILD) is None
    paper.realm.members[ALICE]["user"] = paper.realm.users[BOT]  # an answer about somebody else
    assert await directory.person(ASKER, GUILD) is None


async def test_channels_have_names_and_conversations_have_none(
    paper: PaperDiscord, directory: DiscordDirectory
) -> None:
    direct = paper.realm.direct(ALICE)["id"]
    said = [await directory.channel(place(c)) for c in (GENERAL, QUESTIONS, direct, "299999999999999999")]
    assert [one and one.name for one in said] == ["general", "questions", None, None]


async def test_a_silence_is_no_answer(paper: PaperDiscord, directory: DiscordDirectory) -> None:
    paper.faults = [LOST, LOST]
    with pytest.raises(DeliveryError):
        await directory.person(ASKER, GUILD)
    with pytest.raises(DeliveryError):
        await directory.channel(place(GENERAL))
