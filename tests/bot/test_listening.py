"""Needs are heard, chatter is left alone, answers are told from company. Sentences here are the project's own."""

import json
from importlib.resources import files

import pytest

from bot.listening import (
    ANSWER,
    BUCKETS,
    NEED,
    QUICK_NEED,
    buckets,
    excerpt,
    judge_answer,
    judge_need,
    quick_need,
    read_as,
    thanks,
    tokenise,
    withdraws,
)
from bot.listening_cues import ANSWER_CUES, NEED_CUES

NEEDS = [
    "Does anybody know a dentist who is patient with anxious kids?",
    "how do you store the shakes on a long train ride",
    "Looking for a family near Leeds with a child on the same diet",
    "I don't know how to tell his football coach",
    "My daughter won't take the liquid any more and I'm desperate",
    "any tips for the first night at home with the pump",
    "¿Alguien sabe si la enfermera de la escuela puede poner la inyección?",
    "Necesito ayuda con la carta para el seguro",
    "mi hijo no quiere comer y no sé qué hacer",
]
CHATTER = [
    "morning all, the kettle is on",
    "haha that made my day 😂",
    "Thank you all so much, you are wonderful ❤️",
    "So happy for you! Congratulations!",
    "lol same",
    "we had a lovely weekend at the lake",
    "yay, all done!",
    "jajaja qué bueno",
]


@pytest.mark.parametrize("text", NEEDS)
def test_a_need_passes_the_quick_look_and_is_heard(text: str) -> None:
    assert quick_need(text) >= QUICK_NEED
    assert judge_need(text, None) >= NEED


@pytest.mark.parametrize("text", CHATTER)
def test_chatter_is_left_alone(text: str) -> None:
    assert judge_need(text, None) < NEED


def test_most_clear_chatter_never_reaches_the_model() -> None:
    assert sum(quick_need(text) < QUICK_NEED for text in CHATTER) >= len(CHATTER) - 2


def test_a_question_without_its_mark_is_still_one() -> None:
    assert quick_need("has anyone tried the new straws") > 5 * quick_need("we tried the new straws")


def test_what_the_reader_says_decides_where_there_is_one() -> None:
    text = NEEDS[0]
    assert judge_need(text, 2.0) > 0.5 > judge_need(text, -2.0)
    assert judge_need(text, None) == quick_need(text)
    assert judge_need("Anyone up for pizza on Friday?", 4.0) < NEED  # company, not help


ANSWERS = [
    "Ask the clinic for a letter, ours wrote one within two days.",
    "We freeze it in small cups for ten minutes, that helped a lot",
    "Yes, the school nurse did it for us every second Friday.",
    "Llama a la trabajadora social, a nosotros nos funcionó",
]
COMPANY = [
    "same here",
    "following!",
    "hugs ❤️",
    "bump",
    "Thanks for asking this, I wondered too",
    "oh no, poor thing 😢",
]


@pytest.mark.parametrize("text", ANSWERS)
def test_a_real_answer_is_taken_for_one(text: str) -> None:
    assert judge_answer(text, None) >= ANSWER


@pytest.mark.parametrize("text", [*COMPANY, "Which hospital are you at?", "👀"])
def test_company_and_questions_back_are_no_answers(text: str) -> None:
    assert judge_answer(text, None) < ANSWER


def test_what_the_reader_says_of_question_and_reply_decides() -> None:
    assert judge_answer(ANSWERS[0], -3.0) < ANSWER < judge_answer(COMPANY[0], 3.0)


@pytest.mark.parametrize(
    "text",
    [
        *("Thanks so much!", "thank you both", "Muchas gracias a todas", "That's it, thx", "tysm 💙", "THANKS"),
        *("ty!", "cheers everyone", "really appreciate it", "you are the best", "this helped so much", "thanx", "ta"),
        *("les agradezco", "muy agradecida", "me ayudó mucho", "mil gracias"),
    ],
)
def test_thanks_are_recognised(text: str) -> None:
    assert thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Thanks in advance for any idea", "no thanks", "any help?", "thankless job", "", "thanks for nothing"),
        *("thanks for any ideas", "thank you for reading", "any advice would be much appreciated"),
        *("I would appreciate any tips", "gracias por leerme", "desde ya gracias", "agradecería cualquier consejo"),
    ],
)
def test_thanks_beforehand_are_not_thanks(text: str) -> None:
    assert not thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Never mind, found it",
        "nvm",
        "Solved!",
        "we figured it out, the nurse called back",
        "You can ignore this, it's sorted",
        "I’ve found the answer",
        "don't need this anymore",
        "ya lo encontré",
        "Olvídenlo, ya está resuelto",
        "found it!",
        "ignore me, found it in the pinned post",
        "don't worry about it, found it",
        "all good now, thanks",
        "it's ok, we worked it out",
        "fixed it",
        "cancel my question please",
        "No need to answer any more",
        "this can be closed",
        "Got an answer from the clinic",
        "I answered my own question lol",
        "forget my question",
        "ya está, gracias",
        "ya lo solucionamos",
        "ya está solucionado",
        "olviden mi pregunta",
        "ya no es necesario",
        "ya me respondieron",
        "ya tenemos la respuesta",
        "resuelto, gracias",
        "déjenlo así, gracias",
        "ignoren mi pregunta",
    ],
)
def test_a_question_can_be_taken_back(text: str) -> None:
    assert withdraws(text)


