"""Every number a community can set has bounds, and a mistake is said with what is allowed."""

from dataclasses import fields
from datetime import timedelta

import pytest

from bot.policy import BOUNDS, LOCAL, Policy, PolicyError, describe, local, local_bounds


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


def test_a_channel_may_set_some_numbers_for_itself_and_what_belongs_to_them_is_fitted():
    here = local(Policy(), {"offer": 5, "claim": 40, "offers_per_question": 2, "self_serve": 1, "unknown": 3})
    minute = timedelta(minutes=1)
    assert (here.offer, here.claim, here.self_serve, here.offers_per_question) == (5 * minute, 40 * minute, minute, 2)
    assert here.claim_warning == 10 * minute
    assert here.alone_for(urgent=True) == minute  # the urgent one is never longer
    assert local(Policy(), {}) == Policy()


@pytest.mark.parametrize("name", LOCAL)
def test_the_bounds_of_a_channels_numbers_are_those_of_the_policy(name):
    low, high = local_bounds(name)
    assert local(Policy(), {name: low}) != local(Policy(), {name: high})
    for value in (low - 1, high + 1):
        with pytest.raises(PolicyError, match=name):
            local(Policy(), {name: value})


def test_every_setting_can_be_shown():
    assert [name for name, _ in describe(Policy())] == [field.name for field in fields(Policy)]
