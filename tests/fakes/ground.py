"""Where random lives of questions are played, and what is known of one: what was said, and which words are owed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from bot.events import Place
from tests.fakes.lookers import Looker
from tests.fakes.workers import Workers


@dataclass
class Said:
    """A message that was acknowledged; `words` are those that stand in it now, "" when none do."""

    who: str
    place: Place
    words: str
    question: str  # its own id, or that of the question it stands under
    opens: bool = True
    direct: bool = False


@dataclass
class Ground:
    """Where lives are played: an event loop that stays, and a database that is emptied for each."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    empty: Callable[[], Awaitable[str]]
    processes: int
    to_the_end: bool = False
    steps: int = 0
    lives: int = 0
    questions: int = 0


@dataclass
class Play:
    """One life: what was said and acknowledged, and what is owed for it."""

    made: Workers
    looker: Looker
    said: list[Said] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # words that may stand nowhere any more
    count: int = 0
