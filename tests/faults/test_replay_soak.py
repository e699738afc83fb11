"""Five thousand made-up messages are replayed: each is accounted for, for little more than the model's own work."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from time import process_time

import pytest

from adapters import embedders
from adapters.app import apart
from adapters.commands.measuring import read_resources
from adapters.commands.replay_page import page_of
from adapters.commands.replay_words import Words
from adapters.exports import read_export
from adapters.settings import read_settings
from tests.fakes.command_line import SAMPLES
from tests.fakes.exports import made_up, slack_files, zipped
from tests.reliability import Reached

pytestmark = [pytest.mark.soak, pytest.mark.model]

COUNT = 5_000
DEAR = 4.0  # times what it takes to make a vector of each message: replies are read with their question, all by triage


async def test_five_thousand_messages_are_replayed(tmp_path: Path, seed: int, reached: Reached):
    export = read_export(zipped(tmp_path / "slack.zip", slack_files(made_up(COUNT, seed))))
    assert len(export.said) == COUNT
    texts = [said.posted.text for said in export.said]
    async with apart(read_settings(None), read_resources(SAMPLES)[0]) as there:
        embedder = embedders.load_embedder()
        began = process_time()
        for start in range(0, COUNT, 64):
            embedder.embed(texts[start : start + 64])
        alone, began = process_time() - began, process_time()
        found = await there.replaying.replay(export.said)
        page = page_of(Words(export, found, there.resources, UTC))
        took = process_time() - began
    assert found.messages == COUNT
    assert page.count("<article") == len(found.decisions) + len(found.cries)
    assert took < DEAR * alone
    said = (
        f"{took:.0f} s of one processor, {took / alone:.1f} times the vectors alone; {len(found.questions)} questions"
    )
    reached("Replay", "Slack, 5,000", f"under {DEAR:.0f} times what their vectors take", said)
