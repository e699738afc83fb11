"""Buttons: each press is checked against the table of permissions and the state of the thing, when it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot import events as on
from bot.alarming import PRESSES, alert_pressed
from bot.answering import is_clinician, take_answers_back
from bot.blocking import refuse_unwanted
from bot.cards import Action
from bot.channels import mode_pressed
from bot.community import Audit, MemberRecord, QuestionFilter, Role
from bot.crossing import may_read
from bot.curation import DraftState, consented, declined, published, sent_back
from bot.effects import Notice, Notify
from bot.events import ButtonPressed, QuestionEvent
from bot.following import stop
from bot.linking import accounts
from bot.people import hand_back, take_letters_back
from bot.permissions import require
from bot.publishing import After, close_cards, consent_given, publish
from bot.question import Engaged, Outcome, Question, Refused
from bot.steps import Steps

_QUESTION_FACTS: dict[str, Callable[[str], QuestionEvent]] = {
    Action.HELPED: on.MarkedHelpful,
    Action.NOT_HELPED: on.MarkedUnhelpful,
    Action.ASK_PERSON: on.PersonRequested,
    Action.ACCEPT: on.OfferAccepted,
    Action.PASS: on.OfferPassed,
    Action.NOT_NOW: on.OfferPostponed,
    Action.TAKE: on.QuestionTaken,
    Action.RELEASE: on.ClaimReleased,
    Action.EXTEND: on.ClaimExtended,
    Action.WITHDRAW: on.Withdrawn,
}

SEARCHING = frozenset(
    {Action.NOT_HELPED, Action.ASK_PERSON, Action.PASS, Action.NOT_NOW, Action.RELEASE}
)  # presses after which somebody else may be looked for


async def load_question(question_id: str, steps: Steps) -> Question:
    """Raises Refused(GONE)."""
    question = await steps.tx.questions.get(question_id)
    if question is None:
        raise Refused(Notice.GONE)
    return question


async def forget(member: str, steps: Steps, after: After) -> None:
    """Erase a member's words and name. What they asked is taken back, and what they hold goes to the next person."""
    for question in await steps.tx.questions.find(QuestionFilter(asker=member)):
        await steps.befall(question, on.Withdrawn(member), member)
    await hand_back(member, member, steps)
    await take_letters_back(member, steps)
    await take_answers_back(member, steps)
    after.index += await steps.tx.members.forget(member, steps.now)
    await steps.tx.audit.append([Audit(steps.now, member, "forget_me", member)])
    after.forgotten.append(member)


class Pressing:
    """One press, inside the transaction that handles it."""

    async def button(self, event: ButtonPressed, steps: Steps, after: After) -> None:
        who = (await steps.tx.members.get([event.by.key])).get(event.by.key)
        try:
            require(event.action, who)
            await self._pressed(event, who, steps, after)
        except Refused as refused:
            await steps.refuse(refused, event.by.key, event.key)

    async def _pressed(self, event: ButtonPressed, who: MemberRecord | None, steps: Steps, after: After) -> None:
        action, by = event.action, event.by.key
        if action in _QUESTION_FACTS:
            await self._question(event, who, steps, after)
        elif action == Action.OPEN_RESOURCE:
            await self._opened(event, steps)
        elif action in (Action.CONSENT, Action.REFUSE, Action.PUBLISH, Action.SEND_BACK):
            await self._draft(event, who, steps, after)
        elif action in PRESSES:
            await alert_pressed(event, who, steps)
        elif action in (Action.OPT_OUT, Action.OPT_IN):
            await self._opt(by, out=action == Action.OPT_OUT, steps=steps, key=event.key)
        elif action == Action.SET_MODE:
            await mode_pressed(event, steps)
        elif action == Action.UNFOLLOW:
            await stop(event, event.subject, steps)
        elif action == Action.FORGET_ME:
            await forget(by, steps, after)
            await steps.say((Notify(by, Notice.FORGOTTEN),), event.key)
        else:
            raise Refused(Notice.GONE)

    async def _question(self, event: ButtonPressed, who: MemberRecord | None, steps: Steps, after: After) -> None:
        question = await load_question(event.subject, steps)
        if event.action in (Action.ACCEPT, Action.TAKE):
            await self._entitled(question, who, steps)
        changed = await steps.befall(question, _QUESTION_FACTS[event.action](event.by.key), event.by.key)
        if changed.outcome is Outcome.HELPED and question.outcome is not Outcome.HELPED:
            after.helped.append(changed.id)
        if event.action == Action.EXTEND:
            held = changed.claimed_by == event.by.key
            await steps.say((Notify(event.by.key, Notice.EXTENDED if held else Notice.ALREADY_DONE),), event.key)

    async def _entitled(self, question: Question, who: MemberRecord | None, steps: Steps) -> None:
        """Volunteers and moderators may take a question; one about medicines only a clinician."""
        if who is None or not who.may_help:
            raise Refused(Notice.NOT_ALLOWED)
        if who.person == question.asker_person:  # also from another account of theirs
            raise Refused(Notice.NOT_YOURS)
        if not await may_read(question, who.key, steps.tx):
            raise Refused(Notice.NOT_ALLOWED)
        await refuse_unwanted(question, who, steps.tx)
        settings = await steps.tx.volunteers.get(who.key)
        if question.medical and not await is_clinician(who.key, who, steps.tx):
            raise Refused(Notice.NOT_ALLOWED)
        if settings is None and not who.may(Role.MODERATOR, Role.CLINICIAN):
            raise Refused(Notice.NOT_ALLOWED)

    async def _opened(self, event: ButtonPressed, steps: Steps) -> None:
        question, _, resource = event.subject.rpartition("/")
        engaged = (Engaged("opened:resource", event.by.key, resource),)
        await steps.engaged(engaged, "", question, event.key)

    async def _opt(self, by: str, *, out: bool, steps: Steps, key: str) -> None:
        record = (await steps.tx.members.get([by])).get(by)
        for account in await accounts(record, steps.tx) if record else ():
            await steps.tx.members.save(replace(account, opted_out=out))
        await steps.say((Notify(by, Notice.OPTED_OUT if out else Notice.OPTED_IN),), key)

    async def _draft(self, event: ButtonPressed, who: MemberRecord | None, steps: Steps, after: After) -> None:
        draft = await steps.tx.drafts.get(event.subject)
        if draft is None:
            raise Refused(Notice.GONE)
        by = event.by.key
        clinician = who is not None and Role.CLINICIAN in who.held
        if event.action == Action.CONSENT:
            draft = consented(draft, by, steps.now)
            if (await consent_given(draft, steps, after)).state is DraftState.IN_REVIEW:
                await steps.say((Notify(by, Notice.SAVED_FOR_REVIEW),), event.key)
            return
        if event.action == Action.PUBLISH:
            draft = published(draft, by, clinician=clinician, now=steps.now)
            await publish(draft, steps, after)
            return
        notice = Notice.DECLINED if event.action == Action.REFUSE else Notice.SENT_BACK
        draft = declined(draft, by) if event.action == Action.REFUSE else sent_back(draft, by, steps.now)
        await steps.tx.drafts.save(draft)
        await close_cards(draft, steps)
        await steps.say((Notify(by, notice),), event.key)
