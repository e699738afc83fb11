"""Whatever befalls a question, in whatever order: what is promised about it stays true."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import effects as do
from bot import events as on
from bot.events import Place, QuestionEvent
from bot.news import News
from bot.policy import Policy
from bot.question import Outcome, Question, Refused, Result, Status, Turn
from bot.questions import TRANSITIONS, ask, ask_without_name, decide
from bot.routing import Kind, Quiet, Volunteer
from tests.fakes.values import CLEO, DANA, KOFI, MODA, NOON, TESS, clinician, place, question, turn, volunteer

PEOPLE = st.sampled_from([DANA, TESS, KOFI, CLEO, MODA])
NIGHT = tuple(Quiet(day, time(22), time(7)) for day in range(7))


def facts() -> st.SearchStrategy[QuestionEvent | None]:
    """None stands for the deadline that is set, whichever it is."""
    by_somebody = [
        on.MarkedHelpful,
        on.MarkedUnhelpful,
        on.PersonRequested,
        on.OfferAccepted,
        on.OfferPassed,
        on.OfferPostponed,
        on.OfferSent,
        on.OfferUndeliverable,
        on.QuestionTaken,
        on.ClaimReleased,
        on.ClaimExtended,
        on.Withdrawn,
    ]
    return st.one_of(
        st.none(),
        st.none(),
        st.builds(lambda fact, who: fact(who), st.sampled_from(by_somebody), PEOPLE),
        st.builds(on.HandedOver, PEOPLE, PEOPLE, st.booleans()),
        st.builds(on.QuestionPosted, st.just(place("bot-7"))),
        st.just(on.QuestionUnpostable()),
        st.just(on.ChannelLost()),
        st.builds(lambda who: on.Unwanted((who,)), PEOPLE),
        st.builds(on.Replied, PEOPLE, st.booleans()),
        st.builds(on.AnswerRetracted, PEOPLE, st.integers(0, 2)),
        st.builds(on.Reworded, st.just(("school",)), st.booleans(), st.sampled_from([(), ("r1",), ("r2",)])),
        st.just(on.DeadlinePassed(NOON - timedelta(days=1))),
    )


def pools() -> st.SearchStrategy[tuple[Volunteer, ...]]:
    people = [
        volunteer("tess", quiet=NIGHT),
        volunteer("kofi"),
        clinician("cleo", quiet=NIGHT),
        volunteer("dana", person="p-other"),
    ]
    return st.lists(st.sampled_from(people), unique=True).map(tuple)


STEPS = st.lists(st.tuples(facts(), pools(), st.sampled_from([0, 1, 60, 600, 10_000, 90_000])), max_size=60)


def befall(
    q: Question, fact: QuestionEvent | None, pool: tuple[Volunteer, ...], now: datetime, moderators: tuple[str, ...]
):
    event = fact if fact is not None else on.DeadlinePassed(q.deadline or now)
    return event, turn(*pool, now=now, moderators=moderators, policy=Policy(reminders=2))


@settings(max_examples=300, deadline=None)
@given(
    steps=STEPS,
    moderators=st.sampled_from([(), (MODA,)]),
    suggested=st.sampled_from([(), ("r1",)]),
    nameless=st.booleans(),
)
def test_what_is_promised_about_a_question_stays_true_whatever_befalls_it(steps, moderators, suggested, nameless):
    now = NOON
    first = turn(volunteer("kofi"), now=now, moderators=moderators)
    if nameless:
        coming = question(suggested=suggested, pseudonym="Koala-27", place=Place("web", "home", "general", "", ""))
        q = ask_without_name(coming, doubtful=False).question
    else:
        q = ask(question(suggested=suggested), first).question
    check(q, moderators, Policy(reminders=2))
    for fact, pool, seconds in steps:
        now += timedelta(seconds=seconds)
        event, at = befall(q, fact, pool, now, moderators)
        if q.unposted and isinstance(event, on.Replied | on.AnswerRetracted | on.Reworded):
            continue  # nobody can write there yet
        try:
            decision = decide(q, event, at)
        except Refused:
            continue
        after = decision.question
        if after.unposted:
            assert not any(isinstance(e, do.OfferQuestion | do.ShowSuggestions) for e in decision.effects)
        assert after.status in TRANSITIONS[q.status, type(event)].leads_to
        assert after.version == (q.version + 1 if after != q else q.version)
        if after == q:
            assert decision.engaged == ()
        if not isinstance(event, on.HandedOver):  # a person chose; bot.handing says whom they may choose
            check_offers(q, decision.effects, at)
        check_the_search_ends_rightly(q, after, event)
        check(after, moderators, at.policy)
        q = after


def check(q: Question, moderators: tuple[str, ...], policy: Policy) -> None:
    """A question that is neither closed nor waiting for a card has a deadline, or everybody has been told."""
    holders = {Status.OFFERED: (bool(q.offered_to), False), Status.CLAIMED: (False, bool(q.claimed_by))}
    assert (bool(q.offered_to), bool(q.claimed_by)) == holders.get(q.status, (False, False))
    if q.status is Status.OFFERED:
        assert q.offered_to
    if q.status is Status.CLAIMED:
        assert q.claimed_by
    reminded = q.status is Status.ESCALATED and bool(moderators) and q.reminders >= policy.reminders
    if q.deadline is None:
        assert q.status in (Status.CLOSED, Status.OFFERED) or reminded or q.unposted
    else:
        assert q.status is not Status.CLOSED
    assert (q.status is Status.CLOSED) == (q.outcome is not None) == (q.closed_at is not None)
    assert DANA not in q.answered_by


def check_offers(before: Question, effects: tuple[object, ...], at: Turn) -> None:
    """Nobody is asked who is the asker, has passed, or has put it off a short while ago; medicines: clinicians only."""
    recently = at.now - at.policy.ask_again_after
    kinds = {v.member: v.kind for v in at.pool.volunteers}
    for effect in effects:
        if isinstance(effect, do.OfferQuestion):
            out = {t.member for t in before.tries if t.result is not Result.POSTPONED or t.ended_at > recently}
            assert effect.to not in out | {DANA}
            if before.medical:
                assert kinds[effect.to] is Kind.CLINICIAN


def check_the_search_ends_rightly(before: Question, after: Question, event: QuestionEvent) -> None:
    """Only somebody's real answer answers; only the asker, or long silence, closes."""
    if after.status is Status.ANSWERED and before.status is not Status.ANSWERED:
        assert isinstance(event, on.Replied)
        assert event.answers
        assert event.by != DANA
    if after.status is Status.CLOSED and before.status is not Status.CLOSED:
        if isinstance(event, on.MarkedHelpful | on.Withdrawn):
            assert event.by == DANA
        else:
            assert isinstance(event, on.DeadlinePassed)
            assert before.status is Status.ANSWERED
            assert before.asked_helped
    if before.outcome is Outcome.WITHDRAWN:  # it stays so, until the asker wants a person all the same
        assert after.outcome is Outcome.WITHDRAWN or isinstance(event, on.MarkedUnhelpful | on.PersonRequested)


