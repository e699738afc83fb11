"""What a disk may hold of a PostgreSQL when the power goes: what it had synced, and of the rest whatever chance leaves.

It rests on two promises: a checkpoint has synced all pages (a copy is taken then), and the log is synced as far as the
server says (`pg_current_wal_flush_lsn`). Of the log after that, sectors are kept or dropped; of each page that was
written since the checkpoint, the old one, the new one, or sectors of both are there. A page whose changes the dropped
log would have told of is the old one: PostgreSQL syncs the log first.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from pathlib import Path

PAGE, SECTOR, SEGMENT = 8192, 512, 16 << 20


@dataclass(frozen=True, slots=True)
class Disk:
    """`synced`: all files of the database and of what stands beside it, as the last checkpoint left them."""

    data: Path
    synced: dict[Path, bytes]

    @classmethod
    def at_checkpoint(cls, data: Path) -> Disk:
        """To be called when a checkpoint is done and nobody writes."""
        return cls(data, {file: file.read_bytes() for file in _files(data)})

    def lose(self, segment: str, flushed: int, chance: random.Random) -> int:
        """Drop what chance drops, with all processes gone. `flushed`: where the log was synced to, in the file of that
        name. Returns how many pages and sectors are not what was written last."""
        log = self.data / "pg_wal" / segment
        lost, end = self._lose_log(log, flushed % SEGMENT, chance)
        kept_to = flushed - flushed % SEGMENT + end
        for file in _files(self.data):
            lost += self._lose_pages(file, kept_to, chance)
        return lost

    def _lose_log(self, log: Path, flushed: int, chance: random.Random) -> tuple[int, int]:
        """(sectors lost, up to where the log is whole)"""
        content, lost, whole_to = bytearray(log.read_bytes()), 0, SEGMENT
        how = chance.choice(("kept", "dropped", "torn"))
        at = flushed
        while at < len(content) and how != "kept":
            end = min(len(content), at - at % SECTOR + SECTOR)
            if any(content[at:end]) and (how == "dropped" or chance.random() < 0.5):
                content[at:end] = bytes(end - at)
                lost, whole_to = lost + 1, min(whole_to, at)
            at = end
        log.write_bytes(content)
        return lost, whole_to

    def _lose_pages(self, file: Path, kept_to: int, chance: random.Random) -> int:
        new, old = file.read_bytes(), self.synced.get(file, b"")
        if new == old:
            return 0
        told = "base" in file.parts  # its pages say which place of the log tells of them
        disk, lost = bytearray(), 0
        for at in range(0, len(new), PAGE):
            written, before = new[at : at + PAGE], old[at : at + PAGE].ljust(PAGE, b"\0")
            page = _survivor(written, before, chance) if told and _place(written) <= kept_to else before
            lost += page != written
            disk += page
        file.write_bytes(disk)
        return lost


def _files(data: Path) -> list[Path]:
    """Those with pages: tables and indexes, and who has committed."""
    places = (data / "base", data / "pg_xact", data / "pg_subtrans", data / "pg_multixact")
    found = [file for place in places for file in place.rglob("*") if file.is_file()]
    return [file for file in found if not file.name.startswith("pg") and file.name != "PG_VERSION"]


def _place(page: bytes) -> int:
    high, low = struct.unpack_from("<II", page)
    return int(high << 32 | low)


def _survivor(written: bytes, before: bytes, chance: random.Random) -> bytes:
    how = chance.choice(("kept", "dropped", "torn"))
    if how != "torn":
        return written if how == "kept" else before
    sectors = range(0, PAGE, SECTOR)
    return b"".join((written if chance.random() < 0.5 else before)[at : at + SECTOR] for at in sectors)
