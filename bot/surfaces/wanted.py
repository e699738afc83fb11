"""What somebody wants to see, as values: a platform reads them from a press or a command, and opens what they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cards import Form
from bot.events import Place


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """A form is wanted. `given` are values to begin with."""

    form: Form
    subject: str
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadResource:
    """The whole text of a resource is wanted."""

    question: str  # under which it was shown, if any
    resource: str


@dataclass(frozen=True, slots=True)
class Explain:
    """Why did the bot do what it did at this place?"""

    place: Place | None


@dataclass(frozen=True, slots=True)
class Ordered:
    """A command that needs more than a fact or a form."""

    what: str  # resources, web, my-data, forget-me, help
    words: str = ""
