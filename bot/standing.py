"""Which card of the bot stands already where a wish would say something: it is changed instead of said again."""

from __future__ import annotations

from bot import effects as do
from bot.cards import Posted
from bot.crisis_effects import ClosePage, FoldPage, PageSafety
from bot.effects import Effect
from bot.ports import Transaction
from bot.rights_effects import AskSecond, ShowAsker


async def card_up(effect: Effect, about: str, tx: Transaction) -> Posted | None:
    """The card that this wish would change."""
    match effect:
        case do.ShowSuggestions() | do.CloseSuggestions():
            return await tx.outbox.posted("ShowSuggestions", about)
        case do.ShowEarlier() | do.CloseEarlier():
            return await tx.outbox.posted("ShowEarlier", about)
        case do.ChangeOffer():
            return await tx.outbox.posted("OfferQuestion", about, effect.to)
        case do.CloseOffer():  # who took it from the board got no offer: then their claim's card is changed
            offer = await tx.outbox.posted("OfferQuestion", about, effect.to)
            return offer or await tx.outbox.posted("CloseOffer", about, effect.to)
        case do.CloseAlert():
            return await _alert(tx, effect)
        case ClosePage():
            return await tx.outbox.posted("PageSafety", about, effect.to)
        case FoldPage():
            return await _page_before(tx, effect)
        case do.PostQuestion():
            return await tx.outbox.posted("PostQuestion", about)
        case do.PassOn():
            return await tx.outbox.posted("PassOn", about, effect.to)
        case do.RelayAnswer() | do.PostAnswer():
            return await tx.outbox.posted(type(effect).__name__, effect.answer)
        case do.AskMode():
            return await tx.outbox.posted("AskMode", about, effect.to)
        case do.AskConsent():
            return await tx.outbox.posted("AskConsent", about)
        case AskSecond() | ShowAsker():
            return await tx.outbox.posted(type(effect).__name__, about, effect.to)
        case do.InviteReview():
            return await tx.outbox.posted("InviteReview", about, effect.to)
        case _:
            return None


async def _alert(tx: Transaction, settled: do.CloseAlert) -> Posted | None:
    told = do.AlertModerator(settled.question, settled.to, settled.reminder)
    found = [row.posted for row in await tx.outbox.of(settled.question) if row.wish.effect == told and row.posted]
    return found[-1] if found else None


async def _page_before(tx: Transaction, newer: FoldPage) -> Posted | None:
    before = [
        row.posted
        for row in await tx.outbox.of(newer.alert)
        if isinstance(row.wish.effect, PageSafety)
        and row.wish.to == newer.to
        and row.wish.effect.rung < newer.rung
        and row.posted is not None
    ]
    return before[-1] if before else None
