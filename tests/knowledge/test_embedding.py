"""No text is embedded twice."""

import numpy as np

from knowledge.embedding import MemoryVectorCache, embed_cached
from tests.knowledge.toy import DIMENSION, ToyEmbedder


def test_vectors_come_back_in_the_order_of_the_texts() -> None:
    texts = ["b", "a", "b", "c"]
    found = embed_cached(ToyEmbedder(), MemoryVectorCache(), texts)
    assert np.array_equal(found, ToyEmbedder().embed(texts))


def test_each_text_goes_through_the_engine_once() -> None:
    embedder, cache = ToyEmbedder(), MemoryVectorCache()
    embed_cached(embedder, cache, ["a", "b", "a"])
    embed_cached(embedder, cache, ["b", "c"])
    assert embedder.embedded == ["a", "b", "c"]


def test_another_model_s_vectors_are_not_taken() -> None:
    cache, other = MemoryVectorCache(), ToyEmbedder()
    embed_cached(ToyEmbedder(), cache, ["a"])
    other.name = "another"
    embed_cached(other, cache, ["a"])
    assert other.embedded == ["a"]


def test_no_texts_give_an_empty_matrix() -> None:
    assert embed_cached(ToyEmbedder(), MemoryVectorCache(), []).shape == (0, DIMENSION)
