"""The index keeps step with the stored resources; no text is embedded twice."""

from dataclasses import replace

from adapters.storage.memory import MemoryStore
from bot.confirmed import OwnNumbers
from bot.librarian import BATCH, Librarian
from knowledge.calibration import Calibration, Curve
from knowledge.resources import Resource, ReviewState
from knowledge.search import Library
from tests.fakes.mind import DIMENSION, ToyConfidence, ToyModel
from tests.fakes.values import NOON


class CountingModel(ToyModel):
    def __init__(self) -> None:
        super().__init__()
        self.texts = 0

    async def embed(self, texts):
        found = await super().embed(texts)
        self.texts += len(texts)
        return found


def librarian(store: MemoryStore, model: ToyModel) -> Librarian:
    return Librarian(Library(DIMENSION, ToyConfidence()), model, "toy", store)  # type: ignore[arg-type]


def shelf(count: int) -> list[Resource]:
    return [Resource(f"r{n}", f"Title {n}", f"Text number {n}.") for n in range(count)]


async def test_a_start_embeds_what_has_no_vector_and_a_second_start_nothing():
    store, model = MemoryStore(), CountingModel()
    async with store.begin() as tx:
        await tx.resources.put([*shelf(3), Resource("old", "Old", "Old.", state=ReviewState.RETIRED)], NOON)
    first = librarian(store, model)
    await first.open()
    assert (len(first.library), model.texts > 0) == (3, True)
    again = librarian(store, CountingModel())
    await again.open()
    assert (len(again.library), again._model.texts) == (3, 0)


async def test_an_interrupted_start_goes_on_where_it_was():
    store, model = MemoryStore(), CountingModel()
    async with store.begin() as tx:
        await tx.resources.put(shelf(BATCH), NOON)
    seen: list[int] = []

    def stop(done: int, of: int) -> None:
        seen.append(of)
        raise KeyboardInterrupt

    try:
        await librarian(store, model).open(stop)
    except KeyboardInterrupt:
        embedded = model.texts
    await librarian(store, model).open()
    assert embedded == BATCH
    assert model.texts == seen[0]


async def test_an_edit_is_found_and_the_old_words_are_not():
    store, model = MemoryStore(), ToyModel()
    keeper = librarian(store, model)
    await keeper.put([Resource("r1", "Pools", "Swim at the harbour.")])
    await keeper.put([Resource("r1", "Trains", "Ride in the morning.")])
    (vector,) = await model.embed(["Ride in the morning"])
    assert [(m.resource_id, m.title) for m in keeper.rank("Ride in the morning", vector, 5)] == [("r1", "Trains")]
    await keeper.remove("r1")
    assert keeper.rank("Ride in the morning", vector, 5) == ()


async def test_own_numbers_of_this_model_are_taken_up_by_every_process_and_let_go():
    store = MemoryStore()
    here, there = librarian(store, ToyModel()), librarian(store, ToyModel())
    async with store.begin() as tx:
        await tx.resources.put(shelf(1), NOON)
    for one in (here, there):
        await one.open()
    vector = (await ToyModel().embed(["Title"]))[0]
    before = here.rank("Title", vector, 1)[0]
    assert before.shipped == before.confidence
    own = OwnNumbers(here.basis, Calibration(Curve(1.0, 1.0, -1.0), 0.4, 0.7), 160, NOON)
    async with store.begin() as tx:
        await tx.calibrations.put(own)
        await tx.calibrations.put(replace(own, basis="another model", calibration=Calibration(Curve(), 0.1, 0.2)))
    for one in (here, there):
        await one.refresh()
        after = one.rank("Title", vector, 1)[0]
        assert (after.shipped, after.confidence < before.confidence) == (before.confidence, True)
        assert (one.library.silent_below, one.library.sure_from) == (0.4, 0.7)
    new = librarian(store, ToyModel())
    await new.open()
    assert new.library.sure_from == 0.7
    async with store.begin() as tx:
        await tx.calibrations.clear()
    await there.refresh()
    assert there.rank("Title", vector, 1)[0] == before
    assert there.library.sure_from == ToyConfidence.sure_from


async def test_numbers_of_another_model_are_not_used():
    store = MemoryStore()
    async with store.begin() as tx:
        await tx.calibrations.put(OwnNumbers("other toy", Calibration(Curve(), 0.1, 0.2), 160, NOON))
    one = librarian(store, ToyModel())
    await one.open()
    assert (one.basis, one.library.sure_from) == ("toy toy", ToyConfidence.sure_from)
