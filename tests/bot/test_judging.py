"""What a message is, and what the bot would do: silence unless it is sure, nothing at all in a crisis."""

from dataclasses import replace

import numpy as np
import pytest

from adapters.storage.memory import MemoryStore
from bot.hearing import suggestions_of
from bot.judging import ActionTaken, Heard, Judge, Judgement, language_of
from bot.librarian import Librarian
from bot.policy import Policy
from bot.reading import NEED, WIDTH
from knowledge.calibration import Calibration, Curve
from knowledge.embedding import parted
from knowledge.resources import Resource, ReviewState
from knowledge.search import Library
from tests.fakes.mind import DIMENSION, ToyConfidence, ToyEar, ToyModel, ToyTriage

SCHOOL = Resource("r1", "Infusion days and school", "Ask for excused days.", topics=("school", "infusions"))
DOSE = Resource(
    "m1", "Vomited medicine", "Ring your team.", medical=True, clinician="web:home:cleo", topics=("infusions",)
)


class DeafModel(ToyModel):
    async def embed(self, texts):
        raise AssertionError("this must not reach the model")


async def judging(*resources: Resource, policy: Policy | None = None, model: ToyModel | None = None) -> Judge:
    librarian = Librarian(Library(DIMENSION, ToyConfidence()), ToyModel(), "toy", MemoryStore())  # type: ignore[arg-type]
    await librarian.put(resources)
    return Judge(ToyTriage(), librarian, model or ToyModel(), policy or Policy(), ToyEar())  # type: ignore[arg-type]


async def judged(judge: Judge, text: str, **how: bool) -> Judgement:
    (found,) = await judge.judge([Heard(text, judge.check(text), **how)])
    return found


async def test_a_need_that_the_library_meets_gets_its_resource_and_its_topics():
    found = await judged(await judging(SCHOOL), "infusion days and school?")
    assert (found.action, found.topics) == (ActionTaken.SUGGEST, ("school", "infusions"))
    assert [m.resource_id for m in found.suggested] == ["r1"]


async def test_below_the_threshold_the_bot_is_silent_and_looks_for_a_person():
    found = await judged(await judging(SCHOOL), "infusion in a tent by the sea with uncle Bob?")
    assert (found.action, found.suggested) == (ActionTaken.ROUTE, ())


async def test_the_threshold_a_community_sets_counts():
    judge = await judging(SCHOOL, policy=Policy(speak_at=0.99))
    assert (await judged(judge, "infusion days at our very old school?")).action is ActionTaken.ROUTE


async def test_chatter_never_reaches_the_model():
    found = await judged(await judging(SCHOOL, model=DeafModel()), "Good morning everybody")
    assert (found.action, found.matches) == (ActionTaken.IGNORE, ())


