"""Which messages are one question, and which one message is two."""

import pytest

from bot.several import again, is_aside, joined, leads, leans, needs_in

FIRST = "What should we bring to the first infusion?"
LLEVAR = "¿Qué llevamos a la primera infusión?"


@pytest.mark.parametrize(
    "text",
    [
        "and does it hurt?",
        "does it hurt?",
        "how long does the infusion take?",
        "any tips?",
        "anyone??",
        "or is there something else?",
        "btw is there parking?",
    ],
)
def test_a_question_that_leans_on_the_one_before_it_belongs_to_it(text: str):
    assert leans(text, FIRST)


@pytest.mark.parametrize("text", ["¿duele mucho?", "¿y duele?", "¿cuánto dura?"])
def test_so_it_does_in_spanish(text: str):
    assert leans(text, LLEVAR, "es")


@pytest.mark.parametrize(
    "text",
    [
        "does anybody know how to appeal an insurance denial?",
        "and does anybody know how to appeal an insurance denial?",
        "Can anyone recommend a swimming club?",
        "How do I tell my daughter about her stoma?",
        "How do we tell the grandparents?",
        "Separately: does it hurt?",
        "Another question, does it hurt?",
    ],
)
def test_one_with_words_of_its_own_is_a_new_one(text: str):
    assert not leans(text, FIRST)


def test_so_it_is_in_spanish():
    assert not leans("¿Alguien sabe cómo apelar al seguro?", LLEVAR, "es")


@pytest.mark.parametrize(
    "text",
    ["thanks everyone!", "yes we loved it", "lol", "@ben we did that too", "never mind, found it", "following", "sí"],
)
def test_what_is_said_to_others_is_part_of_no_question(text: str):
    assert is_aside(text)
    assert not leads(text)


@pytest.mark.parametrize(
    "text", ["we have our first infusion on tuesday", "he's 9 btw", "*infusion", "no idea what to pack", "es el martes"]
)
def test_a_story_is_part_of_one(text: str):
    assert not is_aside(text)
    assert leads(text)


@pytest.mark.parametrize("text", ["Hi all", "good morning everyone", "Hola a todos"])
def test_a_greeting_leads_to_nothing(text: str):
    assert not leads(text)


def test_a_long_story_with_thanks_in_it_is_a_story():
    assert not is_aside("We have our first infusion on tuesday and she has never had one, thanks to you we dare")


def test_what_was_said_twice_is_said_once():
    assert again("does anybody know?", "Does anybody know?")
    assert not again("", "Does anybody know?")
    assert joined(["What to bring?", " ", "he is nine", "what to bring"]) == "What to bring?\nhe is nine"


TWO = [
    (
        "what do I pack for the infusion? And separately: does anybody know how to appeal an insurance denial?",
        "what do I pack for the infusion?",
        "And separately: does anybody know how to appeal an insurance denial?",
    ),
    (
        "He is nine. How do you manage school? Another question: has anyone traveled abroad with biologics?",
        "He is nine. How do you manage school?",
        "He is nine. Another question: has anyone traveled abroad with biologics?",
    ),
    (
        "what do I pack and separately how do I appeal a denial from the insurance?",
        "what do I pack",
        "and separately how do I appeal a denial from the insurance?",
    ),
    (
        "1. What do we pack for the infusion? 2) how do we appeal the insurance denial?",
        "What do we pack for the infusion?",
        "2) how do we appeal the insurance denial?",
    ),
    (
        "¿Qué llevamos a la infusión? Otra pregunta: ¿alguien sabe cómo apelar al seguro?",
        "¿Qué llevamos a la infusión?",
        "Otra pregunta: ¿alguien sabe cómo apelar al seguro?",
    ),
]


@pytest.mark.parametrize(("text", "first", "second"), TWO)
def test_a_message_that_says_so_has_two_needs(text: str, first: str, second: str):
    assert needs_in(text) == (first, second)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "My son is 9 and has his first infusion. What do we pack? Does it hurt?",
        "What helps with pain? Another question: does it go away?",
        "How do we apply for a 504 plan? And does the insurance pay for formula?",
        "Apart from the infusion, what do we need? The school separately asks for a letter.",
        "We have another question for the team tomorrow about school.",
    ],
)
def test_what_may_be_one_need_stays_one(text: str):
    assert needs_in(text) == (text,)
