"""Every scenario on Discord."""

import pytest

from tests.dialogues.discord_stage import DiscordStage
from tests.dialogues.scenario import Player, Scenario
from tests.dialogues.test_dialogues_core import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
async def test_the_dialogue_goes_as_written(scenario: Scenario):
    await Player(DiscordStage(), scenario).play()
