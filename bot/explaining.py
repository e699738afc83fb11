"""Why the bot did what it did, in words: the life of a question, and the figures it was decided by. Pure.

Who may see which part is decided in bot.lookups.reasons; here everything that is given is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards import Block, Card, Text
from bot.community import JournalEntry, Suggestion
from bot.question import Question, Result, Status
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
