"""What disguises and slips become, and that nothing makes triage slow."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.rules import Rule, RuleBook
from bot.safety.spelling import Speller, one_edit
from bot.safety.triage import Triage, is_crisis
from tests.fakes.rulebook import rulebook

PLAIN = "i want to kill myself tonight "
BOOK = rulebook()
TRIAGE = Triage(BOOK)


@pytest.mark.parametrize(
    "typed",
    [
        "I WANT TO KILL MYSELF TONIGHT",
        "i wanna kill myself 2nite",
        "I want to k1ll mys3lf tonight",
        "1 w4nt 70 k1ll my53lf 70n1gh7",
        "i want to ki\u200bll my\u00adself tonight",
        "i want to k\u0336i\u0336l\u0336l\u0336 myself tonight",
        "і wаnt tо kіll mуsеlf tоnіght",  # Cyrillic letters
        "ｉ ｗａｎｔ ｔｏ ｋｉｌｌ ｍｙｓｅｌｆ ｔｏｎｉｇｈｔ",
        "𝐢 𝐰𝐚𝐧𝐭 𝐭𝐨 𝐤𝐢𝐥𝐥 𝐦𝐲𝐬𝐞𝐥𝐟 𝐭𝐨𝐧𝐢𝐠𝐡𝐭",
        "i want to k i l l myself tonight",
        "i want to k.i.l.l myself tonight",
        "i want to ki-ll my_self tonight",
        "i want to k*ll myself tonight",
        "i want to killll myyyyself toniiiight",
        "i want to killmyself tonight",
        "i wantt to kil myslef tongiht",
        "i want 😭 to kill 😭 myself tonight",
        "i want to ki🙂ll myself tonight",
        "í wánt tô kïll mýself tònight",
        "i want to ⓚⓘⓛⓛ myself tonight",
        "i want to kms tonight",
    ],
)
def test_disguises_and_slips_are_undone(book: RuleBook, typed: str) -> None:
    assert book.normaliser.read(typed).words.replace("  ", " ") == PLAIN


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Don't, I can't! She's 9.", "do not , i can not . she is 9 "),
        ("38.5 on 20mg of 6mp", "38 5 on 20 mg of 6mp "),
        ("The 1st and the 2nd of 3rd", "the 1 st and the 2 nd of 3 rd "),
        ("a b c", "a b c "),
        ("my pill and my will", "my pill and my will "),
        ("Crohn's", "crohns "),
    ],
)
def test_ordinary_words_and_numbers_stay(book: RuleBook, typed: str, words: str) -> None:
    assert book.normaliser.read(typed).words.removesuffix(". ") == words.removesuffix(". ")


def test_emoji_with_a_meaning_are_named_in_a_second_reading(book: RuleBook) -> None:
    reading = book.normaliser.read("bye 💊 all")
    assert (reading.words, reading.named) == ("bye all ", "bye emojipills all ")
    assert book.normaliser.read("bye 🌻 all").named is None


@pytest.mark.parametrize(
    ("a", "b", "close"),
    [
        ("kil", "kill", True),
        ("killl", "kill", True),
        ("kikl", "kill", True),
        ("klil", "kill", True),
        ("kill", "kill", True),
        ("ikll", "kill", True),
        ("kl", "kill", False),
        ("lkli", "kill", False),
        ("calm", "kill", False),
    ],
)
def test_one_edit_is_one_slip(a: str, b: str, close: bool) -> None:
    assert one_edit(a, b) is close
    assert one_edit(b, a) is close


def test_a_real_word_is_not_corrected() -> None:
    speller = Speller({"kill": 5, "vomit*": 1}, ["hill"])
    assert [speller.correct(word) for word in ("hill", "kkill", "vomiting", "xy")] == [None, "kill", None, None]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_and_checked(text: str) -> None:
    assert isinstance(TRIAGE.check(text), tuple)


DISGUISES: list[Callable[[str, int], str]] = [
    lambda text, _: text.upper(),
    lambda text, at: text[:at] + "\u200b" + text[at:],
    lambda text, at: text[:at] + "\u0301" + text[at:],
    lambda text, _: text.replace(" ", " 🌸 "),
    # A digit for a letter in words; where an amount stands too ("1 ml"), what a digit means can't be told any more.
    lambda text, _: text if any(c.isdigit() for c in text) else text.replace("e", "3").replace("o", "0"),
    lambda text, _: text.replace("a", "а").replace("o", "о"),
    lambda text, _: text.replace("'", ""),
    lambda text, _: text.replace(" ", "   "),
]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([rule for rule in BOOK.rules if rule.code.value in "C1 C2 C3"]), st.data())
def test_a_disguise_does_not_hide_a_crisis(rule: Rule, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(rule.matches))
    disguise = data.draw(st.sampled_from(DISGUISES))
    at = data.draw(st.integers(0, len(text)))
    assert is_crisis(TRIAGE.check(disguise(text, at)))


# --- time: ratios within one run, so that a slow machine does not turn the suite red ----------------------

HOSTILE = {
    "one letter": "a",
    "one word": "kill ",
    "a gap that almost closes": "i will really so very much kil ",
    "sentence ends": "i. ",
    "spaced letters": "k i l l ",
    "combining marks": "\u0301\u0316\u0334",
    "digits": "1234 5678 ",
    "run together": "killmyselftonight",
    "stars": "k*l* ",
    "at signs": "a@a.",
    "capitals": "My Son Ann ",
    "emoji": "🙂💊",
}


def seconds(text: str) -> float:
    best = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        TRIAGE.check(text)
        best = min(best, time.perf_counter() - start)
    return best


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    short, long = (unit * (size // len(unit.encode())) for size in (12_500, 100_000))
    seconds(short)
    # Eight times the text: linear is 8, quadratic 64; the base keeps tiny times from dividing by nothing.
    assert seconds(long) / max(seconds(short), 0.003) < 30
