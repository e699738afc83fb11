"""How a command ends: done (0), refused with one clear line (1), wrong usage (2), stopped by Ctrl-C (130)."""

import errno
import os
import sys
import threading
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import typer

P = ParamSpec("P")
T = TypeVar("T")

STOPPED = 130  # 128 + SIGINT, as shells expect


class Refusal(Exception):  # noqa: N818 -- reads as what happened
    """A command cannot do what was asked; the message is one line that says what to do."""


def command(function: Callable[P, T]) -> Callable[P, T]:
    """The function as a command: whatever it raises becomes one line on stderr and an exit code."""

    @wraps(function)
    def answered(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except KeyboardInterrupt:
            _tell("stopped; what was not finished has not been written")
            raise typer.Exit(STOPPED) from None
        except BrokenPipeError:
            _leave_the_pipe()
            raise typer.Exit(1) from None
        except (typer.Exit, typer.BadParameter):
            raise
        except Exception as error:  # a person reads it, not a programmer
            _tell(in_words(error))
            raise typer.Exit(1) from None

    return answered


def in_words(error: Exception) -> str:
    """One line for the person at the keyboard. Our own errors say what to do; others are told as they are."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError):
        return _of_the_system(error)
    if type(error).__module__.split(".")[0] in ("adapters", "bot", "knowledge") and text:
        return text
    return _broken(error)


def hide_words() -> None:
    """What nobody catches, in the main thread or another, becomes one line too: a traceback says what was handled."""
    sys.excepthook = lambda _type, error, _traceback: _tell(_broken(error))
    threading.excepthook = lambda uncaught: _tell(_broken(uncaught.exc_value or SystemExit()))
    sys.unraisablehook = lambda uncaught: _tell(_broken(uncaught.exc_value or SystemExit()))


def _broken(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "a place that is not known"
    return f"something broke that should not have ({type(error).__name__} at {place}); please report this line"


def _of_the_system(error: OSError) -> str:
    where = f" {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full{where}; make room, then try again"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"no permission for{where or ' that'}; choose another place or change its permissions"
    return f"{(error.strerror or 'the system refused').lower()}:{where or ' no name given'}"


def _tell(line: str) -> None:
    typer.echo(f"winwin: {line}", err=True)


def _leave_the_pipe() -> None:
    """Whoever read us has gone: nothing more is written, not even at the end of the program."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # not a real pipe
        return
