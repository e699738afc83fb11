"""What a disk may hold when the power goes: everything that SQLite writes is written down as it happens, and a disk is
made of it that has what was synced, and of the rest whatever chance leaves: all, nothing, or some sectors.

The functions of the file system in the very library that Python's sqlite3 uses are put in front of (ctypes), for files
in one folder. The shared memory (-shm) is never on a disk.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_int, c_int64, c_void_p, cast
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SECTOR = 512  # bytes that a disk writes whole
CREATE = 0x4  # SQLITE_OPEN_CREATE

# SQLite keeps the pointer to a file's name: it is handed on as it is, never as a copy of Python's.
Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
Delete = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    """The beginning of sqlite3_vfs (sqlite3.h)."""

    _fields_ = (
        *((name, c_int) for name in ("version", "file_size", "longest")),
        *((name, c_void_p) for name in ("next", "name", "data", "open", "delete")),
    )


class _Methods(Structure):
    """sqlite3_io_methods: a number and 18 functions, of which five are named here."""

    _fields_ = (
        ("version", c_int),
        *((name, c_void_p) for name in ("close", "read", "write", "truncate", "sync")),
        ("others", c_void_p * 13),
    )


class _File(Structure):
    _fields_ = (("methods", POINTER(_Methods)),)


@dataclass(frozen=True, slots=True)
class Step:
    """`kind`: create, write (at `offset`), truncate (to `offset`), sync, delete (`offset` is 1 when that is synced)."""

    kind: str
    name: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Recorder:
    """`log` grows while it records; its length at some moment is that moment."""

    folder: Path
    before: dict[str, bytes] = field(default_factory=dict)  # what the folder held when it began
    log: list[Step] = field(default_factory=list)

    @property
    def moment(self) -> int:
        return len(self.log)

    def disk(self, moment: int, chance: random.Random) -> dict[str, bytes]:
        """What may be there, by name, if the power went at that moment."""
        files = {name: _Surviving(content, content) for name, content in self.before.items()}
        for step in self.log[:moment]:
            files.setdefault(step.name, _Surviving(None, b"")).take(step)
        left = {name: file.left(chance) for name, file in files.items()}
        return {name: content for name, content in left.items() if content is not None}


@dataclass
class _Surviving:
    """One file: `synced` is None while nobody can be sure that it exists."""

    synced: bytes | None
    whole: bytes | bytearray
    since: list[Step] = field(default_factory=list)

    def take(self, step: Step) -> None:
        if step.kind == "sync":
            done = bytearray(self.synced or b"")
            for one in self.since:
                _apply(done, one)
            gone = [one.kind for one in self.since if one.kind in ("create", "delete")][-1:] == ["delete"]
            self.synced, self.since = (None if gone else bytes(done)), []
        elif step.kind == "delete" and step.offset:
            self.synced, self.since = None, []
        else:
            self.since.append(step)

    def left(self, chance: random.Random) -> bytes | None:
        disk = bytearray(self.synced or b"")
        there = self.synced is not None
        for step in self.since:
            if step.kind in ("create", "delete"):
                there = (step.kind == "create") if chance.random() < 0.5 else there
                continue
            how = chance.choice(("kept", "dropped", "torn"))
            if step.kind == "write" and how != "kept":
                if len(disk) < step.offset + len(step.data) and chance.random() < 0.5:  # its length is known, it is not
                    disk.extend(bytes(step.offset + len(step.data) - len(disk)))
                for at in range(0, len(step.data), SECTOR) if how == "torn" else ():
                    if chance.random() < 0.5:
                        _apply(disk, Step("write", "", step.offset + at, step.data[at : at + SECTOR]))
            elif how == "kept":
                _apply(disk, step)
        return bytes(disk) if there else None


def _apply(disk: bytearray, step: Step) -> None:
    if step.kind == "write":
        if len(disk) < step.offset:
            disk.extend(bytes(step.offset - len(disk)))
        disk[step.offset : step.offset + len(step.data)] = step.data
    elif step.kind == "truncate":
        del disk[step.offset :]
    elif step.kind == "delete":
        disk.clear()


def library() -> ctypes.CDLL:
    """The one that Python's sqlite3 uses; skips where it keeps its functions to itself."""
    try:
        found = ctypes.CDLL(_sqlite3.__file__)
        found.sqlite3_vfs_find.restype = c_void_p
    except (OSError, AttributeError):
        pytest.skip("Python's sqlite3 is built in a way that hides SQLite's own functions: no power can be cut here")
    return found


