import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.community import Answer, Engagement, MemberRecord
from bot.curation import Draft, DraftState
from bot.engagement import Tier
from bot.events import Place
from bot.measures import Records, build, percentile
from bot.question import Outcome, Question, Result, Status, Try
from bot.report import ByResource, Cell, GapLine, Load, LoadTotals, TierLine, to_json
from bot.small_cells import without_small_cells
from knowledge.gaps import Gap

NOW = datetime(2025, 6, 30, 12, tzinfo=UTC)  # a Monday
THEN = datetime(2025, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def key(name: str) -> str:
    return f"local:home:{name}"


def member(name: str, **facts) -> MemberRecord:
    return MemberRecord(key=key(name), person=facts.pop("person", f"p-{name}"), name=name, **facts)


def question(number: int, asker: str = "ana", asked_at: datetime = NOW - 10 * DAY, **facts) -> Question:
    place = Place("local", "home", "general", f"m{number}", f"m{number}")
    return Question(
        f"q{number}", "home", place, key(asker), f"p-{asker}", "words", "en", (), False, False, False, asked_at, **facts
    )


def answer(q: Question, by: str, after: timedelta) -> Answer:
    place = replace(q.place, message=f"{q.id}-{by}-{after}")
    return Answer(place, q.id, key(by), "words", 0.9, q.asked_at + after)


def report(**records):
    return build(Records(**records), NOW, THEN)


MEMBERS = tuple(member(name) for name in ("ana", "ben", "cleo"))


def test_an_empty_community_has_an_empty_report_and_no_divisions_by_zero():
    empty = report()
    assert empty.asked == Cell(0, 0)
    assert empty.tiers[0] == TierLine(Tier.AWARE, 0, 0, 0, 0, None, None)
    assert (empty.promptness.share, empty.promptness.weeks) == (None, None)
    assert (empty.first_answer.median, empty.by_resource.low) == (None, None)
    assert empty.volunteers == ()
    assert json.loads(json.dumps(to_json(empty, str)))["tiers"]["aware"]["cumulative_growth"] is None


def test_tiers_count_people_now_and_at_the_baseline():
    def row(who: str, at: datetime) -> Engagement:
        return Engagement(f"{who}{at}", "asked:question", key(who), at)

    rows = (row("ana", THEN - DAY), row("ana", NOW - DAY), row("ben", NOW - DAY))
    using = report(engagement=rows, members=MEMBERS).tiers[1]
    assert using == TierLine(Tier.USING, 2, 2, 1, 1, 2.0, 2.0)


def test_a_first_answer_is_the_first_by_a_person_other_than_the_asker():
    q = question(1, answered_by=(key("ana"), key("ben"), key("cleo")), answered_at=NOW, status=Status.ANSWERED)
    answers = (answer(q, "ana", HOUR), answer(q, "cleo", 3 * HOUR), answer(q, "ben", 2 * HOUR))
    first = report(questions=(q,), answers=answers, members=MEMBERS).first_answer
    assert (first.answered, first.median, first.ninetieth) == (Cell(1, 1), 7200.0, 7200.0)


def test_a_reply_that_is_no_answer_does_not_count_as_one():
    q = question(1)
    first = report(questions=(q,), answers=(answer(q, "ben", HOUR),), members=MEMBERS).first_answer
    assert (first.answered, first.unanswered) == (Cell(0, 0), Cell(1, 1))


def test_the_time_of_an_answer_whose_author_was_forgotten_is_still_known():
    q = question(1, answered_by=("pseudonym",), answered_at=NOW - 9 * DAY)
    assert report(questions=(q,)).first_answer.median == DAY.total_seconds()


def test_waits_are_a_median_and_a_ninetieth_percentile():
    questions = [question(n, answered_by=(key("ben"),)) for n in range(11)]
    answers = [answer(q, "ben", n * HOUR) for n, q in enumerate(questions)]
    first = report(questions=questions, answers=answers, members=MEMBERS).first_answer
    assert (first.median, first.ninetieth) == (5 * 3600, 9 * 3600)


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 2.5), (0.9, 3.7), (1, 4)])
def test_percentiles_lie_between_their_neighbours(share, value):
    assert percentile([1, 2, 3, 4], share) == pytest.approx(value)


def test_answered_in_time_means_by_a_person_or_helped_within_48_hours():
    by_person = question(1, answered_by=(key("ben"),))
    too_late = question(2, answered_by=(key("ben"),))
    helped = question(3, status=Status.CLOSED, outcome=Outcome.HELPED, closed_at=NOW - 10 * DAY + 48 * HOUR)
    silence = question(4, status=Status.ESCALATED)
    young = question(5, asked_at=NOW - 47 * HOUR)
    answers = (answer(by_person, "ben", 48 * HOUR), answer(too_late, "ben", 48 * HOUR + timedelta(seconds=1)))
    found = report(questions=(by_person, too_late, helped, silence, young), answers=answers, members=MEMBERS)
    assert (found.promptness.due.count, found.promptness.prompt.count, found.promptness.share) == (4, 2, 0.5)
    assert found.promptness.late.count == 2


