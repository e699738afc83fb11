"""Logs that carry nobody's words: of an exception its type and where it was, never its message or a variable.

What breaks while a message is handled has that message in its variables, and often in its own text ("could not convert
'my son …'"). The same is true of what libraries log, so of theirs only the place is told.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog


def plain_logs(level: str = "warning") -> None:
    """Structured logs on stderr, so that stdout carries the answer and nothing else; also for what libraries log."""
    drawn = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if drawn
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, FromLibraries) for handler in root.handlers):
        root.addHandler(FromLibraries())


def where(error: BaseException) -> str:
    """A traceback without messages: the stack and the type of the exception, of what caused it, of what it holds."""
    return "\n".join(_where(error, set()))


def _where(error: BaseException, seen: set[int]) -> Iterator[str]:
    if id(error) in seen:
        return
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _where(before, seen)
    yield "Traceback (most recent call last):"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    system = f": {error.strerror}" if isinstance(error, OSError) and error.errno is not None else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{system}"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _where(one, seen)


def _without_words(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = line.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error and not isinstance(error, BaseException):
        error = sys.exception()
    if isinstance(error, BaseException):
        line["exception"] = where(error)
    return line


class FromLibraries(logging.Handler):
    """What a library logs, asyncio and the web server too: who, where in its source, and the exception."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        at = f"{record.module}:{record.lineno} {record.funcName}"
        structlog.get_logger(record.name).log(
            record.levelno, "a_library_says", library=record.name, at=at, exc_info=error
        )
