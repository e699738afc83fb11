"""A draft that says what a resource says already becomes a paragraph of that one, not a second of its kind."""

from __future__ import annotations

from bot.community import Audit, MemberRecord, Role
from bot.curation import Draft, DraftState, merged, with_draft
from bot.effects import TellPublished
from bot.events import FormSubmitted
from bot.following import note_followers
from bot.judging import Judge
from bot.librarian import Librarian
from bot.news import Notice
from bot.publishing import After, close_cards
from bot.question import Engaged, Refused
from bot.steps import Steps
from knowledge.resources import Resource
from knowledge.search import Match


async def similar_to(
    drafts: tuple[Draft, ...], librarian: Librarian, judge: Judge
) -> dict[str, tuple[Resource, Match]]:
    """By draft id the published resource most like it, where the library is sure enough for what one person alone sees:
    whoever reviews decides."""
    waiting = [d for d in drafts if d.text and d.state in (DraftState.IN_REVIEW, DraftState.AWAITING_CONSENT)]
    found = await librarian.find([f"{d.title}\n{d.text}" for d in waiting], 1)
    pairs = {d.id: hits[0] for d, hits in zip(waiting, found, strict=True) if hits}
    return {draft_id: (r, m) for draft_id, (r, m) in pairs.items() if m.confidence >= judge.whisper_at}


async def merge(event: FormSubmitted, who: MemberRecord | None, steps: Steps, after: After) -> None:
    """The form MERGE_DRAFT: a review too, so what is about medicines is merged by clinicians only. Raises Refused."""
    draft = await steps.tx.drafts.get(event.subject)
    chosen = event.values.get("into", "")
    into = (await steps.tx.resources.get([chosen])).get(chosen)
    if draft is None or into is None:
        raise Refused(Notice.GONE)
    clinician = who is not None and Role.CLINICIAN in who.held
    done = merged(draft, into, event.by.key, clinician=clinician, now=steps.now)
    resource = with_draft(into, done, who.name if who else "")
    await steps.tx.drafts.save(done)
    after.index += await steps.tx.resources.put([resource], steps.now)
    engaged = (Engaged("submitted:resource", done.author, into.id), Engaged("edited:resource", event.by.key, into.id))
    await steps.engaged(engaged, "", done.question, done.id)
    await steps.tx.audit.append([Audit(steps.now, event.by.key, "merge", into.id, done.id)])
    await close_cards(done, steps)
    told = dict.fromkeys([done.author, done.saved_by, event.by.key])
    await steps.say(tuple(TellPublished(done.id, member) for member in told), f"{done.id}:published")
    await note_followers(resource, (done.author, event.by.key), steps)
