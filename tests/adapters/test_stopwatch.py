"""What a start is made of is told in the order in which it began."""

import json
import time

import pytest

from adapters.stopwatch import Stopwatch, resident


def test_steps_are_told_in_the_order_in_which_they_began_and_fit_into_a_log() -> None:
    watch = Stopwatch()
    with watch.step("outer"), watch.step("inner"):
        time.sleep(0.02)
    with pytest.raises(ValueError, match="no"), watch.step("failed"):
        raise ValueError("no")
    told = json.loads(json.dumps(watch.told()))
    assert [step["name"] for step in told[1:]] == ["outer", "inner", "failed"]
    assert told[0]["begins"] == 0
    assert told[1]["begins"] >= told[0]["takes"]
    assert all(0.02 <= step["takes"] < 5 for step in told[1:3])


def test_memory_is_told_in_megabytes() -> None:
    assert 5 < resident() < 5_000
