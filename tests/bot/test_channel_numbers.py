"""A channel waits as long as its moderators say: typed into its form, seen in what becomes of a question."""

import pytest

from bot.cards import Form
from bot.channels import own_numbers
from bot.question import Status
from bot.typed import InvalidForm
from tests.fakes.community import GENERAL, Community


async def numbers(home: Community) -> dict[str, int]:
    async with home.store.read() as tx:
        channel = await tx.channels.get(GENERAL)
    return dict(channel.numbers) if channel else {}


async def set_here(home: Community, who: str = "moda", **typed: str) -> None:
    await home.submit(who, Form.WAITING, GENERAL, typed)


async def test_a_card_waits_as_long_as_the_channel_says(home: Community):
    await set_here(home, offer="5", offers_per_question="1")
    assert await numbers(home) == {"offer": 5, "offers_per_question": 1}
    asked = await home.say("dana", "Does anybody know a good swimming club?")
    assert (await home.question(asked)).status is Status.OFFERED
    await home.wait(minutes=5)
    assert (await home.question(asked)).status is Status.ESCALATED  # one peer was asked, and nobody leads here


async def test_another_channel_goes_by_what_the_community_has(home: Community):
    await set_here(home, offer="5")
    asked = await home.say("dana", "Does anybody know a good swimming club?", direct=True)
    first = (await home.question(asked)).offered_to
    await home.wait(minutes=10)
    assert (await home.question(asked)).offered_to == first


async def test_an_emptied_field_goes_by_the_community_again(home: Community):
    await set_here(home, offer="5", claim="60")
    await set_here(home, offer="", claim="60")
    assert await numbers(home) == {"claim": 60}
    await home.submit("moda", Form.CHANNEL, GENERAL, {"mode": "hint"})
    assert await numbers(home) == {"claim": 60}
    async with home.store.read() as tx:
        details = [entry.detail for entry in await tx.audit.all() if entry.action == "channel_waiting"]
    assert details == ["claim=60 offer=5", "claim=60"]


async def test_only_moderators_set_them(home: Community):
    await set_here(home, "tess", offer="5")
    assert await numbers(home) == {}


@pytest.mark.parametrize("typed", ["0", "1441", "five", "-3", "2.5", "²"])
async def test_what_cannot_be_used_is_said_with_what_can(home: Community, typed: str):
    await set_here(home, offer=typed)
    assert await numbers(home) == {}
    said = f"I could not save that. “{typed}” can't be used here. Please choose a whole number between 1 and 1440."
    assert home.last("moda") == said
    with pytest.raises(InvalidForm):
        own_numbers({"offer": typed}, str)
