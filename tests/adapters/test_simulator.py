"""A small made-up community: what is promised holds there too, and the same seed gives the same figures."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.simulator.arrivals import Dice, Die, arrivals
from adapters.simulator.diary import Ping
from adapters.simulator.habits import Habits, Town
from adapters.simulator.measures import between, compared, figures
from adapters.simulator.people import settle
from adapters.simulator.pictures import pictures
from adapters.simulator.run import Ended, Setting, simulate
from adapters.simulator.timing import DAY, HOUR, TimelessLoop
from adapters.simulator.ways import EVERYONE, IN_TURN, WAYS, WINWIN, Way, settings_of
from adapters.storage.memory import MemoryStore
from bot.fairness import gini
from bot.policy import Policy
from bot.question import Status
from bot.routing import Need, choose
from bot.safety.triage import Triage
from tests.fakes.values import NOON, volunteer

HOURS = timedelta(hours=1)
SMALL = Town(volunteers=12, moderators=1, days=4, questions_a_day=4.0)


@pytest.fixture(scope="module")
def triage() -> Triage:
    return Triage.load()


def setting(**changes: object) -> Setting:
    return replace(Setting(SMALL, Habits(), Policy(), seed=1), **changes)  # type: ignore[arg-type]  # the setting's own


@pytest.fixture(scope="module")
def runs(triage: Triage) -> dict[str, Ended]:
    return {way.name: simulate(setting(), way, MemoryStore(), triage) for way in WAYS}


@pytest.mark.parametrize("way", [way.name for way in WAYS])
def test_no_question_is_lost_and_each_ends_in_a_state(runs: dict[str, Ended], way: str):
    ended = runs[way]
    assert len(ended.questions) == len(ended.diary.asked) > 0
    assert figures(ended).lost == 0
    assert {q.status for q in ended.questions} <= {Status.ANSWERED, Status.CLOSED, Status.ESCALATED}


def test_nobody_is_pinged_in_quiet_hours_or_above_their_limit(runs: dict[str, Ended]):
    found = figures(runs["winwin"])
    assert found.pings > 0
    assert (found.quiet_pings, found.over_cap_pings) == (0, 0)


def test_a_way_that_heeds_nothing_is_seen_to_heed_nothing(runs: dict[str, Ended]):
    """Or the zeros above would say nothing."""
    found = figures(runs[EVERYONE.name])
    assert found.quiet_pings > 0
    assert found.over_cap_pings > 0
    assert set(runs[EVERYONE.name].diary.pings) == {Ping.MENTION}
    assert Ping.MENTION not in runs[IN_TURN.name].diary.pings


def test_every_answer_that_people_wrote_is_known_to_the_core(runs: dict[str, Ended]):
    for ended in runs.values():
        by_question = {q.text: set(q.answered_by) for q in ended.questions}
        people = {p.number: p.member.key for p in ended.diary.people}
        for wrote in ended.diary.answers:
            assert people[wrote.by] in by_question[ended.diary.asked[wrote.question].text]


def test_round_robin_asks_whoever_was_asked_longest_ago():
    """Whatever somebody did, it is no share of what they offered."""
    person = settle(SMALL, Habits(), 1)[0]
    limit = settings_of(person, IN_TURN).weekly_cap
    busy = volunteer("tess", weekly_cap=limit, answered_lately=9, asked_this_week=9, last_asked_at=NOON - HOURS * 2)
    idle = volunteer("kofi", weekly_cap=limit, last_asked_at=NOON - HOURS)
    need = Need("q1", "p-dana", ("school",), "en", medical=False, excluded=frozenset())
    for crowd in ([busy, idle], [idle, busy]):
        assert choose(need, crowd, NOON).volunteer == busy


def test_load_is_counted_as_answers_as_a_part_of_the_limit_and_as_what_pings_brought(runs: dict[str, Ended]):
    ended = runs["winwin"]
    people = [p for p in ended.diary.people if not p.moderator]
    found = figures(ended)
    wrote = [sum(w.by == p.number for w in ended.diary.answers) for p in people]
    pinged = [sum(w.by == p.number and not w.unasked for w in ended.diary.answers) for p in people]
    assert found.fairness == gini(wrote)
    assert found.offered == gini([n / p.cap for n, p in zip(wrote, people, strict=True)])
    assert found.laid_on == gini(pinged)
    assert len({found.fairness, found.offered, found.laid_on}) > 1


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_the_same_seed_gives_the_same_figures(runs: dict[str, Ended], way: Way, triage: Triage):
    again = simulate(setting(), way, MemoryStore(), triage)
    assert figures(again) == figures(runs[way.name])
    assert again.questions == runs[way.name].questions


def test_another_seed_is_another_community(runs: dict[str, Ended], triage: Triage):
    assert figures(simulate(setting(seed=2), WINWIN, MemoryStore(), triage)) != figures(runs["winwin"])


def test_the_same_people_with_the_same_dice_whatever_the_way(runs: dict[str, Ended]):
    first = runs["winwin"].diary
    assert all((r.diary.people, r.diary.asked) == (first.people, first.asked) for r in runs.values())


def test_more_volunteers_change_nobody_who_is_there_already():
    more = settle(replace(SMALL, volunteers=20), Habits(), 1)
    assert more[:12] == settle(SMALL, Habits(), 1)[:12]
    assert Dice(1, 20).roll(3, 5, Die.WILL) == Dice(1, 12).roll(3, 5, Die.WILL)


def test_questions_come_by_day_and_rarely_at_night():
    asked = arrivals(Town(days=50, questions_a_day=20.0), 0.1, 7)
    assert 900 < len(asked) < 1100
    assert [q.at for q in asked] == sorted(q.at for q in asked)
    eastern_night = [q for q in asked if 6 <= q.at % DAY / HOUR < 10]  # from 1 to 5 in New York
    assert len(eastern_night) < len(asked) / 12


def test_sleep_is_no_time_to_notice_anything():
    for person in settle(SMALL, Habits(), 1):
        for hour in range(48):
            assert not person.sleeps(person.notices(DAY + hour * HOUR, 5.0) - 1.0)


def test_waiting_takes_no_time_in_the_simulation():
    async def sleep_for_a_day() -> float:
        await asyncio.sleep(DAY)
        return asyncio.get_running_loop().time()

    before = time.monotonic()
    with asyncio.Runner(loop_factory=TimelessLoop) as runner:
        assert runner.run(sleep_for_a_day()) >= DAY
    assert time.monotonic() - before < DAY


def test_intervals_are_students():
    found = between([1.0, 2.0, 3.0])
    assert found.value == 2.0
    assert (found.low, found.high) == pytest.approx((2 - 4.30 / 3**0.5, 2 + 4.30 / 3**0.5))
    assert (between([5.0]).value, between([5.0]).low) == (5.0, None)
    assert between([1.0, None]).value is None


def test_ways_are_compared_seed_by_seed(runs: dict[str, Ended]):
    own, other = figures(runs["winwin"]), figures(runs[EVERYONE.name])
    found = compared([own], [other])
    assert found.pings.value == own.pings / other.pings
    assert found.answered.value == own.answered_in_a_day - other.answered_in_a_day


def test_the_pictures_say_what_the_figures_say(runs: dict[str, Ended]):
    drawn = pictures(runs)
    hours, load = drawn["routing-answers.png"], drawn["routing-load.png"]
    assert [curve.name for curve in hours.curves] == [way.name for way in WAYS]
    for curve in hours.curves:
        assert list(curve.people) == sorted(curve.people)
        assert curve.people[-1] == round(100 * figures(runs[curve.name]).answered_in_a_day)
    assert load.most == max(max(curve.people) for curve in load.curves)
    assert all(list(curve.people) == sorted(curve.people, reverse=True) for curve in load.curves)
