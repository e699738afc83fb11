"""What each message of the bot is for, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from bot import effects as do
from bot.crisis_effects import AnswerCrisis, ClosePage, FoldPage, PageSafety, ReadAgain, SaySorry
from bot.effects import Effect
from bot.news import News
from bot.rights_effects import AskSecond, ShowAsker, TellRole, TellSeen
from bot.wording import Say


def purpose(effect: Effect, names: Mapping[str, str], say: Say) -> str:
    """What the bot meant to do with a message."""
    match effect:
        case do.ShowSuggestions() | do.CloseSuggestions():
            return say("To show what the library has on this question.")
        case do.ShowEarlier() | do.CloseEarlier():
            return say("To show where this was asked before, and people answered. I am very sure that it is the same.")
        case do.TellAsker():
            return _news(effect.news, say)
        case do.OfferQuestion() | do.ChangeOffer() | do.CloseOffer():
            text = say("To ask {name} whether they can answer: one person at a time.")
            return text.format(name=names.get(effect.to) or say("a volunteer"))
        case do.WarnClaimant():
            return say("To say, before it happens, that the question will go to somebody else.")
        case do.AskWhetherHelped():
            return say("To ask, once, whether the answer helped. No reply counts as unknown, never as success.")
        case do.AlertModerator() | do.CloseAlert():
            return say("To tell a moderator that nobody was found: no question is left lying.")
        case do.RelayAnswer():
            return say("To bring the answer to a question that was asked in private.")
        case do.PostAnswer():
            return say("To post the answer of somebody who can't write in this place.")
        case do.ThankVolunteer():
            return say("To say what a volunteer's answers led to, once a month at most.")
        case do.TellFollower() | do.ShowLinkCode() | do.PostDigest() | do.Notify() | do.GiveBack():
            return _on_request(effect, say)
        case do.PostQuestion() | do.PassOn() | do.WelcomeChannel() | do.AskMode():
            return _for_a_channel(effect, say)
        case TellRole():
            return say("To say what became of a role that somebody has here.")
        case AskSecond() | ShowAsker() | TellSeen():
            return say("To let two people together see who asked without a name, and to say so.")
        case _:
            return _in_care(effect, say)


def _on_request(effect: do.TellFollower | do.ShowLinkCode | do.PostDigest | do.Notify | do.GiveBack, say: Say) -> str:
    match effect:
        case do.TellFollower():
            return say("To tell somebody who follows a topic what is new about it.")
        case do.ShowLinkCode():
            return say("To link two accounts of one person: they asked for it.")
        case do.PostDigest():
            return say("The digest of the week, for the channel that a moderator chose.")
        case do.Notify() | do.GiveBack():
            return say("An answer to a button or a form.")
        case _:
            assert_never(effect)


def _for_a_channel(effect: do.PostQuestion | do.PassOn | do.WelcomeChannel | do.AskMode, say: Say) -> str:
    match effect:
        case do.PostQuestion():
            return say("To ask in the channel for somebody who prefers not to be named.")
        case do.PassOn():
            return say("To bring over what people of this question wrote to each other.")
        case do.WelcomeChannel():
            return say("To say once, in a new channel, what I do and keep there, and how to opt out.")
        case do.AskMode():
            return say("To ask the moderators what I should do in a channel.")
        case _:
            assert_never(effect)


def _in_care(
    effect: do.AskConsent
    | do.InviteReview
    | do.TellPublished
    | AnswerCrisis
    | PageSafety
    | ClosePage
    | FoldPage
    | ReadAgain
    | SaySorry
    | do.NudgePrivacy
    | do.ReviewPost,
    say: Say,
) -> str:
    match effect:
        case do.AskConsent():
            return say("To ask the author before their answer is kept.")
        case do.InviteReview():
            return say("To ask somebody to read a new resource before anybody is shown it.")
        case do.TellPublished():
            return say("To say that the resource can be found now.")
        case AnswerCrisis():
            return say("Fixed rules found words that can mean danger. The reply is the same for everybody.")
        case PageSafety() | ClosePage() | FoldPage():
            return say("Fixed rules found words that can mean danger. Two people at least are told, with a link only.")
        case ReadAgain() | SaySorry():
            return say("Somebody has looked: it was no crisis, and what was written is treated like anything else.")
        case do.NudgePrivacy():
            return say("The post seems to hold a number or an address that is better not public.")
        case do.ReviewPost():
            return say("The post speaks of a cure or of stopping a treatment: a moderator should look.")
        case _:
            assert_never(effect)


def _news(news: News, say: Say) -> str:
    match news:
        case News.ASKING:
            return say("To tell the one who asked that a volunteer is being asked.")
        case News.POSTED:
            return say("To tell the one who asked that the question stands in the channel, without a name.")
        case News.NOT_POSTED:
            return say("To tell the one who asked that the question could not be posted, and goes on in private.")
        case News.HELD_BACK:
            return say("To tell the one who asked that this one is kept for them: others were posted not long ago.")
        case News.TAKEN_DOWN:
            return say("To tell the one who asked that the question was taken out of the channel.")
        case News.CHANNEL_LOST:
            return say("To tell the one who asked that I am no longer in the channel, and go on in private.")
        case News.ASLEEP:
            return say("To tell the one who asked that everybody who could answer is asleep, and until when.")
        case News.CLAIMED:
            return say("To tell the one who asked that somebody has taken the question.")
        case News.STILL_LOOKING | News.HANDED_ON:
            return say("To tell the one who asked that the search goes on.")
        case News.ESCALATED:
            return say("To tell the one who asked that nobody was found yet, and that the moderators know.")
        case News.UNATTENDED:
            return say("To tell the one who asked that nobody can be asked just now, and that it stays open.")
        case News.CLOSED:
            return say("To say thank you to the one who asked.")
        case _:
            assert_never(news)
