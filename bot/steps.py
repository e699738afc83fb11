"""One step of a question inside one transaction: load, decide, save, log, and put the wishes into the outbox."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.community import Channel, Engagement, JournalEntry, MemberRecord, Role, Suggestion
from bot.crossing import confined_to, near
from bot.crowd import Crowd
from bot.effects import AlertModerator, CloseAlert, Effect, Notify
from bot.events import Place, QuestionEvent
from bot.news import News
from bot.policy import Policy, local
from bot.ports import Clock, Transaction
from bot.post import OutboxRow
from bot.question import Decision, Engaged, Outcome, Pool, Question, Refused, Status, Turn
from bot.questions import TRANSITIONS, ask, ask_without_name, decide, hold_back
from bot.recollection import Recollection
from bot.showing.scene import Scene
from bot.wishes import wishes

WAITING = frozenset({Status.OPEN, Status.OFFERED, Status.ESCALATED})
ASKER = "asker"  # in the journal of a question whose asker nobody may learn


def new_id(prefix: str, key: str) -> str:
    """The same key gives the same id, so a fact that is handled twice makes one thing."""
    return f"{prefix}{hashlib.sha256(key.encode()).hexdigest()[:16]}"


class Steps:
    """`outgoing` collects the outbox rows of the open transaction that may be delivered as soon as it is committed,
    `fresh` what is known then of the questions it began, by their ids: it need not be read again,
    `returned` the words of its GiveBack wishes by their ids."""

    def __init__(
        self,
        tx: Transaction,
        clock: Clock,
        policy: Policy,
        leased_until: datetime,
        known: Recollection | None = None,
    ) -> None:
        self.tx = tx
        self.known = known or Recollection()
        self.now = clock.now()
        self.policy = policy
        self._policies: dict[str, Policy] = {}
        self.outgoing: list[OutboxRow] = []
        self.fresh: dict[str, Scene] = {}
        self.returned: dict[str, str] = {}
        self._leased_until = leased_until

    async def begin(
        self,
        question: Question,
        suggestions: Sequence[Suggestion],
        why: str,
        *,
        doubtful: bool = False,
        held_back: bool = False,
        around: Scene | None = None,
    ) -> None:
        """A question that was just asked, `around` it what else is true there."""
        if held_back:
            decision = hold_back(question, self.now)
        elif question.unposted:
            decision = ask_without_name(question, doubtful=doubtful)
        else:
            decision = await self._decided(question, partial(ask, question), searches=not question.suggested)
        await self.tx.questions.add(decision.question)
        await self.tx.suggestions.put(question.id, suggestions)
        entry_why = "; ".join(part for part in (why, decision.why) if part)
        await self._keep(question, replace(decision, why=entry_why), "Asked", question.asker, before="")
        if around is not None:
            self.fresh[question.id] = replace(around, question=decision.question, suggestions=tuple(suggestions))

    async def befall(self, question: Question, event: QuestionEvent, by: str) -> Question:
        """Let `event` befall the question. Raises Refused (nothing is changed then) and Conflict."""
        decision = await self.decided(question, event)
        if decision.question != question:
            await self.tx.questions.save(decision.question)
        if decision.question != question or decision.effects or decision.engaged:
            await self._keep(question, decision, type(event).__name__, by, before=question.status.value)
        if News.ESCALATED in question.told and question.status in WAITING and decision.question.status not in WAITING:
            await self._close_alerts(decision.question)
        return decision.question

    async def _close_alerts(self, question: Question) -> None:
        """What moderators were told of it is no longer true: somebody has it, or it is settled, taken back or gone."""
        told = [row.wish.effect for row in await self.tx.outbox.of(question.id)]
        closed = dict.fromkeys(CloseAlert(a.question, a.to, a.reminder) for a in told if isinstance(a, AlertModerator))
        await self.say(tuple(closed), f"{question.id}:{question.version}:alerts", question.place)

    async def decided(self, question: Question, event: QuestionEvent) -> Decision:
        """What `event` does to the question; nothing is kept yet. Raises Refused."""
        may_search = Status.ESCALATED in TRANSITIONS[question.status, type(event)].leads_to
        return await self._decided(question, partial(decide, question, event), searches=may_search)

    async def say(self, effects: Sequence[Effect], stem: str, place: Place | None = None) -> None:
        """Put wishes into the outbox; `stem` names the step, so that doing it again says nothing twice."""
        if effects:
            rows = await self.tx.outbox.add(wishes(effects, stem, place), self.now, self._leased_until)
            self.outgoing += [row for row in rows if row.leased]

    async def refuse(self, refused: Refused, to: str, key: str) -> None:
        await self.say((Notify(to, refused.notice),), key)

    async def engaged(self, engaged: Sequence[Engaged], place: str, question: str, key: str) -> None:
        rows = [
            Engagement(
                f"{key}:{e.behaviour}:{e.member}:{e.resource}",
                e.behaviour,
                e.member,
                self.now,
                place,
                e.resource,
                question,
            )
            for e in engaged
        ]
        if rows:
            await self.tx.engagement.add(rows)

    async def moderators(self) -> tuple[str, ...]:
        """Who is told when nobody else is left: the moderators, or the owners where there is none."""
        found = await self.tx.members.with_role(Role.MODERATOR)
        return _keys(found) or _keys(await self.tx.members.with_role(Role.OWNER))

    async def _decided(self, question: Question, step: Callable[[Turn], Decision], *, searches: bool) -> Decision:
        """For a step that asks nobody, who volunteers is not read."""
        if not searches:
            return step(Turn(Pool(), self.now, await self._policy_of(question)))
        channel = await self.tx.channels.get(question.place.channel_key)
        policy = self._policy_in(channel)
        moderators = await self.moderators()
        blocked = await self.tx.members.blocked(question.asker_person)
        vector = self.known.vectors.of(question.id)

        only_in = confined_to(question, channel)
        told = near(moderators, question.place) if only_in else moderators
        if blocked:  # where all of them are, they are told all the same: no question is left lying
            known = await self.tx.members.get(told)
            told = tuple(m for m in told if m in known and known[m].person not in blocked) or told

        def among(crowd: Crowd) -> Decision:
            return step(Turn(Pool(crowd, told), self.now, policy, blocked, vector, only_in))

        return await self.known.roster.decide(self.tx, self.now, among)

    async def _policy_of(self, question: Question) -> Policy:
        """The community's, with what the channel has set for itself."""
        key = question.place.channel_key
        if key not in self._policies:
            self._policies[key] = self._policy_in(await self.tx.channels.get(key))
        return self._policies[key]

    def _policy_in(self, channel: Channel | None) -> Policy:
        return local(self.policy, dict(channel.numbers)) if channel else self.policy

    async def _keep(self, question: Question, decision: Decision, event: str, by: str, before: str) -> None:
        after = decision.question
        holders = {question.offered_to, question.claimed_by, after.offered_to, after.claimed_by}
        self.known.roster.touch({*holders, *(t.member for t in after.tries[len(question.tries) :])}, self.now)
        if after.status is Status.ANSWERED and question.status is not Status.ANSWERED:
            self.known.past.keep(after.id, after.text, self.known.vectors.of(after.id))
        if after.status is Status.CLOSED:
            self.known.vectors.drop(after.id)
        if after.outcome is Outcome.WITHDRAWN:
            self.known.past.drop(after.id)
        if by == question.asker and question.nameless:
            by = ASKER
        stem = f"{after.id}:{after.version}:{event}"
        entry = JournalEntry(after.id, self.now, event, by, before, after.status.value, decision.why)
        await self.tx.journal.add([entry])
        await self.engaged(decision.engaged, question.place.channel_key, question.id, question.id)
        await self.say(decision.effects, stem, question.place)


def _keys(members: Sequence[MemberRecord]) -> tuple[str, ...]:
    """Of those whose account is still there: a page to nobody would count as a page."""
    return tuple(dict.fromkeys(m.key for m in members if not m.deactivated))
