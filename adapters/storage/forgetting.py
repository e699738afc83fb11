"""What is left of a member's drafts, resources and wishes when they ask to be forgotten. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import uuid4

from bot.community import MemberRecord
from bot.curation import Draft, DraftState, was_merged
from bot.effects import Effect, Notify
from knowledge.resources import Resource, ReviewState, content_hash
from knowledge.ways_in import ways_in

FORMER_REVIEWER = "former member"


def new_person() -> str:
    """An id that says nothing about anybody: what is counted."""
    return f"p-{uuid4().hex[:20]}"


def nobody(record: MemberRecord, person: str) -> MemberRecord:
    """The account without a name, under another person. What they may do, and that they opted out, stays true."""
    bare = MemberRecord(record.key, person, "", joined_at=record.joined_at)
    kept = replace(bare, roles=record.roles, badges=record.badges, opted_out=record.opted_out, staff=record.staff)
    return replace(kept, guest=record.guest, bot=record.bot, deactivated=record.deactivated)


def emptied(resource: Resource) -> Resource:
    """Retired, without a word left."""
    bare = Resource(resource.id, "", language=resource.language, medical=resource.medical, version=resource.version)
    return replace(bare, state=ReviewState.RETIRED, topics=resource.topics)


def without(resource: Resource, phrases: frozenset[str], reviewer: str) -> Resource:
    """The resource without these past questions and without that reviewer's name."""
    kept = tuple(phrase for phrase in resource.asked_as if phrase not in phrases)
    named = FORMER_REVIEWER if reviewer and resource.reviewed_by == reviewer else resource.reviewed_by
    return replace(resource, asked_as=kept, reviewed_by=named)


def what_became_of(
    drafts: Iterable[Draft], resources: Mapping[str, Resource | None]
) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    """(resources that go as a whole, paragraphs to take out of others). A paragraph that was changed since can't be
    told from the rest any more: then all of it goes."""
    gone: set[str] = set()
    cut: dict[str, tuple[str, ...]] = {}
    for draft in drafts:
        found = resources.get(draft.resource)
        if not draft.resource or found is None:
            continue
        if not was_merged(draft) or draft.text not in found.text:
            gone.add(draft.resource)
        elif draft.text:
            cut[draft.resource] = (*cut.get(draft.resource, ()), draft.text)
    return gone, cut


def left_of(
    resource: Resource, gone: set[str], cut: Mapping[str, tuple[str, ...]], phrases: frozenset[str], reviewer: str
) -> Resource:
    """What stays of a resource, or of an older version of it."""
    if resource.id in gone:
        return emptied(resource)
    text = resource.text
    for paragraph in cut.get(resource.id, ()):
        text = text.replace(f"\n\n{paragraph}", "").replace(paragraph, "")
    return replace(without(resource, phrases, reviewer), text=text)


def emptied_draft(draft: Draft) -> Draft:
    """The author's words are gone; what was not published yet never will be."""
    waiting = draft.state in (DraftState.AWAITING_CONSENT, DraftState.IN_REVIEW)
    state = DraftState.DECLINED if waiting else draft.state
    return replace(draft, state=state, title="", text="", asked_as=())


def bare(effect: Effect) -> Effect:
    """The wish without its free text, if it has any."""
    return replace(effect, detail="") if isinstance(effect, Notify) else effect


def blind(key: str) -> str:
    """A key that still makes a row count once, but cannot be read."""
    return key if key.startswith("sha256:") else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def hashes(texts: Iterable[str], resources: Iterable[Resource]) -> set[str]:
    """The content hashes of everything that leads to these texts and resources: the keys of their vectors."""
    ways = (way for resource in resources for way in ways_in(resource).texts())
    return {content_hash(text) for text in (*texts, *ways) if text}