def test_a_question_taken_back_before_its_time_was_up_counts_neither_way_and_one_taken_back_later_does():
    asked_at = NOW - 10 * DAY
    early = question(1, outcome=Outcome.WITHDRAWN, status=Status.CLOSED, closed_at=asked_at + 47 * HOUR)
    late = question(2, outcome=Outcome.WITHDRAWN, status=Status.CLOSED, closed_at=asked_at + 49 * HOUR)
    found = report(questions=(early, late)).promptness
    assert (found.due.count, found.prompt.count) == (1, 0)


def test_a_week_is_plotted_once_its_48_hours_have_passed_and_an_empty_week_is_there():
    asked = (NOW - 3 * timedelta(weeks=1), NOW - timedelta(weeks=1), NOW - 2 * DAY)
    found = report(questions=[question(n, asked_at=at) for n, at in enumerate(asked)]).promptness.weeks
    assert [(point.start, point.total) for point in found.points] == [(date(2025, 6, 9), 1), (date(2025, 6, 16), 0)]
    later = build(Records(questions=[question(1, asked_at=asked[1])]), datetime(2025, 7, 2, tzinfo=UTC), THEN)
    assert [point.start for point in later.promptness.weeks.points] == [date(2025, 6, 23)]


def test_what_resources_answered_is_a_range():
    closed = {"status": Status.CLOSED, "suggested": ("r",)}
    helped = question(1, outcome=Outcome.HELPED, **closed)
    helped_after_a_person = question(2, outcome=Outcome.HELPED, answered_by=(key("ben"),), answered_at=NOW, **closed)
    silence = question(3, outcome=Outcome.UNKNOWN, **closed)
    refused = question(4, outcome=Outcome.UNKNOWN, **closed)
    nothing_shown = question(5, outcome=Outcome.HELPED, status=Status.CLOSED)
    found = report(
        questions=(helped, helped_after_a_person, silence, refused, nothing_shown), unhelpful=frozenset({"q4"})
    )
    assert found.by_resource == ByResource(Cell(1, 1), Cell(2, 1), Cell(2, 1), 0.2, 0.6)


def test_open_and_escalated_questions_and_outcomes_are_counted():
    questions = (
        question(1),
        question(2, asker="ben", status=Status.ESCALATED),
        question(3, status=Status.CLOSED, outcome=Outcome.UNKNOWN),
    )
    found = report(questions=questions, members=MEMBERS)
    assert (found.asked, found.statuses["open"], found.statuses["escalated"]) == (Cell(3, 2), Cell(1, 1), Cell(1, 1))
    assert found.outcomes["unknown"] == Cell(1, 1)


def test_questions_of_staff_are_no_questions_of_the_community():
    found = report(questions=(question(1, asker="helper"),), members=(member("helper", staff=True),))
    assert found.asked == Cell(0, 0)


def test_volunteer_load_counts_each_question_once_for_a_person():
    passed, again = (Try(key("ben"), Result.PASSED, NOW), Try(key("ben"), Result.EXPIRED, NOW))
    q1 = question(1, tries=(passed, again), offered_to=key("cleo"), status=Status.OFFERED)
    q2 = question(2, answered_by=(key("ben"),))
    rows = (
        Engagement("1", "accepted:question", key("ben"), NOW, question="q2"),
        Engagement("2", "answered:question", key("ben"), NOW, question="q2"),
        Engagement("3", "answered:question", key("ana"), NOW, question="q2"),
    )
    found = report(questions=(q1, q2), engagement=rows, members=MEMBERS)
    assert found.volunteers == (Load("p-ben", 2, 1, 1), Load("p-cleo", 1, 0, 0))
    more = tuple(replace(q2, id=f"q{n}", offered_to=key("cleo"), status=Status.OFFERED) for n in range(3, 9))
    ranked = report(questions=(q1, q2, *more), engagement=rows, members=MEMBERS).volunteers or ()
    assert [load.person for load in ranked] == ["p-ben", "p-cleo"], "no ranking, whoever is asked most"
    assert found.volunteer_totals == LoadTotals(2, 3, 1, 1)


def test_gaps_say_how_many_people_asked():
    gap = Gap("travel vaccines", 3, ("q1", "q2", "q3"))
    questions = (question(1), question(2), question(3, asker="ben"))
    assert report(questions=questions, gaps=(gap,)).gaps == (GapLine("travel vaccines", 3, 2),)


def test_drafts_are_counted_by_state():
    place = Place("local", "home", "general", "m", "m")
    draft = Draft(
        "d", place, "q1", key("ben"), key("mo"), "t", "x", (), False, "en", DraftState.IN_REVIEW, created_at=NOW
    )
    assert report(drafts=(draft,), members=MEMBERS).drafts == {"in_review": Cell(1, 1)}


# --- small cells ----------------------------------------------------------------------------------------


def crowd(people: int, start: int = 0, **facts) -> list[Question]:
    return [question(start + n, asker=f"x{start + n}", **facts) for n in range(people)]


