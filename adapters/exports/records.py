"""What an export holds, in the community's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.replaying import Said

MAX_MESSAGES = 500_000


class ExportError(Exception):
    """The export as a whole is of no use; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Export:
    """`said`: what people wrote, in order of time, each message as it was last worded. `channels` and `names` by key.
    `left_out` says in words what is in the export and was not read; `bad` which files could not be read, and why."""

    platform: str
    said: tuple[Said, ...]
    channels: Mapping[str, str]
    names: Mapping[str, str]
    bots: int = 0  # messages of programs
    other: int = 0  # joins, renamed channels, files without a word
    edited: int = 0
    deleted: int = 0
    left_out: tuple[str, ...] = ()
    bad: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Gathered:
    """What a reader has found so far. A message that comes again replaces the one before: an edit is the last text."""

    said: dict[str, Said] = field(default_factory=dict)  # by the place's key
    channels: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    bots: int = 0
    other: int = 0
    edited: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    bad: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, said: Said, *, edited: bool) -> None:
        """Raises ExportError when there is more than fits into memory."""
        key = said.posted.place.key
        self.said[key] = said
        if edited:
            self.edited.add(key)
        if len(self.said) > MAX_MESSAGES:
            raise ExportError(f"more than {MAX_MESSAGES:,} messages; export a shorter time, and replay that")

    def export(self, platform: str, left_out: Iterable[str]) -> Export:
        there = [said for key, said in self.said.items() if key not in self.deleted]
        return Export(
            platform,
            tuple(sorted(there, key=lambda said: (said.posted.at, said.posted.place.key))),
            self.channels,
            self.names,
            self.bots,
            self.other,
            len(self.edited - self.deleted),
            len(self.deleted),
            tuple(left_out),
            tuple(self.bad),
        )


def counted(count: int, one: str, many: str) -> str:
    """`1 private channel`, `2,000 private channels`."""
    return f"{count:,} {one if count == 1 else many}"
