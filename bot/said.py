"""What follows from a wish's having been said, in the transaction that notes it."""

from __future__ import annotations

from bot import effects as do
from bot.answering import answer_stands
from bot.cards import Posted
from bot.crisis_effects import FoldPage, PageSafety
from bot.effects import Effect
from bot.events import OfferSent, OfferUndeliverable, Place, QuestionEvent, QuestionPosted
from bot.post import OutboxRow
from bot.question import Engaged
from bot.rights_effects import ShowAsker
from bot.steps import Steps
from bot.unmasking import asker_shown


def leads_on(effect: Effect) -> bool:
    """Whether something follows from its having been said."""
    if isinstance(effect, PageSafety):
        return effect.rung > 0
    shown = isinstance(effect, do.ShowSuggestions | do.ShowEarlier)
    return shown or isinstance(effect, do.OfferQuestion | do.PostQuestion | do.PostAnswer | ShowAsker)


async def follows(row: OutboxRow, posted: Posted, steps: Steps) -> None:
    effect = row.wish.effect
    if isinstance(effect, do.OfferQuestion):
        await tell_question(steps, effect.question, OfferSent(effect.to))
    if isinstance(effect, do.PostQuestion):
        await _stands(steps, effect, posted)
    if isinstance(effect, do.PostAnswer):
        await answer_stands(effect, posted, steps.tx)
    if isinstance(effect, ShowAsker):
        await asker_shown(effect, steps)
    if isinstance(effect, do.ShowSuggestions):
        await _shown(steps, effect.question)
    if isinstance(effect, do.ShowEarlier):
        await _led(steps, effect.question)
    if isinstance(effect, PageSafety) and effect.rung:
        fold = FoldPage(effect.alert, effect.to, effect.rung)
        await steps.say((fold,), f"{row.wish.key}:fold")


async def _stands(steps: Steps, effect: do.PostQuestion, posted: Posted) -> None:
    """A question without a name has its place now; told again (the post was changed) it does nothing."""
    place = Place(posted.platform, posted.space, posted.channel, posted.message, posted.message)
    await tell_question(steps, effect.question, QuestionPosted(place))
    if effect.doubtful:
        notes = tuple(do.ReviewPost(place, m) for m in await steps.moderators())
        await steps.say(notes, f"posted:{place.key}:m2", place)


async def _shown(steps: Steps, question_id: str) -> None:
    q = await steps.tx.questions.get(question_id)
    if q is not None:
        engaged = [Engaged("shown:resource", q.asker, r) for r in q.suggested]
        await steps.engaged(engaged, q.place.channel_key, q.id, q.id)


async def _led(steps: Steps, question_id: str) -> None:
    q = await steps.tx.questions.get(question_id)
    if q is not None and q.earlier:
        await steps.engaged([Engaged("shown:thread", q.asker)], q.place.channel_key, q.id, q.id)


async def tell_question(steps: Steps, question_id: str, fact: QuestionEvent) -> None:
    q = await steps.tx.questions.get(question_id)
    if q is not None:
        by = fact.to if isinstance(fact, OfferSent | OfferUndeliverable) else "winwin"
        await steps.befall(q, fact, by)
