"""`show` looks at what is true now and gives a card with its address, a change to a card that is up already, or the
reason why nothing is said any more."""

from __future__ import annotations

from typing import assert_never

from bot import effects as do
from bot.cards import Card, Direct, Link, OnlyFor, Text
from bot.crisis_effects import AnswerCrisis, ClosePage, FoldPage, PageSafety, ReadAgain, SaySorry
from bot.effects import Effect
from bot.events import Member
from bot.rights_effects import AskSecond, ShowAsker, TellRole, TellSeen
from bot.showing.alerts import about_alert
from bot.showing.answers import about_answer
from bot.showing.asker import to_asker
from bot.showing.channels import about_channel
from bot.showing.drafts import about_draft
from bot.showing.earlier import link_to_earlier
from bot.showing.followers import news_of_topics
from bot.showing.letters import about_letters
from bot.showing.moderators import ModeratorWish, to_moderator
from bot.showing.offers import OfferWish, about_question
from bot.showing.replies import given_back
from bot.showing.rights import about_rights
from bot.showing.scene import Saying, Scene, Shown, Unsaid
from bot.showing.short_lines import notice_text
from bot.showing.thanks import thanks
from bot.wording import Say


def show(effect: Effect, scene: Scene) -> Shown:  # noqa: C901 -- a case for each kind of wish
    """What `effect` looks like now. Never raises on a wish that has become stale."""
    match effect:
        case do.ShowSuggestions() | do.CloseSuggestions() | do.TellAsker() | do.AskWhetherHelped():
            return to_asker(effect, scene)
        case do.ShowEarlier() | do.CloseEarlier():
            return link_to_earlier(effect, scene)
        case (
            do.OfferQuestion()
            | do.ChangeOffer()
            | do.CloseOffer()
            | do.WarnClaimant()
            | do.AlertModerator()
            | do.CloseAlert()
        ):
            return _to_helper(effect, scene)
        case do.RelayAnswer() | do.PostAnswer():
            return about_answer(effect, scene)
        case do.PostQuestion() | do.PassOn():
            return about_letters(effect, scene)
        case do.WelcomeChannel() | do.AskMode():
            return about_channel(effect, scene)
        case do.AskConsent() | do.InviteReview() | do.TellPublished():
            return about_draft(effect, scene)
        case AnswerCrisis() | PageSafety() | ClosePage() | FoldPage() | SaySorry() | ReadAgain():
            return about_alert(effect, scene)
        case do.TellFollower() | do.ThankVolunteer():
            return thanks(effect, scene) if isinstance(effect, do.ThankVolunteer) else news_of_topics(effect, scene)
        case do.ShowLinkCode():
            return Saying(Direct(Member.from_key(effect.to)), _link_code(scene, scene.say(effect.to)))
        case do.PostDigest():
            return Unsaid("there is no digest to show") if scene.digest is None else scene.digest
        case TellRole() | AskSecond() | ShowAsker() | TellSeen():
            return about_rights(effect, scene)
        case do.NudgePrivacy():
            return Saying(OnlyFor(effect.place, effect.to), _nudge(scene.say(effect.to.key)))
        case do.ReviewPost():
            return Saying(Direct(Member.from_key(effect.to)), _review_post(effect, scene.say(effect.to)))
        case do.GiveBack():
            return Saying(Direct(Member.from_key(effect.to)), _given_back(effect, scene))
        case do.Notify():
            text = Text(notice_text(effect.notice, effect.detail, scene.say(effect.to)))
            return Saying(Direct(Member.from_key(effect.to)), Card((text,), quiet=True))
        case _:
            assert_never(effect)


def _to_helper(effect: OfferWish | ModeratorWish, scene: Scene) -> Shown:
    if isinstance(effect, do.AlertModerator | do.CloseAlert):
        return to_moderator(effect, scene)
    return about_question(effect, scene)


def _nudge(say: Say) -> Card:
    text = say(
        "Your post seems to hold a phone number, an address or something else that points to your family. You may "
        "want to take it out. I have not kept it."
    )
    return Card((Text(text),))


def _given_back(effect: do.GiveBack, scene: Scene) -> Card:
    say = scene.say(effect.to)
    return given_back(notice_text(effect.notice, "", say), scene.returned, say)


def _review_post(effect: do.ReviewPost, say: Say) -> Card:
    text = say("This post speaks of a cure, or of stopping a treatment. Could you look at it, please?")
    return Card((Text(text, strong=True), Link(say("Open the post"), effect.place)))


def _link_code(scene: Scene, say: Say) -> Card:
    text = say("Your code is {code}. Give it to me from your other account, within 15 minutes. It works once.")
    why = say("Then you count as one person here. Please show it to nobody else.")
    return Card((Text(text.format(code=scene.code), strong=True), Text(why)))
