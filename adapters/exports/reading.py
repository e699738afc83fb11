"""From the name of an export to what was said in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapters.exports import discord, slack
from adapters.exports.opening import NEITHER, opened
from adapters.exports.records import Export, ExportError

Progress = Callable[[int, int], None]


def read_export(path: Path, progress: Progress = lambda _done, _total: None) -> Export:
    """Whichever kind it is. Raises ExportError when nobody says anything in it."""
    with opened(path) as files:
        root = slack.root_of(files)
        found = slack.read(files, root, progress) if root is not None else discord.read(files, progress)
    if found is None:
        raise ExportError(NEITHER.format(path=path))
    if not found.said:
        left = f" (left out: {', '.join(found.left_out)})" if found.left_out else ""
        raise ExportError(f"nobody says anything in {path} that can be read{left}")
    return found
