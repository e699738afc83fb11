"""The open board in the browser."""

from datetime import timedelta

from web_town import NOON, Town

from adapters.web.people import member_of
from bot.events import ButtonPressed, Place
from bot.question import Question, Status
from tests.fakes.values import question

REFUSAL = "It is about medicines, so only a clinician takes it. Thank you for wanting to help."


async def ask(town: Town, *asked: Question) -> None:
    async with town.store.begin() as tx:
        for one in asked:
            await tx.questions.add(one)


def asked(n: int, **facts) -> Question:
    dana = member_of("dana")
    usual = {"asker": dana.key, "text": f"Question {n}.", "asked_at": NOON - timedelta(hours=n)}
    stands = Place(dana.platform, dana.space, "school", f"{n}", f"{n}")
    return question(id=f"q{n}", place=stands, **{**usual, **facts})


async def test_the_oldest_first_with_age_topic_and_who_is_on_it(town: Town) -> None:
    await ask(town, asked(1), asked(3, topics=("diet",), status=Status.CLAIMED, claimed_by=member_of("tess").key))
    page = (await town.be("sol").get("/board")).text
    assert page.index("Question 3.") < page.index("Question 1.")
    for words in ("2 questions have no answer yet, the oldest first.", "asked 3 hours ago", "Tess W. has taken it"):
        assert words in page
    assert "<li>Food</li>" in page
    assert "Food (1)" in page
    narrowed = (await town.be("sol").get("/board?topic=diet")).text
    assert "1 question about Food has no answer yet." in narrowed
    assert "Question 1." not in narrowed


async def test_an_empty_board_says_so(town: Town) -> None:
    assert "No question waits for an answer just now." in (await town.be("dana").get("/board")).text


async def test_many_questions_stand_on_several_pages(town: Town) -> None:
    await ask(town, *(asked(n) for n in range(1, 31)))
    first, second = [(await town.be("sol").get(f"/board?page={n}")).text for n in (1, 2)]
    assert "Question 30." in first
    assert "Question 5." not in first
    assert "Question 5." in second
    assert "/board?topic=&amp;page=2" in first
    assert "Here are 26 to 30." in second
    for strange in ("0", "-3", "999999"):
        assert "Question " in (await town.be("sol").get(f"/board?page={strange}")).text


async def test_about_medicines_says_kindly_why_and_has_no_button_for_others(town: Town) -> None:
    await ask(town, asked(1, medical=True))
    page = (await town.be("sol").get("/board")).text
    assert REFUSAL in page
    assert 'value="take"' not in page
    assert REFUSAL not in (await town.be("dana").get("/board")).text, "who takes no questions need not know"


async def test_taking_one_leads_back_to_the_same_topic(town: Town) -> None:
    await ask(town, asked(1, topics=("diet",)))
    page = (await town.be("tess").get("/board?topic=diet")).text
    assert 'name="back" value="/board?topic=diet"' in page
    answer = await town.be("tess").post("/press", {"action": "take", "subject": "q1", "back": "/board?topic=diet"})
    assert answer.headers["location"] == "/board?topic=diet"
    assert town.desk.heard == [ButtonPressed("press-0000-0001", "take", "q1", member_of("tess"), NOON)]
