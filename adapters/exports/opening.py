"""A zip, a folder or a single file as JSON under names, with bounds on everything: nothing is unpacked to disk, and
what is meant to fill memory is refused before it is read."""

from __future__ import annotations

import json
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from adapters.exports.records import ExportError

MB = 1024 * 1024
MAX_FILES = 200_000
MAX_FILE = 64 * MB  # one JSON file; read as values it takes many times that
MAX_ALL = 2_048 * MB  # of JSON, unpacked
MAX_RATIO = 200  # JSON of a chat shrinks to a tenth, of one that repeats itself to a fiftieth
SMALL = 4 * MB  # under which a ratio says nothing

NEITHER = (
    "{path} is neither a Slack export nor DiscordChatExporter's JSON; "
    "name the zip that Slack gives, its unpacked folder, or a .json file, a folder or a zip of them"
)
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError)


class BadFile(Exception):  # noqa: N818 -- as BadRow: the others are read all the same
    """One file of the export cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Files:
    """The JSON files of an export: `sizes` in bytes by name, with `/` between folders."""

    path: Path
    sizes: dict[str, int]
    _read: Callable[[str], bytes]

    def json(self, name: str) -> object:
        """What the file says. Raises BadFile."""
        if self.sizes[name] > MAX_FILE:
            raise BadFile(f"larger than {MAX_FILE // MB} MB; export it in parts")
        raw = self._read(name)
        if len(raw) > MAX_FILE:
            raise BadFile(f"larger than {MAX_FILE // MB} MB; export it in parts")
        try:
            return json.loads(raw.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise BadFile("not UTF-8 text") from None
        except RecursionError:
            raise BadFile("nested too deeply") from None
        except ValueError:
            raise BadFile("not JSON") from None


@contextmanager
def opened(path: Path) -> Iterator[Files]:
    """Raises ExportError."""
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "no such name").lower()
        raise ExportError(f"{str(path)[:200]} cannot be read ({why}); name a Slack export or Discord JSON") from None
    if stat.S_ISDIR(kind):
        yield _folder(path)
    elif stat.S_ISREG(kind) and path.suffix.lower() == ".json":
        yield _bounded(Files(path, {path.name: path.stat().st_size}, lambda _: _bytes(path)))
    elif stat.S_ISREG(kind) and zipfile.is_zipfile(path):
        try:
            archive = zipfile.ZipFile(path)
        except _BROKEN:
            raise ExportError(f"{path} is a broken zip; export it again") from None
        with archive:
            yield _zip(path, archive)
    else:
        raise ExportError(NEITHER.format(path=path))


def _bounded(files: Files) -> Files:
    if not files.sizes:
        raise ExportError(NEITHER.format(path=files.path))
    if len(files.sizes) > MAX_FILES or sum(files.sizes.values()) > MAX_ALL:
        raise ExportError(
            f"{files.path} holds more than {MAX_FILES:,} files or {MAX_ALL // MB:,} MB of JSON; export a shorter time"
        )
    return files


# --- a folder -------------------------------------------------------------------------------------------------


def _folder(path: Path) -> Files:
    """Regular files only: no link leads out of the folder."""
    sizes: dict[str, int] = {}
    for folder, _, names in os.walk(path, followlinks=False):
        for name in names:
            file = Path(folder, name)
            if name.lower().endswith(".json") and stat.S_ISREG((found := file.lstat()).st_mode):
                sizes[file.relative_to(path).as_posix()] = found.st_size
            if len(sizes) > MAX_FILES:
                break
    return _bounded(Files(path, sizes, lambda name: _bytes(path / name)))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise BadFile((error.strerror or "cannot be read").lower()) from None


# --- a zip ----------------------------------------------------------------------------------------------------


def _zip(path: Path, archive: zipfile.ZipFile) -> Files:
    infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    if any(map(_leads_out, infos)):
        raise ExportError(f"{path} names files outside of itself; it is not what Slack or DiscordChatExporter write")
    said = {name: info for name, info in infos.items() if name.lower().endswith(".json")}
    if any(info.flag_bits & 1 for info in said.values()):
        raise ExportError(f"{path} is locked with a password; unpack it, and name the folder")
    files = _bounded(
        Files(path, {name: info.file_size for name, info in said.items()}, lambda n: _unpacked(archive, n))
    )
    packed = max(1, sum(info.compress_size for info in said.values()))
    heaviest = max((i.file_size / max(1, i.compress_size) for i in said.values() if i.file_size > SMALL), default=0)
    total = sum(files.sizes.values())
    if heaviest > MAX_RATIO or (total > SMALL and total / packed > MAX_RATIO):
        raise ExportError(f"{path} unpacks to more than {MAX_RATIO} times its size; it is not what a chat looks like")
    return files


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return ".." in parts or name.startswith(("/", "\\")) or (bool(parts) and parts[0].endswith(":"))


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    """No more than was announced comes out: zipfile reads no further, and checks the sum."""
    try:
        with archive.open(name) as file:
            return file.read(MAX_FILE + 1)
    except _BROKEN:
        raise BadFile("broken in the zip; export it again") from None