class ReadingModel(ToyModel):
    """Reads a need in what nobody believes; `embedded` is what it was asked to embed."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    async def embed(self, texts):
        self.embedded += [parted(text)[1] for text in texts]
        return await super().embed(texts)

    async def read(self, texts):
        rows = np.full((len(texts), WIDTH), -6.0, np.float32)
        rows[:, NEED] = [6.0 if "nobody believes" in text else -6.0 for text in texts]
        return rows


class DoubtfulEar(ToyEar):
    """Leaves to the reader what has no question mark."""

    def quick_need(self, text):
        return 0.9 if "?" in text else 0.2

    def judge_need(self, text, said):
        return 1 / (1 + np.exp(-said))


async def test_what_talk_means_is_asked_for_only_when_the_reader_hears_a_need_in_it():
    model = ReadingModel()
    librarian = Librarian(Library(DIMENSION, ToyConfidence()), ToyModel(), "toy", MemoryStore())  # type: ignore[arg-type]
    await librarian.put([SCHOOL])
    judge = Judge(ToyTriage(), librarian, model, Policy(), DoubtfulEar(), reads=True)  # type: ignore[arg-type]
    talk, need, asks = "sun at last", "nobody believes us about infusion days and school", "is it fun?"
    heard = [Heard(text, ()) for text in (talk, need, asks)]
    for one in heard:
        judge.look_ahead(one)
    found = await judge.judge(heard)
    assert [j.action for j in found] == [ActionTaken.IGNORE, ActionTaken.SUGGEST, ActionTaken.IGNORE]
    assert [j.need > 0.9 for j in found] == [False, True, False]
    assert model.embedded == [asks, need]
    (thorough,) = await judge.judge([replace(heard[0], thorough=True)])
    assert (thorough.action, len(thorough.matches)) == (ActionTaken.IGNORE, 1)


async def test_a_crisis_is_judged_no_further_and_never_searched():
    judge = await judging(SCHOOL, model=DeafModel())
    found = await judged(judge, "I want to die. infusion days and school?", addressed=True, thorough=True)
    assert found == Judgement(found.findings, 0.0, False, (), (), ActionTaken.CRISIS)


async def test_a_question_about_medicines_gets_what_a_clinician_of_ours_has_read_and_not_what_a_file_says_of_itself():
    unreviewed = replace(DOSE, id="m2", clinician="")
    claimed = replace(unreviewed, id="m3", reviewed_by="me")
    judge = await judging(
        SCHOOL, DOSE, unreviewed, claimed, replace(SCHOOL, id="r2", title="Double the dose of vomited medicine")
    )
    found = await judged(judge, "double the dose of vomited medicine?")
    assert (found.medical, {m.resource_id for m in found.matches}) == (True, {"m1"})


async def test_a_message_about_medicines_is_one_even_when_it_is_no_question():
    assert (await judged(await judging(), "we double the dose")).medical


async def test_at_most_three_are_shown_and_fewer_where_the_community_says_so():
    same = [replace(SCHOOL, id=f"r{n}") for n in range(6)]
    assert len((await judged(await judging(*same), "infusion days and school?")).suggested) == 3
    one = await judging(*same, policy=Policy(suggestions=1))
    assert len((await judged(one, "infusion days and school?")).suggested) == 1


async def test_explain_looks_into_the_library_for_chatter_too_and_shows_nothing():
    found = await judged(await judging(SCHOOL), "infusion days and school", thorough=True)
    assert (found.action, bool(found.matches), found.suggested) == (ActionTaken.IGNORE, True, ())


async def test_a_retired_resource_is_gone_at_once():
    judge = await judging(SCHOOL)
    await judge._librarian.put([replace(SCHOOL, state=ReviewState.RETIRED)])
    assert (await judged(judge, "infusion days and school?")).matches == ()


async def test_one_judgement_a_text_in_order_whatever_the_size_of_the_batch():
    judge = await judging(SCHOOL)
    texts = ["infusion days and school?", "hello", "I want to die", "who knows a pool?"] * 5
    found = await judge.judge([Heard(t, judge.check(t)) for t in texts])
    wanted = [ActionTaken.SUGGEST, ActionTaken.IGNORE, ActionTaken.CRISIS, ActionTaken.ROUTE] * 5
    assert [f.action for f in found] == wanted


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("¿Alguien tiene una carta para la escuela?", "es"),
        ("Does anyone have a letter for the school?", "en"),
        ("ok", "en"),
    ],
)
def test_the_language_is_read_from_the_little_words(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "urgent"), [("We need it tonight?", True), ("¿Es para mañana?", True), ("Someday?", False)]
)
async def test_what_is_needed_today_is_urgent(text, urgent):
    assert (await judged(await judging(), text)).urgent is urgent


async def test_what_is_suggested_says_what_its_confidence_rests_on():
    judge = await judging(SCHOOL)
    own = Calibration(Curve(1.0, 1.0, -0.5), 0.4, 0.6)
    judge._librarian.library.calibrate(own)
    found = await judged(judge, "infusion days and school?")
    (kept,) = suggestions_of(found)
    assert (kept.basis, kept.confidence < kept.shipped) == ("toy toy", True)
    assert judge.speak_at in (own.silent_below, own.sure_from)
