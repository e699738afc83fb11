"""`show` looks at what is true now and gives a card with its address, a change to a card that is up already, or the
reason why nothing is said any more."""

from __future__ import annotations

from typing import assert_never

from bot import effects as do
from bot.cards import Card, Direct, Link, OnlyFor, Text
from bot.effects import Effect, Notice
from bot.events import Member
from bot.showing.alerts import about_alert
from bot.showing.answers import about_answer
from bot.showing.asker import to_asker
from bot.showing.channels import about_channel
from bot.showing.drafts import about_draft
from bot.showing.followers import news_of_topics
from bot.showing.letters import about_letters
from bot.showing.offers import about_question
from bot.showing.replies import given_back
from bot.showing.scene import Saying, Scene, Shown, Unsaid
from bot.showing.thanks import thanks
from bot.wording import Say


def show(effect: Effect, scene: Scene) -> Shown:
    """What `effect` looks like now. Never raises on a wish that has become stale."""
    match effect:
        case do.ShowSuggestions() | do.CloseSuggestions() | do.TellAsker() | do.AskWhetherHelped():
            return to_asker(effect, scene)
        case do.OfferQuestion() | do.CloseOffer() | do.WarnClaimant() | do.AlertModerator():
            return about_question(effect, scene)
        case do.RelayAnswer() | do.PostAnswer():
            return about_answer(effect, scene)
        case do.PostQuestion() | do.PassOn():
            return about_letters(effect, scene)
        case do.WelcomeChannel() | do.AskMode():
            return about_channel(effect, scene)
        case do.AskConsent() | do.InviteReview() | do.TellPublished():
            return about_draft(effect, scene)
        case do.AnswerCrisis() | do.PageSafety() | do.ClosePage() | do.FoldPage() | do.SaySorry() | do.ReadAgain():
            return about_alert(effect, scene)
        case do.TellFollower() | do.ThankVolunteer():
            return thanks(effect, scene) if isinstance(effect, do.ThankVolunteer) else news_of_topics(effect, scene)
        case do.ShowLinkCode():
            return Saying(Direct(Member.from_key(effect.to)), _link_code(scene, scene.say(effect.to)))
        case do.PostDigest():
            return Unsaid("there is no digest to show") if scene.digest is None else scene.digest
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


def notice_text(notice: Notice, detail: str, say: Say) -> str:
    """The line for a notice; `detail` is put in where there is one."""
    texts = {
        Notice.ALREADY_TAKEN: say("Somebody else has already taken this one. Thank you for being there."),
        Notice.ALREADY_DONE: say("This is settled already. Thank you."),
        Notice.NOT_YOURS: say("This button is meant for somebody else."),
        Notice.NOT_ALLOWED: say("This is not open to everybody here. A moderator can help you."),
        Notice.GONE: say("This is no longer there. If you need something, just ask again."),
        Notice.ACCEPTED: say("Thank you. It is yours."),
        Notice.EXTENDED: say("Take your time. I will check with you again later."),
        Notice.RELEASED: say("Handed back. Thank you for saying so."),
        Notice.SAVED_FOR_CONSENT: say("Saved. I am asking the author whether we may keep it."),
        Notice.SAVED_FOR_REVIEW: say("Thank you. It goes to somebody who reads it once more before it is published."),
        Notice.PUBLISHED: say("Published. It can help the next person who asks."),
        Notice.SENT_BACK: say("Sent back. It is not published."),
        Notice.DECLINED: say("All right, nothing is kept."),
        Notice.INVALID: say("I could not save that."),
        Notice.TOO_LONG: say("Together the two would be very long. Please keep this one on its own."),
        Notice.FOLLOWING: say("I will tell you when there is something new about it. At most one message a day:"),
        Notice.NOT_FOLLOWING: say("All right, I will not write to you about this any more:"),
        Notice.LINKED: say("Done: your two accounts are one person now. What each may do stays as it was."),
        Notice.BLOCKED: say("All right. I won't ask them about your questions any more, and I don't tell them."),
        Notice.UNBLOCKED: say("All right. I may ask them about your questions again."),
        Notice.UNLINKED: say("Done: this account stands for itself again."),
        Notice.CODE_UNKNOWN: say("I don't know this code. It works once and for 15 minutes. You can get a new one."),
        Notice.TOO_MANY_TRIES: say("That was a lot of codes. Please try again in an hour."),
        Notice.WRITTEN_IN_PRIVATE: say(
            "Thank you for telling me. I have written to you in private, please look there."
        ),
        Notice.DOUBTFUL: say("This speaks of a cure or of stopping a treatment, so it can't become a resource."),
        Notice.SETTINGS_SAVED: say("Saved."),
        Notice.ALERT_TAKEN: say("Thank you. The others know that you are on it."),
        Notice.ALERT_CLOSED: say("Closed. Thank you for looking after this."),
        Notice.FORGOTTEN: say("I have erased your words and your name here."),
        Notice.OPTED_OUT: say("I will leave your messages alone from now on."),
        Notice.OPTED_IN: say("Welcome back. I will listen to your questions again."),
        Notice.NOTED: say("Noted. Thank you."),
        Notice.COUNTRY_SAVED: say("Noted. If you ever need a helpline, I will show you those of this country:"),
        Notice.COUNTRY_UNSAID: say("All right, I no longer keep where you live."),
        Notice.BROUGHT_OVER: say("Thank you. I am bringing it over."),
        Notice.KEPT_FOR_LATER: say("I keep it for whoever takes your question."),
        **_troubles(say),
    }
    return f"{texts[notice]} {detail}".strip()


def _troubles(say: Say) -> dict[Notice, str]:
    """What moderators are told of the bot itself."""
    return {
        Notice.UNHANDLED: say(
            "Something came in that I could not handle. Please tell whoever runs me: the log says more."
        ),
        Notice.PERMISSIONS: say(
            "I can't do all that I should in a channel. Please open its settings, then Permissions, choose my role, "
            "and switch this on. In"
        ),
        Notice.SILENCED: say(
            "I have a time-out on your server: nothing that I say in its channels gets through. Please end it. What I "
            "could not say I try again."
        ),
        Notice.FEW_WATCH: say(
            "If somebody here were in danger now, I could reach fewer than two people. Please make two or more of you "
            "safety leads or moderators. People I can reach:"
        ),
        Notice.UNDELIVERED: say("I could not deliver a message. Please tell whoever runs me: the log says more."),
    }
