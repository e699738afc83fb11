"""Forms to fill in, without any platform in them: what is asked, in the reader's words, and what stands there already.

The names of the fields are those that bot.forms reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.cards import Form
from bot.community import Topic
from bot.wording import Say


class Input(StrEnum):
    LINE = "line"
    LINES = "lines"
    ONE_OF = "one_of"
    SOME_OF = "some_of"  # the value joins what was chosen by commas
    TIME = "time"  # like 22:00
    MEMBER = "member"  # the value is a member key
    ROLES = "roles"  # of the platform; the value has a line for each: its key and its name


@dataclass(frozen=True, slots=True)
class Field:
    """`options` are (value, label)."""

    name: str
    input: Input
    label: str
    value: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    limit: int = 0  # characters; 0: what the platform takes


@dataclass(frozen=True, slots=True)
class Sheet:
    """`kept` are values that nobody types. `intro` stands above the fields."""

    form: Form
    subject: str
    title: str
    send: str
    fields: tuple[Field, ...]
    intro: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()


def topics_field(value: str, topics: Sequence[Topic], language: str, say: Say) -> Field:
    if not topics:
        return Field("topics", Input.LINE, say("Topics"), value, say("With commas between them."), optional=True)
    options = tuple((t.id, t.name(language)) for t in topics)
    return Field("topics", Input.SOME_OF, say("Topics"), value, options=options, optional=True)
