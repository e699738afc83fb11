from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.community import Engagement, MemberRecord
from bot.engagement import (
    ACTIVE,
    Tier,
    VocabularyError,
    active,
    cumulative,
    deeds,
    growth,
    monthly,
    p_chart,
    read_vocabulary,
    run_chart,
    run_limits,
    shipped_vocabulary,
)

NOW = datetime(2025, 6, 30, 12, tzinfo=UTC)
ANA = MemberRecord(key="local:home:ana", person="p-ana", name="Ana")
BEN = MemberRecord(key="local:home:ben", person="p-ben", name="Ben")
BOT = MemberRecord(key="local:home:bot", person="p-bot", name="winwin", staff=True)


def row(behaviour: str, member: MemberRecord, at: datetime = NOW) -> Engagement:
    return Engagement(f"{behaviour}/{member.key}/{at}", behaviour, member.key, at)


def done(*rows: Engagement, members: tuple[MemberRecord, ...] = (ANA, BEN, BOT)):
    return deeds(rows, members, shipped_vocabulary())


def test_every_behaviour_the_bot_logs_is_in_the_shipped_vocabulary_at_its_tier():
    tiers = {name: behaviour.tier for name, behaviour in shipped_vocabulary().items() if behaviour.automatic}
    assert tiers == {
        "joined:community": Tier.AWARE,
        "followed:topic": Tier.AWARE,
        "shown:resource": Tier.AWARE,
        "shown:thread": Tier.AWARE,
        "asked:question": Tier.USING,
        "searched:library": Tier.USING,
        "opened:resource": Tier.USING,
        "pressed:helped": Tier.USING,
        "answered:question": Tier.PRODUCING,
        "submitted:resource": Tier.PRODUCING,
        "edited:resource": Tier.PRODUCING,
        "accepted:question": Tier.PRODUCING,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("behaviours: {asked: {tier: using}}", "verb:object"),
        ("behaviours: {asked:it: {tier: doing}}", "tier is 'doing'"),
        ("behaviours: {asked:it: {tier: [using]}}", "tier is"),
        ("behaviours: {asked:it: {tier: using, recorded: perhaps}}", "recorded is 'perhaps'"),
        ("behaviours: {asked:it: using}", "tier is 'None'"),
        ("nothing: here", "no 'behaviours'"),
        ("- a list", "no 'behaviours'"),
        ("{", "not YAML"),
    ],
)
def test_a_faulty_vocabulary_is_refused_in_one_line(text, says):
    with pytest.raises(VocabularyError, match=says) as refused:
        read_vocabulary(text)
    assert "\n" not in str(refused.value)


def test_a_person_counts_once_however_often_they_act():
    found = done(
        *(row("asked:question", ANA, NOW - timedelta(days=day)) for day in range(5)), row("asked:question", BEN)
    )
    assert cumulative(found, Tier.USING, NOW) == {"p-ana", "p-ben"}


def test_two_linked_accounts_are_one_person_and_two_again_when_unlinked():
    rows = (row("asked:question", ANA), row("asked:question", BEN))
    linked = (ANA, replace(BEN, person="p-ana"))
    assert cumulative(done(*rows, members=linked), Tier.USING, NOW) == {"p-ana"}
    assert cumulative(done(*rows), Tier.USING, NOW) == {"p-ana", "p-ben"}


def test_staff_and_bots_are_left_out_with_all_their_accounts():
    linked = replace(BEN, person=BOT.person)
    found = done(row("answered:question", BOT), row("answered:question", BEN), members=(ANA, linked, BOT))
    assert cumulative(found, Tier.PRODUCING, NOW) == frozenset()


def test_a_behaviour_outside_the_vocabulary_does_not_count():
    assert done(row("waved:hand", ANA)) == ()


def test_a_forgotten_member_still_counts_under_the_pseudonym_the_row_carries():
    gone = Engagement("k", "asked:question", "gone:1", NOW, person="pseudonym-1")
    assert cumulative(done(gone), Tier.USING, NOW) == {"pseudonym-1"}


def test_tiers_are_counted_apart():
    found = done(row("shown:resource", ANA), row("answered:question", BEN))
    assert [len(cumulative(found, tier, NOW)) for tier in Tier] == [1, 0, 1]


def test_active_means_within_ninety_days_and_cumulative_never_forgets():
    long_ago, just_in = NOW - ACTIVE, NOW - ACTIVE + timedelta(seconds=1)
    found = done(row("asked:question", ANA, long_ago), row("asked:question", BEN, just_in))
    assert active(found, Tier.USING, NOW) == {"p-ben"}
    assert cumulative(found, Tier.USING, NOW) == {"p-ana", "p-ben"}


