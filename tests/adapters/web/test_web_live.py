"""Live updates: everything since the page was drawn, for those who may see it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from web_town import NOON, PEOPLE, Town

from adapters.web.pages.live import Watched, events
from adapters.web.people import member_of
from adapters.web.session import Visit
from adapters.web.site import Site
from adapters.web.viewer import Viewer
from bot.cards import Card, Direct, OnlyFor, Text
from bot.events import Place

TESS = Viewer(Visit(PEOPLE[1], member_of("tess"), "0" * 64, welcomed=True), None, None)


@asynccontextmanager
async def watching(town: Town, watched: Watched) -> AsyncIterator[Any]:
    async with aclosing(events(Site(town.services), TESS, watched)) as stream:
        yield stream


async def told(stream: Any) -> dict[str, Any]:
    event = await anext(stream)
    found: dict[str, Any] = json.loads(event.data)
    return found


def ids(update: dict[str, Any]) -> list[tuple[str, str]]:
    return [(piece["list"], piece["id"]) for piece in update["posts"]]


async def test_what_came_between_drawing_and_listening_is_told_first(town: Town) -> None:
    await town.chat.add(channel="school", author="dana", at=NOON, text="before")
    since = await town.chat.latest()
    await town.chat.add(channel="school", author="dana", at=NOON, text="between")
    async with watching(town, Watched("school", "", since)) as stream:
        update = await told(stream)
        assert ids(update) == [("posts", "post-2")]
        assert "between" in update["posts"][0]["html"]


async def test_a_reply_is_told_to_the_open_thread_and_counted_in_the_channel(town: Town) -> None:
    await town.chat.add(channel="school", author="dana", at=NOON, text="Any tips?")
    async with watching(town, Watched("school", "1", await town.chat.latest())) as stream:
        assert ids(await told(stream)) == []
        await town.chat.add(channel="school", author="sol", at=NOON, text="Yes.", thread="1")
        town.services.viewers.wake()
        update = await told(stream)
        assert ids(update) == [("posts", "post-1"), ("thread", "post-2")]
        assert "1 reply" in update["posts"][0]["html"]


async def test_a_deleted_post_is_taken_away(town: Town) -> None:
    await town.chat.add(channel="school", author="dana", at=NOON, text="oops")
    async with watching(town, Watched("school", "", await town.chat.latest())) as stream:
        await told(stream)
        await town.chat.delete("1", NOON)
        town.services.viewers.wake()
        assert (await told(stream))["posts"] == [{"list": "posts", "id": "post-1", "html": ""}]


async def test_what_is_for_somebody_else_is_not_told(town: Town) -> None:
    await town.chat.add(channel="school", author="dana", at=NOON, text="Any tips?")
    place = Place("web", "local", "school", "1", "1")
    async with watching(town, Watched("school", "1", await town.chat.latest())) as stream:
        await told(stream)
        await town.messenger.send(OnlyFor(place, member_of("dana")), Card((Text("canary"),)), "w1")
        await town.messenger.send(Direct(member_of("dana")), Card((Text("canary"),)), "w2")
        update = await told(stream)
        assert "canary" not in json.dumps(update)
        assert "Be Dana" in update["elsewhere"]


async def test_a_private_line_is_shown_in_short_on_another_page(town: Town) -> None:
    async with watching(town, Watched("school", "", 0)) as stream:
        await told(stream)
        await town.messenger.send(Direct(member_of("tess")), Card((Text("Saved."),)), "w1")
        update = await told(stream)
        assert update["notice"] == "Saved."
        assert update["unread"] == {"school": 0, "talk": 0, "dm-tess": 1}


async def test_a_private_line_said_between_two_pages_is_shown_on_the_second_and_once(town: Town) -> None:
    await town.messenger.send(Direct(member_of("tess")), Card((Text("You matter."),)), "w1")
    async with watching(town, Watched("school", "", await town.chat.latest())) as stream:
        assert (await told(stream))["notice"] == "You matter."
        town.services.viewers.wake()
        assert (await told(stream))["notice"] == ""


async def test_an_update_never_holds_a_field_somebody_may_be_typing_in(town: Town) -> None:
    await town.chat.add(channel="school", author="tess", at=NOON, text="mine")
    async with watching(town, Watched("school", "1", 0)) as stream:
        html = "".join(piece["html"] for piece in (await told(stream))["posts"])
        assert "<textarea" not in html
        assert 'type="text"' not in html
