"""What triage makes of messages: the code, whom they are about, what lowers a finding and what never does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.safety.findings import CRISES, DETECTOR_FAILED, Code, Finding, Speaker, is_crisis, most_severe
from bot.safety.rules import RuleBook
from bot.safety.triage import Triage, windows

MESSAGES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "messages.yaml").read_text(encoding="utf-8"))
LABELLED = [(code, text) for code, texts in MESSAGES.items() if code != "none" for text in texts]


def codes(triage: Triage, text: str) -> list[str]:
    return [finding.code.value for finding in triage.check(text)]


@pytest.mark.parametrize(("code", "text"), LABELLED)
def test_a_message_is_found_under_its_code(triage: Triage, code: str, text: str) -> None:
    assert code in codes(triage, text)


@pytest.mark.parametrize("text", MESSAGES["none"])
def test_an_ordinary_message_is_left_alone(triage: Triage, text: str) -> None:
    assert codes(triage, text) == []


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\x00", "\ud800", "🙂", "\u200b" * 50, "é" * 9, "١٢٣", "a" * 5000])
def test_text_of_any_kind_passes_without_harm(triage: Triage, text: str) -> None:
    assert triage.check(text) == ()


# --- scope ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I am going to kill myself", Code.C1),
        ("I am not going to kill myself, but it hurts", Code.C2),
        ("I would never try to kill myself", Code.C2),
        ("I tried to kill myself", Code.C1),
        ("I tried to kill myself ten years ago", Code.C2),
        ("Last year I tried to end my life", Code.C2),
        ("I tried to kill myself last year and now I will try again tonight", Code.C1),
        ("My son tried to kill himself when he was fourteen", Code.C2),
        ("no voy a matarme", Code.C2),
        ("hace tres años intenté suicidarme", Code.C2),
    ],
)
def test_negation_and_past_lower_to_c2_and_never_to_nothing(triage: Triage, text: str, code: Code) -> None:
    found = triage.check(text)
    assert Code.C1 in {f.code for f in found} if code is Code.C1 else most_severe(found) is not None
    assert (Code.C1 in {f.code for f in found}) is (code is Code.C1)
    assert Code.C2 in {f.code for f in found} or code is Code.C1


def test_a_story_long_over_told_by_somebody_well_is_let_go(triage: Triage) -> None:
    assert triage.check("Eight years ago I used to self harm. I got help, and I am happy today.") == ()


@pytest.mark.parametrize(
    "text",
    [
        "Eight years ago I used to self harm.",  # nothing says that it is over
        "Eight years ago I used to self harm. I got help but lately I cut myself again.",
    ],
)
def test_but_only_on_both_signs_and_without_a_relapse(triage: Triage, text: str) -> None:
    assert is_crisis(triage.check(text))


@pytest.mark.parametrize(
    ("text", "crisis"),
    [
        ("She fainted in the shower", True),
        ("She fainted last winter, she is fine now", False),
        ("She fainted last winter, she is pale now", True),  # "now" could mean anything: people look
        ("Last winter she fainted. All clear since, thank you for your help.", False),
        ("Last month it was a cold, now he fainted again", True),
    ],
)
def test_medical_signs_long_resolved_are_let_go_unless_something_says_now(
    triage: Triage, text: str, crisis: bool
) -> None:
    assert is_crisis(triage.check(text)) is crisis


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("I want to die", Speaker.SELF),
        ("My son says he wants to die", Speaker.OTHER),
        ("My daughter told me: I want to die", Speaker.OTHER),
        ("my sister cuts herself", Speaker.OTHER),
        ("me quiero morir", Speaker.SELF),
        ("My boy can't breathe", Speaker.OTHER),
    ],
)
def test_the_wording_follows_whom_the_message_is_about(triage: Triage, text: str, speaker: Speaker) -> None:
    first = most_severe(triage.check(text))
    assert first is not None
    assert first.speaker is speaker


@pytest.mark.parametrize(
    ("idiom", "crisis"),
    [
        ("This prep is killing me", "This prep is killing me and I want to kill myself"),
        ("Dying to know how it went", "Dying to know how it went, and I wish I was dead"),
        ("We cut out dairy", "We cut out dairy and she cuts her arms"),
        ("There is a suicide prevention walk", "Thinking about suicide, prevention posters don't help"),
        ("I could kill for a coffee", "I could kill for a coffee, then kill myself"),
    ],
)
def test_an_idiom_hides_its_own_words_only(triage: Triage, idiom: str, crisis: str) -> None:
    assert triage.check(idiom) == ()
    assert is_crisis(triage.check(crisis))


# --- what comes out ------------------------------------------------------------------------------------


def test_the_most_severe_comes_first_and_every_code_is_kept(triage: Triage) -> None:
    found = triage.check("I want to die. Should I stop the prednisone? Call me on 07700 900 345")
    assert [f.code for f in found] == [Code.C2, Code.M1, Code.P1]
    assert most_severe(found[::-1]) == found[0]


def test_findings_carry_ids_of_rules_and_never_words(triage: Triage, book: RuleBook) -> None:
    known = {rule.id for rule in book.rules}
    rules = {rule for _, text in LABELLED for finding in triage.check(text) for rule in finding.rules}
    assert rules <= known


def test_crises_are_the_c_codes() -> None:
    assert {code for code in Code if code.value.startswith("C")} == CRISES
    assert not is_crisis([Finding(Code.M1, Speaker.SELF, ("x",))])
    assert most_severe([]) is None


def test_a_crisis_is_found_wherever_it_stands_in_a_long_text(triage: Triage) -> None:
    filler = "The tulips came up early and the bread was warm. "
    for before in range(100, 300, 7):
        text = filler[: before % 49] + filler * before + "I am going to kill myself tonight. " + filler * 150
        assert is_crisis(triage.check(text)), before


@pytest.mark.parametrize("text", ["", "word " * 5000, "x" * 20_000, "one two"])
def test_windows_lose_nothing_and_overlap(text: str) -> None:
    parts = windows(text)
    assert all(part in text for part in parts)
    assert parts[0] == text[: len(parts[0])]
    assert parts[-1] == text[len(text) - len(parts[-1]) :]
    assert sum(map(len, parts)) - len(text) >= 1000 * (len(parts) - 1)


# --- failing safe --------------------------------------------------------------------------------------


class Broken:
    """Stands for any part that fails."""

    def search(self, text: str, pos: int = 0) -> None:
        raise RuntimeError("out of memory")

    def sub(self, repl: str, text: str) -> str:
        raise RuntimeError("out of memory")

    def read(self, text: str) -> None:
        raise RuntimeError("out of memory")


def test_a_rule_that_fails_counts_as_a_crisis_and_hides_no_other(book: RuleBook) -> None:
    broken = replace(book.rules[0], id="broken", groups=(Broken(),), needed=())
    triage = Triage(replace(book, rules=(broken, *book.rules)))
    assert triage.check("Nice weather") == (Finding(Code.C2, Speaker.SELF, (DETECTOR_FAILED,)),)
    assert "C3" in codes(triage, "He fainted and does not wake up")


@pytest.mark.parametrize("part", ["normaliser", "idioms"])
def test_a_detector_that_fails_counts_as_a_crisis(book: RuleBook, part: str) -> None:
    triage = Triage(replace(book, **{part: Broken()}))
    assert triage.check("Nice weather") == (Finding(Code.C2, Speaker.SELF, (DETECTOR_FAILED,)),)


# --- what is harmless, and the same words where they are not -------------------------------------------------

BESIDE = [
    (
        "In last night's episode of Corrie the lad took an overdose",
        "In last night's episode my son took an overdose",
    ),
    ("In the novel we read the father kills himself", "My father read the novel and wants to kill himself"),
    ("A plan for school if he faints in class", "He faints every time he stands up"),
    ("If he ever gets chest pain, whom do I ring?", "He has chest pain tonight, whom do I ring?"),
    ("She fainted in February, they checked her out", "She fainted this morning, they checked her out and it is back"),
    ("He said he'd smash his face in, they've made up", "He said he'd smash his face in, he said it again"),
    ("I'm writing a leaflet about teen suicide", "I'm writing this because I want to end my life"),
    ("She used to self-harm years ago, she's been well since", "She used to self-harm years ago and is at it again"),
    ("He is on infliximab and has no fever", "He is on infliximab and has a fever"),
    ("Me quiero morir de la vergüenza", "Me quiero morir"),
]


@pytest.mark.parametrize(("harmless", "danger"), BESIDE)
def test_what_is_over_made_up_settled_or_for_some_day_is_spared_and_danger_in_the_same_words_is_not(
    triage: Triage, harmless: str, danger: str
) -> None:
    assert not is_crisis(triage.check(harmless))
    assert is_crisis(triage.check(danger))
