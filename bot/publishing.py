"""What follows from consent and from review: a draft goes on to its reviewers, or into the library."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.cards import Action
from bot.community import Audit, Role
from bot.curation import Draft, DraftState, as_resource, published
from bot.effects import AskConsent, Effect, InviteReview, TellPublished
from bot.events import Place
from bot.following import note_followers
from bot.permissions import allowed
from bot.question import Engaged, Refused
from bot.steps import Steps
from knowledge.resources import Resource


@dataclass(slots=True)
class After:
    """What is to be done once the transaction is committed."""

    index: list[Resource] = field(default_factory=list)
    helped: list[str] = field(default_factory=list)  # questions whose asker said so


async def consent_given(draft: Draft, steps: Steps, after: After) -> Draft:
    """Published at once when the one who saved it may do so and wished it; otherwise on to the reviewers."""
    saver = (await steps.tx.members.get([draft.saved_by])).get(draft.saved_by)
    if draft.publish_at_once and saver is not None and allowed(Action.PUBLISH, saver):
        try:
            done = published(draft, saver.key, clinician=Role.CLINICIAN in saver.held, now=steps.now)
        except Refused:
            done = draft
        if done.state is DraftState.PUBLISHED:
            await publish(done, steps, after)
            return done
    await steps.tx.drafts.save(draft)
    readers = await reviewers(draft, steps)
    platform, space, _ = draft.author.split(":", 2)
    effects: tuple[Effect, ...] = (AskConsent(draft.id), *(InviteReview(draft.id, m) for m in readers))
    await steps.say(effects, f"{draft.id}:review", Place(platform, space, "", "", ""))
    return draft


async def close_cards(draft: Draft, steps: Steps) -> None:
    """The cards that asked for consent and for a review show how it ended (bot.showing.drafts)."""
    invited = tuple(InviteReview(draft.id, member) for member in await reviewers(draft, steps))
    platform, space, _ = draft.author.split(":", 2)
    effects: tuple[Effect, ...] = invited if draft.asks_for else (AskConsent(draft.id), *invited)
    await steps.say(effects, f"{draft.id}:closed:{draft.state}", Place(platform, space, "", "", ""))


async def reviewers(draft: Draft, steps: Steps) -> tuple[str, ...]:
    """Who is asked to read it: what is about medicines the clinicians, if there are any."""
    clinicians = tuple(m.key for m in await steps.tx.members.with_role(Role.CLINICIAN) if not m.deactivated)
    return clinicians if draft.medical and clinicians else await steps.moderators()


async def publish(draft: Draft, steps: Steps, after: After) -> None:
    reviewer = (await steps.tx.members.get([draft.reviewed_by])).get(draft.reviewed_by)
    await steps.tx.drafts.save(draft)
    resource = as_resource(draft, reviewer.name if reviewer else "")
    after.index += await steps.tx.resources.put([resource], steps.now)
    await steps.engaged((Engaged("submitted:resource", draft.author, resource.id),), "", draft.question, draft.id)
    await steps.tx.audit.append([Audit(steps.now, draft.reviewed_by, "publish", resource.id)])
    await close_cards(draft, steps)
    await note_followers(resource, (draft.author, draft.reviewed_by), steps)
    told = dict.fromkeys([draft.author, draft.saved_by, draft.reviewed_by])
    await steps.say(tuple(TellPublished(draft.id, m) for m in told), f"{draft.id}:published")
