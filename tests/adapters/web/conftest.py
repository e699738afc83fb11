"""The town that the tests of the web community play in."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from web_town import Town, a_town, build_town


@pytest.fixture(scope="session")
def ready_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("town") / "web.db"
    asyncio.run(build_town(file))
    return file


@pytest.fixture
async def town(tmp_path: Path, ready_town: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path, ready_town) as made:
        yield made