def test_what_comes_after_the_date_does_not_count_at_it():
    found = done(row("asked:question", ANA, NOW + timedelta(seconds=1)))
    assert cumulative(found, Tier.USING, NOW) == active(found, Tier.USING, NOW) == frozenset()


def test_growth_is_a_multiple_and_not_applicable_from_nothing():
    assert growth(41, 10) == 4.1
    assert growth(41, 0) is None
    assert growth(0, 10) == 0


def test_months_hold_unique_people_without_the_running_month_and_with_empty_ones():
    found = done(
        row("asked:question", ANA, datetime(2025, 3, 31, 23, 59, tzinfo=UTC)),
        row("asked:question", ANA, datetime(2025, 3, 2, tzinfo=UTC)),
        row("asked:question", BEN, datetime(2025, 5, 1, tzinfo=UTC)),
        row("asked:question", BEN, NOW),
    )
    assert monthly(found, Tier.USING, NOW) == ((date(2025, 3, 1), 1), (date(2025, 4, 1), 0), (date(2025, 5, 1), 1))


def test_months_of_a_year_change():
    found = done(row("asked:question", ANA, datetime(2024, 11, 5, tzinfo=UTC)))
    assert [month for month, _ in monthly(found, Tier.USING, datetime(2025, 2, 1, tzinfo=UTC))] == [
        date(2024, 11, 1),
        date(2024, 12, 1),
        date(2025, 1, 1),
    ]


@pytest.mark.parametrize(("useful", "limits"), [(12, (7, 3)), (24, (8, 8)), (36, (8, 13))])
def test_run_limits_are_the_published_ones(useful, limits):
    assert run_limits(useful) == limits


def test_a_shift_is_a_signal_and_noise_is_none():
    noise = [3, 5] * 6
    assert run_chart(noise).signal is False
    shifted = run_chart(noise + [9] * 8)
    assert (shifted.median, shifted.longest_run, shifted.signal) == (4, 9, True)


def test_too_few_crossings_alone_are_a_signal():
    chart = run_chart([5] * 6 + [3] * 6 + [5] * 6 + [3] * 6)
    assert (chart.longest_run, chart.longest_run_limit) == (6, 8)
    assert (chart.crossings, chart.crossings_limit, chart.signal) == (3, 8, True)


def test_points_on_the_median_are_dropped_and_do_not_break_a_run():
    chart = run_chart([1, 2, 3, 2, 1, 3, 2, 2, 1, 3, 1, 3])
    assert (chart.median, chart.useful) == (2, 8)
    assert (chart.longest_run, chart.crossings) == (1, 7)
    assert run_chart([1] * 6 + [3] * 6 + [3, 2, 3, 3]).longest_run == 9


def test_the_median_stays_that_of_the_baseline():
    assert run_chart([3, 5] * 6 + [100] * 30).median == 4


def test_without_a_baseline_there_is_no_chart():
    assert run_chart([1, 2] * 5) is None
    assert run_chart([2] * 12) is None
    with pytest.raises(ValueError, match="12 points"):
        run_chart([1, 2] * 10, baseline=11)


def test_the_p_chart_has_the_published_limits():
    starts = [date(2025, 1, 6) + timedelta(weeks=week) for week in range(6)]
    chart = p_chart(list(zip(starts, (18, 20, 17, 22, 25, 24), (30, 32, 28, 35, 40, 30), strict=True)))
    assert round(chart.centre, 4) == 0.6462
    assert (round(chart.points[0].low, 3), round(chart.points[0].high, 3)) == (0.384, 0.908)
    assert chart.signal is False


def test_a_week_outside_its_limits_is_a_signal_and_limits_stay_between_zero_and_one():
    chart = p_chart([(date(2025, 1, 6), 38, 40), (date(2025, 1, 13), 39, 40), (date(2025, 1, 20), 1, 10)])
    assert [point.signal for point in chart.points] == [False, False, True]
    assert all(0 <= point.low <= point.high <= 1 for point in chart.points)


def test_a_week_without_questions_has_no_share():
    chart = p_chart([(date(2025, 1, 6), 1, 2), (date(2025, 1, 13), 0, 0)])
    assert (chart.points[1].share, chart.points[1].low, chart.points[1].signal) == (None, None, False)
    assert p_chart([(date(2025, 1, 6), 0, 0)]) is None
