"""The open board: what waits, the oldest first, by topic and page; who is on it, who may take it, kindly why not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards import Action
from bot.community import Role, Topic
from bot.lookups import OnBoard
from bot.news import News, Notice
from bot.question import Status
from bot.showing.board import BEGINNING, Board, Eyes, Looking, board, read_looking
from bot.showing.home import BOARD, home
from bot.surfaces.at_home import at_home
from bot.surfaces.house import House
from bot.wording import asked_ago, say_in
from tests.fakes.community import Community, volunteering
from tests.fakes.values import CLEO, DANA, HOUR, KOFI, MINUTE, MODA, NOON, TESS, key, question

TOPICS = (Topic("school", "School", {"es": "Escuela"}), Topic("diet", "Food and diet"))
NAMES = {DANA: "Dana", TESS: "Tess"}
PARKING = "Where do you park at the hospital?"


def eyes(language: str = "en", reader: str = MODA) -> Eyes:
    return Eyes(reader, NOON, lambda key: NAMES.get(key, "A member"), TOPICS, language, say_in(language))


def waiting(number: int, *, may_take: bool = True, why_not: Notice | None = None, **facts) -> OnBoard:
    asked = {"asked_at": NOON - number * HOUR, "text": f"Question {number}"}
    return OnBoard(question(id=f"q{number}", **{**asked, **facts}), may_take, mine=False, why_not=why_not)


def shown(*found: OnBoard, looking: Looking = BEGINNING, size: int = 4, seen: Eyes | None = None) -> Board:
    return board(found, looking, seen or eyes(), size)


# --- order, topics, pages ---------------------------------------------------------------------------------


def test_the_oldest_comes_first_with_its_age_in_words():
    made = shown(waiting(1), waiting(50), waiting(3))
    assert [(row.words, row.when) for row in made.rows] == [
        ("Question 50", "asked 2 days ago"),
        ("Question 3", "asked 3 hours ago"),
        ("Question 1", "asked 1 hour ago"),
    ]
    assert made.lead == "3 questions have no answer yet, the oldest first."


@pytest.mark.parametrize(
    ("age", "words", "spanish"),
    [
        (timedelta(seconds=59), "asked just now", "preguntada ahora mismo"),
        (timedelta(seconds=-5), "asked just now", "preguntada ahora mismo"),
        (MINUTE, "asked 1 minute ago", "preguntada hace 1 minuto"),
        (59 * MINUTE, "asked 59 minutes ago", "preguntada hace 59 minutos"),
        (119 * MINUTE, "asked 1 hour ago", "preguntada hace 1 hora"),
        (47 * HOUR, "asked 47 hours ago", "preguntada hace 47 horas"),
        (72 * HOUR, "asked 3 days ago", "preguntada hace 3 días"),
    ],
)
def test_an_age_is_said_in_whole_words(age: timedelta, words: str, spanish: str):
    assert (asked_ago(age, say_in("en")), asked_ago(age, say_in("es"))) == (words, spanish)


def test_topics_are_called_as_people_call_them_and_one_can_be_chosen():
    found = [waiting(1), waiting(2, topics=("diet", "school")), waiting(3, topics=("night_feeds",))]
    choices = [("diet", "Food and diet (1)"), ("night_feeds", "night feeds (1)"), ("school", "School (2)")]
    assert list(shown(*found).choices) == choices
    some = shown(*found, looking=Looking("school"))
    assert [row.words for row in some.rows] == ["Question 2", "Question 1"]
    assert some.lead == "2 questions about School have no answer yet, the oldest first."
    assert some.rows[0].topics == ("Food and diet", "School")
    assert shown(*found, looking=Looking("diet")).lead == "1 question about Food and diet has no answer yet."


def test_a_topic_in_which_nothing_waits_any_more_says_so():
    none = shown(waiting(1), looking=Looking("diet", 2))
    assert none.lead == "About Food and diet no question waits just now."
    assert (none.rows, none.looking) == ((), Looking("diet"))


def test_an_empty_board_is_good_news():
    assert shown().lead == "No question waits for an answer just now. Thank you for looking."
    assert shown(waiting(1)).lead == "1 question has no answer yet."


def test_many_questions_are_turned_page_by_page_and_none_is_lost():
    many = [waiting(n) for n in range(1, 12)]
    pages = [shown(*many, looking=Looking(page=n)) for n in range(3)]
    assert [row.one.question.id for made in pages for row in made.rows] == [f"q{n}" for n in range(11, 0, -1)]
    assert pages[1].lead == "11 questions have no answer yet, the oldest first. Here are 5 to 8."
    assert {made.pages for made in pages} == {3}
    assert shown(*many, looking=Looking(page=99)) == pages[2]


@pytest.mark.parametrize("looking", [BEGINNING, Looking("diet"), Looking("night feeds", 12)])
def test_a_button_carries_what_is_looked_at(looking: Looking):
    assert read_looking(looking.subject) == looking


@pytest.mark.parametrize("forged", ["", "x", "-1 diet", "9999 diet", "1 " + "x" * 81, "٣ diet"])
def test_a_forged_one_begins_the_board(forged: str):
    assert read_looking(forged) == BEGINNING


# --- who is on it, and who may take it --------------------------------------------------------------------


def test_who_is_on_it_is_said_but_never_who_is_being_asked():
    states = {
        "nobody has it yet": question(),
        "a volunteer is being asked": question(status=Status.OFFERED, offered_to=KOFI),
        "Tess has taken it": question(status=Status.CLAIMED, claimed_by=TESS),
        "somebody has taken it": question(status=Status.CLAIMED, claimed_by=TESS, private=True),
        "nobody found yet, the moderators know": question(status=Status.ESCALATED, told=(News.ESCALATED,)),
        "you have it": question(status=Status.CLAIMED, claimed_by=MODA),
        "I am asking you": question(status=Status.OFFERED, offered_to=MODA),
    }
    for words, asked in states.items():
        (row,) = shown(OnBoard(asked, may_take=False, mine=False)).rows
        assert row.state == words
    unattended = question(status=Status.ESCALATED, told=(News.UNATTENDED,))  # there is no moderator to know
    assert shown(OnBoard(unattended, may_take=True, mine=False)).rows[0].state == "nobody has it yet"


def test_a_row_says_who_asked_unless_nobody_may_learn_it():
    rows = shown(waiting(1), waiting(2, pseudonym="Koala-27"), waiting(3, private=True, text="")).rows
    assert [(row.asker, row.words or row.instead) for row in rows] == [
        ("Somebody", "A private question"),
        ("Koala-27", "Question 2"),
        ("Dana", "Question 1"),
    ]


def test_what_is_about_medicines_says_why_others_can_not_take_it():
    (row,) = shown(waiting(1, may_take=False, medical=True, why_not=Notice.FOR_CLINICIANS)).rows
    assert row.topics == ("School", "about medicines")
    assert row.refusal == "It is about medicines, so only a clinician takes it. Thank you for wanting to help."


def test_it_speaks_spanish():
    made = shown(waiting(1, medical=True, why_not=Notice.FOR_CLINICIANS), seen=eyes("es"))
    said = f"{made.lead} {made.rows[0].facts} {made.rows[0].refusal}"
    assert "Escuela" in said
    assert not {"question", "asked", "about", "nobody", "medicines", "clinician"} & set(said.replace(",", "").split())


# --- at the press -----------------------------------------------------------------------------------------


async def test_a_press_is_told_the_same_as_the_board_says(home_town: Community):
    medical = await home_town.question(await home_town.say("dana", "May I double the dose?"))
    plain = await home_town.question(await home_town.say("dana", PARKING))
    refusals = [
        ("moda", medical.id, "It is about medicines, so only a clinician takes it. Thank you for wanting to help."),
        ("dana2", plain.id, "This is your own question: somebody else answers it."),
        ("ben", plain.id, "Volunteers take questions here. If you would like to be one: /volunteer"),
    ]
    for who, asked, words in refusals:
        (on_board,) = [o for o in await home_town.lookups.board(key(who), everything=True) if o.question.id == asked]
        await home_town.force(who, Action.TAKE, asked)
        assert home_town.last(who) == words
        assert on_board.why_not is not None
        assert not on_board.may_take
    assert (await home_town.question_of(medical.id)).claimed_by == ""  # type: ignore[union-attr]  # it is there
    await home_town.force("cleo", Action.TAKE, medical.id)
    assert (await home_town.question_of(medical.id)).claimed_by == CLEO  # type: ignore[union-attr]  # it is there


async def test_two_who_take_one_at_once_both_hear_something_kind(home_town: Community):
    asked = await home_town.question(await home_town.say("dana", PARKING))
    await home_town.desk.receive([home_town.pressed(who, Action.TAKE, asked.id) for who in ("moda", "mara")])
    await home_town.desk.settle()
    taken = await home_town.question_of(asked.id)
    assert taken is not None
    late = "mara" if taken.claimed_by == MODA else "moda"
    assert "Thank you. This question is yours." in home_town.last("moda" if late == "mara" else "mara")
    assert home_town.last(late) == "Somebody else has already taken this one. Thank you for being there."


# --- on somebody's own page -------------------------------------------------------------------------------


@pytest.fixture
async def home_town(home: Community) -> Community:
    await home.enter("dana2", [Role.MODERATOR], person="p-dana")
    return home


async def part(town: Community, who: str, looking: Looking = BEGINNING) -> list[str]:
    """The words of the board on their page, its intro first."""
    house = House(town.store, town.lookups, town.clock, lambda: TOPICS)
    reader = await house.reader(key(who))
    parts = home(await at_home(house, reader, looking=looking), reader.say)
    found = [p for p in parts if p.title in ("The open board", "El tablón abierto")]
    return [
        "\n".join(getattr(b, "text", "") or getattr(b, "label", "") for b in item.card.blocks)
        + "".join(f"\n[{button.label}]" for button in item.card.buttons)
        + "".join(f"\n[{turn.label}]" for turn in item.turns)
        for p in found
        for item in p.items
    ]


async def test_a_page_shows_the_board_to_whoever_may_help_also_when_it_is_empty(home_town: Community):
    assert await part(home_town, "moda") == ["No question waits for an answer just now. Thank you for looking."]
    assert await part(home_town, "ben") == []
    await home_town.say("dana", "May I double the dose?")
    home_town.clock.move(3 * HOUR)
    (intro, row) = await part(home_town, "moda")
    assert intro == "1 question has no answer yet."
    assert row == (
        "May I double the dose?\nDana · asked 3 hours ago · about medicines · nobody found yet, the moderators know\n"
        "It is about medicines, so only a clinician takes it. Thank you for wanting to help.\nOpen the question"
    )
    assert "[I'll take it]" in (await part(home_town, "cleo"))[1]
    assert len(await part(home_town, "dana2")) == 1, "what one asked stands elsewhere"


async def test_a_page_turns_the_board_and_what_one_has_stands_above_it(home_town: Community):
    words = ["swimming", "diving", "rowing", "sailing", "skating", "climbing", "fencing", "chess"]
    asked = []
    for word in words:
        home_town.clock.move(MINUTE)
        asked.append(await home_town.question(await home_town.say("ben", f"Does anybody know a good {word} club?")))
    assert len(asked) == BOARD + 2
    first, second = await part(home_town, "moda"), await part(home_town, "moda", Looking(page=1))
    assert (len(first), len(second)) == (BOARD + 1, 3)
    assert first[0].endswith("Here are 1 to 6.\n[Newer ones]")
    assert second[0].endswith("Here are 7 to 8.\n[Older ones]")
    await home_town.force("moda", Action.TAKE, asked[0].id)
    assert "swimming" not in str(await part(home_town, "moda"))
    assert "Moda has taken it" in str(await part(home_town, "mara"))


async def test_the_page_of_a_volunteer_in_spanish(home_town: Community):
    await home_town.enter("luz", volunteer=volunteering("luz"), language="es")
    assert (await part(home_town, "luz"))[0].startswith("Ahora mismo ninguna pregunta")


async def test_a_guest_is_shown_no_board_and_takes_nothing(home_town: Community):
    await home_town.enter("gus", volunteer=volunteering("gus"), guest=True)
    asked = await home_town.question(await home_town.say("dana", PARKING))
    assert await part(home_town, "gus") == []
    await home_town.force("gus", Action.TAKE, asked.id)
    taken = await home_town.question_of(asked.id)
    assert taken == replace(asked, version=taken.version if taken else 0)
