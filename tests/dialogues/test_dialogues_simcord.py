"""Every scenario on Discord as simcord plays it: its own people, checks and clock, and nothing of ours between."""

import pytest

from tests.dialogues.scenario import Player, Scenario
from tests.dialogues.simcord_stage import SimcordStage
from tests.dialogues.test_dialogues_core import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
async def test_the_dialogue_goes_as_written(scenario: Scenario):
    await Player(SimcordStage(), scenario).play()
