"""Ten thousand volunteers: the same person is found as by looking at each."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import crowd as crowds
from bot.crowd import Crowd
from bot.quiet import Hours, awake, state
from bot.routing import Away, Kind, Need, Quiet, Rung, Volunteer, choose
from tests.fakes.values import NOON, volunteer


@pytest.fixture(scope="module")
def in_columns():
    """However few they are, they are looked at in columns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowds, "FEW", 0)
        yield


MANY = 250 if os.environ.get("HYPOTHESIS_PROFILE") == "searching" else 100  # of people: all of them in `make soak`
TOPICS = st.frozensets(st.sampled_from(["school", "diet", "tests"]), max_size=2)
AXES = [np.eye(4, dtype="<f4")[i].tobytes() for i in range(4)] + [np.array([0.6, 0.8, 0, 0], "<f4").tobytes()]
SKILLS = st.sampled_from([b"", *AXES, np.ones(2, "<f4").tobytes()])
QUIET = st.builds(Quiet, st.integers(0, 6), st.times(), st.times())
AWAY = st.none() | st.builds(
    lambda first, days: Away(first, first + timedelta(days)),
    st.dates(date(2026, 2, 20), date(2026, 3, 12)),
    st.integers(0, 12),
)
MOMENTS = st.integers(-2_000_000, 2_000_000).map(lambda seconds: NOON + timedelta(seconds=seconds))
PEOPLE = st.lists(
    st.builds(
        Volunteer,
        member=st.integers(0, 30).map(lambda n: f"web:{n % 2}:m{n}"),
        person=st.integers(0, 30).map("p{}".format),
        name=st.just("A"),
        kind=st.sampled_from(Kind),
        topics=TOPICS,
        languages=st.frozensets(st.sampled_from(["en", "es"]), min_size=1),
        time_zone=st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe"]),
        quiet=st.lists(QUIET, max_size=3).map(tuple),
        away=AWAY,
        weekly_cap=st.integers(0, 3),
        paused=st.booleans(),
        lead=st.booleans(),
        asked_this_week=st.integers(0, 3),
        answered_lately=st.integers(0, 2),
        open_claims=st.integers(0, 2),
        last_asked_at=st.none() | MOMENTS,
        passed=TOPICS,
        skill=SKILLS,
    ),
    max_size=14,
    unique_by=lambda v: v.member,
)
NEEDS = st.builds(
    Need,
    id=st.text(max_size=3),
    asker_person=st.integers(0, 30).map("p{}".format),
    topics=TOPICS.map(lambda topics: tuple(sorted(topics))),
    language=st.sampled_from(["en", "es", "fr"]),
    medical=st.booleans(),
    excluded=st.frozensets(st.integers(0, 40).map(lambda n: f"web:{n % 2}:m{n}"), max_size=4),
    rung=st.sampled_from(Rung),
    blocked=st.frozensets(st.integers(0, 30).map("p{}".format), max_size=2),
    vector=SKILLS,
    only_in=st.sampled_from(["", "web:0", "web:1"]),
)


@settings(max_examples=MANY, deadline=None)
@given(PEOPLE, PEOPLE, st.lists(st.tuples(NEEDS, MOMENTS), min_size=1, max_size=4), st.booleans())
def test_the_crowd_chooses_whom_the_rule_chooses(in_columns, people, changed, needs, ahead):
    """Also after people changed, and when it is asked about moments before and after one another."""
    crowd = Crowd.laid_out(people, needs[0][1]) if ahead else Crowd(people)
    for need, now in needs:
        assert crowd.choose(need, now) == choose(need, people, now)
    everybody = {v.member: v for v in people} | {v.member: v for v in changed}
    for v in changed:
        crowd.put(v)
    for need, now in needs:
        assert crowd.choose(need, now) == choose(need, everybody.values(), now)
    for v in people[::2]:
        crowd.drop(v.member)
        everybody.pop(v.member, None)
    for need, now in needs:
        assert crowd.choose(need, now) == choose(need, everybody.values(), now)
    for v in people[::4]:
        crowd.put(v)
        everybody[v.member] = v
    for need, now in needs:
        assert crowd.choose(need, now) == choose(need, everybody.values(), now)


@pytest.mark.parametrize("topics", [(), ("school",), ("diet",)])
def test_of_a_question_without_a_topic_nobody_is_further_away_in_columns_too(in_columns, topics):
    people = [volunteer("tess", topics=frozenset({"diet"})), volunteer("kofi", asked_this_week=1)]
    need = Need("q1", "p-dana", topics, "en", medical=False, excluded=frozenset())
    assert Crowd(people).choose(need, NOON) == choose(need, people, NOON)


def test_who_is_put_back_is_found_at_once(in_columns):
    tess, kofi = volunteer("tess", asked_this_week=1), volunteer("kofi")
    crowd = Crowd([tess, kofi])
    need = Need("q1", "p-dana", (), "en", medical=False, excluded=frozenset())
    assert crowd.choose(need, NOON).volunteer == kofi
    crowd.put(replace(kofi, paused=True))
    assert crowd.choose(need, NOON).volunteer == tess
    crowd.put(replace(tess, skill=b"", paused=True))
    assert crowd.choose(need, NOON).volunteer is None


@settings(max_examples=200, deadline=None)
@given(
    quiet=st.lists(QUIET, max_size=3),
    away=AWAY,
    now=MOMENTS,
    zone=st.sampled_from(["UTC", "America/New_York"]),
    share=st.floats(0, 1, exclude_max=True),
)
def test_what_was_found_of_somebodys_night_holds_as_long_as_it_says(quiet, away, now, zone, share):
    hours = Hours(zone, tuple(quiet), away)
    up, until = state(hours, now)
    assert now < until
    assert awake(hours, now) == up
    later = min(now + share * (until - now), until - timedelta(microseconds=1))
    assert awake(hours, later) == up


def test_a_night_on_which_clocks_change_is_found_too():
    """The state is kept over the change, not by the clock on the wall."""
    nights = tuple(Quiet(day, time(22), time(7)) for day in range(7))
    crowd = Crowd([volunteer("tess", time_zone="America/New_York", quiet=nights), volunteer("kofi", paused=True)])
    need = Need("q1", "p-dana", (), "en", medical=False, excluded=frozenset())
    for hour in range(30):
        now = datetime(2026, 3, 7, 20, tzinfo=UTC) + timedelta(hours=hour)
        assert crowd.choose(need, now) == choose(need, crowd, now)


def test_the_columns_are_what_is_tested_here(in_columns):
    assert crowds.FEW == 0


def test_whoever_changes_in_what_was_laid_out_is_found_as_they_are_now_and_only_so(in_columns):
    tess, kofi = volunteer("tess"), volunteer("kofi", asked_this_week=1)
    crowd = Crowd.laid_out([tess, kofi], NOON)
    need = Need("q1", "p-dana", (), "en", medical=False, excluded=frozenset())
    assert crowd.choose(need, NOON).volunteer == tess
    asleep = replace(tess, quiet=tuple(Quiet(day, time(0), time(23, 59)) for day in range(7)))
    crowd.put(asleep)
    assert crowd.choose(need, NOON).volunteer == kofi
    crowd.put(tess)
    assert crowd.choose(need, NOON).volunteer == tess
    crowd.put(asleep)
    crowd.drop(tess.member)
    assert crowd.choose(need, NOON).volunteer == kofi
