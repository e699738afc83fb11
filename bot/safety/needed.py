"""Which words a pattern cannot be found without: what the sieve looks for before any expression is run.

Sound, not a guess: of a sequence every unit that must be there counts, of alternatives all of them together, and what
may be missing is passed over. `pee*` stands for every word that begins so.
"""

from __future__ import annotations

from bot.safety.grammar import WordLists, tokens

Needed = frozenset[str]

# So common that they hardly narrow anything down; only for what is looked at first, never for what is found.
_COMMON = """
a about all am an and any are as at be been but by can could day days did do does for from get go going got had has
have he her him his how i if in into is it its just keep know like me more my no not now of on one or our out over
really say says she so some still take than that the their them then there they this to today too up us very want was
we were what when who will with would you your
a al algo con como cuando de del el ella en es esta este ha hace han hay he la las le lo los mas me mi muy no nos o
para pero por que se si sin su te tiene todo tu un una y ya yo
"""
COMMON = frozenset(_COMMON.split())
_FEW, _PREFIX, _MANY = 1, 3, 200  # what one more word costs


class Needs:
    """Reads lines of the rule language, with the lexicon's word lists; each list is read once."""

    def __init__(self, words: WordLists) -> None:
        self._words = words
        self._units: dict[str, list[Needed]] = {}
        self._costs: dict[Needed, int] = {}

    def of(self, line: str) -> tuple[Needed, ...]:
        """Sets of words, the rarest first: where the line matches, the text holds at least one word of each."""
        found, _ = self._alternatives(tokens(line), 0)
        return tuple(sorted(found, key=self._cost))

    def _alternatives(self, parts: list[str], at: int) -> tuple[list[Needed], int]:
        """From `at` to the closing bracket, or the end. Of several alternatives any may be what is there."""
        every: list[list[Needed]] = []
        while True:
            wanted, at = self._sequence(parts, at)
            every.append(wanted)
            if at >= len(parts) or parts[at] != "|":
                return (every[0] if len(every) == 1 else self._any_of(every)), at
            at += 1

    def _sequence(self, parts: list[str], at: int) -> tuple[list[Needed], int]:
        """All units that must be there, up to the next `|` or the end of the brackets."""
        found: list[Needed] = []
        while at < len(parts) and parts[at] != "|" and parts[at][0] != ")":
            if parts[at] == "(":
                wanted, at = self._alternatives(parts, at + 1)
            else:
                wanted = self._unit(parts[at])
            if parts[at][-1] != "?":
                found += wanted
            at += 1
        return found, at

    def _unit(self, part: str) -> list[Needed]:
        found = self._units.get(part)
        if found is None:
            found = self._units[part] = self._looked_up(part.removesuffix("?"))
        return found

    def _looked_up(self, bare: str) -> list[Needed]:
        if bare.startswith("<"):
            return self._any_of([list(self.of(choice)) for choice in self._words[bare[1:-1]]])
        return [frozenset((bare,))] if bare[0].isalnum() else []

    def _any_of(self, every: list[list[Needed]]) -> list[Needed]:
        """One set for several alternatives: the rarest of each; none where one of them needs no word."""
        if not all(every):
            return []
        rarest = [wanted[0] if len(wanted) == 1 else min(wanted, key=self._cost) for wanted in every]
        return [frozenset().union(*rarest)]

    def _cost(self, wanted: Needed) -> int:
        found = self._costs.get(wanted)
        if found is None:
            found = sum(_MANY if word in COMMON else _PREFIX if word.endswith("*") else _FEW for word in wanted)
            self._costs[wanted] = found
        return found