@settings(max_examples=200, deadline=None)
@given(steps=STEPS)
def test_the_same_fact_again_never_asks_or_tells_anybody_twice(steps):
    """A press that comes twice in the same state has the same effects at most, and mostly none."""
    q, now = ask(question(), turn(volunteer("kofi"))).question, NOON
    for fact, pool, seconds in steps:
        now += timedelta(seconds=seconds)
        event, at = befall(q, fact, pool, now, (MODA,))
        try:
            first = decide(q, event, at)
        except Refused:
            continue
        if first.question != q:
            try:
                again = decide(first.question, event, at)
            except Refused:
                again = None
            if again is not None:
                assert not any(isinstance(e, do.OfferQuestion) for e in again.effects)
        q = first.question


def test_nobody_is_asked_more_often_than_the_policy_allows_before_the_moderators_are():
    people = [volunteer(f"v{n}") for n in range(Policy().offers_per_question + 2)]
    q, now, asked = ask(question(), turn(*people)).question, NOON, 1
    while q.status is Status.OFFERED:
        now += timedelta(minutes=1)
        q = decide(q, on.OfferPassed(q.offered_to), turn(*people, now=now)).question
        asked += q.status is Status.OFFERED
    assert (q.status, asked) == (Status.ESCALATED, Policy().offers_per_question)


