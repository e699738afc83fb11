"""Every scenario on the web."""

import pytest

from tests.dialogues.scenario import Player, Scenario
from tests.dialogues.test_dialogues_core import SCENARIOS
from tests.dialogues.web_stage import WebStage


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
async def test_the_dialogue_goes_as_written(scenario: Scenario):
    await Player(WebStage(), scenario).play()
