"""One more way to ask for a resource: in which words, and when it is worth a moderator's time. Pure.

A question that a resource helped with is proposed as such, as a draft with `asks_for` (bot.curation). Somebody reads it
without a name, in shorter words if they like, and adds it or leaves it out; only then the resource is found by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.curation import Draft, DraftState, sent_back
from bot.news import Notice
from bot.private_details import without
from bot.question import Question, Refused
from bot.stand_ins import without_stand_ins
from knowledge.resources import MAX_TITLE, Resource, ReviewState
from knowledge.sameness import sameness
from knowledge.text import letters

OPEN_OF_ONE = 3  # proposals for one resource that wait at a time
OPEN_IN_ALL = 10  # and for all of them: a queue that is too long is read by nobody
WAYS = 20  # ways to ask that one resource has at most, as many as its form takes
FEWEST = 3  # words below which a question says nothing without its thread
TYPED = 2  # the same of one that somebody wrote to be found by

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_COMMA, _END = re.compile(r"[\s,;:]*([,;:])(?=\s|$)"), re.compile(r"[\s,;:]+([.!?])")  # what a name leaves behind


def by_itself(q: Question) -> bool:
    """Whether what the library showed is what helped: nobody answered, no older thread was linked. What was asked in
    private or without a name was for one reader, and is proposed to nobody."""
    return bool(q.suggested and q.text) and not (q.nameless or q.answered_by or q.earlier)


def phrase_of(text: str, names: Iterable[str]) -> str:
    """The words it was asked in, without private details: of a long story only what it asks. Empty when nothing is
    left that somebody else could ask."""
    words = " ".join(without(text, names).split())
    if len(words) > MAX_TITLE:
        words = _asking(words)
    return words if says_enough(words, FEWEST) else ""


def says_enough(phrase: str, fewest: int = TYPED) -> bool:
    """Whether there are words enough that a question could be like it. (Of "???" nothing is left to compare, and
    everything that says nothing would be just like it.)"""
    return len(letters(without_stand_ins(phrase))) >= fewest


def _asking(words: str) -> str:
    """The last questions of it, as many as there is room for."""
    kept = ""
    for sentence in reversed([s for s in _SENTENCE.split(words) if s.endswith("?")]):
        longer = f"{sentence} {kept}".strip()
        if len(longer) > MAX_TITLE:
            break
        kept = longer
    return kept


def searched(phrase: str) -> str:
    """What is kept of it: "phone number" is no word of a question that was asked with one."""
    bare = " ".join(without_stand_ins(phrase).split())
    return _END.sub(r"\1", _COMMA.sub(r"\1", bare)).lstrip(",;:. ")


def as_good(phrase: str, known: Iterable[str], language: str) -> bool:
    """Whether one of them says the same in nearly the same words."""
    said = letters(phrase)
    return any(letters(one) == said or sameness().of(phrase, one, 1.0, language).same for one in known)


def added(draft: Draft, phrase: str, into: Resource, by: str, *, clinician: bool, now: datetime) -> Draft:
    """Somebody has read it: from now on it leads to that resource. Raises Refused."""
    _must(bool(draft.asks_for) and into.state is ReviewState.PUBLISHED, Notice.GONE)
    _must(draft.state is DraftState.IN_REVIEW, Notice.ALREADY_DONE)
    _must(clinician or not (draft.medical or into.medical), Notice.NOT_ALLOWED)
    done = replace(draft, state=DraftState.PUBLISHED, reviewed_by=by, reviewed_at=now, by_clinician=clinician)
    return replace(done, asked_as=(phrase,), asks_for=into.id)


def left_out(draft: Draft, by: str, now: datetime) -> Draft:
    """No, thank you: the words go at once."""
    return replace(sent_back(draft, by, now), asked_as=())


def with_phrase(resource: Resource, phrase: str) -> Resource:
    """Found by it too. What it says is not changed, so who reviewed it stays as it was."""
    return replace(resource, asked_as=tuple(dict.fromkeys((*resource.asked_as, phrase))))


def _must(holds: bool, notice: Notice) -> None:
    if not holds:
        raise Refused(notice)