def hidden(*questions: Question, **records):
    return without_small_cells(report(questions=questions, **records), 11)


def test_ten_people_are_hidden_and_eleven_are_shown():
    assert hidden(*crowd(10)).asked == Cell(None, None)
    assert hidden(*crowd(11)).asked == Cell(11, 11)
    assert hidden().asked == Cell(0, 0)


def test_many_questions_of_few_people_are_hidden_too():
    assert hidden(*(question(n) for n in range(40))).asked == Cell(None, None)


def test_a_hidden_cell_cannot_be_worked_out_from_the_others():
    statuses = hidden(
        *crowd(3, status=Status.ESCALATED), *crowd(20, 100, status=Status.ANSWERED), *crowd(30, 200)
    ).statuses
    assert statuses["escalated"] == statuses["answered"] == Cell(None, None)
    assert statuses["open"] == Cell(30, 30)
    assert statuses["claimed"] == Cell(0, 0)


def test_two_small_cells_that_together_stay_small_take_a_third_with_them():
    statuses = hidden(
        *crowd(2, status=Status.ESCALATED),
        *crowd(3, 50, status=Status.OFFERED),
        *crowd(20, 100),
    ).statuses
    assert [statuses[s].count for s in ("escalated", "offered", "open")] == [None, None, None]


def test_a_share_goes_when_either_side_of_it_is_small():
    late = crowd(5)
    prompt = crowd(40, 100, answered_by=(key("ben"),))
    answers = [answer(q, "ben", HOUR) for q in prompt]
    found = hidden(*late, *prompt, answers=answers)
    assert (found.promptness.prompt, found.promptness.late, found.promptness.share) == (Cell(None, None),) * 2 + (None,)
    assert found.promptness.due == Cell(45, 45)
    assert (found.first_answer.answered, found.first_answer.median) == (Cell(None, None), 3600.0)
    assert found.promptness.weeks is None


def test_resource_shares_go_when_few_people_stand_behind_one():
    found = hidden(*crowd(4, suggested=("r",), outcome=Outcome.HELPED, status=Status.CLOSED), *crowd(30, 100))
    assert (found.by_resource.low, found.by_resource.high) == (None, None)


def test_tiers_hide_small_counts_few_leavers_and_few_newcomers():
    def rows(people: int, at: datetime, start: int = 0) -> list[Engagement]:
        return [Engagement(f"{n}{at}", "asked:question", key(f"x{n}"), at) for n in range(start, start + people)]

    def using(*engagement: Engagement) -> TierLine:
        return without_small_cells(report(engagement=engagement), 11).tiers[1]

    assert using(*rows(10, NOW - DAY)) == TierLine(Tier.USING, None, None, None, None, None, None)
    few_left = using(*rows(30, NOW - DAY), *rows(5, NOW - 120 * DAY, 100))
    assert (few_left.cumulative, few_left.active) == (35, None)
    few_new = using(*rows(30, THEN - DAY), *rows(5, NOW - 10 * DAY, 100))
    assert (few_new.cumulative, few_new.cumulative_at_baseline, few_new.cumulative_growth) == (35, None, None)
    grown = using(*rows(20, THEN - DAY), *rows(40, NOW - DAY))
    assert (grown.cumulative, grown.cumulative_at_baseline, grown.cumulative_growth) == (40, 20, 2.0)


def test_single_volunteers_are_shown_only_among_many():
    few = [question(n, offered_to=key(f"v{n}"), status=Status.OFFERED) for n in range(3)]
    many = [question(n, offered_to=key(f"v{n}"), status=Status.OFFERED) for n in range(11)]
    assert (hidden(*few).volunteers, hidden(*few).volunteer_totals) == (None, None)
    assert (len(hidden(*many).volunteers), hidden(*many).volunteer_totals) == (11, LoadTotals(11, 11, 0, 0))


def test_a_gap_keeps_its_name_and_loses_its_count():
    assert hidden(question(1), gaps=(Gap("school trips", 1, ("q1",)),)).gaps == (GapLine("school trips", None, None),)


def test_without_hiding_everything_is_shown():
    assert report(questions=(question(1),)).hidden_below == 0
    assert hidden(question(1)).hidden_below == 11


def test_the_json_form_is_stable_and_carries_pseudonyms():
    q = question(1, offered_to=key("ben"), status=Status.OFFERED)
    found = to_json(report(questions=(q,), members=MEMBERS), lambda person: f"alias of {person}")
    assert list(found) == [
        "now",
        "baseline_at",
        "hidden_below",
        "tiers",
        "months",
        "asked",
        "statuses",
        "outcomes",
        "promptness",
        "first_answer",
        "by_resource",
        "volunteers",
        "volunteer_totals",
        "drafts",
        "gaps",
    ]
    assert found["volunteers"] == [{"person": "alias of p-ben", "asked": 1, "accepted": 0, "answered": 0}]
    assert found["statuses"]["offered"] == {"count": 1, "people": 1}
    assert found["months"]["using"] == {"people": [], "chart": None}
    assert json.loads(json.dumps(found, allow_nan=False)) == found
