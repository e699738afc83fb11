"""Who is asked: one person, awake where they live, under their cap, fit for the topic."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.routing import (
    ALL_QUIET,
    OPEN_CLAIMS,
    QUIET_ALL_WEEK,
    Away,
    Choice,
    Need,
    Quiet,
    Rung,
    awake_at,
    choose,
    wakes_at,
)
from tests.fakes.values import DANA, HOUR, KOFI, MODA, NOON, TESS, clinician, volunteer

NEED = Need("q1", "p-dana", ("school",), "en", medical=False, excluded=frozenset({DANA}))
NIGHTS = tuple(Quiet(day, time(22), time(7)) for day in range(7))


def chosen(*people, need: Need = NEED, now: datetime = NOON) -> str:
    volunteer = choose(need, people, now).volunteer
    return volunteer.member if volunteer else ""


@pytest.mark.parametrize(
    "unfit",
    [
        {"paused": True},
        {"weekly_cap": 3, "asked_this_week": 3},
        {"open_claims": OPEN_CLAIMS},
        {"languages": frozenset({"es"})},
        {"person": "p-dana"},
        {"member": DANA},
    ],
    ids=["paused", "at the cap", "with hands full", "of another language", "the asker's other account", "the asker"],
)
def test_somebody_is_not_asked_who_is(unfit):
    nobody = Choice(None, "nobody who could answer this has room at the moment")
    assert choose(NEED, [volunteer("tess", **unfit)], NOON) == nobody


@pytest.mark.parametrize(
    "fit",
    [{"asked_this_week": 2, "weekly_cap": 3}, {"open_claims": OPEN_CLAIMS - 1}, {"languages": frozenset({"es", "en"})}],
)
def test_somebody_is_asked_who_just_has_room(fit):
    assert chosen(volunteer("tess", **fit)) == TESS


def test_somebody_excluded_is_not_asked_for_this_question():
    assert chosen(volunteer("tess"), volunteer("kofi"), need=replace(NEED, excluded=frozenset({TESS}))) == KOFI


def test_a_question_about_medicines_goes_to_clinicians_only():
    medical = replace(NEED, medical=True)
    assert chosen(volunteer("tess", topics=frozenset({"school"})), clinician("cleo"), need=medical) == "web:home:cleo"
    assert chosen(volunteer("tess"), need=medical) == ""


def test_clinicians_and_moderators_are_of_another_rung_than_peers():
    cleo, moda = clinician("cleo"), volunteer("moda", lead=True)
    assert chosen(cleo, moda, volunteer("tess", asked_this_week=4)) == TESS
    assert chosen(cleo, moda) == ""
    leads = replace(NEED, rung=Rung.LEADS)
    assert chosen(moda, volunteer("tess"), need=leads) == MODA
    assert chosen(cleo, volunteer("tess"), need=leads) == cleo.member


def test_somebody_whom_the_asker_blocked_is_not_asked_by_any_account():
    blocked = replace(NEED, blocked=frozenset({"p-tess"}))
    assert chosen(volunteer("tess"), need=blocked) == ""
    assert chosen(volunteer("tess"), volunteer("tess2", person="p-tess"), volunteer("kofi"), need=blocked) == KOFI


def test_a_topic_that_somebody_mostly_passes_on_is_no_topic_of_theirs():
    passes = volunteer("tess", topics=frozenset({"school"}), passed=frozenset({"school"}))
    assert chosen(passes, volunteer("kofi", asked_this_week=4)) == KOFI
    assert chosen(passes) == TESS  # still better than nobody


NORTH, EAST = np.array([1, 0], "<f4").tobytes(), np.array([0, 1], "<f4").tobytes()
NORTH_EAST = np.array([0.6, 0.8], "<f4").tobytes()


def test_answers_that_helped_count_like_a_declared_topic_and_both_count_more():
    asked = replace(NEED, vector=NORTH)
    skilled = volunteer("tess", skill=NORTH_EAST)  # cosine 0.6
    assert chosen(skilled, volunteer("kofi"), need=asked) == TESS
    declared = volunteer("kofi", topics=frozenset({"school"}))
    both = volunteer("ana", topics=frozenset({"school"}), skill=NORTH)
    assert chosen(skilled, declared, both, need=asked) == both.member
    assert chosen(declared, replace(both, asked_this_week=1), need=asked) == KOFI  # load comes before strength


@pytest.mark.parametrize("skill", [EAST, b"", NORTH + NORTH], ids=["about something else", "none", "another model"])
def test_other_answers_say_nothing(skill):
    why = choose(replace(NEED, vector=NORTH), [volunteer("tess", skill=skill)], NOON).why
    assert why == "is free and speaks the language; asked 0 of 5 times this week"


def test_somebody_who_is_away_is_not_asked_until_the_morning_after():
    away = volunteer("tess", time_zone="Europe/Madrid", away=Away(date(2026, 3, 4), date(2026, 3, 5)))
    back = at("Europe/Madrid", 2026, 3, 6, 0)
    assert choose(NEED, [away], NOON) == Choice(None, ALL_QUIET, back, 1)
    assert chosen(away, now=back) == TESS
    assert chosen(away, now=at("Europe/Madrid", 2026, 3, 3, 23, 59)) == TESS


def test_long_holidays_are_not_waited_for():
    away = volunteer("tess", away=Away(date(2026, 3, 1), date(2026, 3, 20)))
    assert choose(NEED, [away], NOON) == Choice(None, QUIET_ALL_WEEK)


def test_of_those_with_as_much_work_who_knows_the_topic_comes_first_then_generalists_then_others():
    knows = volunteer("a", topics=frozenset({"school"}), asked_this_week=4)
    general = volunteer("b", asked_this_week=1)
    other = volunteer("c", topics=frozenset({"diet"}))
    order = []
    people = [other, general, knows]
    while people:
        order.append(chosen(*people))
        people = [p for p in people if p.member != order[-1]]
    assert order == [knows.member, general.member, other.member]


@pytest.mark.parametrize(("answered", "first"), [(0, "tess"), (1, "kofi")])
def test_who_knows_the_topic_comes_first_until_they_have_answered_one_more(answered, first):
    knows = volunteer("tess", topics=frozenset({"school"}), answered_lately=answered)
    general = volunteer("kofi", asked_this_week=1)
    assert chosen(knows, general) == f"web:home:{first}"


@pytest.mark.parametrize(("answered", "first"), [(0, "tess"), (1, "tess"), (2, "kofi")])
def test_who_named_other_topics_is_two_steps_away(answered, first):
    knows = volunteer("tess", topics=frozenset({"school"}), answered_lately=answered)
    other = volunteer("kofi", topics=frozenset({"diet"}), asked_this_week=1)
    assert chosen(knows, other) == f"web:home:{first}"


def test_of_a_question_without_a_topic_nobody_is_further_away():
    named = volunteer("a", topics=frozenset({"diet"}))
    general = volunteer("b", asked_this_week=1)
    assert chosen(named, general, need=replace(NEED, topics=())) == named.member
    assert chosen(named, general) == general.member


def test_the_least_loaded_comes_first_as_a_share_of_what_they_offered():
    assert (
        chosen(volunteer("tess", asked_this_week=1, weekly_cap=2), volunteer("kofi", asked_this_week=2, weekly_cap=9))
        == KOFI
    )


def test_who_has_answered_least_lately_comes_before_who_was_asked_least():
    worked = volunteer("tess", answered_lately=2)
    asked = volunteer("kofi", answered_lately=1, asked_this_week=4)
    assert chosen(worked, asked) == KOFI


def test_who_offers_more_carries_more_but_far_from_in_proportion():
    kofi = volunteer("kofi", answered_lately=7)
    assert chosen(volunteer("tess", answered_lately=8, weekly_cap=20), kofi) == TESS
    assert chosen(volunteer("tess", answered_lately=9, weekly_cap=20), kofi) == KOFI


def test_who_was_not_asked_for_longest_comes_first():
    assert (
        chosen(volunteer("tess", last_asked_at=NOON - HOUR), volunteer("kofi", last_asked_at=NOON - 2 * HOUR)) == KOFI
    )
    assert chosen(volunteer("tess", last_asked_at=NOON - HOUR), volunteer("kofi")) == KOFI


def test_ties_are_drawn_fairly_and_the_same_way_whatever_the_order():
    people = [volunteer(name) for name in ("tess", "kofi", "ana", "ben")]
    counts = dict.fromkeys((p.member for p in people), 0)
    for number in range(400):
        need = replace(NEED, id=f"q{number}")
        counts[chosen(*people, need=need)] += 1
        assert chosen(*people, need=need) == chosen(*reversed(people), need=need)
    assert min(counts.values()) > 60


def test_the_reason_names_what_speaks_for_somebody():
    nurse = clinician("cleo", topics=frozenset({"school", "diet"}), asked_this_week=1)
    why = "knows about school; is a clinician, as a medical question needs; asked 1 of 5 times this week"
    assert choose(replace(NEED, medical=True), [nurse], NOON) == Choice(nurse, why)
    lead = volunteer("moda", lead=True, skill=NORTH)
    why = (
        "has answered questions like this one well; no other volunteer could be asked, and they are a moderator; "
        "asked 0 of 5 times this week"
    )
    assert choose(replace(NEED, rung=Rung.LEADS, vector=NORTH), [lead], NOON) == Choice(lead, why)


# --- quiet hours ----------------------------------------------------------------------------------------


def at(zone: str, *when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("clock", "awake"),
    [((21, 59), True), ((22, 0), False), ((23, 59), False), ((0, 0), False), ((6, 59), False), ((7, 0), True)],
)
def test_quiet_hours_pass_midnight(clock, awake):
    tess = volunteer("tess", time_zone="America/New_York", quiet=NIGHTS)
    assert awake_at(tess, at("America/New_York", 2026, 3, 4, *clock)) is awake


def test_quiet_hours_belong_to_the_weekday_they_begin_on():
    friday = volunteer("tess", quiet=(Quiet(4, time(22), time(7)),))
    saturday_morning, sunday_morning = datetime(2026, 3, 7, 6, tzinfo=UTC), datetime(2026, 3, 8, 6, tzinfo=UTC)
    assert not awake_at(friday, saturday_morning)
    assert awake_at(friday, sunday_morning)


def test_the_same_moment_is_day_for_one_and_night_for_another():
    night = at("America/New_York", 2026, 3, 4, 3)
    tess = volunteer("tess", time_zone="America/New_York", quiet=NIGHTS)
    elena = volunteer("elena", time_zone="Europe/Madrid", quiet=NIGHTS)
    assert chosen(tess, elena, now=night) == elena.member


def test_when_all_are_asleep_it_is_known_when_the_first_one_wakes():
    night = at("America/New_York", 2026, 3, 4, 0)
    tess = volunteer("tess", time_zone="America/New_York", quiet=NIGHTS)
    elena = volunteer("elena", time_zone="Europe/Madrid", quiet=NIGHTS)
    first = at("Europe/Madrid", 2026, 3, 4, 7)
    assert choose(NEED, [tess, elena], night) == Choice(None, "everybody who could answer is in quiet hours", first, 2)


def test_nobody_waits_for_somebody_who_never_wakes():
    never = volunteer("tess", quiet=tuple(Quiet(day, time(0), time(0)) for day in range(7)))
    assert choose(NEED, [never], NOON) == Choice(None, "everybody who could answer is in quiet hours all week")


def test_a_night_in_which_the_clock_is_put_forward_ends_at_the_hour_on_the_wall():
    tess = volunteer("tess", time_zone="America/New_York", quiet=NIGHTS)
    assert wakes_at(tess, at("America/New_York", 2026, 3, 7, 23)) == datetime(2026, 3, 8, 11, tzinfo=UTC)  # 7:00 EDT
    elena = volunteer("elena", time_zone="Europe/Madrid", quiet=NIGHTS)
    assert wakes_at(elena, at("Europe/Madrid", 2026, 3, 28, 23)) == datetime(2026, 3, 29, 5, tzinfo=UTC)  # 7:00 CEST


def test_a_night_in_which_the_clock_is_put_back_ends_at_the_hour_on_the_wall():
    tess = volunteer("tess", time_zone="America/New_York", quiet=NIGHTS)
    assert wakes_at(tess, at("America/New_York", 2026, 10, 31, 23)) == datetime(2026, 11, 1, 12, tzinfo=UTC)  # 7:00 EST
    elena = volunteer("elena", time_zone="Europe/Madrid", quiet=NIGHTS)
    assert wakes_at(elena, at("Europe/Madrid", 2026, 10, 24, 23)) == datetime(2026, 10, 25, 6, tzinfo=UTC)  # 7:00 CET


def test_an_hour_that_comes_twice_is_quiet_both_times():
    tess = volunteer("tess", time_zone="America/New_York", quiet=(Quiet(5, time(22), time(1, 30)),))
    assert not awake_at(tess, at("America/New_York", 2026, 11, 1, 1, 15))
    assert not awake_at(tess, at("America/New_York", 2026, 11, 1, 1, 15, fold=1))
    assert awake_at(tess, at("America/New_York", 2026, 11, 1, 1, 30, fold=1))


def test_quiet_hours_that_end_in_an_hour_that_does_not_exist_end_soon_after():
    tess = volunteer("tess", time_zone="America/New_York", quiet=(Quiet(5, time(22), time(2, 30)),))
    woken = wakes_at(tess, at("America/New_York", 2026, 3, 8, 1))
    assert woken == at("America/New_York", 2026, 3, 8, 3, 30)


SPANS = st.builds(Quiet, st.integers(0, 6), st.times(), st.times())
MOMENTS = st.integers(0, 63_000_000).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
ZONES = st.sampled_from(["UTC", "America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "America/Mexico_City"])


def on_the_wall(quiet: Quiet, local: datetime) -> bool:
    """Whether the clock on the wall says that it is quiet."""
    today, clock = local.weekday(), local.time()
    if quiet.end > quiet.start:
        return quiet.weekday == today and quiet.start <= clock < quiet.end
    return (quiet.weekday == today and clock >= quiet.start) or ((quiet.weekday + 1) % 7 == today and clock < quiet.end)


@settings(max_examples=400, deadline=None)
@given(spans=st.lists(SPANS, max_size=5), now=MOMENTS, zone=ZONES)
def test_nobody_is_woken_and_the_time_at_which_they_wake_is_true(spans, now, zone):
    tess = volunteer("tess", time_zone=zone, quiet=tuple(spans))
    if any(on_the_wall(q, now.astimezone(ZoneInfo(zone))) for q in spans):
        assert not awake_at(tess, now)
    woken = wakes_at(tess, now)
    assert now <= woken
    if woken < now + timedelta(days=7):
        assert awake_at(tess, woken)
        assert woken == now or not awake_at(tess, woken - timedelta(microseconds=1))
    assert (woken == now) == awake_at(tess, now)
