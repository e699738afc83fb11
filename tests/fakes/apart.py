"""A server that binds every interface, put into a network namespace of its own and reached through loopback alone.

Sockets with a path cross namespaces: inside, a forwarder leads from such a socket to the server's port; outside, one
leads from a loopback port of the same number to the socket. `outward` ports lead the other way, for servers that call
back. Where namespaces may not be made, the server runs as it is.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO

CHUNK = 65_536
Connect = Callable[[], socket.socket]


def forward(listening: socket.socket, connect: Connect) -> None:
    """Lead every connection on, in threads, until `listening` is shut."""
    threading.Thread(target=_accept, args=(listening, connect), daemon=True).start()


def shut(listening: socket.socket) -> None:
    """Closing alone would not wake the thread that waits for callers."""
    with suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def _accept(listening: socket.socket, connect: Connect) -> None:
    while True:
        try:
            near, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_lead, args=(near, connect), daemon=True).start()


def _lead(near: socket.socket, connect: Connect) -> None:
    with near, suppress(OSError), connect() as far:
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        back.start()
        _pump(near, far)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def to_port(port: int) -> Connect:
    return lambda: socket.create_connection(("127.0.0.1", port), timeout=None)


def to_path(path: Path) -> Connect:
    def connect() -> socket.socket:
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(str(path))
        except OSError:
            far.close()
            raise
        return far

    return connect


def at_port(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def at_path(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()
    return listening


@cache
def apart() -> tuple[str, ...]:
    """The command that makes a namespace here; empty where none can be made."""
    for command in (("unshare", "--net"), ("unshare", "--map-root-user", "--net")):
        with suppress(OSError):
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
    return ()


class Apart:
    """One server. `port` is where it is reached; the same number is what it is told to bind."""

    def __init__(self, outward: Sequence[int] = ()) -> None:
        self._listening = [at_port(0)]
        self.port: int = self._listening[0].getsockname()[1]
        self._outward = outward
        self._folder = Path(tempfile.mkdtemp(prefix="apart-"))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str]) -> None:
        with (self._folder / "log").open("wb") as log:
            if apart():
                self._start_apart(command, log)
            else:
                shut(self._listening.pop())
                self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def _start_apart(self, command: Sequence[str], log: BinaryIO) -> None:
        for port in self._outward:
            way_out = at_path(self._folder / f"out-{port}")
            self._listening.append(way_out)
            forward(way_out, to_port(port))
        forward(self._listening[0], to_path(self._folder / "in"))
        ports = ",".join(map(str, self._outward))
        inside = [sys.executable, __file__, str(self._folder), str(self.port), ports, *command]
        self._process = subprocess.Popen([*apart(), *inside], stdin=subprocess.PIPE, stdout=log, stderr=log)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def stop(self) -> None:
        for listening in self._listening:
            shut(listening)
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()  # the one inside ends with it, and takes the server along
            else:
                self._process.terminate()
            self._process.wait(10)
        rmtree(self._folder, ignore_errors=True)


# --- inside the namespace ---------------------------------------------------------------------------------

IFF_UP, SIOCGIFFLAGS, SIOCSIFFLAGS = 0x1, 0x8913, 0x8914  # linux/if.h, linux/sockios.h


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        asked = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(probe, SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def _inside(folder: Path, port: int, outward: Sequence[int], command: Sequence[str]) -> None:
    _loopback_up()
    for number in outward:
        forward(at_port(number), to_path(folder / f"out-{number}"))
    forward(at_path(folder / "in"), to_port(port))
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as server:
        sys.stdin.buffer.read()  # until whoever started this is gone
        server.terminate()


if __name__ == "__main__":
    _inside(Path(sys.argv[1]), int(sys.argv[2]), [int(p) for p in sys.argv[3].split(",") if p], sys.argv[4:])
    os._exit(0)  # the forwarders' threads need not be waited for
