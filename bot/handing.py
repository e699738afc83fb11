"""Handing a question over: who has it names somebody who may know better; that person is asked, and may say no."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.community import MemberRecord
from bot.crossing import confined_to
from bot.events import FormSubmitted, HandedOver
from bot.news import Notice
from bot.ports import Transaction
from bot.pressing import load_question
from bot.question import Question, Refused, Result, Status
from bot.routing import Kind, Volunteer, awake_at
from bot.steps import Steps
from bot.typed import InvalidForm, say_to


def nameable(question: Question, volunteers: Iterable[Volunteer], by: str, now: datetime) -> list[Volunteer]:
    """Whom `by` may name: volunteers who are awake and not paused, have not passed on it, and are clinicians where it
    is about medicines. The asker is not left out, or the list would tell who asked (bot.moves.handed_over)."""
    passed = {t.member for t in question.tries if t.result is Result.PASSED}
    return [
        v
        for v in volunteers
        if v.member not in {by, *passed, *question.answered_by}
        and not v.paused
        and awake_at(v, now)
        and (v.kind is Kind.CLINICIAN or not question.medical)
    ]


async def those_to_name(
    question: Question, by: str, tx: Transaction, now: datetime, among: Sequence[str] | None = None
) -> list[Volunteer]:
    """See nameable; of a question that stays in its space only those there. `among` these members, or everybody."""
    only_in = confined_to(question, await tx.channels.get(question.place.channel_key))
    pool = [v for v in await tx.volunteers.pool(now, among) if not only_in or v.space == only_in]
    return nameable(question, pool, by, now)


async def hand_over(event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
    question, by = await load_question(event.subject, steps), event.by.key
    if question.status is Status.CLAIMED and question.claimed_by != by:
        raise Refused(Notice.NOT_YOURS)
    found = await those_to_name(question, by, steps.tx, steps.now, [event.values.get("to", "")])
    named = found[0] if found else None
    if named is None and question.status is Status.CLAIMED:
        say = say_to(who)
        raise InvalidForm(say("This person can't be asked just now. Please choose somebody else."))
    to = named.member if named else ""
    unwanted = {question.asker_person, *await steps.tx.members.blocked(question.asker_person)}
    own = named is not None and named.person in unwanted
    await steps.befall(question, HandedOver(by, to, to_asker=own), by)
