"""The fast engine gives the reference's vectors; the weights are checked; nothing is fetched; torch stays out."""

import copy
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adapters.embedders import (
    MODEL,
    ModelError,
    OnnxEmbedder,
    PairEmbedder,
    SentenceTransformerEmbedder,
    export,
    load_embedder,
    packaged,
    reading,
)
from adapters.embedders.export import SIDECAR, exported_files, find_export
from adapters.embedders.packaged import check_weights, packaged_folder
from adapters.embedders.reading import changed
from adapters.embedders.serving import BATCH_TOKENS, MAX_TOKENS
from bot.reading import WIDTH

pytestmark = pytest.mark.model

TEXTS = [
    "ok",
    "Which straw makes the formula go down more easily?",
    "",
    "¿Cómo se lo explicasteis a los abuelos?",
    "The ward has a fridge on the left, and parents may use it at night. " * 40,
    "😀 émigré ﬁne №5",
]


@pytest.fixture(scope="module")
def onnx() -> OnnxEmbedder:
    return OnnxEmbedder()


@pytest.fixture(scope="module")
def reference() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(str(packaged_folder()))


def test_the_vectors_are_the_reference_s(onnx: OnnxEmbedder, reference: SentenceTransformerEmbedder) -> None:
    cosines = (onnx.embed(TEXTS) * reference.embed(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.9999
    assert (onnx.dimension, reference.dimension) == (384, 384)


def test_a_vector_does_not_depend_on_its_neighbours(onnx: OnnxEmbedder) -> None:
    """Of those in its own batch, and of how many batches there are."""
    together = onnx.embed(TEXTS * 6)
    alone = np.vstack([onnx.embed([text]) for text in TEXTS])
    assert np.abs(together - np.tile(alone, (6, 1))).max() < 1e-5


def test_vectors_are_float32_of_length_one(onnx: OnnxEmbedder) -> None:
    vectors = onnx.embed(TEXTS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    "text", ["", "\0", "\ud800 alone", "😀" * 50_000, "x" * 100_000, "שלום", "a\0b\r\n", " " * 100_000]
)
def test_any_text_has_a_vector(onnx: OnnxEmbedder, text: str) -> None:
    vector = onnx.embed([text])
    assert vector.shape == (1, 384)
    assert np.isfinite(vector).all()


def test_no_texts_have_no_vectors(onnx: OnnxEmbedder) -> None:
    assert onnx.embed([]).shape == (0, 384)


def test_a_batch_holds_a_bounded_number_of_tokens(onnx: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def measured(tokens: list[list[int]]) -> np.ndarray:
        """The batch, without the model's work."""
        sizes.append(len(tokens) * max(map(len, tokens)))
        return np.zeros((len(tokens), onnx.dimension), np.float32)

    monkeypatch.setattr(onnx, "_run", measured)
    onnx.embed(TEXTS * 30)
    assert max(sizes) <= max(BATCH_TOKENS, MAX_TOKENS)
    assert sum(sizes) < 1.3 * sum(len(e.ids) for e in onnx._tokenizer.encode_batch(TEXTS * 30))


def test_the_default_is_the_pair_and_a_folder_is_served_by_the_reference() -> None:
    assert {type(load_embedder(name)) for name in (None, "")} == {PairEmbedder}
    assert {type(load_embedder(name)) for name in (MODEL, f"sentence-transformers/{MODEL}")} == {OnnxEmbedder}
    assert isinstance(load_embedder(str(packaged_folder())), SentenceTransformerEmbedder)


MESSAGES = ["ok", "¿Alguien sabe cómo se limpia el tubo?", "how do nights go", ""]
PAIRS = [("How long did it take?", "About two weeks, then it was easier."), ("x " * 300, "y " * 300), ("", "yes")]


def test_the_reader_says_what_the_changed_model_says(
    onnx: OnnxEmbedder, reference: SentenceTransformerEmbedder
) -> None:
    tokenizer, bert = reference._model.tokenizer, copy.deepcopy(reference._model[0].auto_model)
    reader = changed(bert)
    limits = {"padding": True, "truncation": True, "max_length": reading.MAX_TOKENS, "return_tensors": "pt"}
    for texts, tokens in (
        (MESSAGES, tokenizer(MESSAGES, **limits)),
        (PAIRS, tokenizer([a for a, _ in PAIRS], [b for _, b in PAIRS], **limits)),
    ):
        kinds = tokens.get("token_type_ids")
        expected = reader(tokens["input_ids"], tokens["attention_mask"], kinds).detach().numpy()
        assert np.abs(onnx.read(texts) - expected).max() < 1e-3


def test_a_reading_does_not_depend_on_its_neighbours(onnx: OnnxEmbedder) -> None:
    mixed: list[str | tuple[str, str]] = [*MESSAGES, *PAIRS]
    together = onnx.read(mixed * 5)
    alone = np.vstack([onnx.read([text]) for text in mixed])
    assert np.abs(together - np.tile(alone, (5, 1))).max() < 1e-4
    assert onnx.read([]).shape == (0, WIDTH)


@pytest.mark.parametrize("text", ["\0", "\ud800 alone", "😀" * 50_000, ("\0", "a\0b\r\n"), (" " * 100_000, "שלום")])
def test_any_text_can_be_read(onnx: OnnxEmbedder, text: str | tuple[str, str]) -> None:
    assert np.isfinite(onnx.read([text])).all()


def test_a_name_tells_models_apart(onnx: OnnxEmbedder, reference: SentenceTransformerEmbedder) -> None:
    assert onnx.name.startswith("all-MiniLM-L6-v2@53aa51172d14")
    assert reference.name != onnx.name


def test_a_missing_model_is_one_line_that_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="WINWIN_MODEL") as refused:
        load_embedder("nobody/no-such-model")
    assert "\n" not in str(refused.value)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"not the weights")
    with pytest.raises(ModelError, match="will not be used"):
        check_weights(weights)
    with pytest.raises(ModelError, match="cannot be read"):
        check_weights(tmp_path / "missing")


def test_tampered_weights_are_not_exported(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(packaged_folder(), source)
    with (source / "model.safetensors").open("r+b") as weights:
        weights.seek(-1, 2)
        weights.write(b"\x7f")
    with pytest.raises(ModelError, match="will not be used"):
        export.export(tmp_path / "out", source)
    assert not (tmp_path / "out").exists()


def test_an_export_that_was_changed_or_is_of_another_kind_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = find_export()
    assert good is not None
    for name in (SIDECAR, *exported_files()):  # links: only what is changed here is written
        (tmp_path / name).symlink_to(good / name)
    assert find_export(tmp_path) == tmp_path
    sidecar = tmp_path / SIDECAR
    facts = json.loads(sidecar.read_text())
    sidecar.unlink()
    for other in (json.dumps(facts | {"weights": {}}), "half a fi", "[]", "3"):
        sidecar.write_text(other)
        assert find_export(tmp_path) is None
    sidecar.write_text(json.dumps(facts))
    for name in (exported_files()[0], export.graph_file("asked"), export.weights_file("asked")):
        file = tmp_path / name
        file.unlink()
        assert find_export(tmp_path) is None
        if (good / name).stat().st_size < 10_000_000:
            file.write_bytes(b"\0\0" + (good / name).read_bytes()[2:])
            assert find_export(tmp_path) is None
            file.unlink()
        file.symlink_to(good / name)
    assert find_export(tmp_path) == tmp_path
    monkeypatch.setattr(export, "NUMBERS", (*export.NUMBERS[:2], sidecar))  # other numbers than it was made with
    assert find_export(tmp_path) is None


def test_what_looks_untouched_is_not_read_again_and_a_copy_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "exported_files", lambda: ("graph", "weights"))
    read = list[str]()

    def digest(file: Path) -> str:
        read.append(file.name)
        return hashlib.sha256(file.read_bytes()).hexdigest()

    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    for name in export.exported_files():
        (first / name).write_text(name)
    monkeypatch.setattr(export, "NUMBERS", ())
    export._record(first, export._facts() | {"files": export._digests(first)}, export._marks(first))
    monkeypatch.setattr(export, "digest", digest)
    assert find_export(first) == first
    assert read == []
    assert find_export(first, thorough=True) == first
    assert read == ["graph", "weights"]
    shutil.copytree(first, second)
    assert [find_export(second), find_export(second)] == [second, second]
    assert read == 2 * ["graph", "weights"]
    times = (second / "weights").stat()
    (second / "weights").write_text("WEIGHTS")  # as long, and with its times put back
    os.utime(second / "weights", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert find_export(second) is None


@pytest.mark.parametrize("held", [b"", b"weights" * 300_000])
def test_a_file_is_known_by_all_of_it_and_an_empty_one_breaks_nothing(tmp_path: Path, held: bytes) -> None:
    file = tmp_path / "weights"
    file.write_bytes(held)
    assert packaged.digest(file) == hashlib.sha256(held).hexdigest()


@pytest.mark.soak  # `make setup` makes it each time
def test_making_it_is_one_line_and_making_it_again_does_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "adapters.embedders", str(tmp_path)]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2))
    assert " made in " in first.stdout
    assert "already there" in second.stdout
    assert [out.count("\n") for out in (first.stdout, second.stdout)] == [1, 1]
    assert (first.stderr, second.stderr) == ("", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((SIDECAR, *exported_files()))
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}


def test_a_missing_export_is_made_elsewhere_and_a_failure_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(ModelError, match="could not be prepared") as refused:
        export.find_or_export(blocked)
    assert "\n" not in str(refused.value)


def test_serving_never_imports_torch() -> None:
    program = (
        "import sys; from adapters.embedders import load_embedder as l; l().embed(['a']); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")
