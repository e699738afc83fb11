"""The models as ONNX graphs, made once and kept: five of them, from two models.

    told, asked         all-MiniLM-L6-v2 for what a resource says, and changed a little for what people ask (asking.py)
    e5.told, e5.asked   the same of multilingual-e5-small; of its word vectors nothing is in the graph (e5.py)
    read                all-MiniLM-L6-v2 changed into the reader (reading.py)

Pooling and normalising are inside. The weights are in a file of their own, which is mapped into memory: it is there at
once, and what is not used takes up none. A sidecar records the SHA-256 of the weights and numbers that all of this came
from, and of each file; when one no longer agrees, everything is made again. It also records what the file system says
of each file: while that is the same, a start need not read 440 MB (as git does with what it tracks).
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import structlog

from adapters.embedders import asking, e5, reading
from adapters.embedders.packaged import WEIGHTS_SHA256, ModelError, check_weights, digest, e5_file, packaged_folder

EXPORT = 4  # raise it when the exported files change; it is in their names, as an older winwin may use the folder too
GRAPHS = ("told", "asked", "read", "e5.told", "e5.asked")
NUMBERS = (asking.MINILM, asking.E5, reading.OUT)  # what was learnt
SIDECAR = f"winwin.{EXPORT}.json"
PIECES = f"winwin.{EXPORT}.e5.pieces"

log = structlog.get_logger(__name__)


def graph_file(graph: str) -> str:
    """The name of a graph's file; its weights are in `weights_file`."""
    return f"winwin.{EXPORT}.{graph}.onnx"


def weights_file(graph: str) -> str:
    return f"winwin.{EXPORT}.{graph}.weights"


def exported_files() -> tuple[str, ...]:
    """All but the sidecar."""
    return (PIECES, *(name(graph) for graph in GRAPHS for name in (graph_file, weights_file)))


def export(folder: Path | None = None, source: Path | None = None) -> tuple[Path, bool]:
    """Make the files unless good ones are there: (their folder, whether they were made now). Raises ModelError.

    `folder` is where they go (default: beside this Python, or the user's cache when that cannot be written); `source`
    is the folder of all-MiniLM-L6-v2 (default: the installed package's).
    """
    found = find_export(folder)
    if found and source is None:
        return found, False
    source = source or packaged_folder()
    check_weights(source / "model.safetensors")
    check_weights(e5_file(), e5.SHA256)
    target = folder or _writable()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=target) as scratch:
        made = Path(scratch)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracing exporter warns of itself and of shapes that are dynamic here
            _trace(source, made)
        facts = _facts() | {"files": _digests(made)}
        for name in exported_files():
            (made / name).chmod(0o644)  # whoever runs the bot reads them
            (made / name).replace(target / name)
    marks = _marks(target)
    if _digests(target) != facts["files"]:  # and a look at it from now on would trust the marks
        raise ModelError(f"another program makes its models in {target} at the same time; start again")
    _record(target, facts, marks)
    return target, True


def find_export(folder: Path | None = None, *, thorough: bool = False) -> Path | None:
    """The folder of an export whose files, weights, numbers and format are the recorded ones. `thorough`: each file is
    read, however untouched it looks."""
    for place in [folder] if folder else _folders():
        try:
            if _as_recorded(place, thorough=thorough):
                return place
        except (OSError, ValueError, AttributeError, TypeError):
            continue
    return None


def _as_recorded(folder: Path, *, thorough: bool) -> bool:
    """Raises OSError where there is nothing to read; where it is something else than a record, whatever comes first."""
    recorded = json.loads((folder / SIDECAR).read_text("utf-8"))
    files, marks = recorded.pop("files", None), recorded.pop("marks", None)
    if recorded != _facts():
        return False
    now = _marks(folder)
    if not thorough and marks == now:
        return True
    if files != _digests(folder):
        return False
    with suppress(OSError):  # it was copied, or comes with an image that nobody may write
        _record(folder, recorded | {"files": files}, now)
    return True


def _record(folder: Path, facts: Mapping[str, object], marks: Mapping[str, list[int]]) -> None:
    """Write the sidecar, in one step. `marks` are from before the files were read. Raises OSError."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=".sidecar-", delete=False) as scratch:
        scratch.write(json.dumps({**facts, "marks": marks}, indent=1) + "\n")
    Path(scratch.name).chmod(0o644)
    Path(scratch.name).replace(folder / SIDECAR)


def find_or_export(folder: Path | None = None) -> Path:
    """The export, made in a process of its own when it is missing (about a minute). Raises ModelError."""
    return find_export(folder) or _export_elsewhere(folder)


def _facts() -> dict[str, object]:
    """What an export is made of."""
    weights = {"minilm": WEIGHTS_SHA256, "e5": e5.SHA256}
    numbers = {"strength": asking.STRENGTH, **{file.name: digest(file) for file in NUMBERS}}
    return {"export": EXPORT, "weights": weights, "numbers": numbers}


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file. Raises OSError."""
    return {name: digest(folder / name) for name in exported_files()}


def _marks(folder: Path) -> dict[str, list[int]]:
    """What changes when a file is written to: its size, and when content and entry changed. Raises OSError."""
    seen = {name: (folder / name).stat() for name in exported_files()}
    return {name: [s.st_size, s.st_mtime_ns, s.st_ctime_ns] for name, s in seen.items()}


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
    log.info("model.exporting", note="once; about a minute")
    command = [sys.executable, "-m", "adapters.embedders", *([str(folder)] if folder else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    made = find_export(folder)
    if done.returncode or made is None:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise ModelError(f"the default model could not be prepared: {reason[-1]}")
    return made


def _trace(source: Path, made: Path) -> None:
    """All graphs and the word pieces, into the folder `made`."""
    from adapters.embedders import tracing

    weights = e5.Weights(e5_file())
    e5.write_pieces(weights, made / PIECES)
    for graph, module, inputs in tracing.modules(source, weights):
        tracing.to_onnx(module, made / graph_file(graph), inputs, weights_file(graph))
