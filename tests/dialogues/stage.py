"""Where a dialogue is played. A platform joins by writing one Stage; the scenarios stay the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True)
class Person:
    """Somebody in a scenario. A `volunteer` is a parent or a clinician; `topics`, `quiet` and `cap` are theirs."""

    name: str
    roles: tuple[str, ...] = ()
    volunteer: str = ""
    topics: tuple[str, ...] = ()
    quiet: str = ""  # every night, in UTC, like 22:00-07:00
    cap: int = 5
    language: str = "en"


@dataclass(frozen=True)
class Seen:
    """One thing of the bot that somebody sees: its words and its buttons, as they stand now."""

    words: str
    buttons: tuple[str, ...] = ()
    alone: bool = False  # nobody else sees it


@dataclass(frozen=True)
class Setting:
    """What is there when a dialogue begins. It is noon UTC on a Wednesday."""

    people: Sequence[Person]
    library: Sequence[Mapping[str, str]] = ()
    mode: str = "thread"
    start: Mapping[str, str] = field(default_factory=dict)


class Stage(Protocol):
    """Every method returns when the bot has nothing left to do. Ids of messages are the stage's own."""

    async def open(self, setting: Setting) -> None: ...

    async def close(self) -> None: ...

    async def post(self, who: str, text: str, thread: str = "", *, private: bool = False) -> str:
        """Into the open channel, under the message `thread` if one is given, or to the bot alone. Returns its id."""
        ...

    async def edit(self, who: str, message: str, text: str) -> None: ...

    async def delete(self, who: str, message: str) -> None: ...

    async def press(self, who: str, label: str) -> None:
        """The button of this label on the newest card that the person sees. AssertionError when there is none."""
        ...

    async def save(self, who: str, message: str, values: Mapping[str, str]) -> None:
        """The moderator's form that makes a resource of the answer `message`."""
        ...

    async def answer(self, who: str, text: str) -> None:
        """The form by which a volunteer answers the private question they have taken."""
        ...

    async def ask(self, who: str, text: str, *, nameless: bool) -> str:
        """The form by which somebody asks in private, or in the open channel without a name. Returns the id of the
        bot's post that people reply to; nothing for a private question."""
        ...

    async def write_back(self, who: str, text: str) -> None:
        """The form behind the newest button "Write back" that the person sees."""
        ...

    async def hand_over(self, who: str, to: str) -> None:
        """The form behind the newest button "Hand it to somebody" that the person sees; `to` is a person's name."""
        ...

    async def invite(self, by: str) -> None:
        """The bot comes into the open channel."""
        ...

    async def deactivate(self, who: str) -> None:
        """The person's account is switched off."""
        ...

    async def wait(self, how_long: timedelta) -> None: ...

    async def restart(self) -> None:
        """The process dies and is started again."""
        ...

    async def sees(self, who: str) -> Sequence[Seen]:
        """What the person sees of the bot now, the card that was shown or changed last at the end."""
        ...
