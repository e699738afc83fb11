"""Whom somebody does not want to be asked about their questions. Private: nobody else is told, and the audit says only
that something was blocked, never who."""

from __future__ import annotations

from bot.community import Audit, MemberRecord, QuestionFilter
from bot.effects import Notify
from bot.events import FormSubmitted, Unwanted
from bot.linking import accounts
from bot.news import Notice
from bot.ports import Transaction
from bot.question import Question, Refused, Status
from bot.steps import Steps
from bot.typed import InvalidForm, say_to


async def block(event: FormSubmitted, who: MemberRecord | None, steps: Steps) -> None:
    """The form BLOCK. It holds for every account of both. Raises InvalidForm."""
    if who is None:
        raise Refused(Notice.GONE)
    chosen = event.values.get("other", "").strip()
    other = (await steps.tx.members.get([chosen])).get(chosen) if chosen else None
    if event.values.get("on", "yes") != "yes":
        await _unblock(who, other, chosen, steps)
        await steps.say((Notify(who.key, Notice.UNBLOCKED),), event.key)
        return
    await steps.tx.members.block(who.key, _one_to_block(other, who).key, steps.now)
    await steps.tx.audit.append([Audit(steps.now, who.key, "block", "")])
    await steps.say((Notify(who.key, Notice.BLOCKED),), event.key)
    if other is not None:
        await _take_from(other, who, steps)


def _one_to_block(other: MemberRecord | None, who: MemberRecord) -> MemberRecord:
    say = say_to(who)
    if other is None:
        raise InvalidForm(say("I don't know this person yet, so I don't ask them. Please choose somebody else."))
    if other.bot:
        raise InvalidForm(say("This is a bot: I ask people only."))
    if other.person == who.person:
        raise InvalidForm(say("This is you, and I never send you your own questions. Please choose somebody else."))
    return other


async def _unblock(who: MemberRecord, other: MemberRecord | None, chosen: str, steps: Steps) -> None:
    """From whichever account, and whichever account of the other was meant."""
    meant = {chosen} | ({m.key for m in await accounts(other, steps.tx)} if other is not None else set())
    for account in await accounts(who, steps.tx):
        for key in meant.intersection(await steps.tx.members.blocks(account.key)):
            await steps.tx.members.unblock(account.key, key)
    await steps.tx.audit.append([Audit(steps.now, who.key, "unblock", "")])


async def _take_from(other: MemberRecord, who: MemberRecord, steps: Steps) -> None:
    """What they hold of the asker goes to somebody else at once."""
    members = tuple(m.key for m in await accounts(other, steps.tx))
    for member in members:
        for question in await steps.tx.questions.find(QuestionFilter(holder=member)):
            if question.asker_person == who.person:
                await steps.befall(question, Unwanted(members), "winwin")


async def refuse_unwanted(question: Question, who: MemberRecord | None, tx: Transaction) -> None:
    """Raises Refused, in the words for somebody who comes too late: nobody finds out that they were blocked."""
    if who is not None and who.person in await tx.members.blocked(question.asker_person):
        settled = question.status in (Status.ANSWERED, Status.CLOSED)
        raise Refused(Notice.ALREADY_DONE if settled else Notice.ALREADY_TAKEN)
