"""Why the bot did it, in words."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import get_args

from spoken import catalogue

from bot import effects as do
from bot.community import JournalEntry, Suggestion
from bot.crisis_effects import AnswerCrisis, ClosePage, FoldPage, PageSafety, ReadAgain, SaySorry
from bot.effects import Effect
from bot.events import QuestionEvent
from bot.explaining import Asked, Explanation, Step, as_card, happened, people_asked, with_names
from bot.news import News, Notice, OfferEnd, RoleNews
from bot.purposes import purpose
from bot.question import Result, Status, Try
from bot.rights_effects import AskSecond, ShowAsker, TellRole, TellSeen
from bot.wording import say_in
from tests.fakes.messenger import words_of
from tests.fakes.values import DANA, KOFI, NOON, TESS, member, place, question

EN, ES = say_in("en"), say_in("es")
NAMES = {TESS: "Tess W."}
WISHES: list[Effect] = [
    do.ShowSuggestions("q1"), do.CloseSuggestions("q1"), do.ShowEarlier("q1"), do.CloseEarlier("q1"),
    do.OfferQuestion("q1", TESS, 1),
    do.ChangeOffer("q1", TESS, 1),
    do.CloseOffer("q1", TESS, 1, OfferEnd.PASSED), do.WarnClaimant("q1", TESS, NOON), do.AskWhetherHelped("q1"),
    do.AlertModerator("q1", TESS, 0), do.CloseAlert("q1", TESS, 0), do.RelayAnswer("q1", "x"), do.PostAnswer("q1", "x"),
    do.GiveBack(TESS, "b1", Notice.GONE), do.AskConsent("d1"), do.InviteReview("d1", TESS),
    do.TellPublished("d1", TESS), AnswerCrisis("a1"), PageSafety("a1", TESS, 0), ClosePage("a1", TESS, 0),
    FoldPage("a1", TESS, 1), ReadAgain("a1"), SaySorry("a1", TESS, True),
    do.NudgePrivacy(place(), member("dana")), do.ReviewPost(place(), TESS), do.Notify(TESS, Notice.NOTED),
    do.ThankVolunteer(TESS, 1, 1, 1),
    do.TellFollower(TESS, ("r1",)), do.ShowLinkCode(TESS), do.PostDigest("web:home:team", "2026-W09"),
    do.PostQuestion("q1"), do.PassOn("q1", "l1"), do.WelcomeChannel(place(), 30), do.AskMode("web:home:c", TESS),
    TellRole(TESS, TESS, "clinician", RoleNews.GIVEN), AskSecond("u1", TESS), ShowAsker("u1", TESS),
    TellSeen("u1"),
    *(do.TellAsker("q1", news) for news in News),
]  # fmt: skip


def entry(event: str, by: str, before: str = "open", after: str = "open") -> JournalEntry:
    return JournalEntry("q1", NOON, event, by, before, after, "")


def test_a_step_is_told_with_its_change_of_status():
    passed = entry("OfferPassed", TESS, "offered", "open")
    assert happened(passed, NAMES, EN) == "Tess W. passed: somebody is being asked → open"
    assert happened(entry("Replied", "web:home:x"), NAMES, EN) == "Somebody wrote in the thread"
    assert happened(entry("DeadlinePassed", "winwin"), NAMES, EN) == "The time for this step ran out"
    assert happened(entry("Asked", "winwin", ""), NAMES, EN) == "winwin asked"


def test_every_fact_and_status_has_its_words_in_both_languages():
    for kind, (before, after) in product(get_args(QuestionEvent), zip(Status, reversed(Status), strict=True)):
        told = [happened(entry(kind.__name__, TESS, before, after), NAMES, say) for say in (EN, ES)]
        assert told[0] != told[1]
        assert not any(kind.__name__ in line for line in told)


def test_member_keys_in_a_reason_become_names():
    assert with_names(f"{TESS} knows about school", NAMES) == "Tess W. knows about school"


def test_every_wish_has_its_reason_in_both_languages():
    assert {type(effect) for effect in WISHES} == set(get_args(Effect))
    told = [(purpose(effect, NAMES, EN), purpose(effect, NAMES, ES)) for effect in WISHES]
    assert all(english != spanish for english, spanish in told)
    assert purpose(do.OfferQuestion("q1", TESS, 1), NAMES, EN).startswith("To ask Tess W. whether they can answer")


def test_everybody_who_had_the_question_is_told_with_how_it_ended():
    q = question(tries=tuple(Try(TESS, r, NOON) for r in Result), offered_to=KOFI)
    asked = people_asked(q, NAMES, EN)
    assert [a.name for a in asked] == ["Tess W."] * len(Result) + ["Somebody"]
    assert (asked[0].how, asked[-1]) == ("passed", Asked("Somebody", "has the card now"))
    assert people_asked(question(claimed_by=DANA), {}, EN) == (Asked("Somebody", "has taken it"),)
    spanish = [a.how for a in people_asked(q, NAMES, ES)]
    assert not set(spanish) & {a.how for a in asked}


FULL = Explanation(
    "Lead.",
    rules=("rule-1",),
    shown_from=0.6,
    suggestions=(Suggestion("r1", "Letters", 1.0, 0.8, ("school", "letter")), Suggestion("r2", "", 1.0, 0.3, ())),
    asked=(Asked("Tess", "passed", NOON), Asked("Kofi", "has taken it")),
    steps=(Step(NOON, "Dana asked", "need 0.93"), Step(NOON, "Tess passed", "")),
    hidden=True,
)


def test_a_card_tells_all_of_it_in_the_readers_time():
    card = as_card(FULL, EN, "en", "America/New_York")
    assert words_of(card).splitlines() == [
        "Lead.",
        "Rules: rule-1",
        "I show a resource when I am sure enough of it: from 60 % on. Found in the library:",
        "“Letters”: 80 % sure · words in common: school, letter",
        "“r2”: 30 % sure",
        "Who was asked:",
        "Tess: passed",
        "Kofi: has taken it",
        "What happened:",
        "4 Mar, 07:00 · Dana asked (need 0.93)",
        "4 Mar, 07:00 · Tess passed",
        "What is about people is left out here. The one who asked and the moderators can see it.",
        "I never write advice of my own. I show what people here have written, or I ask a person.",
    ]


def test_a_card_in_spanish_has_no_english_sentence_left():
    english = {str(m.id) for m in catalogue("winwin.pot") if m.id}
    lines = words_of(as_card(replace(FULL, lead=""), ES, "es", "UTC")).splitlines()
    assert [line for line in lines if line in english] == []


def test_a_long_life_is_told_by_its_beginning_and_its_end():
    steps = tuple(Step(NOON + timedelta(minutes=n), f"step {n}", "") for n in range(100))
    told = words_of(as_card(Explanation("Lead.", steps=steps), EN, "en", "UTC"))
    assert told.count("step ") == 20
    assert ("step 0" in told, "step 80" in told, "step 81" in told, "step 99" in told) == (True, False, True, True)


def test_where_there_is_nothing_to_tell_nothing_is_headed():
    assert words_of(as_card(Explanation("Lead."), EN, "en", "UTC")).splitlines() == [
        "Lead.",
        "I never write advice of my own. I show what people here have written, or I ask a person.",
    ]
