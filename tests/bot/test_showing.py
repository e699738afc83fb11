"""What is shown, for every wish in every state of the thing it is about: at most one card, never a stale one."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product
from typing import get_args

import pytest
from spoken import catalogue

from bot import effects as do
from bot.cards import Card, Direct, InThread, Link, OnlyFor, Posted, Quote, ResourceShown, Text
from bot.community import (
    Answer,
    Appointment,
    Badge,
    Channel,
    Letter,
    MemberRecord,
    Reason,
    Role,
    Sight,
    Suggestion,
    Unmasking,
)
from bot.crisis_effects import AnswerCrisis, ClosePage, FoldPage, PageSafety, ReadAgain, SaySorry
from bot.curation import Draft, DraftState
from bot.digest import digest_card
from bot.effects import Effect
from bot.events import Place
from bot.measures import Records, build
from bot.news import News, Notice, OfferEnd, RoleNews
from bot.policy import Mode
from bot.question import Outcome, Status
from bot.report import Cell, GapLine, Report
from bot.rights_effects import AskSecond, ShowAsker, TellRole, TellSeen
from bot.safety.alerts import Alert, AlertState, Ending
from bot.showing.scene import Change, Earlier, Saying, Scene, Shown, Unsaid
from bot.showing.show import show
from bot.wording import say_in
from knowledge.resources import Resource
from tests.fakes.messenger import words_of
from tests.fakes.values import DANA, HOUR, KOFI, MODA, NOON, TESS, member, place, question

WORDS = "Our secret zebrafinch question"
RESOURCE = Resource("r1", "Letters", "Write a letter.", topics=("school",), reviewed_by="Cleo", reviewed_at=NOON)
POSTED = Posted("web", "home", "dm-tess", "bot-1", NOON)
ANSWER = Answer(place("2", "1"), "q1", TESS, "Take a letter along.", 0.9, NOON)
FROM_ASKER = Letter("l1", "q1", DANA, "She is nine.", NOON)
FROM_TESS = Letter("l1", "q1", TESS, "How old?", NOON)
EARLIER = (None, Earlier(place("3"), NOON), Earlier(place("4"), NOON, "#parents"))
HELD = {Status.OFFERED: {"offered_to": TESS}, Status.CLAIMED: {"claimed_by": TESS, "deadline": NOON + HOUR}}
OUTCOMES = {Status.CLOSED: {"outcome": Outcome.HELPED}}

ABOUT_QUESTION: list[Effect] = [
    do.ShowSuggestions("q1"),
    do.CloseSuggestions("q1"),
    do.ShowEarlier("q1"),
    do.CloseEarlier("q1"),
    *(do.TellAsker("q1", news, NOON + HOUR, TESS) for news in News),
    do.TellAsker("q1", News.ASLEEP),
    do.OfferQuestion("q1", TESS, 1),
    do.ChangeOffer("q1", TESS, 0),
    *(do.CloseOffer("q1", TESS, 1, end) for end in OfferEnd),
    do.WarnClaimant("q1", TESS, NOON + HOUR),
    do.AskWhetherHelped("q1"),
    do.AlertModerator("q1", MODA, 0),
    do.AlertModerator("q1", MODA, 1),
    do.CloseAlert("q1", MODA, 1),
    do.RelayAnswer("q1", ANSWER.place.key),
    do.PostAnswer("q1", ANSWER.place.key),
    do.PostQuestion("q1"),
    do.PassOn("q1", "l1"),
    do.PassOn("q1", "l1", TESS),
]
ABOUT_CHANNEL: list[Effect] = [
    do.WelcomeChannel(place(), 30),
    do.AskMode("web:home:general", MODA),
    do.AskMode("web:home:general", MODA, KOFI),
]
ABOUT_DRAFT: list[Effect] = [do.AskConsent("d1"), do.InviteReview("d1", MODA), do.TellPublished("d1", TESS)]
ABOUT_ALERT: list[Effect] = [
    AnswerCrisis("a1"),
    PageSafety("a1", MODA, 0),
    ClosePage("a1", MODA, 0),
    FoldPage("a1", MODA, 1),
    SaySorry("a1", DANA, True),
    SaySorry("a1", DANA, False),
    ReadAgain("a1"),
]
ALONE: list[Effect] = [
    do.NudgePrivacy(place(), member("dana")),
    do.ReviewPost(place(), MODA),
    *(do.Notify(DANA, notice) for notice in Notice),
    do.GiveBack(DANA, "b1", Notice.GONE),
]
NEW: list[Effect] = [do.TellFollower(TESS, ("r1",)), do.TellFollower(TESS, ("r1",) * 7), do.ShowLinkCode(TESS)]
THANKS: list[Effect] = [do.ThankVolunteer(TESS, 1, 1, 1), do.ThankVolunteer(TESS, 3, 1, 0)]
THANKS += [do.ThankVolunteer(TESS, 3, 2, 4), do.ThankVolunteer(TESS, 0, 0, 2)]
ABOUT_ROLE: list[Effect] = [
    TellRole(to, TESS, role.value, news, MODA)
    for to, role, news in product((TESS, KOFI), Role, RoleNews)
    if role is not Role.OWNER
]
ABOUT_ASKER: list[Effect] = [
    *(AskSecond("u1", to) for to in (MODA, KOFI)),
    ShowAsker("u1", KOFI),
    TellSeen("u1"),
]
DIGEST: list[Effect] = [do.PostDigest("web:home:team", "2026-W09")]
TOPICS, CLINICIAN = frozenset({"school"}), frozenset({Role.CLINICIAN})
CARDED = Saying | Change
TITLE, KEPT = "Kept title", "Kept words"


def people(language: str) -> dict[str, MemberRecord]:
    return {k: MemberRecord(k, k, k.rsplit(":", 1)[-1].title(), language=language) for k in (DANA, TESS, KOFI, MODA)}


def question_scenes(language: str) -> list[Scene]:
    return [
        Scene(
            NOON,
            mode=mode,
            question=question(
                text=WORDS,
                language=language,
                status=status,
                private=private,
                **HELD.get(status, {}),
                **OUTCOMES.get(status, {}),
            ),
            suggestions=(Suggestion("r1", "Letters", 1.0, 0.9, ("letter",)),) * number,
            resources={"r1": RESOURCE},
            earlier=EARLIER[number],
            members=people(language),
            answer=ANSWER,
            posted=posted,
        )
        for status, mode, private, posted, number in product(
            Status, (Mode.THREAD, Mode.HINT), (False, True), (None, POSTED), (0, 1, 2)
        )
    ]


def nameless_scenes(language: str) -> list[Scene]:
    """Asked without a name: on its way to the channel, and standing there; also where it went on in private."""
    places = (Place("web", "home", "general", "", ""), place("bot-7"))
    return [
        Scene(
            NOON,
            gone=gone,
            question=question(
                text=WORDS,
                language=language,
                status=status,
                place=where,
                private=private,
                pseudonym="Koala-27",
                handed_by=KOFI,
                **HELD.get(status, {}),
                **(OUTCOMES | {Status.CLOSED: {"outcome": outcome, "closed_at": NOON}}).get(status, {}),
            ),
            suggestions=(Suggestion("r1", "Letters", 1.0, 0.9, ("letter",)),),
            resources={"r1": RESOURCE},
            members=people(language),
            answer=answer,
            letter=letter,
            letters=(FROM_ASKER,),
            posted=posted,
        )
        for status, outcome, where, private, gone, posted, letter, answer in product(
            Status,
            (Outcome.HELPED, Outcome.WITHDRAWN),
            places,
            (False, True),
            (False, True),
            (None, POSTED),
            (None, FROM_ASKER, FROM_TESS),
            (None, ANSWER),
        )
    ]


def channel_scenes(language: str) -> list[Scene]:
    return [
        Scene(
            NOON,
            channel=Channel("web:home:general", "general", mode, language=language, gone=gone),
            members=people(language),
            posted=posted,
        )
        for mode, gone, posted in product(Mode, (False, True), (None, POSTED))
    ]


def draft_scenes(language: str) -> list[Scene]:
    draft = Draft(
        "d1", place("2", "1"), "q1", TESS, MODA, TITLE, KEPT, ("school",), False, "en", DraftState.IN_REVIEW, NOON
    )
    return [
        Scene(NOON, draft=replace(draft, state=state, medical=medical), members=people(language), similar=similar)
        for state, medical, similar in product(DraftState, (False, True), (None, RESOURCE))
    ]


def alert_scenes(language: str) -> list[Scene]:
    alert = Alert("a1", place(), DANA, "C1", "self", ("rule",), NOON, paged=((MODA, 0),), taken_by=KOFI)
    return [
        Scene(
            NOON,
            alert=replace(alert, state=state, code=code, speaker=speaker, private=private),
            members=people(language),
            posted=posted,
        )
        for state, code, speaker, private, posted in product(
            AlertState, ("C1", "C2", "C3", "C4", "C5"), ("self", "other"), (False, True), (None, POSTED)
        )
    ] + [Scene(NOON, alert=one, members=people(language), posted=POSTED) for one in _more_alerts(alert)]


def _more_alerts(alert: Alert) -> list[Alert]:
    """Several codes at once, how it went, and drills."""
    drill, over = replace(alert, drill=True), AlertState.RESOLVED
    taken = replace(drill, state=over, ended_by=KOFI, taken_at=NOON + HOUR)
    noted = [replace(alert, state=over, note=ending, ended_by=MODA) for ending in ("", *Ending)]
    return [
        replace(alert, codes=("C1", "C3", "C4", "C5")),
        *noted,
        *(drill, taken, replace(drill, state=over, taken_by="")),
    ]


def reports() -> list[Report]:
    """Of nobody, of a few whose numbers are hidden, of one question, of many."""
    empty = build(Records(), NOON, NOON - HOUR)
    few = replace(empty, hidden_below=11, asked=Cell(None, None), statuses={"open": Cell(None, None)}, months=())
    one = replace(empty, asked=Cell(1, 1))
    many = replace(
        empty,
        asked=Cell(40, 20),
        statuses={"open": Cell(12, 12)},
        promptness=replace(empty.promptness, due=Cell(30, 20), share=0.8),
        by_resource=replace(empty.by_resource, low=0.3, high=0.5),
        first_answer=replace(empty.first_answer, answered=Cell(22, 20)),
        gaps=(GapLine("7", 3, 3),),
        tiers=tuple(replace(line, cumulative=30, cumulative_growth=1.5) for line in empty.tiers),
    )
    exact = replace(many, by_resource=replace(empty.by_resource, low=0.3, high=0.3))
    return [empty, few, one, many, exact]


def digest_scenes(language: str) -> list[Scene]:
    cards = [digest_card(report, report, NOON.date(), say_in(language), language) for report in reports()]
    return [Scene(NOON, digest=Saying(InThread(place("", "")), card)) for card in cards]


def role_scenes(language: str) -> list[Scene]:
    until = NOON + 40 * HOUR
    given = [Appointment(TESS, role, MODA, NOON, "register", until, reminded=True) for role in Role]
    members = people(language)
    return [Scene(NOON, appointment=one, members=members) for one in (None, *given)]


def asker_scenes(language: str) -> list[Scene]:
    asked = Unmasking("u1", "q1", Reason.DANGER, MODA, NOON, second=KOFI, settled_at=NOON)
    nameless = question(text=WORDS, language=language, pseudonym="Koala-27", place=place("bot-7"))
    return [
        Scene(
            NOON,
            unmasking=replace(asked, state=state, reason=reason),
            question=replace(nameless, private=private),
            members=people(language),
            posted=posted,
        )
        for state, reason, private, posted in product(Sight, Reason, (False, True), (None, POSTED))
    ]


def confirmed_scenes(language: str) -> list[Scene]:
    """Where a clinician answers: confirmed here, by a role of their platform, or known from the beginning."""
    nurse = people(language)[TESS]
    listed, worn = replace(nurse, roles=CLINICIAN), replace(nurse, badges=frozenset({Badge(Role.CLINICIAN, "x")}))
    given = Appointment(TESS, Role.CLINICIAN, MODA, NOON, "register", NOON + HOUR)
    asked = question(text=WORDS, language=language, private=True, status=Status.ANSWERED)
    return [
        Scene(NOON, question=asked, answer=ANSWER, appointment=one, members=people(language) | {TESS: record})
        for one, record in ((given, listed), (None, listed), (None, worn))
    ]


def everything(language: str) -> list[tuple[Effect, Scene]]:
    alone = [Scene(NOON, members=people(language))]
    kinds = (
        (ABOUT_QUESTION, question_scenes(language)),
        (ABOUT_QUESTION, nameless_scenes(language)),
        (ABOUT_CHANNEL, channel_scenes(language)),
        (ABOUT_DRAFT, draft_scenes(language)),
        (ABOUT_ALERT, alert_scenes(language)),
        (ALONE, alone),
        (NEW, [Scene(NOON, members=people(language), resources={"r1": RESOURCE}, follows=TOPICS, code="77")]),
        (THANKS, [Scene(NOON, members=people(language))]),
        (DIGEST, digest_scenes(language)),
        (ABOUT_ROLE, role_scenes(language)),
        (ABOUT_ASKER, asker_scenes(language)),
        ([do.RelayAnswer("q1", ANSWER.place.key)], confirmed_scenes(language)),
    )
    return [pair for effects, scenes in kinds for pair in product(effects, scenes)]


Drawn = Callable[[str], list[tuple[Effect, Scene, Shown]]]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    """Every wish in every state and what it looks like, drawn once in each language."""
    return cache(lambda language: [(effect, scene, show(effect, scene)) for effect, scene in everything(language)])


@pytest.fixture(scope="module")
def cards(drawn: Drawn) -> Callable[[str], list[tuple[Effect, Scene, Card]]]:
    """Those in which something is said."""
    return cache(lambda language: [(e, scene, s.card) for e, scene, s in drawn(language) if isinstance(s, CARDED)])


def lines(card: Card) -> list[str]:
    texts = [b.text for b in card.blocks if isinstance(b, Text)] + [b.label for b in card.blocks if isinstance(b, Link)]
    return [*texts, *(b.facts for b in card.blocks if isinstance(b, ResourceShown)), *(b.label for b in card.buttons)]


def test_every_wish_is_tried():
    tried = [*ABOUT_QUESTION, *ABOUT_CHANNEL, *ABOUT_DRAFT, *ABOUT_ALERT, *ALONE, *NEW, *THANKS, *DIGEST]
    tried += [*ABOUT_ROLE, *ABOUT_ASKER]
    assert {type(e) for e in tried} == set(get_args(Effect))


def test_no_wish_ever_breaks_when_what_it_is_about_is_gone():
    nothing = Scene(NOON)
    gone = [
        show(effect, nothing)
        for effect in [*ABOUT_QUESTION, *ABOUT_CHANNEL, *ABOUT_DRAFT, *ABOUT_ALERT, *NEW[:2], *THANKS, *DIGEST]
    ] + [show(effect, nothing) for effect in ABOUT_ASKER]
    assert all(isinstance(shown, Unsaid) for shown in gone)


def test_every_wish_can_be_said_in_some_state(cards):
    said = {type(effect) for effect, _, _ in cards("en")}
    assert said == set(get_args(Effect)) - {ReadAgain}  # which says nothing


def test_every_text_of_every_card_comes_from_the_catalogue(cards):
    """In Spanish nothing English is left, so no text has passed the catalogue by."""
    english = {str(m.id) for m in catalogue("winwin.pot") if m.id}
    left = {line for _, _, card in cards("es") for line in lines(card) if line in english}
    both = {str(m.id) for m in catalogue("es.po") if m.id and m.id == m.string}
    assert left - both == set()
    pairs = zip(cards("en"), cards("es"), strict=True)
    same = {line for (_, _, a), (_, _, b) in pairs for line in set(lines(a)) & set(lines(b)) if line}
    assert same == set()


def test_no_card_shows_an_unfilled_gap(cards):
    assert [c for language in ("en", "es") for _, _, c in cards(language) if "{" in words_of(c)] == []


def test_nothing_is_quoted_in_a_crisis(cards):
    crisis = [card for effect, _, card in cards("en") if type(effect) in map(type, ABOUT_ALERT)]
    assert crisis
    assert [c for c in crisis if any(isinstance(b, Quote | ResourceShown) for b in c.blocks)] == []


def test_only_an_open_offer_and_a_private_claim_quote_the_question(cards):
    offers = do.OfferQuestion | do.ChangeOffer
    quoting = {
        (type(effect), scene.question.status, scene.question.private or isinstance(effect, offers))
        for effect, scene, card in cards("en")
        if scene.question and WORDS in words_of(card)
    }
    in_its_channel = {(do.PostQuestion, status, False) for status in Status}
    kept = in_its_channel | {(do.PostQuestion, status, True) for status in Status}
    shown = {(do.OfferQuestion, Status.OFFERED, True), (do.ChangeOffer, Status.OFFERED, True)}
    assert quoting - kept == {*shown, (do.CloseOffer, Status.CLAIMED, True)}
    assert in_its_channel <= quoting


def test_a_question_without_words_is_offered_without_a_quote():
    scene = Scene(NOON, question=question(text="", status=Status.OFFERED, offered_to=TESS), members=people("en"))
    shown = show(do.OfferQuestion("q1", TESS, 1), scene)
    assert isinstance(shown, Saying)
    assert not any(isinstance(block, Quote) for block in shown.card.blocks)


def test_a_private_question_is_neither_linked_nor_shown_in_public_and_its_asker_is_not_named_to_others(drawn):
    for effect, scene, shown in drawn("en"):
        if scene.question is None or not scene.question.private or isinstance(shown, Unsaid):
            continue
        if isinstance(effect, do.PostQuestion):
            continue  # what stands in a channel already is changed there
        if isinstance(shown, Saying):
            assert not isinstance(shown.to, InThread)
            assert isinstance(shown.to, Direct)
        to_asker = isinstance(effect, do.ShowSuggestions | do.CloseSuggestions | do.TellAsker | do.AskWhetherHelped)
        to_asker = to_asker or isinstance(effect, do.ShowEarlier | do.CloseEarlier)
        if isinstance(effect, do.PassOn) and scene.letter == FROM_TESS:
            continue  # to the asker too
        if isinstance(effect, ShowAsker):
            continue  # two people have agreed to see it
        if not to_asker:
            assert not any(isinstance(block, Link) for block in shown.card.blocks)
            assert "Dana" not in words_of(shown.card)


def test_of_a_question_without_a_name_nobody_but_the_asker_is_shown_who_asked():
    tried = 0
    for effect, scene in product(ABOUT_QUESTION, nameless_scenes("en")):
        shown = show(effect, scene)
        if isinstance(shown, Saying):
            asker_alone = getattr(shown.to, "member", None) == member("dana")
            assert asker_alone or "Dana" not in words_of(shown.card)
            assert asker_alone or DANA not in repr(shown.card)
            others = (shown.to, shown.otherwise)
            assert asker_alone or not any(getattr(to, "member", None) == member("dana") for to in others)
            assert not asker_alone or not isinstance(shown.otherwise, InThread)
            tried += 1
        elif isinstance(shown, Change):
            assert "Dana" not in words_of(shown.card)
    assert tried > 500


def test_nothing_is_sent_into_a_channel_that_is_lost():
    for effect, scene in product(ABOUT_QUESTION, nameless_scenes("en")):
        shown = show(effect, scene)
        if scene.gone and isinstance(shown, Saying) and not isinstance(effect, do.PostQuestion):
            assert isinstance(shown.to, Direct)
            assert shown.otherwise is None
    assert not any(
        isinstance(show(e, s), Saying) for e, s in product(ABOUT_CHANNEL, channel_scenes("en")) if s.channel.gone
    )


@pytest.mark.parametrize(("mode", "address"), [(Mode.THREAD, InThread), (Mode.HINT, OnlyFor)])
def test_a_suggestion_goes_where_the_channel_wants_it(mode, address):
    scene = next(s for s in question_scenes("en") if s.mode is mode and len(s.suggestions) == 1 and not s.posted)
    shown = show(do.ShowSuggestions("q1"), scene)
    assert isinstance(shown, Saying)
    assert isinstance(shown.to, address)


def test_a_suggestion_says_why_it_matches_and_who_reviewed_it():
    scene = next(s for s in question_scenes("en") if len(s.suggestions) == 1)
    shown = show(do.ShowSuggestions("q1"), scene)
    assert isinstance(shown, Saying)
    facts = "Matches: letter · Reviewed by Cleo, Mar 2026"
    assert ResourceShown("q1", "r1", "Letters", "Write a letter.", facts, more="Read it") in shown.card.blocks


def test_a_retired_resource_is_not_shown():
    scene = replace(next(s for s in question_scenes("en") if len(s.suggestions) == 1 and not s.posted), resources={})
    assert show(do.ShowSuggestions("q1"), scene) == Unsaid("the resource is no longer there")


@pytest.mark.parametrize(
    ("news", "true_in"),
    [
        (News.ASKING, {Status.OFFERED}),
        (News.ASLEEP, {Status.OPEN}),
        (News.CLAIMED, {Status.CLAIMED}),
        (News.STILL_LOOKING, {Status.OPEN, Status.OFFERED}),
        (News.HANDED_ON, {Status.OPEN, Status.OFFERED}),
        (News.ESCALATED, {Status.ESCALATED}),
        (News.UNATTENDED, {Status.ESCALATED}),
        (News.CLOSED, {Status.CLOSED}),
        (News.POSTED, {*Status} - {Status.CLOSED}),
        (News.NOT_POSTED, {*Status} - {Status.CLOSED}),
        (News.CHANNEL_LOST, {*Status} - {Status.CLOSED}),
        (News.TAKEN_DOWN, {Status.CLOSED}),
    ],
)
def test_news_are_told_only_while_they_are_true(news, true_in):
    said = {
        s.question.status
        for s in question_scenes("en")
        if s.question and isinstance(show(do.TellAsker("q1", news, NOON + HOUR, TESS), s), Saying)
    }
    assert said == true_in


@pytest.mark.parametrize(("code", "thread_of_their_own"), [("C1", True), ("C2", True), ("C3", True), ("C4", False)])
def test_who_takes_no_private_messages_is_answered_in_a_crisis_but_of_abuse_nothing_is_left_lying(
    code, thread_of_their_own
):
    alert = Alert("a1", place(), DANA, code, "self", ("rule",), NOON)
    shown = show(AnswerCrisis("a1"), Scene(NOON, alert=alert))
    assert isinstance(shown, Saying)
    assert shown.to == Direct(member("dana"))
    assert shown.otherwise == (OnlyFor(place(), member("dana")) if thread_of_their_own else None)
