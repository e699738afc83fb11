"""What stands in the place of private details in texts that belong together, and what a moderator leaves in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.private_details import Kind, details, without

OFFERED = 75  # characters of what a moderator is offered to leave in: a platform takes no longer choices

_STAND_IN = re.compile(rf"\[(?:{'|'.join(map(re.escape, Kind))})(?: \d+)?\]")
_CHOICE = re.compile(r"(\[[a-z \-]+(?: \d+)?\])(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Taken:
    """A detail that a moderator is shown: what stands in its place, and what it was."""

    stand_in: str
    kind: Kind
    words: str

    @property
    def choice(self) -> str:
        """What is sent when the moderator leaves it in; empty when that can not be offered in a form."""
        choice = f"{self.stand_in}{self.words}"
        return choice if len(choice) <= OFFERED and "," not in choice and "\n" not in choice else ""


class Marks:
    """Takes details out of several texts that belong together; what stands in their place is different for each."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self.taken: list[Taken] = []

    def mark(self, text: str) -> str:
        """The text as `without` leaves it, its stand-ins numbered; what was taken out is in `taken`."""
        for detail in reversed(details(text, self._names)):
            stand_in = self._stand_in(detail.kind, text[detail.start : detail.end])
            text = f"{text[: detail.start]}{stand_in}{text[detail.end :]}"
        return without(text, self._names)

    def _stand_in(self, kind: Kind, words: str) -> str:
        known = next((t for t in self.taken if (t.kind, t.words.lower()) == (kind, words.lower())), None)
        if known is not None:
            return known.stand_in
        number = sum(t.kind is kind for t in self.taken) + 1
        taken = Taken(f"[{kind} {number}]" if number > 1 else f"[{kind}]", kind, words)
        self.taken.append(taken)
        return taken.stand_in


def without_stand_ins(text: str) -> str:
    """What is searched for: "phone number" is no topic of a question whose author was told to leave one out."""
    return _STAND_IN.sub(" ", text) if "[" in text else text


def left_in(chosen: str) -> dict[str, str]:
    """What a moderator left in: stand-ins and the words that they stand for. `chosen`: choices joined by commas."""
    return {found[1]: found[2] for one in chosen.split(",") if (found := _CHOICE.fullmatch(one.strip()))}
