"""The transition table: every (status, fact) pair does what question_cases*.py say, and nothing else."""

from dataclasses import replace
from datetime import time
from itertools import product
from typing import get_args

import pytest
from question_cases_later import CASES, REFUSED
from question_states import BEFORE, KOFI_FREE, LINK, NOBODY, UNLINKED, Case

from bot import effects as do
from bot import events as on
from bot.events import QuestionEvent
from bot.news import News
from bot.question import Decision, Engaged, Question, Refused, Status
from bot.questions import TRANSITIONS, ask, decide
from bot.routing import Quiet
from tests.fakes.values import DANA, KOFI, MINUTE, NOON, TESS, clinician, question, turn

ASLEEP = turn(clinician("cleo", quiet=(Quiet(2, time(9), time(14)),)))


def test_the_table_has_every_status_and_every_fact():
    assert set(TRANSITIONS) == set(product(Status, get_args(QuestionEvent)))


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.before.status}-{type(c.event).__name__}-{c.says}")
def test_a_fact_befalls_a_question(case: Case):
    after = replace(case.before, **case.changes)
    if after != case.before:
        after = replace(after, version=case.before.version + 1)
    decision = decide(case.before, case.event, case.turn)
    assert replace(decision, why="") == Decision(after, case.effects, case.engaged)


@pytest.mark.parametrize(("before", "event", "notice"), REFUSED)
def test_a_contradictory_fact_is_refused_with_a_line_for_whoever_pressed(before, event, notice):
    with pytest.raises(Refused) as refused:
        decide(before, event, KOFI_FREE)
    assert refused.value.notice is notice


def test_no_pair_is_without_a_case():
    tried = {(c.before.status, type(c.event)) for c in CASES} | {(b.status, type(e)) for b, e, _ in REFUSED}
    assert set(TRANSITIONS) - tried == set()


@pytest.mark.parametrize(("status", "fact"), TRANSITIONS, ids=lambda x: getattr(x, "__name__", x))
def test_the_table_says_where_a_fact_leads_no_more_and_no_less(status, fact):
    reached = {
        decide(case.before, case.event, turn).question.status
        for case in CASES
        for turn in (case.turn, replace(NOBODY, now=case.turn.now), replace(ASLEEP, now=case.turn.now))
        if case.before.status is status and type(case.event) is fact
    }
    assert reached == TRANSITIONS[status, fact].leads_to


def test_a_question_with_a_suggestion_leaves_the_asker_alone_with_it_for_a_while():
    asked = question(suggested=("r1",))
    engaged = (Engaged("asked:question", DANA),)
    waiting = replace(asked, deadline=NOON + 10 * MINUTE)
    assert ask(asked, KOFI_FREE) == Decision(waiting, (do.ShowSuggestions("q1"),), engaged)


def test_a_link_to_where_it_was_answered_before_holds_nobody_up():
    without, led = ask(question(), KOFI_FREE), ask(question(earlier="q0"), KOFI_FREE)
    assert led.question == replace(without.question, earlier="q0")
    assert led.effects == (LINK, *without.effects)


@pytest.mark.parametrize("fact", [on.MarkedHelpful(DANA), on.PersonRequested(DANA), on.Replied(TESS, answers=True)])
def test_a_link_has_no_buttons_any_more_once_it_was_pressed_or_the_question_answered(fact):
    offered = ask(question(earlier="q0"), KOFI_FREE).question
    assert UNLINKED in decide(offered, fact, KOFI_FREE).effects
    assert UNLINKED not in decide(offered, on.OfferAccepted(KOFI), KOFI_FREE).effects


def test_an_urgent_one_waits_less():
    asked = ask(question(suggested=("r1",), urgent=True), KOFI_FREE).question
    assert asked.deadline == NOON + 2 * MINUTE


def test_a_question_without_a_suggestion_goes_to_a_person_at_once():
    decision = ask(question(), KOFI_FREE)
    offered = question(status=Status.OFFERED, offered_to=KOFI, round=1, told=("asking",))
    effects = (do.OfferQuestion("q1", KOFI, 1), do.TellAsker("q1", News.ASKING))
    why = "is free and speaks the language; asked 0 of 5 times this week"
    assert decision == Decision(offered, effects, (Engaged("asked:question", DANA),), why)


def test_where_there_is_nobody_and_no_moderator_the_asker_is_not_told_that_moderators_know():
    decision = ask(question(), replace(NOBODY, pool=replace(NOBODY.pool, moderators=())))
    assert decision.effects == (do.TellAsker("q1", News.UNATTENDED),)


def test_what_a_fact_leaves_as_it_is_keeps_its_version():
    unchanged = [c for c in CASES if not c.changes]
    assert all(decide(c.before, c.event, c.turn).question is c.before for c in unchanged)


def test_every_status_has_a_question_to_try():
    def status(q: Question) -> Status:
        return q.status

    assert list(map(status, BEFORE.values())) == list(Status)
