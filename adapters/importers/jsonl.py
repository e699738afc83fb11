"""Resources from JSONL: one object a line, UTF-8."""

import json
from collections.abc import Iterator
from pathlib import Path

from adapters.importers.lines import TooLong, lines
from adapters.importers.rows import BadRow, Raw, SourceError


def objects(path: Path) -> Iterator[Raw | BadRow]:
    """One row per line that is not blank. Raises SourceError when the file as a whole is something else."""
    for number, line in lines(path):
        if isinstance(line, TooLong):
            yield BadRow(number, line.reason)
            continue
        if number == 1 and line.lstrip().startswith(b"["):
            raise SourceError(f"{path} is one JSON list; write one object a line instead (JSONL)")
        if line.strip():
            yield _object(number, line)


def _object(number: int, line: bytes) -> Raw | BadRow:
    try:
        found = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return BadRow(number, "not UTF-8 text; save the file as UTF-8")
    except RecursionError:
        return BadRow(number, "nested too deeply; a resource is one flat object")
    except ValueError as error:
        where = f" (column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        return BadRow(number, f"not JSON{where}; write one object a line")
    if not isinstance(found, dict):
        return BadRow(number, "not an object; write {...} with at least a title and a text or url")
    return Raw(number, found)
