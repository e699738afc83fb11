"""Which need in an edited message is which of the questions that were asked in it: by their words, not by their place.

A need that was cut out takes its own question with it and no other; what hardly has words of the old one is new.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from bot.around import UNSETTLED
from bot.question import Question
from bot.several import again, shared

_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")


def paired(asked: Mapping[str, Question], said: Sequence[str], words: Mapping[str, str]) -> dict[int, Question]:
    """By the number of the need: the question that it is. `asked` and `words`: the questions, and what each said in
    that message, by id. A question is used once, and a need that is none of them is not in it."""
    if len(asked) == len(said) == 1:
        return dict(enumerate(asked.values()))
    around = _common(said) | _common(words.values())
    own = {i: _without(text, around) for i, text in enumerate(said)}
    theirs = {key: _without(words[key], around) for key in asked}
    order = {key: n for n, key in enumerate(asked)}

    def fit(pair: tuple[int, str]) -> tuple[bool, int, int]:
        i, key = pair
        return again(own[i], theirs[key]), shared(own[i], theirs[key], asked[key].language), -abs(i - order[key])

    found: dict[int, Question] = {}
    for i, key in sorted(product(own, asked), key=fit, reverse=True):
        free = i not in found and asked[key] not in found.values()
        if free and _is_it(own[i], theirs[key], asked[key]):
            found[i] = asked[key]
    left = [q for q in asked.values() if q not in found.values() and q.status in UNSETTLED]
    found.update(zip([i for i in own if i not in found], left, strict=False))  # said in other words
    return found


def _is_it(text: str, words: str, q: Question) -> bool:
    """Of one that has its answer most words: what is new must not be hidden behind an answer to something else."""
    same, needed = shared(text, words, q.language), 0
    if q.status not in UNSETTLED:
        needed = shared(words, words, q.language) // 2
    return again(text, words) or same > needed


def _common(texts: Iterable[str]) -> set[str]:
    """Sentences that belong to several of them, and say nothing of which is which."""
    counts = Counter(sentence for text in texts for sentence in set(_SENTENCES.split(text)))
    return {sentence for sentence, n in counts.items() if n > 1}


def _without(text: str, sentences: set[str]) -> str:
    return " ".join(s for s in _SENTENCES.split(text) if s not in sentences)


def next_number(asked: Iterable[Question]) -> int:
    """For one more question in a message: none that was used, also of what is gone."""
    return 1 + max((int(q.id.partition("-")[2] or 0) for q in asked), default=-1)