@pytest.mark.parametrize(
    "text",
    [
        "it's not solved yet",
        "Has anyone figured this out?",
        "how do I get it sorted",
        "I never mind the waiting, it's the needle",
        "the school still won't listen",
        "bump, still looking",
        "",
        "never mind the cost, how do you get approved",
        "the doctor said never mind the numbers",
        "I found it hard to talk to them",
        "we found one but it was full",
        "we fixed it with a pump but the leak is back",
        "forget it, he will not drink it",
        "please ignore my spelling",
        "nevermind typo",
        "ignore that typo",
        "scratch that, I meant the blue one",
        "nvm he threw up again",
        "figured it out? not yet",
        "we figured it out ourselves that he can't eat nuts",
        "olvídenlo, está peor",
        "all good at school but nights are awful",
        "got an answer from the school but it was no",
        "we worked it out with the nurse for the mornings, nights are the problem",
        "got it, and how many days?",
        "ya está en casa pero sigue con dolor",
        "ya tengo cita el martes",
        "todavía no lo encontramos",
        "no hace falta receta para eso",
    ],
)
def test_an_open_question_is_not_taken_back(text: str) -> None:
    assert not withdraws(text)


@pytest.mark.parametrize(
    "text", ["", "\0", "\ud800", "?" * 100_000, "😀" * 50_000, "x" * 100_000, "a b " * 25_000, "שלום"]
)
def test_any_text_is_judged(text: str) -> None:
    found = [quick_need(text), judge_need(text, None), judge_answer(text, None)]
    assert all(0 < likely < 1 for likely in found)
    assert (thanks(text), withdraws(text)) == (False, False)


def test_a_long_message_is_read_at_both_ends() -> None:
    assert excerpt("A" * 5_000 + "Z").endswith("aaz")
    assert quick_need("it was a day. " * 400 + "Does anyone know what helps?") > quick_need("it was a day. " * 400)


def test_numbers_are_alike_to_the_words() -> None:
    assert buckets(tokenise("day 3")) == buckets(tokenise("day 77"))


def test_the_shipped_numbers_fit_the_cues() -> None:
    judges = json.loads(files("bot").joinpath("listening.json").read_text("utf-8"))["judges"]
    for name, cues in {"need": NEED_CUES, "answer": ANSWER_CUES}.items():
        assert list(judges[name]["cues"]) == list(cues)
        assert len(judges[name]["words"]) == BUCKETS


@pytest.mark.parametrize(
    "text",
    ["anyone up for pizza on friday?", "Who wants to come to the lake on Sunday?", "¿Quién se apunta a un café?"],
)
def test_an_invitation_asks_nobody_for_help(text: str) -> None:
    assert quick_need(text) < QUICK_NEED
    assert judge_need(text, None) < NEED


@pytest.mark.parametrize(
    "text", ["Anyone up for explaining the school form to me?", "Is anybody free tonight to help with a flare?"]
)
def test_an_invitation_to_help_is_a_need(text: str) -> None:
    assert quick_need(text) >= QUICK_NEED


@pytest.mark.parametrize(
    "thanks",
    [
        "Thanks so much in advance!! xx",
        "Many thanks in advance 🙏🏼 xx",
        "thank you ❤️❤️",
        "¡Gracias a todos!",
        "(edited)",
    ],
)
def test_thanks_after_a_question_are_not_read_with_it(thanks: str) -> None:
    asked = "How do you clean the tube at night?"
    assert read_as(f"{asked} {thanks}").rstrip(" ¡") == asked


@pytest.mark.parametrize(
    "text",
    [
        "We had a long day. The nurse was kind to us.",
        "Any tips for helping her with anxiety",
        "Is it ok to give pasta",
        "Does anyone know what goes in the box",
        "We need help with puberty",
        "Please help us with the school and safety.",
        "who knows a good site for medical data",
        f"{'so ' * 100}what do we tell the grandparents about all of it",
        "Thank you all!",
        "",
    ],
)
def test_nothing_else_is_left_out(text: str) -> None:
    assert read_as(text) == text


@pytest.mark.parametrize(
    "row",
    [
        "❤️" * 300,
        "x" * 3_000,
        "🙏🏼🙏" * 500,
        "." * 4_000,
        "\n" * 3_000,
        "thanks " * 1_000,
        "gracias! " * 40 + "xx" * 90,
    ],
)
@pytest.mark.timeout(20)
def test_a_row_of_hearts_or_dots_stops_nobody(row: str) -> None:
    for text in (f"any tips for school {row} from anna", f"{row} any tips", f"any tips for school {row}"):
        assert "any tips" in read_as(text)
        quick_need(text)
        thanks(text)
        withdraws(text)
