"""Buttons: each press is checked against the table of permissions and the state of the thing, when it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot import events as on
from bot.alarming import PRESSES, alert_pressed
from bot.answering import is_clinician, take_answers_back
from bot.appointing import renew
from bot.blocking import refuse_unwanted
from bot.cards import Action
from bot.channels import mode_pressed
from bot.community import Audit, MemberRecord, QuestionFilter
from bot.crossing import may_read
from bot.curation import DraftState, consented, declined, published, sent_back
from bot.effects import Notify
from bot.entitled import why_not
from bot.events import ButtonPressed, QuestionEvent
from bot.following import stop
from bot.linking import accounts
from bot.news import Notice
from bot.people import hand_back, take_letters_back
from bot.permissions import require
from bot.phrasing import add_as_it_is, leave_out, propose, take_all_back, take_back
from bot.publishing import After, close_cards, consent_given, publish
from bot.question import Engaged, Outcome, Question, Refused
from bot.safety.triage import Triage
from bot.steps import Steps
from bot.unmasking import second_pressed

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


async def forget(member: str, steps: Steps, after: After, by: str = "") -> None:
    """Erase a person's words and name, of all their accounts. What they asked is taken back, and what they hold goes to
    the next person. `by`: who did it, if not they themselves."""
    record = (await steps.tx.members.get([member])).get(member)
    keys = sorted(m.key for m in await accounts(record, steps.tx)) if record else [member]
    person = ""
    for key in keys:
        await _forget(key, person, steps, after)
        left = (await steps.tx.members.get([key])).get(key)
        person = left.person if left else ""
    await steps.tx.audit.append([Audit(steps.now, by or member, "forget_me", key) for key in keys])


async def _forget(member: str, person: str, steps: Steps, after: After) -> None:
    for question in await steps.tx.questions.find(QuestionFilter(asker=member)):
        await steps.befall(question, on.Withdrawn(member), member)
        await take_back(question.id, steps)
    steps.known.lead.drop(member)
    await hand_back(member, member, steps)
    await take_letters_back(member, steps)
    await take_answers_back(member, steps)
    after.index += await steps.tx.members.forget(member, steps.now, person)


class Pressing:
    """One press, inside the transaction that handles it."""

    def __init__(self, triage: Triage) -> None:
        self._triage = triage

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
        elif action == Action.RENEW:
            await renew(event, who, steps)
        elif action in (Action.SEE_ASKER, Action.KEEP_HIDDEN):
            await second_pressed(event, who, steps)
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
            await propose(changed, self._triage, steps)
        if question.outcome is Outcome.HELPED and changed.outcome is not Outcome.HELPED:
            await take_back(changed.id, steps)
        if event.action == Action.EXTEND:
            held = changed.claimed_by == event.by.key
            await steps.say((Notify(event.by.key, Notice.EXTENDED if held else Notice.ALREADY_DONE),), event.key)

    async def _entitled(self, question: Question, who: MemberRecord | None, steps: Steps) -> None:
        """What the board was drawn by, asked once more."""
        if who is None:
            raise Refused(Notice.NOT_ALLOWED)
        if (refusal := why_not(question, who.key, who, await steps.tx.volunteers.get(who.key))) is not None:
            raise Refused(refusal)
        if not await may_read(question, who.key, steps.tx):
            raise Refused(Notice.NOT_ALLOWED)
        await refuse_unwanted(question, who, steps.tx)

    async def _opened(self, event: ButtonPressed, steps: Steps) -> None:
        question, _, resource = event.subject.rpartition("/")
        engaged = (Engaged("opened:resource", event.by.key, resource),)
        await steps.engaged(engaged, "", question, event.key)

    async def _opt(self, by: str, *, out: bool, steps: Steps, key: str) -> None:
        record = (await steps.tx.members.get([by])).get(by)
        for account in await accounts(record, steps.tx) if record else ():
            await steps.tx.members.save(replace(account, opted_out=out))
            steps.known.lead.drop(account.key)
            if out:
                await take_all_back(account.key, steps)
        await steps.tx.audit.append([Audit(steps.now, by, "opt_out" if out else "opt_in", by)])
        await steps.say((Notify(by, Notice.OPTED_OUT if out else Notice.OPTED_IN),), key)

    async def _draft(self, event: ButtonPressed, who: MemberRecord | None, steps: Steps, after: After) -> None:
        draft = await steps.tx.drafts.get(event.subject)
        if draft is None:
            raise Refused(Notice.GONE)
        by = event.by.key
        clinician = is_clinician(who)
        if draft.asks_for and event.action == Action.PUBLISH:
            await add_as_it_is(draft, who, by, event.key, steps, after)
            return
        if draft.asks_for and event.action == Action.SEND_BACK:
            await leave_out(draft, by, event.key, steps)
            return
        if event.action == Action.CONSENT:
            draft = consented(draft, by, steps.now)
            await steps.tx.audit.append([Audit(steps.now, by, "consent", draft.id)])
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
        await steps.tx.audit.append([Audit(steps.now, by, str(event.action), draft.id)])
        await close_cards(draft, steps)
        await steps.say((Notify(by, notice),), event.key)
