"""The lines of a file of any size, without ever holding more than one line of bounded length."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from adapters.importers.rows import SourceError

MAX_LINE = 4 * 1024 * 1024  # bytes: the longest resource allowed, every letter of it escaped
_CHUNK = 1024 * 1024

_OTHER_ENCODINGS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TooLong:
    """Stands for a line over MAX_LINE: it was skipped."""

    reason = (
        f"the line is longer than {MAX_LINE // 1024 // 1024} MB; no resource is that long: is a line break missing?"
    )


def open_source(path: Path) -> BinaryIO:
    """Open a file for reading. Raises SourceError."""
    try:
        if not path.is_file():
            raise SourceError(f"{path} is not a file; name a file, a folder or a web address")
        return path.open("rb")
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({(error.strerror or 'unknown error').lower()})") from error


def lines(path: Path) -> Iterator[tuple[int, bytes | TooLong]]:
    """(number from 1, bytes of the line without its end) of every line. A byte order mark of UTF-8 is taken off.

    Raises SourceError for a file that is empty (or blank), unreadable or in UTF-16.
    """
    found = False
    with open_source(path) as opened:
        start = opened.read(4)
        if start.startswith(_OTHER_ENCODINGS):
            raise SourceError(f"{path} is UTF-16 or UTF-32 text; save it as UTF-8")
        opened.seek(len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0)
        for number, line in _bounded(opened, path):
            found = found or isinstance(line, TooLong) or bool(line.strip())
            yield number, line
    if not found:
        raise SourceError(f"{path} is empty")


def _bounded(opened: BinaryIO, path: Path) -> Iterator[tuple[int, bytes | TooLong]]:
    number = 0
    try:
        while line := opened.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE and not line.endswith(b"\n"):
                _skip(opened)
                yield number, TooLong()
            else:
                yield number, line.rstrip(b"\r\n")
    except OSError as error:
        raise SourceError(f"{path} could not be read to its end ({(error.strerror or 'error').lower()})") from error


def _skip(opened: BinaryIO) -> None:
    """To the end of the line. Read in pieces, not by `readline`, which would put each together of small ones."""
    while chunk := opened.read(_CHUNK):
        if (end := chunk.find(b"\n")) >= 0:
            opened.seek(end + 1 - len(chunk), 1)
            return
