"""`winwin demo` and `winwin run`: a community that is running until somebody stops it."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from adapters.commands.ahead import collecting_rarely, model_under_way
from adapters.commands.outcome import Refusal, command
from adapters.commands.screen import note, say
from adapters.commands.session import Database, quiet_logs, settings_for

if TYPE_CHECKING:
    from adapters.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")
OPEN_DOOR = (
    "Slack comes in over HTTP, and in the local web community anybody can be anyone: let whatever leads here from "
    "outside pass /slack/ alone."
)
PORTS_TRIED = 20  # by the demonstration, from the one that was set upwards
LEFTOVERS = ("", "-wal", "-shm")


@command
def demo(
    database: Database = None,
    reset: Annotated[bool, typer.Option("--reset", help="Begin anew: forget what was tried before.")] = False,
    day: Annotated[bool, typer.Option("--day", help="Play a day of the sample conversation first.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Open the local web community with sample people and resources. Nothing to configure; Ctrl-C ends it."""
    with collecting_rarely() as loaded:
        from adapters.settings import data_folder, has_screen

        file = (database or data_folder() / "demo.db").absolute()
        settings = settings_for(file)
        if database is None:
            file.parent.mkdir(parents=True, exist_ok=True)
        host = settings.winwin_host if settings.winwin_host in LOOPBACK else LOOPBACK[0]  # anybody can be anyone in it
        with only_one(file) as held, free_port(host, settings.winwin_port, PORTS_TRIED) as listening:
            if reset:
                forget_demo(file)
            address = address_of(listening)
            write_address(held, address)
            say(f"winwin demo: {address}")
            note("Sample people only. Be anyone, move the clock, press everything; Ctrl-C ends it.")
            if not no_browser and has_screen():
                _open_browser(address)
            _serve(settings, listening, loaded, demo=True, day=day)


@command
def run(
    local: Annotated[
        bool, typer.Option("--local", help="Serve the local web community on the configured database as well.")
    ] = False,
    database: Database = None,
) -> None:
    """Run the bot: every platform whose token is set, and the web server. Ctrl-C or SIGTERM ends it in order."""
    with collecting_rarely() as loaded:
        settings = settings_for(database)
        _must_have_a_platform(settings, local=local)
        quiet_logs("info")
        file = settings.database_file
        alone = only_one(file.absolute()) if file is not None else contextlib.nullcontext()  # a server takes many
        with alone as held, free_port(settings.winwin_host, settings.winwin_port, 1) as listening:
            address = address_of(listening)
            if held is not None:
                write_address(held, address)
            say(f"winwin: {address}")
            if local and settings.slack_signing_secret is not None:
                note(OPEN_DOOR)
            serve = partial(_serve, demo=False) if local else _connect
            serve(settings, listening, loaded)


def _must_have_a_platform(settings: "Settings", *, local: bool) -> None:
    """Raises Refusal with what is missing."""
    if settings.slack_lacks:
        raise Refusal(settings.slack_lacks)
    if local and settings.winwin_host not in LOOPBACK:
        raise Refusal(
            f"WINWIN_HOST is {settings.winwin_host}, and in the local web community anybody can be anyone; "
            "with --local, leave it at 127.0.0.1"
        )
    if not local and not settings.slack and not settings.discord:
        raise Refusal(
            "no platform is set; give SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or DISCORD_TOKEN, in the environment or "
            ".env, or start with --local (`winwin demo` needs nothing at all)"
        )


# --- the pieces -----------------------------------------------------------------------------------------


def _serve(
    settings: "Settings", listening: socket.socket, loaded: Callable[[], None], *, demo: bool, day: bool = False
) -> None:
    from adapters.stopwatch import Stopwatch

    watch = Stopwatch()
    load = model_under_way(settings, watch)
    with watch.step("parts of the program imported"):
        from adapters.app import run_local

    async def until_stopped() -> None:
        stop, opened = _stopped_by_signal(), partial(_opened, loaded)
        await run_local(
            settings,
            listening,
            demo=demo,
            stop=stop,
            opened=opened,
            left_out=_left_out,
            day=day,
            watch=watch,
            load=load,
        )

    _run(until_stopped)


def _connect(settings: "Settings", listening: socket.socket, loaded: Callable[[], None]) -> None:
    from adapters.stopwatch import Stopwatch

    load = model_under_way(settings, Stopwatch())
    from adapters.app import run_platforms

    async def until_stopped() -> None:
        opened = partial(_opened, loaded)
        stop = _stopped_by_signal()
        await run_platforms(settings, listening, stop=stop, opened=opened, left_out=_left_out, load=load)

    _run(until_stopped)


def _opened(loaded: Callable[[], None], places: Sequence[str]) -> None:
    loaded()
    for place in places:
        say(f"winwin: connected to {place}")
    note("Ready.")


def _left_out(why: str) -> None:
    note(f"winwin: {why}. Everything else goes on without it; what is meant for it is kept for two days.")


def _run(until_stopped: Callable[[], Coroutine[None, None, None]]) -> None:
    from adapters.app import PlatformError
    from adapters.loop import run

    try:
        run(until_stopped())
    except PlatformError as error:
        raise Refusal(str(error)) from None
    note("Stopped.")


def _stopped_by_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows Ctrl-C comes as KeyboardInterrupt
            loop.add_signal_handler(sign, stop.set)
    return stop


@contextlib.contextmanager
def free_port(host: str, port: int, tries: int) -> Iterator[socket.socket]:
    """A socket that listens at the first free port. Raises Refusal."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in range(port, min(port + tries, 65_536)):
        try:
            listening = socket.create_server((host, number), family=family, backlog=128)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Refusal(_not_bound(host, number, error)) from None
            continue
        with listening:
            yield listening
            return
    ports = f"port {port} is" if tries == 1 else f"the ports {port} to {port + tries - 1} are all"
    raise Refusal(f"{ports} in use by another program; stop it, or set WINWIN_PORT to another one")


def _not_bound(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EACCES:
        return f"port {port} is reserved for the system; set WINWIN_PORT to one over 1023"
    return f"{host} is not an address of this computer; set WINWIN_HOST to 127.0.0.1 or 0.0.0.0"


def address_of(listening: socket.socket) -> str:
    """What to open in a browser on this computer."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}/"


@contextlib.contextmanager
def only_one(database: Path) -> Iterator[IO[str]]:
    """Keep a second winwin off the same database file: two would let go of each other's work. Raises Refusal.

    The lock ends with the process, however it ends. The file holds the address of whoever has it.
    """
    if not database.parent.is_dir():
        raise Refusal(f"the folder {database.parent} for the database does not exist; create it first")
    path = database.with_name(f"{database.name}.lock")
    with path.open("a+", encoding="utf-8") as held:
        if not _lock(held):
            held.seek(0)
            where = held.read().strip() or "an address it has not said yet"
            raise Refusal(f"winwin is running with {database} already, at {where}; stop it, or name another --database")
        yield held


def _lock(held: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:  # not a Unix: SQLite's own locks must do
        return True
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def write_address(held: IO[str], address: str) -> None:
    held.truncate(0)
    held.write(address)
    held.flush()


def forget_demo(database: Path) -> None:
    """The demonstration's database and clock."""
    for ending in LEFTOVERS:
        database.with_name(database.name + ending).unlink(missing_ok=True)
    database.with_suffix(".clock").unlink(missing_ok=True)


def _open_browser(address: str, opener: Callable[[str], bool] | None = None) -> None:
    """In a thread: some systems wait until the browser is closed."""
    import threading
    import webbrowser

    threading.Thread(target=opener or webbrowser.open, args=(address,), daemon=True).start()
