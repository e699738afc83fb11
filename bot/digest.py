"""The weekly digest: a few lines for the team's channel, made from reports. Pure.

It counts what happened and thanks; it names nobody, and it never says who did not do something. Counts of few people
are taken out before (bot.small_cells); a line then says so in words.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.cards import Block, Card, Text
from bot.engagement import Tier
from bot.report import Cell, Report
from bot.wording import Say, day_name

GAPS = 3  # topics named
_WAITING = ("open", "offered", "claimed", "escalated")


def digest_card(week: Report, ever: Report, monday: date, say: Say, language: str) -> Card:
    """`week`: the report over the questions asked in the seven days from `monday`; `ever`: over everything."""
    title = say("Our week, {first} to {last}").format(
        first=day_name(monday, language), last=day_name(monday + timedelta(days=6), language)
    )
    lines = [_asked(week.asked, say), *_answers(week, say), _waiting(ever, say), _gaps(ever, say), _thanks(ever, say)]
    blocks: list[Block] = [Text(title, strong=True), *(Text(line) for line in lines if line)]
    return Card(tuple(blocks), quiet=True)


def _asked(asked: Cell, say: Say) -> str:
    if asked.count is None:
        return say("A few people asked something: too few to count them here.")
    if not asked.count:
        return say("Nobody asked anything this week.")
    if asked.count == 1:
        return say("One question was asked.")
    return say("{count} questions were asked.").format(count=asked.count)


def _answers(week: Report, say: Say) -> list[str]:
    """How they were answered: in time, by a resource, by people."""
    if not week.asked.count:
        return []
    lines = []
    prompt, found, people = week.promptness, week.by_resource, week.first_answer.answered
    if prompt.share is not None and prompt.due.count:
        text = say("{share} had an answer within two days.")
        lines.append(text.format(share=_percent(prompt.share)))
    if found.low is not None and found.high is not None:
        text = say("{low} found it in the library.")
        if found.high > found.low:
            text = say("{low} to {high} found it in the library.")
        lines.append(text.format(low=_percent(found.low), high=_percent(found.high)))
    if people.count:
        lines.append(say("People answered {count} of them.").format(count=people.count))
    return lines


def _waiting(ever: Report, say: Say) -> str:
    cells = [ever.statuses[status] for status in _WAITING if status in ever.statuses]
    counts = [cell.count for cell in cells]
    if any(count is None for count in counts):
        return say("Some questions are still waiting for somebody: have a look at the board.")
    waiting = sum(count or 0 for count in counts)
    if not waiting:
        return say("No question is waiting.")
    return say("{count} still wait for somebody: have a look at the board.").format(count=waiting)


def _gaps(ever: Report, say: Say) -> str:
    names = [f"“{gap.name}”" for gap in ever.gaps[:GAPS]]
    return say("Asked for, and not in the library yet: {topics}").format(topics=", ".join(names)) if names else ""


def _thanks(ever: Report, say: Say) -> str:
    giving = next((line.cumulative for line in ever.tiers if line.tier is Tier.PRODUCING), None)
    if not giving:
        return say("Thank you for being here, for each other.")
    return say("Thank you to all {count} who have given an answer or written something so far.").format(count=giving)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
