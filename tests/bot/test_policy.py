"""Every number a community can set has bounds, and a mistake is said with what is allowed."""

from dataclasses import fields
from datetime import timedelta

import pytest

from bot.policy import BOUNDS, Policy, PolicyError, describe


@pytest.mark.parametrize("name", BOUNDS)
def test_a_duration_may_be_its_bound_and_no_more(name):
    low, high = BOUNDS[name]["low"], BOUNDS[name]["high"]
    for value in (low - timedelta(seconds=1), high + timedelta(seconds=1)):
        with pytest.raises(PolicyError, match=f"{name} is .*; choose between {low} and {high}"):
            Policy(**{name: value})


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"offers_per_question": 0}, "offers_per_question is 0; choose between 1 and 50."),
        ({"nameless_a_day": 0}, "nameless_a_day is 0; choose between 1 and 50."),
        ({"suggestions": 4}, "suggestions is 4; choose between 1 and 3."),
        ({"speak_at": 1.5}, "speak_at is 1.5; choose between 0 and 1."),
        ({"need_at": -0.1}, "need_at is -0.1; choose between 0 and 1."),
        (
            {"claim": timedelta(minutes=10), "claim_warning": timedelta(minutes=10)},
            "claim_warning must be shorter than claim.",
        ),
    ],
)
def test_a_number_out_of_bounds_is_named(setting, complaint):
    with pytest.raises(PolicyError) as error:
        Policy(**setting)
    assert str(error.value) == complaint


def test_every_setting_can_be_shown():
    assert [name for name, _ in describe(Policy())] == [field.name for field in fields(Policy)]
