"""The same press sent again, twenty times at once or later, does what it does once: for every button and every form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.storage.chat import Chat
from adapters.storage.database import Database
from bot.cards import Action, Form
from tests.dialogues.rights import Case, World, cases
from tests.dialogues.test_permissions_web import paths
from tests.fakes.members_pages import LOCAL, SLACK, Browser, Pages
from tests.fakes.tables import tables

TIMES, A_FEW = 20, 3
PRESS = "press-again-and-again"
OWN = {Form.BLOCK: "/me/block", Form.COUNTRY: "/me/country", Form.LINK: "/me/link", Form.UNMASK: "/unmask/q-hidden"}
LEFT_OUT = ("link_code", "embedding")  # a code is random, and made when its card is delivered; vectors are large
BY_CHANCE = {Form.UNLINK, Action.FORGET_ME}  # whoever becomes a person of their own gets a random key


@pytest.fixture(params=["members", "local"])
async def pages(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pages]:
    local = request.param == "local"
    world = World(LOCAL if local else SLACK)
    await world.open()
    database = await Database.open(f"sqlite+aiosqlite:///{tables(tmp_path / 'chat.db')}") if local else None
    chat = Chat(database) if database else None
    if chat is not None:
        await chat.open_channel("general", "General", "Anything")
    yield Pages(world, chat)
    if database is not None:
        await database.close()
    await world.close()


def sent(case: Case, pages: Pages) -> list[tuple[str, dict[str, str]]]:
    """Where a browser sends it, if this site has it."""
    if isinstance(case.what, Action):
        return [("/press", {"action": case.what, "subject": case.subject})]
    if case.what in OWN:
        return [(OWN[case.what], dict(case.values))]
    return [] if not pages.services.local else [(path, dict(values)) for path, values in paths(case)]


async def test_what_is_sent_again_changes_nothing_more(pages: Pages) -> None:
    world = pages.world
    browsers: dict[str, Browser] = {}
    times, tried = A_FEW if pages.services.local else TIMES, 0
    for case in cases(world.at):
        for name in sorted(case.may - {"owner"})[:1] if case.what not in BY_CHANCE else ():
            browser = browsers.get(name) or browsers.setdefault(name, await pages.browser(name))
            for path, values in sent(case, pages):
                begun = pages.store._committed
                form = {"csrf": browser.csrf, "press": PRESS, **values}
                first = await browser.http.post(path, data=form)
                await pages.services.settle()
                once = state(world)
                world.store._committed = begun
                answers = await asyncio.gather(*(browser.http.post(path, data=form) for _ in range(times)))
                answers.append(await browser.http.post(path, data=form))
                await pages.services.settle()
                assert {answer.status_code for answer in answers} <= {first.status_code, 422, 403, 404}, case.name
                again = state(world)
                changed = [table for table in once.keys() | again.keys() if again.get(table) != once.get(table)]
                assert changed == [], (case.name, name)
                world.store._committed = begun
                tried += first.status_code == 303
    assert tried > 25


def state(world: World) -> dict[str, str]:
    tables = {name: rows for name, rows in world.store._committed.items() if rows and name not in LEFT_OUT}
    return {name: repr(sorted(rows.items(), key=repr)) for name, rows in tables.items()}


async def test_a_message_sent_again_stands_there_once(pages: Pages) -> None:
    if not pages.services.local:
        pytest.skip("members write where they chat")
    browser = await pages.browser("asker")
    form = {"csrf": browser.csrf, "press": PRESS, "channel": "general", "thread": "", "text": "Hello all of you"}
    answers = await asyncio.gather(*(browser.http.post("/say", data=form) for _ in range(TIMES)))
    assert {answer.status_code for answer in answers} == {303}
    assert (await browser.get("/c/general")).text.count("Hello all of you") == 1
