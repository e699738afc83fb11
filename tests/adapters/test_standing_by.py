"""One process speaks on the platforms; the others stand by and begin anew, connected, when it is gone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.settings import read_settings
from adapters.storage.database import Database
from adapters.wiring import standing_by
from adapters.wiring.community import LINE, community
from adapters.wiring.standing_by import line_came, rounds
from tests.fakes.command_line import WordModel
from tests.fakes.postgres_server import Databases


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.fixture
async def speaker(postgres: Databases) -> AsyncIterator[Database]:
    """The process that speaks."""
    database = await Database.open(await postgres.emptied())
    await database.join()
    assert await database.take_line(LINE)
    yield database
    await database.close()


def opened(postgres: Databases) -> object:
    settings = read_settings(None, database_url=postgres.server.url(postgres.shared), discord_token="t" * 60)
    return community(settings, connect=True, load=WordModel)


async def test_who_stands_by_is_not_connected_and_leaves_wishes_of_the_platforms_alone(
    postgres: Databases, speaker: Database
):
    async with opened(postgres) as c:
        assert c.stands_by
        assert c.discord is None
        assert c.store.speaks == {"web"}


async def test_the_round_is_over_when_the_line_comes_free(
    postgres: Databases, speaker: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(standing_by, "LOOKED_FOR", 0.02)
    over = asyncio.Event()
    async with opened(postgres) as c:
        waiting = asyncio.create_task(line_came(c, over))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await speaker.close()
        async with asyncio.timeout(10):
            assert await waiting
        assert over.is_set()
    async with opened(postgres) as c:
        assert (c.stands_by, c.discord is not None, c.store.speaks) == (False, True, {"web", "discord"})


async def test_another_round_follows_only_when_there_is_to_be_one(listening: socket.socket):
    answers, stop = [True, True, False], asyncio.Event()

    async def begin(ours: socket.socket, over: asyncio.Event) -> bool:
        ours.close()  # as a server does
        assert not over.is_set()
        return answers.pop(0)

    await rounds(begin, listening, stop)
    assert answers == []
    assert listening.fileno() >= 0


async def test_stopping_ends_the_round_and_no_other_follows(listening: socket.socket):
    stop, begun = asyncio.Event(), []

    async def begin(_ours: socket.socket, over: asyncio.Event) -> bool:
        begun.append(over)
        await over.wait()
        return True

    running = asyncio.create_task(rounds(begin, listening, stop))
    await asyncio.sleep(0)
    stop.set()
    async with asyncio.timeout(5):
        await running
    assert len(begun) == 1