@contextmanager
def recording(folder: Path) -> Iterator[Recorder]:
    """All that SQLite writes in that folder, in connections that are opened meanwhile."""
    recorder = Recorder(folder, {file.name: file.read_bytes() for file in folder.iterdir()})
    found = library().sqlite3_vfs_find(None)
    vfs = cast(found, POINTER(_Vfs)).contents
    own_open, own_delete = vfs.open, vfs.delete
    hooks = _Hooks(recorder, Open(own_open), Delete(own_delete))
    vfs.open, vfs.delete = cast(hooks.open, c_void_p).value, cast(hooks.delete, c_void_p).value
    _kept.append(hooks)  # a connection that outlives this still calls them
    try:
        yield recorder
    finally:
        vfs.open, vfs.delete = own_open, own_delete


_kept: list[_Hooks] = []


class _Hooks:
    def __init__(self, recorder: Recorder, open_file: Open, delete_file: Delete) -> None:
        self._recorder = recorder
        self._open, self._delete = open_file, delete_file
        self._names: dict[int, str] = {}
        self._methods: dict[int, tuple[object, ...]] = {}  # copies by the address of the original
        self.open, self.delete = Open(self._opened), Delete(self._deleted)

    def _name(self, path: int | None) -> str:
        """Empty for what is not ours."""
        place = Path(ctypes.string_at(path).decode()) if path else Path()
        ours = place.parent == self._recorder.folder and not place.name.endswith("-shm")
        return place.name if ours else ""

    def _opened(self, vfs: int, path: int | None, file: int, flags: int, out: int) -> int:
        name = self._name(path)
        new = bool(name) and flags & CREATE and not (self._recorder.folder / name).exists()
        result = int(self._open(vfs, path, file, flags, out))
        if name and not result:
            self._names[file] = name
            opened = cast(file, POINTER(_File)).contents
            opened.methods = cast(self._in_front(opened.methods), POINTER(_Methods))
            if new:
                self._recorder.log.append(Step("create", name))
        return result

    def _deleted(self, vfs: int, path: int, sync: int) -> int:
        result = int(self._delete(vfs, path, sync))
        if (name := self._name(path)) and not result:
            self._recorder.log.append(Step("delete", name, int(bool(sync))))
        return result

    def _in_front(self, methods: object) -> c_void_p:
        """A copy of these methods that writes down what changes a file, and then does it."""
        address = cast(methods, c_void_p).value or 0  # type: ignore[arg-type]
        if address not in self._methods:
            copy = _Methods.from_buffer_copy(methods.contents)  # type: ignore[attr-defined]
            write, truncate, sync = Write(copy.write), Truncate(copy.truncate), Sync(copy.sync)
            log, names = self._recorder.log, self._names

            def writes(file: int, data: int, size: int, offset: int) -> int:
                log.append(Step("write", names[file], offset, ctypes.string_at(data, size)))
                return int(write(file, data, size, offset))

            def truncates(file: int, size: int) -> int:
                log.append(Step("truncate", names[file], size))
                return int(truncate(file, size))

            def syncs(file: int, flags: int) -> int:
                result = int(sync(file, flags))
                log.append(Step("sync", names[file]))
                return result

            hooks = (Write(writes), Truncate(truncates), Sync(syncs))
            for name, hook in zip(("write", "truncate", "sync"), hooks, strict=True):
                setattr(copy, name, cast(hook, c_void_p).value)
            self._methods[address] = (copy, *hooks, write, truncate, sync)
        return cast(ctypes.byref(self._methods[address][0]), c_void_p)  # type: ignore[arg-type]


def put(files: dict[str, bytes], folder: Path) -> Sequence[str]:
    """Those files into an empty folder; their names."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return sorted(files)
