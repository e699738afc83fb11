"""Why the bot did what it did, in words: the life of a question, and the figures it was decided by. Pure.

Who may see which part is decided in bot.lookups.reasons; here everything that is given is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from bot import effects as do
from bot.cards import Block, Card, Text
from bot.community import JournalEntry, Suggestion
from bot.crisis_effects import AnswerCrisis, ClosePage, FoldPage, PageSafety, ReadAgain, SaySorry
from bot.effects import Effect
from bot.news import News
from bot.question import Question, Result, Status
from bot.rights_effects import AskSecond, ShowAsker, TellRole, TellSeen
from bot.wording import Say, day_name

STEPS = 20  # shown on a card; the first and the latest


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `detail` are the figures it was decided by, as they were written down."""

    at: datetime
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was asked to answer. `at` is None for who has the question now."""

    name: str
    how: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`shown_from`: the confidence at and above which a resource is shown. `hidden`: what is about people is left
    out for this reader."""

    lead: str
    rules: tuple[str, ...] = ()
    shown_from: float = 0.0
    suggestions: tuple[Suggestion, ...] = ()
    asked: tuple[Asked, ...] = ()
    steps: tuple[Step, ...] = ()
    hidden: bool = False


def as_card(found: Explanation, say: Say, language: str, time_zone: str) -> Card:
    """The explanation as one message."""
    blocks: list[Block] = [Text(found.lead, strong=True)]
    if found.rules:
        blocks.append(Text(say("Rules: {names}").format(names=", ".join(found.rules))))
    if found.suggestions:
        blocks += _found_in_library(found, say)
    if found.asked:
        lines = [f"{a.name}: {a.how}" for a in found.asked]
        blocks.append(Text("\n".join([say("Who was asked:"), *lines])))
    if found.steps:
        told = found.steps if len(found.steps) <= STEPS else (found.steps[0], *found.steps[1 - STEPS :])
        lines = [_line(step, language, time_zone) for step in told]
        blocks.append(Text("\n".join([say("What happened:"), *lines])))
    if found.hidden:
        blocks.append(
            Text(say("What is about people is left out here. The one who asked and the moderators can see it."))
        )
    blocks.append(Text(say("I never write advice of my own. I show what people here have written, or I ask a person.")))
    return Card(tuple(blocks), quiet=True)


def _found_in_library(found: Explanation, say: Say) -> list[Block]:
    text = say("I show a resource when I am sure enough of it: from {share} on. Found in the library:")
    lines = [text.format(share=_percent(found.shown_from))]
    for s in found.suggestions:
        line = say("“{title}”: {share} sure").format(title=s.title or s.resource, share=_percent(s.confidence))
        common = say("words in common: {words}").format(words=", ".join(s.why))
        lines.append(f"{line} · {common}" if s.why else line)
    return [Text("\n".join(lines))]


def _line(step: Step, language: str, time_zone: str) -> str:
    local = step.at.astimezone(ZoneInfo(time_zone))
    line = f"{day_name(local.date(), language)}, {local:%H:%M} · {step.title}"
    return f"{line} ({step.detail})" if step.detail else line


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


# --- the life of a question -----------------------------------------------------------------------------


def happened(entry: JournalEntry, names: Mapping[str, str], say: Say) -> str:
    """One line of the journal, with the change of status where there is one."""
    by = names.get(entry.by) or ("winwin" if entry.by == "winwin" else say("Somebody"))
    line = _titles(say).get(entry.event, entry.event).format(name=by)
    if entry.before in ("", entry.after):
        return line
    statuses = status_names(say)
    return f"{line}: {statuses.get(entry.before, entry.before)} → {statuses.get(entry.after, entry.after)}"


def with_names(why: str, names: Mapping[str, str]) -> str:
    """Member keys in a reason become names."""
    for key in sorted(names, key=len, reverse=True):
        why = why.replace(key, names[key])
    return why


def people_asked(question: Question, names: Mapping[str, str], say: Say) -> tuple[Asked, ...]:
    """Everybody who had the question, in order, whoever has it now at the end."""
    somebody, results = say("Somebody"), _results(say)
    asked = [Asked(names.get(t.member) or somebody, results[t.result], t.ended_at) for t in question.tries]
    if question.offered_to:
        asked.append(Asked(names.get(question.offered_to) or somebody, say("has the card now")))
    if question.claimed_by:
        asked.append(Asked(names.get(question.claimed_by) or somebody, say("has taken it")))
    return tuple(asked)


def status_names(say: Say) -> dict[str, str]:
    return {
        Status.OPEN: say("open"),
        Status.OFFERED: say("somebody is being asked"),
        Status.CLAIMED: say("taken"),
        Status.ANSWERED: say("answered"),
        Status.ESCALATED: say("the moderators know"),
        Status.CLOSED: say("closed"),
    }


def _results(say: Say) -> Mapping[Result, str]:
    return {
        Result.PASSED: say("passed"),
        Result.POSTPONED: say("said not now"),
        Result.EXPIRED: say("had no time for the card"),
        Result.UNREACHABLE: say("could not be reached"),
        Result.RELEASED: say("handed it back"),
        Result.CLAIM_EXPIRED: say("took it, and the time ran out"),
    }


def _titles(say: Say) -> Mapping[str, str]:
    """By the fact that befell the question (bot.events)."""
    return {
        "Asked": say("{name} asked"),
        "MarkedHelpful": say("{name} said that it helped"),
        "MarkedUnhelpful": say("{name} said that this is not it"),
        "PersonRequested": say("{name} asked for a person"),
        "OfferAccepted": say("{name} accepted"),
        "OfferPassed": say("{name} passed"),
        "OfferPostponed": say("{name} said not now"),
        "OfferSent": say("The card reached {name}"),
        "OfferUndeliverable": say("The card could not be delivered"),
        "QuestionTaken": say("{name} took it from the open board"),
        "ClaimReleased": say("{name} handed it back"),
        "ClaimExtended": say("{name} asked for more time"),
        "Replied": say("{name} wrote in the thread"),
        "AnswerRetracted": say("{name} took an answer back"),
        "Reworded": say("{name} changed the question"),
        "Withdrawn": say("{name} took the question back"),
        "HandedOver": say("{name} handed it to somebody else"),
        "QuestionPosted": say("The question was posted without a name"),
        "QuestionUnpostable": say("The question could not be posted: it went on in private"),
        "ChannelLost": say("I am no longer in the channel: it went on in private"),
        "Unwanted": say("It went on to somebody else"),
        "DeadlinePassed": say("The time for this step ran out"),
    }


# --- what a message of the bot is for -------------------------------------------------------------------


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
