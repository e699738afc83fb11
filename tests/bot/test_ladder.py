"""The ladder: peers first, then clinicians and moderators who volunteer, then the moderators as such; who is urgent
waits for less."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot import effects as do
from bot import events as on
from bot.news import News
from bot.policy import Policy, PolicyError
from bot.question import Decision, Question, Result, Status, Try
from bot.questions import decide
from bot.routing import Away, Quiet
from tests.fakes.values import (
    CLEO,
    DANA,
    DAY,
    HOUR,
    KOFI,
    MINUTE,
    NOON,
    TESS,
    clinician,
    key,
    question,
    turn,
    volunteer,
)

LUNCH = (Quiet(2, time(11), time(13)),)  # at noon on a Wednesday
SIESTA = (Quiet(2, time(11), time(15)),)
ALL_DAY = (Quiet(2, time(0), time(23)),)


def search(asked: Question, *people, **facts) -> Decision:
    return decide(asked, on.PersonRequested(DANA), turn(*people, **facts))


def asked_by(decision: Decision) -> str:
    return decision.question.offered_to


def tried(*names: str, result: Result = Result.PASSED) -> tuple[Try, ...]:
    return tuple(Try(key(name), result, NOON - HOUR) for name in names)


def test_peers_are_asked_before_clinicians_and_moderators():
    assert asked_by(search(question(), clinician("cleo"), volunteer("moda", lead=True), volunteer("tess"))) == TESS


def test_where_no_peer_can_be_asked_a_clinician_is():
    found = search(question(tries=tried("tess")), clinician("cleo"), volunteer("tess"))
    assert asked_by(found) == CLEO
    assert "no other volunteer could be asked, and they are a clinician" in found.why


def test_as_many_peers_are_asked_as_the_policy_says_and_then_leads_as_many():
    policy = Policy(offers_per_question=2, lead_offers=1)
    people = [*(volunteer(n) for n in ("tess", "kofi", "ana")), clinician("cleo"), clinician("nora")]
    two = question(tries=tried("tess", "kofi"))
    assert asked_by(search(two, *people, policy=policy)) in (CLEO, key("nora"))
    three = question(tries=tried("tess", "kofi", "cleo"))
    used_up = search(three, *people, policy=policy)
    assert used_up.question.status is Status.ESCALATED
    assert used_up.why == "3 people have been asked, as many as the policy allows"


def test_a_card_that_reached_nobody_uses_up_no_rung():
    policy = Policy(offers_per_question=1, lead_offers=0)
    unreached = question(tries=tried("tess", result=Result.UNREACHABLE))
    assert asked_by(search(unreached, volunteer("kofi"), policy=policy)) == KOFI


def test_a_short_sleep_of_the_peers_is_waited_for():
    waiting = search(question(), volunteer("tess", quiet=LUNCH), clinician("cleo"))
    assert waiting.question.status is Status.OPEN
    assert waiting.question.deadline == NOON + HOUR
    assert waiting.effects == (do.TellAsker("q1", News.ASLEEP, NOON + HOUR, "", 1),)


def test_a_long_one_is_not_where_a_clinician_is_awake():
    assert asked_by(search(question(), volunteer("tess", quiet=SIESTA), clinician("cleo"))) == CLEO


def test_something_urgent_waits_for_no_peer_who_sleeps():
    urgent = question(urgent=True)
    assert asked_by(search(urgent, volunteer("tess", quiet=LUNCH), clinician("cleo"))) == CLEO


def test_when_everybody_sleeps_the_first_of_all_is_waited_for():
    waiting = search(question(), volunteer("tess", quiet=ALL_DAY), clinician("cleo", quiet=SIESTA))
    assert waiting.question.deadline == NOON + 3 * HOUR
    assert waiting.effects == (do.TellAsker("q1", News.ASLEEP, NOON + 3 * HOUR, "", 2),)


def test_when_the_peers_are_away_for_long_the_clinician_who_sleeps_is_waited_for():
    gone = Away(NOON.date(), NOON.date() + timedelta(days=20))
    waiting = search(question(), volunteer("tess", away=gone), clinician("cleo", quiet=SIESTA))
    assert waiting.question.deadline == NOON + 3 * HOUR


def test_a_medical_question_never_goes_to_a_moderator_who_is_a_parent():
    medical = question(medical=True)
    assert search(medical, volunteer("moda", lead=True), volunteer("tess")).question.status is Status.ESCALATED
    assert asked_by(search(medical, volunteer("moda", lead=True), clinician("cleo"))) == CLEO


def test_an_escalated_question_is_offered_to_whoever_has_room_again_however_many_were_asked():
    policy = Policy(offers_per_question=1, lead_offers=0)
    stuck = question(status=Status.ESCALATED, deadline=NOON, tries=tried("kofi"), told=("escalated",))
    again = decide(stuck, on.DeadlinePassed(NOON), turn(volunteer("tess"), policy=policy))
    assert asked_by(again) == TESS


def test_whom_the_asker_blocked_is_passed_over():
    blocking = replace(turn(volunteer("tess"), volunteer("kofi")), blocked=frozenset({"p-tess"}))
    assert asked_by(decide(question(), on.PersonRequested(DANA), blocking)) == KOFI


# --- what is urgent waits for less -----------------------------------------------------------------------

URGENT = question(urgent=True)


def test_a_card_about_something_urgent_waits_a_quarter_of_an_hour():
    offered = replace(URGENT, status=Status.OFFERED, offered_to=TESS)
    assert decide(offered, on.OfferSent(TESS), turn()).question.deadline == NOON + 15 * MINUTE
    assert decide(replace(offered, urgent=False), on.OfferSent(TESS), turn()).question.deadline == NOON + HOUR


def test_somebody_who_takes_something_urgent_is_warned_after_three_quarters_of_an_hour_and_has_one():
    offered = replace(URGENT, status=Status.OFFERED, offered_to=TESS)
    taken = decide(offered, on.OfferAccepted(TESS), turn()).question
    assert taken.deadline == NOON + 45 * MINUTE
    warned = decide(taken, on.DeadlinePassed(NOON + 45 * MINUTE), turn(now=NOON + 45 * MINUTE))
    assert warned.effects == (do.WarnClaimant("q1", TESS, NOON + HOUR),)
    more = decide(warned.question, on.ClaimExtended(TESS), turn(now=NOON + 50 * MINUTE)).question
    assert more.deadline == NOON + 95 * MINUTE


def test_moderators_hear_of_something_urgent_again_after_three_hours():
    assert search(URGENT).question.deadline == NOON + 3 * HOUR
    assert search(question()).question.deadline == NOON + DAY


def test_an_urgent_number_that_is_longer_than_the_usual_one_is_not_used():
    policy = Policy(offer=5 * MINUTE, offer_urgent=HOUR)
    assert policy.offered_for(urgent=True) == 5 * MINUTE


@pytest.mark.parametrize("number", [-1, 21])
def test_the_number_of_leads_has_bounds(number):
    with pytest.raises(PolicyError, match="lead_offers"):
        Policy(lead_offers=number)
