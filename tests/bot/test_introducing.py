"""Names come from the platform when a fact is handled: before the first card if it can be, and never in its way."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.cards import Action
from bot.community import MemberRecord, Role, Trust
from bot.events import BotInvited, ChannelRenamed, Member, MemberChanged, Place, RolesHeld
from bot.ports import DeliveryError
from tests.fakes.community import GENERAL, Community, peopled
from tests.fakes.values import NOON, key, member

INFUSION = "How do I get school to excuse infusion days?"


class SlowDirectory:
    """Everybody new speaks Spanish. `answers` is set when the platform answers."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked: list[str] = []
        self.failures = 0
        self.for_good = False

    async def person(self, who: Member, space: str) -> MemberChanged | None:
        self.asked.append(who.id)
        await self.answers.wait()
        if self.failures:
            self.failures -= 1
            raise DeliveryError("not now", permanent=self.for_good)
        return MemberChanged(who, who.id.title(), "Europe/Madrid", "es", False, False, False, NOON)

    async def channel(self, place: Place) -> ChannelRenamed | None:
        await self.answers.wait()
        return ChannelRenamed(place.channel_key, f"the {place.channel}", NOON, public=True)


@pytest.fixture
def directory() -> SlowDirectory:
    return SlowDirectory()


@pytest.fixture
async def town(directory, monkeypatch) -> AsyncIterator[Community]:
    monkeypatch.setattr("bot.introducing.AT_ONCE", 0.05)
    community = await peopled(Community(directories={"web": directory}))
    await community.open()
    yield community
    await community.close()


async def record(town: Community, name: str) -> MemberRecord:
    async with town.store.read() as tx:
        return (await tx.members.get([key(name)]))[key(name)]


async def named(town: Community, name: str) -> MemberRecord:
    async with asyncio.timeout(2):
        while not (await record(town, name)).name:
            await town.desk.settle()
            await asyncio.sleep(0.01)
    return await record(town, name)


async def test_somebody_new_is_known_before_the_first_card_is_made(town, directory):
    await town.force("lucia", Action.HELPED, "q-none")
    assert [shown.words for shown in town.messenger.seen(member("lucia"))] == [
        "Esto ya no está. Si necesitas algo, vuelve a preguntar con confianza."
    ]
    assert ((await record(town, "lucia")).name, (await record(town, "lucia")).language) == ("Lucia", "es")
    await town.say("lucia", "Thank you")
    assert directory.asked == ["lucia"], "asked once"


async def test_a_platform_that_does_not_answer_holds_nobody_up_and_the_name_follows(town, directory, monkeypatch):
    directory.answers.clear()
    await town.say("lucia", INFUSION)
    assert (await record(town, "lucia")).name == ""
    assert town.messenger.seen(member("lucia")), "answered without the name"
    monkeypatch.setattr("bot.introducing.AT_ONCE", 60)
    async with asyncio.timeout(5):
        await town.say("noor", INFUSION)  # nobody waits a second time
    assert directory.asked == ["lucia", "noor"]
    directory.answers.set()
    assert (await named(town, "lucia")).language == "es"
    assert (await named(town, "noor")).name == "Noor"


async def test_whoever_could_not_be_asked_for_is_asked_for_with_their_next_message(town, directory):
    directory.failures = 1
    await town.say("lucia", INFUSION)
    assert (await record(town, "lucia")).name == ""
    await town.say("lucia", "Thank you")
    assert (await record(town, "lucia")).name == "Lucia"


async def test_a_platform_that_never_says_names_is_not_asked_at_every_message(town, directory):
    directory.failures, directory.for_good = 9, True
    for words in (INFUSION, "Thank you", "Good night"):
        await town.say("lucia", words)
    assert directory.asked == ["lucia"]


async def test_a_channel_without_a_name_gets_one_before_it_is_welcomed(town):
    await town.receive(BotInvited(Place(*GENERAL.split(":"), "", ""), "", None, NOON))
    async with town.store.read() as tx:
        channel = await tx.channels.get(GENERAL)
    assert channel is not None
    assert (channel.name, channel.welcomed) == ("the general", True)


async def test_a_name_that_can_not_be_kept_at_once_is_kept_as_a_fact_of_its_own(town, monkeypatch):
    async def in_the_way(_) -> bool:
        return False

    with monkeypatch.context() as patch:
        patch.setattr(town.desk._stepping, "take", in_the_way)
        await town.say("lucia", "Hello everybody")
    assert (await named(town, "lucia")).name == "Lucia"


async def test_who_looks_after_the_community_by_a_role_is_known_by_name_before_they_are_told_anything(town, directory):
    async with town.store.begin() as tx:
        await tx.trusts.put(Trust("web:home:team", Role.MODERATOR, "Team"))
    await town.receive(RolesHeld(member("lucia"), ("web:home:team",), NOON))
    found = await record(town, "lucia")
    assert (found.name, found.language, found.held) == ("Lucia", "es", {Role.MODERATOR})
    await town.receive(RolesHeld(member("olga"), (), NOON))
    assert directory.asked == ["lucia"], "who has none is nobody's business"
