"""The bot's mouth: where a card goes, once, and what is said when it can't."""

import pytest
from web_town import NOON, Town

from adapters.web.chat import ChatStore
from adapters.web.client import WebMessenger
from adapters.web.codec import dump_card, load_card
from adapters.web.live import Viewers
from adapters.web.outbound import card_view
from adapters.web.people import member_of
from bot.cards import Card, Direct, InThread, Link, OnlyFor, Posted, Text
from bot.events import Place
from bot.ports import DeliveryError

CARD = Card((Text("Hello"),))


async def test_a_card_goes_where_it_is_addressed(town: Town) -> None:
    root = await town.chat.add(channel="school", author="dana", at=NOON, text="Any tips?")
    place = Place("web", "local", "school", root.id, root.id)
    in_thread = await town.messenger.send(InThread(place), CARD, "w1")
    whispered = await town.messenger.send(OnlyFor(place, member_of("dana")), CARD, "w2")
    direct = await town.messenger.send(Direct(member_of("tess")), CARD, "w3")
    shown = [(p.thread, p.only_for, p.card) for p in await town.chat.thread(root.id, "dana")][1:]
    assert shown == [(root.id, "", dump_card(CARD)), (root.id, "dana", dump_card(CARD))]
    assert in_thread == Posted("web", "local", "school", in_thread.message, NOON)
    assert whispered.channel == "school"
    assert direct.channel == "dm-tess"
    assert await town.chat.unreported(10) == [root]


async def test_sending_the_same_wish_again_posts_nothing_new(town: Town) -> None:
    first = await town.messenger.send(Direct(member_of("tess")), CARD, "w1")
    assert await town.messenger.send(Direct(member_of("tess")), CARD, "w1") == first
    assert len(await town.chat.stream("dm-tess", "tess", 10)) == 1


async def test_a_card_under_a_post_that_never_was_is_refused_for_good(town: Town) -> None:
    with pytest.raises(DeliveryError) as caught:
        await town.messenger.send(InThread(Place("web", "local", "school", "99", "99")), CARD, "w1")
    assert caught.value.permanent


async def test_a_card_is_revised_until_it_is_gone(town: Town) -> None:
    posted = await town.messenger.send(Direct(member_of("tess")), CARD, "w1")
    settled = Card((Text("Settled"),), quiet=True)
    await town.messenger.revise(posted, settled)
    assert [p.card for p in await town.chat.stream("dm-tess", "tess", 10)] == [dump_card(settled)]
    await town.chat.delete(posted.message, NOON)
    with pytest.raises(DeliveryError) as caught:
        await town.messenger.revise(posted, CARD)
    assert caught.value.permanent


async def test_a_link_to_another_platform_takes_its_address_along(town: Town) -> None:
    there, here = Place("discord", "1", "2", "3", "3"), Place("web", "local", "school", "7", "7")
    town.messenger.elsewhere = lambda place: f"https://discord.com/channels/1/2/{place.message}"
    card = Card((Link("Over there", there), Link("Over here", here)))
    await town.messenger.send(Direct(member_of("tess")), card, "w1")
    [post] = await town.chat.stream("dm-tess", "tess", 10)
    shown = card_view(load_card(post.card)).blocks
    assert [block.href for block in shown] == ["https://discord.com/channels/1/2/3", "/c/school/t/7#post-7"]
    assert town.messenger.link(there) == "https://discord.com/channels/1/2/3"


class BrokenChat:
    async def add(self, **_: object) -> None:
        raise OSError("the disk is full")


async def test_a_chat_that_fails_for_a_moment_is_tried_again(town: Town) -> None:
    broken: ChatStore = BrokenChat()  # type: ignore[assignment]  # only what is called
    messenger = WebMessenger(broken, Viewers(), town.clock)
    with pytest.raises(DeliveryError) as caught:
        await messenger.send(Direct(member_of("tess")), CARD, "w1")
    assert not caught.value.permanent


async def test_open_pages_are_woken(town: Town) -> None:
    with town.services.viewers.watching() as wake:
        await town.messenger.send(Direct(member_of("tess")), CARD, "w1")
        assert wake.is_set()
    assert len(town.services.viewers) == 0


def test_links_lead_to_the_thread_or_the_private_conversation(town: Town) -> None:
    messenger = WebMessenger(town.chat, Viewers(), town.clock, "https://here.example/")
    assert messenger.link(Place("web", "local", "school", "9", "7")) == "https://here.example/c/school/t/7#post-9"
    assert messenger.link(Place("web", "local", "dm-dana", "9", "9")) == "https://here.example/private#post-9"
