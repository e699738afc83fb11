"""Whose eyes see which part of an explanation, and what the store tells about a message.

The one who asked and the moderators see all of a question's life; others see what is not about people: what was
found, and how sure the bot was. A private question is explained only to those who have to do with it, and its asker
is named to nobody else.
"""

from __future__ import annotations

from bot.alarming import may_watch
from bot.community import MemberRecord, Role
from bot.crisis_effects import AnswerCrisis
from bot.effects import AskConsent
from bot.events import Place
from bot.explaining import Explanation, Step, happened, people_asked, with_names
from bot.news import Notice
from bot.policy import Mode
from bot.ports import Transaction
from bot.post import OutboxRow
from bot.purposes import purpose
from bot.question import Question, Refused
from bot.safety.alerts import Alert, AlertState
from bot.steps import ASKER
from bot.wording import Say


class Reasons:
    """One look, in one transaction, through one pair of eyes. `viewer` is None for a stranger."""

    def __init__(
        self, tx: Transaction, viewer: MemberRecord | None, say: Say, shown_from: float, default_mode: Mode
    ) -> None:
        self._tx = tx
        self._viewer = viewer
        self._say = say
        self._shown_from = shown_from
        self._default_mode = default_mode

    async def of(self, place: Place) -> Explanation:
        """Raises Refused for what was meant for somebody else."""
        row = await self._tx.outbox.by_message(place.platform, place.channel, place.message)
        return await (self._of_bot(row) if row else self._of_person(place))

    # --- a message of the bot -----------------------------------------------------------------------------

    async def _of_bot(self, row: OutboxRow) -> Explanation:
        effect, about = row.wish.effect, row.wish.about
        await self._must_be_theirs(row)
        about_question = getattr(effect, "question", "") or about
        question = await self._tx.questions.get(about_question) if about_question else None
        if question is not None:
            return await self._question(question, purpose(effect, await self._names(question), self._say))
        alert = await self._tx.alerts.get(about) if about else None
        lead = purpose(effect, {}, self._say)
        return Explanation(lead, rules=alert.rules if alert and self._watches(alert) else ())

    async def _must_be_theirs(self, row: OutboxRow) -> None:
        """A message for one member is explained to them and to moderators."""
        owner, moderates = row.wish.to, self._moderates()
        if alert_id := getattr(row.wish.effect, "alert", ""):
            alert = await self._tx.alerts.get(alert_id)
            if alert is not None and self._watches(alert):
                return
            if isinstance(row.wish.effect, AnswerCrisis):
                owner = alert.author if alert else "nobody"
            moderates = moderates and alert is not None and not alert.leads_only
        if isinstance(row.wish.effect, AskConsent):
            draft = await self._tx.drafts.get(row.wish.effect.draft)
            owner = draft.author if draft else "nobody"
        if owner and not await self._is(owner) and not moderates:
            raise Refused(Notice.NOT_ALLOWED)

    # --- a message of a person ----------------------------------------------------------------------------

    async def _of_person(self, place: Place) -> Explanation:
        say = self._say
        alert = await self._alert(place)
        if alert is not None and (self._watches(alert) or await self._is(alert.author)):
            lead = say("Fixed rules found words that can mean danger: people look after it, and it is no question.")
            return Explanation(lead, rules=alert.rules if self._watches(alert) else ())
        found = await self._tx.questions.in_threads([place.thread_key])
        question = found.get(place.thread_key)
        if question is None or alert is not None:
            return Explanation(await self._silence(place))
        if place.opens_thread:
            return await self._question(question, say("I took this for a question."))
        return await self._reply(place, question)

    async def _reply(self, place: Place, question: Question) -> Explanation:
        say = self._say
        answer = await self._tx.answers.at(place.key)
        lead = say("I did not take this for an answer: the search for one went on.")
        if answer is not None:
            text = say("I took this for an answer to the question: {share} sure.")
            lead = text.format(share=f"{answer.probability * 100:.0f} %")
        if question.private:
            return await self._question(question, lead)
        return Explanation(lead)

    async def _alert(self, place: Place) -> Alert | None:
        """What makes it no question; where there are several, one that fewer people may know of counts for all."""
        found = [a for a in await self._tx.alerts.ever(place) if a.state is not AlertState.NOT_A_CRISIS]
        return next((a for a in found if a.leads_only), found[0] if found else None)

    async def _silence(self, place: Place) -> str:
        say = self._say
        channel = await self._tx.channels.get(place.channel_key)
        match channel.mode if channel else self._default_mode:
            case Mode.OFF:
                return say("In this channel I say nothing. I keep nothing about its messages.")
            case Mode.MENTION:
                return say("In this channel I only answer when I am called by name. I kept nothing of this.")
            case _:
                return say("I did not take this for a question, and I kept nothing of it.")

    # --- a question ---------------------------------------------------------------------------------------

    async def _question(self, q: Question, lead: str) -> Explanation:
        mine = await self._is(q.asker)
        everything = mine or self._moderates()
        if q.private and not everything and not await self._has_to_do_with(q):
            raise Refused(Notice.NOT_ALLOWED)
        names = await self._names(q)
        entries = [e for e in await self._tx.journal.of(q.id) if everything or e.event == "Asked"]
        told = names if everything else {}
        steps = tuple(Step(e.at, happened(e, told, self._say), with_names(e.why, names)) for e in entries)
        return Explanation(
            lead,
            shown_from=self._shown_from,
            suggestions=tuple(await self._tx.suggestions.of(q.id)),
            asked=people_asked(q, names, self._say) if everything else (),
            steps=steps,
            hidden=not everything,
        )

    async def _names(self, q: Question) -> dict[str, str]:
        """Of everybody who had to do with it. Who asked in private is named to themselves only."""
        say = self._say
        keys = {q.asker, *_party_to(q), *(e.by for e in await self._tx.journal.of(q.id))} - {"", "winwin"}
        somebody = say("Somebody")
        records = await self._tx.members.get(sorted(keys))
        names = {key: (records[key].name if key in records else "") or somebody for key in keys}
        if not q.nameless:
            return names
        return names | {ASKER: names[q.asker]} if await self._is(q.asker) else names | {q.asker: somebody}

    async def _has_to_do_with(self, q: Question) -> bool:
        return self._viewer is not None and self._viewer.key in _party_to(q)

    # --- who looks ----------------------------------------------------------------------------------------

    async def _is(self, member: str) -> bool:
        """Also from another account of theirs."""
        if self._viewer is None:
            return False
        record = (await self._tx.members.get([member])).get(member)
        return self._viewer.key == member or (record is not None and record.person == self._viewer.person)

    def _moderates(self) -> bool:
        return self._viewer is not None and self._viewer.may(Role.MODERATOR)

    def _watches(self, alert: Alert) -> bool:
        """What may be about a child's safety at home is for the leads and those who were told."""
        return may_watch(alert, self._viewer)


def _party_to(q: Question) -> set[str]:
    return {q.offered_to, q.claimed_by, *q.answered_by, *(t.member for t in q.tries)} - {""}