def test_a_card_that_cannot_be_delivered_uses_up_no_rung():
    people = [volunteer(name) for name in ("tess", "kofi", "cleo", "ana", "ben", "eva", "finn")]
    q, asked = ask(question(), turn(*people)).question, 1
    while q.status is Status.OFFERED:
        q = decide(q, on.OfferUndeliverable(q.offered_to), turn(*people)).question
        asked += q.status is Status.OFFERED
    assert (q.status, asked) == (Status.ESCALATED, len(people))


def test_somebody_who_takes_it_gives_it_back_and_takes_it_again_is_news_each_time():
    at = turn(volunteer("kofi", paused=True))
    q = question(status=Status.ESCALATED, deadline=NOON, told=("escalated",))
    news = []
    for event in (on.QuestionTaken(TESS), on.ClaimReleased(TESS)) * 2:
        decision = decide(q, event, at)
        q = decision.question
        news += [e.news for e in decision.effects if isinstance(e, do.TellAsker)]
    assert news == [News.CLAIMED, News.STILL_LOOKING, News.ESCALATED] * 2


def test_a_moderator_who_appears_later_is_reminded_and_the_asker_hears_of_it():
    lonely = ask(question(), turn(moderators=())).question
    found = decide(lonely, on.DeadlinePassed(lonely.deadline), turn(now=lonely.deadline))
    assert found.effects == (do.AlertModerator("q1", MODA, 1), do.TellAsker("q1", News.ESCALATED))


def test_an_escalated_question_wakes_with_the_first_who_could_answer():
    asleep = volunteer("kofi", quiet=(Quiet(2, time(9), time(14)),))
    q = question(status=Status.ESCALATED, deadline=NOON, told=("escalated",))
    woken = decide(q, on.DeadlinePassed(NOON), turn(asleep)).question
    assert woken == replace(q, reminders=1, deadline=NOON + timedelta(hours=2), version=1)
    assert (
        decide(woken, on.DeadlinePassed(woken.deadline), turn(asleep, now=woken.deadline)).question.offered_to == KOFI
    )


def test_who_passed_is_not_asked_again_about_the_same_question_even_days_later():
    q = ask(question(), turn(volunteer("kofi"))).question
    passed = decide(q, on.OfferPassed(KOFI), turn(volunteer("kofi"))).question
    later = NOON + timedelta(days=3)
    due = replace(passed, deadline=later)
    assert decide(due, on.DeadlinePassed(later), turn(volunteer("kofi"), now=later)).question.status is Status.ESCALATED


def test_who_put_it_off_is_asked_again_after_the_time_set_for_it():
    q = ask(question(), turn(volunteer("kofi"))).question
    put_off = decide(q, on.OfferPostponed(KOFI), turn(volunteer("kofi"))).question
    for hours, status in ((11, Status.ESCALATED), (13, Status.OFFERED)):
        later = NOON + timedelta(hours=hours)
        due = replace(put_off, deadline=later)
        assert decide(due, on.DeadlinePassed(later), turn(volunteer("kofi"), now=later)).question.status is status


def test_nobody_is_woken_to_be_warned_of_a_promise_that_runs_out():
    """Warned when their night is over, and the time they have then is the same."""
    night = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    morning = datetime(2026, 3, 5, 7, tzinfo=UTC)
    tess = volunteer("tess", quiet=NIGHT)
    q = question(status=Status.CLAIMED, claimed_by=TESS, deadline=night)
    put_off = decide(q, on.DeadlinePassed(night), turn(tess, now=night))
    assert (put_off.question.deadline, put_off.question.status, put_off.effects) == (morning, Status.CLAIMED, ())
    warned = decide(put_off.question, on.DeadlinePassed(morning), turn(tess, now=morning))
    assert warned.effects == (do.WarnClaimant("q1", TESS, morning + Policy().claim_warning),)


def test_who_is_quiet_around_the_clock_is_warned_all_the_same():
    always = tuple(Quiet(day, time(0), time(0)) for day in range(7))
    q = question(status=Status.CLAIMED, claimed_by=TESS, deadline=NOON)
    warned = decide(q, on.DeadlinePassed(NOON), turn(volunteer("tess", quiet=always)))
    assert warned.effects == (do.WarnClaimant("q1", TESS, NOON + Policy().claim_warning),)
