"""What happened to a question, and what the bot did about it, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from bot import effects as do
from bot.community import JournalEntry
from bot.effects import Effect, News
from bot.question import Result

RESULTS: Mapping[Result, str] = {
    Result.PASSED: "passed",
    Result.POSTPONED: "said not now",
    Result.EXPIRED: "did not answer the card in time",
    Result.UNREACHABLE: "could not be reached",
    Result.RELEASED: "handed it back",
    Result.CLAIM_EXPIRED: "took it, and the time ran out",
}

_HAPPENED: Mapping[str, str] = {
    "Asked": "{by} asked",
    "MarkedHelpful": "{by} said that it helped",
    "MarkedUnhelpful": "{by} said that this is not it",
    "PersonRequested": "{by} asked for a person",
    "OfferAccepted": "{by} accepted",
    "OfferPassed": "{by} passed",
    "OfferPostponed": "{by} said not now",
    "OfferSent": "The card reached {by}",
    "OfferUndeliverable": "The card could not be delivered",
    "QuestionTaken": "{by} took it from the open board",
    "ClaimReleased": "{by} handed it back",
    "ClaimExtended": "{by} asked for more time",
    "HandedOver": "{by} handed it to somebody else",
    "QuestionPosted": "The question was posted without a name",
    "QuestionUnpostable": "The question could not be posted: it went on in private",
    "ChannelLost": "winwin is no longer in the channel: it went on in private",
    "Replied": "{by} wrote in the thread",
    "AnswerRetracted": "{by} took an answer back",
    "Reworded": "{by} changed the question",
    "Withdrawn": "{by} took the question back",
    "DeadlinePassed": "The time for this step ran out",
}

_NEWS: Mapping[News, str] = {
    News.ASKING: "that a volunteer is being asked",
    News.ASLEEP: "that everybody who could answer is asleep, and when the first one wakes",
    News.CLAIMED: "that somebody has taken the question",
    News.STILL_LOOKING: "that the search goes on",
    News.UNATTENDED: "that nobody can be asked at the moment, and that the question stays open",
    News.ESCALATED: "that nobody was found yet, and that the moderators know",
    News.CLOSED: "thank you",
    News.POSTED: "that the question stands in the channel, without a name",
    News.NOT_POSTED: "that the question could not be posted, and goes on in private",
    News.TAKEN_DOWN: "that the question was taken out of the channel",
    News.CHANNEL_LOST: "that winwin is no longer in the channel, and goes on in private",
}


def happened(entry: JournalEntry, names: Mapping[str, str]) -> str:
    """One line of the journal, with the change of status where there is one."""
    by = names.get(entry.by, "winwin" if entry.by == "winwin" else "Somebody")
    line = _HAPPENED.get(entry.event, entry.event).format(by=by)
    return line if entry.before in ("", entry.after) else f"{line}: {entry.before} → {entry.after}"


def with_names(why: str, names: Mapping[str, str]) -> str:
    """Member keys in a reason become names."""
    for key in sorted(names, key=len, reverse=True):
        why = why.replace(key, names[key])
    return why


def sent(effect: Effect, names: Mapping[str, str]) -> str:
    """What the bot meant to do with the message."""
    match effect:
        case do.ShowSuggestions() | do.CloseSuggestions():
            return "To show what the library has on this question."
        case do.TellAsker():
            return f"To tell the one who asked {_NEWS[effect.news]}."
        case do.OfferQuestion() | do.CloseOffer():
            return f"To ask {names.get(effect.to, 'a volunteer')} whether they can answer: one person at a time."
        case do.WarnClaimant():
            return "To say, before it happens, that the question will go to somebody else."
        case do.AskWhetherHelped():
            return "To ask, once, whether the answer helped. No reply counts as “unknown”, never as success."
        case do.AlertModerator():
            return "To tell a moderator that nobody was found: no question is left lying."
        case do.RelayAnswer():
            return "To bring the answer to a question that was asked in private."
        case _:
            return _sent_otherwise(effect)


def _sent_otherwise(
    effect: do.AskConsent
    | do.InviteReview
    | do.TellPublished
    | do.AnswerCrisis
    | do.PageSafety
    | do.ClosePage
    | do.NudgePrivacy
    | do.ReviewPost
    | do.PostQuestion
    | do.PassOn
    | do.WelcomeChannel
    | do.AskMode
    | do.TellFollower
    | do.ShowLinkCode
    | do.PostDigest
    | do.Notify,
) -> str:
    match effect:
        case do.TellFollower() | do.ShowLinkCode() | do.PostDigest():
            return "They asked for it."
        case do.AskConsent():
            return "To ask the author before their answer is kept."
        case do.InviteReview():
            return "To ask somebody to read a new resource before anybody is shown it."
        case do.TellPublished():
            return "To say that the resource can be found now."
        case do.AnswerCrisis():
            return "Fixed rules found words that can mean danger. The reply is the same for everybody."
        case do.PageSafety() | do.ClosePage():
            return "Fixed rules found words that can mean danger. Two people at least are told, with a link only."
        case do.NudgePrivacy():
            return "The post seems to hold a number or an address that is better not public."
        case do.ReviewPost():
            return "The post speaks of a cure or of stopping a treatment: a moderator should look."
        case do.PostQuestion():
            return "To ask in the channel for somebody who prefers not to be named."
        case do.PassOn():
            return "To bring over what people of this question wrote to each other."
        case do.WelcomeChannel():
            return "To say once, in a new channel, what winwin does and keeps, and how to opt out."
        case do.AskMode():
            return "To ask the moderators what winwin should do in a channel."
        case do.Notify():
            return "An answer to a button or a form."
        case _:
            assert_never(effect)
