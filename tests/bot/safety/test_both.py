"""The one door: what either detector finds is found, what fails is for people to look at, nothing is taken away."""

import asyncio

import numpy as np
import pytest

from bot.reading import WIDTH
from bot.safety import both as door
from bot.safety.both import Both, legible
from bot.safety.detector import BUCKETS, STRETCH, Detector, Numbers, grams, stretches
from bot.safety.findings import DETECTOR_FAILED, Code, Finding, Speaker

QUIET = np.zeros(WIDTH, np.float32)
LOUD = np.eye(1, WIDTH, dtype=np.float32)[0]


class Rules:
    def check(self, text: str) -> tuple[Finding, ...]:
        return (Finding(Code.C3, Speaker.SELF, ("toy",)),) if "chest" in text else ()

    def words(self, text: str) -> str:
        return f"{text} "


def detector(word: str = "farewell") -> Detector:
    """Finds C1 where a word stands, and C2 where the reader says one thing."""
    letters = np.zeros((BUCKETS, 6), np.float32)
    letters[grams(word)] = [0, 30, 0, 0, 0, 0]
    said = np.zeros((6, 6), np.float32)
    said[0] = [0, 0, 30, 0, 0, 0]
    bias = np.array([5, 0, 0, 0, 0, 0], np.float32)
    empty = np.zeros((0, 6), np.float32)
    return Detector(Numbers(bias, letters, said, 0.9), Numbers(bias, letters, empty, 0.9))


def both(said, ready: bool = True, one: Detector | None = None) -> Both:
    async def made(text: str):
        return await said(text)

    return Both(Rules(), one or detector(), made, lambda: ready)  # type: ignore[arg-type]


async def quiet(text: str):
    return QUIET


async def loud(text: str):
    return LOUD


def codes(heed) -> list[Code]:
    return [finding.code for finding in heed.findings]


async def test_what_either_detector_finds_is_found_and_nothing_is_taken_away():
    assert codes(await both(quiet).read("my chest hurts")) == [Code.C3]
    assert codes(await both(quiet).read("farewell")) == [Code.C1]
    assert codes(await both(loud).read("all grey")) == [Code.C2]
    assert codes(await both(quiet).read("good morning")) == []


async def test_what_the_rules_call_a_crisis_is_read_no_further():
    async def never(text: str):
        raise AssertionError("this must not reach the model")

    assert codes(await both(never).read("my chest hurts")) == [Code.C3]


async def test_what_the_letters_call_almost_surely_nothing_needs_no_reader(monkeypatch: pytest.MonkeyPatch):
    async def never(text: str):
        raise AssertionError("this must not reach the model")

    monkeypatch.setattr(door, "UNLIKELY", 0.5)
    assert codes(await both(never).read("good morning")) == []


async def test_what_the_letters_are_sure_of_needs_no_reader():
    async def never(text: str):
        raise AssertionError("this must not reach the model")

    assert codes(await both(never).read("farewell")) == [Code.C1]


async def test_a_detector_that_fails_or_is_too_slow_is_a_crisis_to_look_at(monkeypatch: pytest.MonkeyPatch):
    async def broken(text: str):
        raise RuntimeError("no such model")

    async def slow(text: str):
        await asyncio.Event().wait()

    monkeypatch.setattr(door, "WAIT", 0.01)
    monkeypatch.setattr(door, "UNLIKELY", 0.0)
    for said in (broken, slow):
        (found,) = (await both(said).read("good morning")).findings
        assert (found.code, found.rules) == (Code.C2, (DETECTOR_FAILED,))


async def test_before_the_model_is_there_letters_are_read_and_the_text_wants_to_be_read_again():
    heed = await both(loud, ready=False).read("all grey")
    assert (codes(heed), heed.again) == ([], True)
    assert codes(await both(loud, ready=False).read("farewell")) == [Code.C1]


async def test_without_a_reader_the_letters_are_left_and_nothing_wants_to_be_read_again():
    alone = Both(Rules(), detector(), None, lambda: False)  # type: ignore[arg-type]
    assert codes(await alone.read("farewell")) == [Code.C1]
    heed = await alone.read("all grey")
    assert (codes(heed), heed.again) == ([], False)


def test_the_packaged_numbers_know_a_cry_for_help_from_a_greeting_by_its_letters_alone():
    packaged = Detector.load()
    assert packaged.judge("i will kill myself tonight goodbye ", None).crisis > 0.5
    assert packaged.find("good morning everybody thanks for the recipe ", None) is None


@pytest.mark.parametrize(
    ("text", "words", "read"),
    [
        ("I want to die", "i want to die ", "I want to die"),
        ("¿Qué hago? Mi niña no respira…", "que hago mi nina no respira ", "¿Qué hago? Mi niña no respira…"),
        ("“so tired” 😔 – 38°", "so tired 38 ", "“so tired”   – 38°"),
        ("I ❤️ my 👨‍👩‍👧 but", "i my but ", "I   my   but"),
        ("і wаnt tо dіе", "i want to die ", "i want to die "),
        ("ｄｉｅ tonight", "die tonight ", "die tonight "),
        ("I w4nt to d1e", "i want to die ", "i want to die "),
        ("38c at 2am, 5mg, 504 plan", "38 c at 2 am 5 mg 504 plan ", "38c at 2am, 5mg, 504 plan"),
    ],
)
def test_the_model_is_given_letters_that_it_was_taught(text, words, read):
    assert legible(text, words) == read


async def test_what_is_written_in_look_alikes_reaches_the_model_as_it_reads():
    seen = []

    class Reads(Rules):
        def words(self, text: str) -> str:
            return "all grey "

    async def kept(text: str):
        seen.append(text)
        return QUIET

    await Both(Reads(), detector(), kept, lambda: True).read("аll grеy")  # type: ignore[arg-type]
    assert seen == ["all grey "]


STORY = "we went to the clinic and the nurse was kind and lunch was late again " * 12


async def test_a_cry_in_one_clause_of_a_long_story_is_read_as_if_it_stood_alone():
    seen = []

    async def kept(text: str):
        seen.append(text)
        return QUIET

    text = f"{STORY} farewell everybody {STORY}"
    assert codes(await both(quiet).read(text)) == [Code.C1]
    faint = detector("farewell")
    faint._full.grams[:] *= 0.3
    faint._surface.grams[:] *= 0.3
    await both(kept, one=faint).read(text)
    (part,) = seen
    assert "farewell" in part
    assert len(part.split()) == STRETCH


def test_every_word_of_a_long_text_stands_in_a_stretch():
    words = [f"w{number}" for number in range(401)]
    parts = [part.split() for part in stretches(" ".join(words))]
    assert {word for part in parts for word in part} == set(words)
    assert all(len(part) <= STRETCH for part in parts)
    assert stretches("all grey ") == ["all grey "]
