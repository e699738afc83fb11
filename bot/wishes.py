"""An effect on its way out: for whom it is, what it belongs to, and which other wishes it must not overtake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bot import effects as do
from bot.crisis_effects import AnswerCrisis, ClosePage, FoldPage, PageSafety, ReadAgain, SaySorry
from bot.effects import Effect
from bot.events import Member, Place
from bot.post import Wish
from bot.rights_effects import AskSecond, ShowAsker, TellRole, TellSeen

NOBODY = ""


def wishes(effects: Sequence[Effect], stem: str, place: Place | None) -> list[Wish]:
    """`stem` names the step that had these effects: the same step again gives the same keys, so nothing is said twice.
    `place` says on which platform a wish without a recipient goes out."""
    return [_wish(effect, f"{stem}:{n}", place) for n, effect in enumerate(effects)]


def _wish(effect: Effect, key: str, place: Place | None) -> Wish:
    about, to = _about(effect), _to(effect)
    if isinstance(effect, do.RelayAnswer | do.PostAnswer):
        return Wish(key, f"about:{effect.question}", place.platform if place else "", about, NOBODY, effect)
    if isinstance(effect, do.PassOn):  # in the lane of the question, though each is about its own letter
        lane = f"{to}:{effect.question}" if to else f"about:{effect.question}"
        platform = Member.from_key(to).platform if to else place.platform if place else ""
        return Wish(key, lane, platform, about, to, effect)
    if isinstance(effect, ReadAgain):  # waits for nothing, and nothing waits for it
        return Wish(key, f"about:{about}:again", place.platform if place else "", about, NOBODY, effect)
    if isinstance(effect, FoldPage):  # a lane of its own: no page ever waits for an old card to be changed
        return Wish(key, f"{to}:{about}:fold", Member.from_key(to).platform, about, to, effect)
    if to:
        return Wish(key, f"{to}:{about or key}", Member.from_key(to).platform, about, to, effect)
    return Wish(key, f"about:{about}", place.platform if place else "", about, NOBODY, effect)


def _about(effect: Effect) -> str:
    match effect:
        case do.ShowSuggestions() | do.CloseSuggestions() | do.TellAsker() | do.AskWhetherHelped():
            return effect.question
        case do.OfferQuestion() | do.ChangeOffer() | do.CloseOffer() | do.WarnClaimant() | do.PostQuestion():
            return effect.question
        case do.AlertModerator() | do.CloseAlert() | do.ShowEarlier() | do.CloseEarlier():
            return effect.question
        case do.RelayAnswer() | do.PostAnswer():
            return effect.answer
        case do.GiveBack():
            return effect.id
        case do.PassOn():
            return effect.letter
        case do.WelcomeChannel():
            return effect.place.channel_key
        case do.AskMode():
            return effect.channel
        case do.AskConsent() | do.InviteReview() | do.TellPublished():
            return effect.draft
        case AnswerCrisis() | PageSafety() | ClosePage() | FoldPage() | ReadAgain() | SaySorry():
            return effect.alert
        case do.NudgePrivacy() | do.ReviewPost():
            return effect.place.key
        case AskSecond() | ShowAsker() | TellSeen():
            return effect.unmasking
        case do.PostDigest():
            return f"digest:{effect.week}:{effect.channel.rpartition(':')[0]}"
        case do.Notify() | do.TellFollower() | do.ThankVolunteer() | do.ShowLinkCode() | TellRole():
            return ""
        case _:
            assert_never(effect)


def _to(effect: Effect) -> str:
    match effect:
        case do.OfferQuestion() | do.ChangeOffer() | do.CloseOffer() | do.WarnClaimant() | do.Notify():
            return effect.to
        case do.AlertModerator() | do.CloseAlert():
            return effect.to
        case do.InviteReview() | do.TellPublished() | do.ReviewPost():
            return effect.to
        case PageSafety() | ClosePage() | FoldPage():
            return effect.to
        case do.PassOn() | do.AskMode() | do.TellFollower() | do.ShowLinkCode() | do.GiveBack():
            return effect.to
        case do.ThankVolunteer() | TellRole() | AskSecond() | ShowAsker() | SaySorry():
            return effect.to
        case do.NudgePrivacy():
            return effect.to.key
        case _:
            return NOBODY
