"""What is let go by itself: words of questions closed long ago, keys of facts handled long ago, drafts that nobody
agreed to or that were sent back, questions for the library that nobody has read, links that sign in and browsers whose
time is over."""

from __future__ import annotations

from bot.curation import DraftState, lapsed
from bot.publishing import close_cards
from bot.signing_in import AN_HOUR
from bot.steps import Steps

ENDED = (DraftState.AWAITING_CONSENT, DraftState.SENT_BACK)  # what holds words and leads to no resource


async def retain(steps: Steps) -> bool:
    """One look. Returns whether words were dropped."""
    before = steps.now - steps.policy.keep_text
    dropped = await steps.tx.questions.drop_texts(before)
    await steps.tx.inbox.forget_keys(before)
    await steps.tx.sign_ins.clear(steps.now - AN_HOUR)
    found = await steps.tx.drafts.made_before(before, (*ENDED, DraftState.IN_REVIEW))
    old = [draft for draft in found if draft.asks_for or draft.state is not DraftState.IN_REVIEW]
    for draft in old:
        gone = lapsed(draft)
        await steps.tx.drafts.save(gone)
        if draft.state is not DraftState.SENT_BACK:
            await close_cards(gone, steps)
    return bool(dropped or old)
