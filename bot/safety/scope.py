"""What stands around a match: negation, past, things over and done with, and whom it is about.

Negation and past tense lower C1 to C2, never to nothing. Some kinds of story are let go, each on two signs at once:
suicidal thoughts or self-injury told as long past by somebody who says that they are well now and nothing that says
"again"; medical signs told as past, resolved or for some day without a word of "now"; what happens in a novel or a
game where the writer names nobody of their own life; a threat that was settled and nothing that says "again".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.safety.findings import Code, Speaker
from bot.safety.grammar import Pattern, Span
from bot.safety.rules import Rule

REACH = 400  # characters looked at on either side of a match, however long a sentence is
BEFORE = 2  # words before a match in which a negation counts
SENTENCE_END = ". "


@dataclass(frozen=True, slots=True)
class Found:
    """Where a rule was found in a text."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> str:
        return self.text[self.start : self.end]

    def sentence(self, more: int = 0) -> str:
        """The sentence, or sentences, around the match, with `more` neighbours on either side."""
        low, high = max(0, self.start - REACH), min(len(self.text), self.end + REACH)
        left, right = self.start, self.end
        for _ in range(more + 1):
            left = self.text.rfind(SENTENCE_END, low, max(low, left - len(SENTENCE_END)))
            if left < 0:
                left = low
                break
            left += len(SENTENCE_END)
        for _ in range(more + 1):
            right = self.text.find(SENTENCE_END, right, high)
            if right < 0:
                right = high
                break
            right += len(SENTENCE_END)
        return self.text[left:right]


def found(text: str, span: Span) -> Found:
    return Found(text, span.start(), span.end())


def effective_code(rule: Rule, match: Found, scopes: Mapping[str, Pattern]) -> Code | None:
    """The code that the match deserves where it stands, or None when it is a story long over."""
    if rule.code is not Code.C3 and _made_up(match, scopes):
        return None
    if rule.code is Code.C1 and not rule.firm and _lowered(match, scopes):
        return Code.C2
    if rule.code is Code.C2 and (_long_over(match, scopes) or _a_topic(match, scopes)):
        return None
    if rule.code is Code.C3 and (_resolved(match, scopes) or _in_general(match, scopes) or _some_day(match, scopes)):
        return None
    if rule.code is Code.C5 and _settled(match, scopes):
        return None
    return rule.code


def _lowered(match: Found, scopes: Mapping[str, Pattern]) -> bool:
    sentence = match.sentence()
    before = " ".join(match.text[max(0, match.start - 60) : match.start].split()[-BEFORE:])
    if scopes["negation"].search(f"{before} {match.words}"):
        return True
    return bool(scopes["long_ago"].search(sentence) and not scopes["current"].search(sentence))


def _long_over(match: Found, scopes: Mapping[str, Pattern]) -> bool:
    sentence = match.sentence()
    if not scopes["long_ago"].search(sentence) or scopes["relapse"].search(sentence):
        return False
    return bool(scopes["better"].search(match.sentence(more=3)) or scopes["mourned"].search(sentence))


def _a_topic(match: Found, scopes: Mapping[str, Pattern]) -> bool:
    """What is a talk's, a form's or a profession's subject, with nobody in the sentence who wants or does it."""
    sentence = match.sentence()
    at_rest = scopes["at_work"].sub("xx ", sentence)
    return bool(scopes["topic"].search(sentence) and not scopes["somebody"].search(at_rest))


def _made_up(match: Found, scopes: Mapping[str, Pattern]) -> bool:
    """In a novel, a film or a game, with nobody in the sentence whom the writer knows, nor the writer's own wish."""
    sentence = match.sentence()
    if not scopes["fiction"].search(sentence):
        return False
    return not scopes["anybody"].search(sentence) and not scopes["somebody"].search(
        scopes["at_work"].sub("xx ", sentence)
    )


def _resolved(match: Found, scopes: Mapping[str, Pattern]) -> bool:
    """ "All good now" speaks of now, and of nothing that is wrong."""
    sentence = match.sentence()
    over = scopes["past"].search(sentence) or scopes["resolved"].search(match.sentence(more=1))
    return bool(over and not scopes["current"].search(scopes["resolved"].sub("xx ", sentence)))


def _in_general(match: Found, scopes: Mapping[str, Pattern]) -> bool:
    """A question about a sign, a medicine or a rule for some day, with nobody in the sentence who has it."""
    sentence = match.sentence()
    return bool(
        scopes["general"].search(sentence)
        and not scopes["has_it"].search(sentence)
        and not scopes["current"].search(sentence)
    )


def _some_day(match: Found, scopes: Mapping[str, Pattern]) -> bool:
    """What leads up to it says "if he ever" or speaks of a plan, and nothing in the sentence says that it is so now."""
    sentence = match.sentence()
    before = sentence[: sentence.find(match.words) + len(match.words)]
    return bool(scopes["some_day"].search(before) and not scopes["current"].search(sentence))


def _settled(match: Found, scopes: Mapping[str, Pattern]) -> bool:
    """A threat told as over, with nothing that says "still" or "again"."""
    around = match.sentence(more=1)
    return bool(scopes["settled"].search(around) and not scopes["relapse"].search(around))


def speaker(rule: Rule, match: Found, scopes: Mapping[str, Pattern]) -> Speaker:
    """Whom the match is about: its own words first, then what leads up to it ("my son says he ...")."""
    if rule.speaker is not None:
        return rule.speaker
    leading = match.sentence()
    leading = leading[: leading.find(match.words)] if match.words in leading else ""
    if scopes["other"].search(match.words) or (scopes["other"].search(leading) and scopes["says"].search(leading)):
        return Speaker.OTHER
    if {"i", "me", "my", "myself", "am", "mi", "yo"} & set(match.words.split()):
        return Speaker.SELF
    about = scopes["child"].search(match.text) or scopes["other"].search(leading)
    return Speaker.OTHER if about else Speaker.SELF
