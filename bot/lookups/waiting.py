"""What waits for somebody: unanswered questions, and drafts that want to be read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.answering import is_clinician
from bot.community import MemberRecord, QuestionFilter, Role, VolunteerSettings
from bot.crossing import confined_among
from bot.curation import Draft
from bot.lookups.own import UNSETTLED
from bot.ports import Transaction
from bot.question import Question, Status
from knowledge.resources import Resource
from knowledge.search import Match

LONGEST = 500  # questions on the board


@dataclass(frozen=True, slots=True)
class OnBoard:
    """A question as one reader may see it: without its words, its asker and its place where it is private."""

    question: Question
    may_take: bool
    mine: bool  # offered to the reader, or taken by them


@dataclass(frozen=True, slots=True)
class InReview:
    """A draft with the published resource that is most like it. `may_publish`: what is about medicines only a
    clinician may."""

    draft: Draft
    similar: tuple[Resource, Match] | None
    may_publish: bool


async def board(tx: Transaction, viewer: MemberRecord | None, key: str) -> tuple[OnBoard, ...]:
    """The oldest first. Whoever may not take a private question does not see that it is there, nor does
    anybody elsewhere see what stays in its own space, nor anybody what an asker who blocked them has asked."""
    settings = await tx.volunteers.get(key)
    found = await tx.questions.find(QuestionFilter(statuses=UNSETTLED, limit=LONGEST))
    able = _able(viewer, settings)
    elsewhere = await confined_among(found, key, tx)
    unwanted = await tx.members.blocked_by(viewer.person) if viewer is not None else frozenset()
    there = [q for q in found if not q.unposted and q.id not in elsewhere and q.asker_person not in unwanted]
    return tuple(_seen(q, viewer, key, settings) for q in there if not q.private or able or q.asker == key)


def _seen(q: Question, viewer: MemberRecord | None, key: str, settings: VolunteerSettings | None) -> OnBoard:
    own = q.asker == key or (viewer is not None and viewer.person == q.asker_person)
    fit = _able(viewer, settings) and not own and (is_clinician(viewer) or not q.medical)
    mine = key in (q.claimed_by, q.offered_to)
    shown = q if own or not q.nameless else replace(q, asker="", asker_person="")
    if q.private and not own and not mine:
        shown = replace(shown, text="")
    return OnBoard(shown, fit and q.status is not Status.CLAIMED, mine)


def _able(viewer: MemberRecord | None, settings: VolunteerSettings | None) -> bool:
    """Volunteers and those who moderate or know medicine; the press is checked again (bot.pressing)."""
    return settings is not None or (viewer is not None and viewer.may(Role.MODERATOR, Role.CLINICIAN))
