"""A member's words taken out of every table in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from adapters.storage.forgetting import emptied_draft, hashes, left_of, what_became_of
from adapters.storage.memory.follows import Follows, Links
from adapters.storage.memory.inbox import Inbox
from adapters.storage.memory.knowledge import Vectors
from adapters.storage.memory.logs import Log
from adapters.storage.memory.outbox import Outbox
from adapters.storage.memory.questions import Answers, Letters, Questions, Suggestions
from adapters.storage.memory.sign_ins import SignIns
from adapters.storage.memory.state import Rows, State
from bot.curation import Draft
from knowledge.resources import Resource


def forget_words(state: State, key: str, name: str, person: str, now: datetime) -> list[Resource]:
    """Everything but the member's own record; returns the resources that changed."""
    Inbox(state).forget(key, now)
    Outbox(state).forget(key)
    Log(state).forget(key)
    Follows(state).forget(key)
    Links(state).forget(key)
    SignIns(state).forget(key)
    asked = Questions(state).forget(key, person)
    said = Answers(state).forget(key)
    Letters(state).forget(key)
    drafts: Rows[str, Draft] = state.table("draft")
    own = [draft for draft in drafts.values() if draft.author == key]
    questions = {q.id for q in asked}
    phrases = {q.text for q in asked if q.text}
    for draft in list(drafts.values()):
        if draft.asks_for or draft.author != key:
            phrases |= set(draft.asked_as) if draft.author == key or draft.question in questions else set()
        if draft.author == key:
            drafts[draft.id] = emptied_draft(draft)
        elif draft.question in questions:
            drafts[draft.id] = replace(draft, asked_as=())
    rows: Rows[str, Resource] = state.table("resource")
    gone, cut = what_became_of(own, {draft.resource: rows.get(draft.resource) for draft in own})
    changed, texts = _forget_resources(state, gone, cut, frozenset(phrases), name)
    Suggestions(state).forget(questions, gone)
    Vectors(state).forget(texts | hashes([*phrases, *said, *(d.text for d in own), *(d.title for d in own)], ()))
    return changed


def _forget_resources(
    state: State, gone: set[str], cut: Mapping[str, tuple[str, ...]], phrases: frozenset[str], name: str
) -> tuple[list[Resource], set[str]]:
    """The changed resources, and the hashes of what their old versions said and the new ones do not."""
    rows: Rows[str, Resource] = state.table("resource")
    before, after = [], []
    for resource in list(rows.values()):
        new = left_of(resource, gone, cut, phrases, name)
        if new != resource:
            new = replace(new, version=resource.version + 1)
            rows[resource.id] = new
            before.append(resource)
            after.append(new)
    return after, hashes((), before) - hashes((), after)
