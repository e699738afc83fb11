"""From an answer to a draft to a reviewed resource. Pure: `now` and roles are given.

awaiting_consent -> in_review -> published, with ways out: declined (the author said no), sent_back (the reviewer
did), and lapsed (neither led to anything, and the words are gone). A medical draft is published by a clinician only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.events import Place
from bot.news import Notice
from bot.question import Refused
from knowledge.resources import MAX_ASKED_AS, Resource, ReviewState
from knowledge.text import MAX_TEXT


class DraftState(StrEnum):
    AWAITING_CONSENT = "awaiting_consent"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    DECLINED = "declined"
    SENT_BACK = "sent_back"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Draft:
    """`author`, `saved_by`, `reviewed_by` are member keys. `publish_at_once`: the moderator who saved it has already
    read it, so the author's consent is all that is missing."""

    id: str
    place: Place
    question: str
    author: str
    saved_by: str
    title: str
    text: str
    topics: tuple[str, ...]
    medical: bool
    language: str
    state: DraftState
    created_at: datetime
    publish_at_once: bool = False
    asked_as: tuple[str, ...] = ()
    consented_at: datetime | None = None
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    resource: str = ""
    by_clinician: bool = False  # whoever reviewed it was a clinician then
    asks_for: str = ""  # a resource: it is no text, but one more way to ask for that one (bot.phrases); `author` asked


def consented(draft: Draft, by: str, now: datetime) -> Draft:
    _must(draft.author == by, Notice.NOT_YOURS)
    _must(draft.state is DraftState.AWAITING_CONSENT, Notice.ALREADY_DONE)
    return replace(draft, state=DraftState.IN_REVIEW, consented_at=now)


def declined(draft: Draft, by: str) -> Draft:
    """The author says no, also later: then the words of the draft go."""
    _must(draft.author == by, Notice.NOT_YOURS)
    _must(draft.state in (DraftState.AWAITING_CONSENT, DraftState.IN_REVIEW), Notice.ALREADY_DONE)
    return replace(draft, state=DraftState.DECLINED, title="", text="", asked_as=())


def lapsed(draft: Draft) -> Draft:
    """Nobody said yes in time: the words go."""
    return replace(draft, state=DraftState.LAPSED, title="", text="", asked_as=())


def published(draft: Draft, by: str, *, clinician: bool, now: datetime) -> Draft:
    _must(not draft.asks_for, Notice.GONE)
    _must(draft.state is DraftState.IN_REVIEW, Notice.ALREADY_DONE)
    _must(clinician or not draft.medical, Notice.NOT_ALLOWED)
    done = replace(draft, state=DraftState.PUBLISHED, reviewed_by=by, reviewed_at=now, by_clinician=clinician)
    return replace(done, resource=_own_resource(draft))


def sent_back(draft: Draft, by: str, now: datetime) -> Draft:
    _must(draft.state in (DraftState.IN_REVIEW, DraftState.AWAITING_CONSENT), Notice.ALREADY_DONE)
    return replace(draft, state=DraftState.SENT_BACK, reviewed_by=by, reviewed_at=now)


def merged(draft: Draft, into: Resource, by: str, *, clinician: bool, now: datetime) -> Draft:
    """The draft joins a resource that says something similar, instead of becoming one of its own."""
    _must(into.state is ReviewState.PUBLISHED, Notice.GONE)
    _must(clinician or not into.medical, Notice.NOT_ALLOWED)
    return replace(published(draft, by, clinician=clinician, now=now), resource=into.id)


def was_merged(draft: Draft) -> bool:
    """Whether a published draft is a paragraph of a resource that was there before."""
    return bool(draft.resource) and draft.resource != _own_resource(draft)


def with_draft(resource: Resource, draft: Draft, reviewer: str) -> Resource:
    """The resource with the draft's text as its last paragraph, and found by the draft's questions too. Raises
    Refused when that would be too long."""
    text = f"{resource.text}\n\n{draft.text}".strip()
    _must(len(text) <= MAX_TEXT, Notice.TOO_LONG)
    return replace(
        resource,
        text=text,
        asked_as=tuple(dict.fromkeys((*resource.asked_as, *draft.asked_as)))[:MAX_ASKED_AS],
        topics=tuple(dict.fromkeys((*resource.topics, *draft.topics))),
        medical=resource.medical or draft.medical,
        reviewed_by=reviewer,
        reviewed_at=draft.reviewed_at,
        clinician=draft.reviewed_by if draft.by_clinician else "",
    )


def _own_resource(draft: Draft) -> str:
    return f"from-{draft.id}"


def as_resource(draft: Draft, reviewer: str) -> Resource:
    """The resource a published draft becomes. `reviewer` is the name shown."""
    _must(draft.state is DraftState.PUBLISHED, Notice.ALREADY_DONE)
    return Resource(
        id=draft.resource,
        title=draft.title,
        text=draft.text,
        url="",
        topics=draft.topics,
        audience=(),
        language=draft.language,
        medical=draft.medical,
        source="answer of a member",
        reviewed_by=reviewer,
        reviewed_at=draft.reviewed_at,
        state=ReviewState.PUBLISHED,
        asked_as=draft.asked_as,
        clinician=draft.reviewed_by if draft.by_clinician else "",
    )


def _must(holds: bool, notice: Notice) -> None:
    if not holds:
        raise Refused(notice)
