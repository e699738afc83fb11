"""What waits for somebody: unanswered questions, and drafts that want to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.community import MemberRecord, QuestionFilter, VolunteerSettings
from bot.crossing import confined_among
from bot.curation import Draft, DraftState
from bot.entitled import able, asked_it, why_not
from bot.lookups.own import UNSETTLED
from bot.news import Notice
from bot.ports import Transaction
from bot.question import Question, Refused, Status
from knowledge.resources import Resource, ReviewState
from knowledge.search import Match

LONGEST = 500  # questions on the board


@dataclass(frozen=True, slots=True)
class OnBoard:
    """A question as one reader may see it: without its words, its asker and its place where it is private."""

    question: Question
    may_take: bool
    mine: bool  # offered to the reader, or taken by them
    why_not: Notice | None = None  # what keeps the reader from ever taking it


@dataclass(frozen=True, slots=True)
class InReview:
    """A draft with the published resource that is most like it. `may_publish`: what is about medicines only a
    clinician may."""

    draft: Draft
    similar: tuple[Resource, Match] | None
    may_publish: bool
    asks_for: Resource | None = None  # the resource that a question would be one more way to ask for


@dataclass(frozen=True, slots=True)
class Proposed:
    """A question that could be one more way to ask for a resource. `shown`: what was shown for it, and among it, first,
    the one it is proposed for."""

    draft: Draft
    shown: tuple[Resource, ...]

    @property
    def words(self) -> str:
        return next(iter(self.draft.asked_as), "")


async def phrase(tx: Transaction, draft_id: str) -> Proposed:
    """Raises Refused."""
    draft = await tx.drafts.get(draft_id)
    if draft is None or not draft.asks_for:
        raise Refused(Notice.GONE)
    if draft.state is not DraftState.IN_REVIEW:
        raise Refused(Notice.ALREADY_DONE)
    question = await tx.questions.get(draft.question)
    ids = tuple(dict.fromkeys((draft.asks_for, *(question.suggested if question else ()))))
    found = await tx.resources.get(ids)
    live = tuple(found[i] for i in ids if i in found and found[i].state is ReviewState.PUBLISHED)
    if not live:
        raise Refused(Notice.GONE)
    return Proposed(draft, live)


async def asked_for(drafts: Sequence[Draft], tx: Transaction) -> dict[str, Resource]:
    """By id the resources in the library that these would be one more way to ask for."""
    found = await tx.resources.get(sorted({d.asks_for for d in drafts if d.asks_for}))
    return {i: r for i, r in found.items() if r.state is ReviewState.PUBLISHED}


async def board(tx: Transaction, viewer: MemberRecord | None, key: str) -> tuple[OnBoard, ...]:
    """The oldest first. Whoever may not take a private question does not see that it is there, nor does
    anybody elsewhere see what stays in its own space, nor anybody what an asker who blocked them has asked."""
    settings = await tx.volunteers.get(key)
    found = await tx.questions.find(QuestionFilter(statuses=UNSETTLED, limit=LONGEST))
    helps = able(viewer, settings)
    elsewhere = await confined_among(found, key, tx)
    unwanted = await tx.members.blocked_by(viewer.person) if viewer is not None else frozenset()
    there = [q for q in found if not q.unposted and q.id not in elsewhere and q.asker_person not in unwanted]
    return tuple(_seen(q, viewer, key, settings) for q in there if not q.private or helps or q.asker == key)


def _seen(q: Question, viewer: MemberRecord | None, key: str, settings: VolunteerSettings | None) -> OnBoard:
    own, refusal = asked_it(q, key, viewer), why_not(q, key, viewer, settings)
    mine = key in (q.claimed_by, q.offered_to)
    shown = q if own or not q.nameless else replace(q, asker="", asker_person="")
    if q.private and not own and not mine:
        shown = replace(shown, text="")
    return OnBoard(shown, refusal is None and q.status is not Status.CLAIMED, mine, refusal)
