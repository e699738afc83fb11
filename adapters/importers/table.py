"""Resources from CSV: a header with the names of the fields, then one resource a row. Comma, semicolon or tab."""

import csv
from collections.abc import Iterator
from pathlib import Path

from adapters.importers.lines import TooLong, lines
from adapters.importers.rows import BadRow, Raw, SourceError

MAX_COLUMNS = 100
MAX_CELL = 131_072  # characters: the csv module's own limit, over that of any field of a resource

_BEGINS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_PASSED_OVER = " '\u00a0\u200b\ufeff"  # what some spreadsheets do not see at the beginning of a cell

_CARRY_ON = "expected after"  # the one complaint of the csv module after which the next line is a row again


class _Lines:
    """A file's lines as text for the csv module, with the number of the last one, and what was wrong on the way."""

    def __init__(self, path: Path) -> None:
        self._lines = lines(path)
        self.number = 0
        self.fault = ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        if isinstance(line, TooLong):
            self.fault = line.reason
            return "\n"
        try:
            return line.decode("utf-8") + "\n"
        except UnicodeDecodeError:
            self.fault = "not UTF-8 text; save the file as UTF-8"
            return line.decode("utf-8", "replace") + "\n"


def records(path: Path) -> Iterator[Raw | BadRow]:
    """One row per record. `line` is the first line of the record. Raises SourceError for a file without our header."""
    source = _Lines(path)
    first = next(source)
    delimiter, header = _header(path, first, source.fault)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        before, source.fault = source.number, ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if _CARRY_ON in str(error):
                yield BadRow(source.number, 'a quote inside a cell is not doubled; write "" for it')
                continue
            yield BadRow(before + 1, "a quote is opened and never closed, or a cell is too long; the rest was not read")
            return
        if source.fault:
            yield BadRow(source.number, source.fault)
        elif any(cells):
            yield _record(before + 1, header, cells)


def _header(path: Path, first: str, fault: str) -> tuple[str, list[str]]:
    if fault:
        raise SourceError(f"{path}: line 1: {fault}")
    delimiter = max(",;\t", key=first.count)
    if (many := first.count(delimiter)) > 100 * MAX_COLUMNS:  # not worth the memory of taking them apart
        raise SourceError(f"{path} has {many + 1:,} columns; at most {MAX_COLUMNS} make sense")
    try:
        names = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter, strict=True))]
    except (csv.Error, StopIteration):
        names = []
    if "title" not in names:
        raise SourceError(f"{path} has no column 'title'; its first line must name the columns, for example title,text")
    if len(names) > MAX_COLUMNS:
        raise SourceError(f"{path} has {len(names):,} columns; at most {MAX_COLUMNS} make sense")
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise SourceError(f"{path} has the column '{doubled[0][:60]}' twice; rename or remove one")
    return delimiter, names


def _record(line: int, header: list[str], cells: list[str]) -> Raw | BadRow:
    if len(cells) > len(header):
        return BadRow(line, f"{len(cells):,} cells for {len(header)} columns; put quotes around a text with commas")
    named = {name: plain(cell) for name, cell in zip(header, cells, strict=False) if name and cell.strip()}
    phrases = named.get("asked_as", "").splitlines()  # one past question a line of the cell
    return Raw(line, {**named, "asked_as": phrases} if phrases else named)


def escaped(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: one apostrophe before =, +, -, @, tab, return or a new line, also
    where the signs are wide ones, as some keyboards have them (OWASP)."""
    return f"'{cell}" if cell.lstrip(_PASSED_OVER)[:1] in _BEGINS_A_FORMULA else cell


def plain(cell: str) -> str:
    """What `escaped` was given."""
    return cell[1:] if cell.startswith("'") and escaped(cell[1:]) == cell else cell
