"""A crisis alert: two people at once, again, the owner, everybody; until a person has it."""

from dataclasses import replace

import pytest

from bot.crisis_effects import AnswerCrisis, ClosePage, PageSafety
from bot.news import Notice
from bot.question import Refused
from bot.safety.alerts import Alert, AlertState, Watch, end, page_again, raise_alert, take
from tests.fakes.values import DANA, KOFI, MINUTE, MODA, NOON, TESS, place

NEW = Alert("a1", place(), DANA, "C1", "self", ("rule",), NOON)
WATCH = Watch((MODA, TESS), (KOFI,))


def test_people_are_paged_at_once_and_the_author_is_answered():
    alert, effects = raise_alert(NEW, WATCH)
    assert effects == (AnswerCrisis("a1"), PageSafety("a1", MODA, 0), PageSafety("a1", TESS, 0))
    assert alert == replace(NEW, deadline=NOON + 5 * MINUTE, paged=((MODA, 0), (TESS, 0)))


def test_one_person_on_watch_is_not_enough_so_the_owner_is_paged_too():
    _, effects = raise_alert(NEW, Watch((MODA,), (KOFI,)))
    assert effects == (AnswerCrisis("a1"), PageSafety("a1", MODA, 0), PageSafety("a1", KOFI, 0))


def test_the_rungs():
    alert, _ = raise_alert(NEW, WATCH)
    heard = []
    for _ in range(9):
        now = alert.deadline
        alert, effects = page_again(alert, now, WATCH, now)
        heard.append(((now - NOON) // MINUTE, [e.to for e in effects]))
    everybody = [MODA, TESS, KOFI]
    assert heard[:2] == [(5, [MODA, TESS]), (10, everybody)]
    minutes = (20, 40, 80, 160, 280, 400, 520)  # the pauses double, up to two hours, and never end
    assert heard[2:] == [(minute, everybody) for minute in minutes]


def test_where_nobody_was_there_to_page_the_first_page_is_not_one_of_the_late_ones():
    alert, _ = raise_alert(NEW, Watch((), ()))
    for _ in range(12):
        alert, _ = page_again(alert, alert.deadline, Watch((), ()), alert.deadline)
    now = alert.deadline
    alert, effects = page_again(alert, now, WATCH, now)
    assert ([e.to for e in effects], alert.deadline - now) == ([MODA, TESS, KOFI], 10 * MINUTE)


def test_a_deadline_that_was_moved_on_or_has_not_come_pages_nobody():
    alert, _ = raise_alert(NEW, WATCH)
    assert page_again(alert, NOON, WATCH, NOON + 9 * MINUTE) == (alert, ())
    assert page_again(alert, alert.deadline, WATCH, NOON) == (alert, ())


def test_where_there_is_nobody_to_page_the_next_look_is_set_all_the_same():
    alert, _ = raise_alert(NEW, Watch((), ()))
    later, effects = page_again(alert, alert.deadline, Watch((), ()), alert.deadline)
    assert (later.deadline, effects) == (NOON + 10 * MINUTE, ())


def test_taking_it_ends_the_pages_and_tells_everybody_who_was_paged():
    alert, _ = raise_alert(NEW, WATCH)
    alert, _ = page_again(alert, alert.deadline, WATCH, alert.deadline)
    taken, effects = take(alert, MODA, NOON)
    assert (taken.state, taken.taken_by, taken.deadline) == (AlertState.TAKEN, MODA, None)
    assert effects == (ClosePage("a1", MODA, 1), ClosePage("a1", TESS, 1))
    assert page_again(taken, alert.deadline, WATCH, alert.deadline) == (taken, ())
    assert take(taken, MODA, NOON) == (taken, ())


def test_only_one_can_have_it():
    taken, _ = take(NEW, MODA, NOON)
    with pytest.raises(Refused) as refused:
        take(taken, TESS, NOON)
    assert refused.value.notice is Notice.ALREADY_TAKEN


@pytest.mark.parametrize("state", [AlertState.RESOLVED, AlertState.NOT_A_CRISIS])
def test_it_ends_once_and_by_a_person(state):
    ended, _ = end(NEW, MODA, state, NOON)
    assert ended == replace(NEW, state=state, taken_by=MODA, taken_at=NOON, ended_by=MODA, ended_at=NOON)
    for act in (lambda: end(ended, TESS, state, NOON), lambda: take(ended, TESS, NOON)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.notice is Notice.ALREADY_DONE
