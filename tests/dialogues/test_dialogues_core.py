"""Every scenario on the core alone."""

from pathlib import Path

import pytest

from tests.dialogues.core_stage import CoreStage
from tests.dialogues.scenario import Player, Scenario, read

SCENARIOS = [read(path) for path in sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
async def test_the_dialogue_goes_as_written(scenario: Scenario):
    await Player(CoreStage(), scenario).play()


def wrong(scenario: Scenario, *step: tuple[str, object]) -> Scenario:
    return Scenario("wrong", "", scenario.setting, (*scenario.play, *step))


@pytest.mark.parametrize(
    "step",
    [
        ("bot shows dana", "words it never says"),
        ("bot shows everybody", "words it never says"),
        ("dana presses", "A button that is not there"),
        ("dana sings", "a song"),
        ("clock", "soon"),
    ],
)
async def test_a_step_that_does_not_hold_is_named(step):
    with pytest.raises(AssertionError, match=f"wrong, step {len(SCENARIOS[0].play) + 1}"):
        await Player(CoreStage(), wrong(SCENARIOS[0], step)).play()


async def test_silence_and_absence_can_fail_too():
    with pytest.raises(AssertionError, match="shown or changed"):
        await Player(CoreStage(), wrong(SCENARIOS[0], ("ben", "Where is it?"), ("bot is silent", True))).play()
    with pytest.raises(AssertionError, match="seen by"):
        await Player(CoreStage(), wrong(SCENARIOS[0], ("nobody sees", "e"))).play()
