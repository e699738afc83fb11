"""Nobody's words are in the logs, whatever breaks and whoever logs it."""

from __future__ import annotations

import asyncio
import io
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

from adapters.logs import FromLibraries, plain_logs, where
from tests.fakes.mind import CANARY


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[Screen, io.StringIO], ids=["on a screen", "in a file"])
def said(request, monkeypatch, capsys) -> Iterator[Callable[[], str]]:
    """Everything that was said since the last look."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers = list(root.handlers)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", request.param())
        plain_logs()
    yield lambda: "".join(capsys.readouterr())
    root.handlers[:] = handlers
    structlog.configure(**before)


def broken(words: str) -> None:
    text = f"she wrote {words}"
    raise ValueError(text)


def test_a_log_of_an_exception_says_where_and_not_what(said: Callable[[], str]):
    try:
        broken(CANARY)
    except ValueError as error:
        structlog.get_logger().exception("broke", row=7)
        structlog.get_logger().warning("broke", exc_info=error)
        structlog.get_logger().warning("broke", exc_info=sys.exc_info())
    words = said()
    assert words.count("builtins.ValueError") == 3
    assert "in broken" in words
    assert CANARY not in words


def test_what_caused_it_and_what_a_group_holds_is_told_without_words_too():
    try:
        try:
            broken(CANARY)
        except ValueError as error:
            raise ExceptionGroup(CANARY, [KeyError(CANARY), OSError(28, "No space left on device")]) from error
    except ExceptionGroup as group:
        words = where(group)
    assert [t for t in ("ValueError", "ExceptionGroup", "KeyError", "No space left on device") if t not in words] == []
    assert CANARY not in words


async def test_what_asyncio_and_libraries_log_has_no_words(said: Callable[[], str]):
    logging.getLogger("some.library").error("could not read %s", CANARY)
    logging.getLogger("uvicorn.error").error(f"Exception with {CANARY}", exc_info=ValueError(CANARY))
    loop = asyncio.get_running_loop()
    loop.call_soon(broken, CANARY)
    await asyncio.sleep(0)
    lost = asyncio.create_task(asyncio.to_thread(broken, CANARY))
    await asyncio.wait([lost])
    del lost
    await asyncio.sleep(0)
    words = said()
    assert [name for name in ("some.library", "uvicorn.error", "asyncio") if name not in words] == []
    assert CANARY not in words


def test_libraries_are_listened_to_once(said: Callable[[], str]):
    plain_logs()
    assert sum(isinstance(h, FromLibraries) for h in logging.getLogger().handlers) == 1
    assert said() == ""


POISON = f"""
import asyncio, logging, threading
from datetime import timedelta
from dataclasses import replace
import adapters.samples as samples
from bot.hearing import Hearing
from adapters.cli import main

first = samples.load_day()[0]
samples.load_day = lambda: (replace(first, text="{CANARY} where do you park?"),)
import adapters.wiring.{{home}} as wiring
wiring.load_day = samples.load_day

async def apply(self, judged, steps, needed):
    words = judged.row.arrival.event.text
    threading.Thread(target=int, args=(words,)).start()
    asyncio.get_running_loop().call_soon(int, words)
    logging.getLogger("library").error("bad: " + words)
    asyncio.get_running_loop().call_later(0.5, quit)
    raise ValueError(words)

def quit():
    import os, signal
    os.kill(os.getpid(), signal.SIGTERM)

Hearing.apply = apply
main()
"""


def test_a_poison_message_is_in_no_line_of_the_real_process(folder):
    program = [sys.executable, "-c", POISON.format(home="demo"), "demo", "--day", "--no-browser"]
    done = subprocess.run(
        [*program, "--database", str(folder / "winwin.db")], capture_output=True, text=True, timeout=120, check=False
    )
    words = done.stdout + done.stderr
    assert [t for t in ("row_not_handled", "builtins.ValueError", "asyncio", "library") if t not in words] == [], words
    assert "something broke that should not have (ValueError" in words  # in the thread
    assert CANARY not in words


def test_what_nobody_catches_is_one_line(tmp_path):
    code = f"from adapters.commands.outcome import hide_words\nhide_words()\nwords = '{CANARY}'\nint(words)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("winwin: something broke that should not have (ValueError at ")
    assert CANARY not in done.stderr
