"""From the outbox to a platform: look at what is true now, say it outside any transaction, then note that it was said.

A platform that does not answer is tried again with growing pauses for two days; what breaks in our own code is tried
five times and parked with an alert. An offer that cannot be delivered goes to the next person instead.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from bot import effects as do
from bot.answering import answer_of, answer_stands
from bot.backstage import Backstage
from bot.cards import Posted
from bot.community import Audit, Role, Suggestion
from bot.crisis_effects import AnswerCrisis, ClosePage, FoldPage, PageSafety, ReadAgain, SaySorry
from bot.crossing import at_home, confined, spaces_of
from bot.earlier import earlier_now
from bot.effects import Effect, Notify
from bot.events import Member, OfferSent, OfferUndeliverable, Place, QuestionEvent, QuestionPosted, QuestionUnpostable
from bot.news import Notice, OfferEnd
from bot.piecing import IN_PIECES
from bot.policy import Answering, Mode, Policy
from bot.ports import Clock, Conflict, DeliveryError, Messenger, Store, StoreAway, Transaction
from bot.post import OutboxRow
from bot.question import Engaged
from bot.rereading import Outcome, Rereading
from bot.rights_effects import AskSecond, ShowAsker, TellRole, TellSeen
from bot.routing import awake_at
from bot.safety.alerts import Alert
from bot.safety.helplines import Helpline, helplines_for_all
from bot.safety.whereabouts import whereabouts
from bot.sending import revised, sent
from bot.showing.scene import Saying, Scene, Unsaid
from bot.showing.show import show
from bot.standing import card_up
from bot.steps import Steps
from bot.unmasking import around_unmasking, asker_shown
from knowledge.resources import Resource, ReviewState

POISON = 5  # tries for what fails in our own code
AFLOAT = timedelta(days=2)  # how long a platform may be away before a wish is parked
LONGEST_PAUSE = 300.0  # seconds
HELD = timedelta(minutes=1)  # lease of a row that is being delivered
NEXT = 16  # rows picked up after one is done
RETURNED = 200  # texts on their way back to who wrote them
NOTES = 5  # tries to note that something was said

_log = structlog.get_logger("winwin.delivery")


def pause(attempts: int) -> float:
    """Seconds until the next try: 1, 4, 16, 64, 256, then 300."""
    return float(min(4 ** max(attempts - 1, 0), LONGEST_PAUSE))


class Delivery:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        policy: Policy,
        messengers: Mapping[str, Messenger],
        helplines: tuple[Helpline, ...],
        default_mode: Mode,
        backstage: Backstage,
        rereading: Rereading,
        country: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._messengers = messengers
        self._helplines = helplines
        self._default_mode = default_mode
        self._backstage = backstage
        self._rereading = rereading
        self._country = country  # where members live of whom nothing is known
        self._returned: OrderedDict[str, str] = OrderedDict()  # words on their way back to who wrote them

    async def deliver(self, row: OutboxRow, fresh: Scene | None = None) -> list[OutboxRow]:
        """Deliver one leased row. Returns rows that may be delivered next because of it. `fresh`: what is known of a
        question that began a moment ago."""
        try:
            ready = await self._backstage.scene(row.wish.effect)
            async with self._store.read() as tx:
                if not await tx.outbox.still_ours([row.id]):
                    return []  # another process has it: we had stood still, and it took us for gone
                if fresh is not None and isinstance(row.wish.effect, do.ShowSuggestions):
                    scene = replace(fresh, resources=await _live(fresh.suggestions, tx))
                else:
                    scene = await self._scene(tx, row, ready)
                asleep = await self._asleep(tx, row.wish.effect)
            if isinstance(row.wish.effect, do.OfferQuestion) and _out_of_reach(scene, row.wish.effect):
                raise DeliveryError("its channel is not open to all any more", permanent=True)
            if isinstance(row.wish.effect, ReadAgain):
                return await self._read_again(row, scene)
            shown = show(row.wish.effect, scene)
            if isinstance(shown, Unsaid):
                return await self._drop(row, shown.reason)
            if asleep:
                return await self._too_late(row)
            messenger = self._messengers.get(row.wish.platform)
            if messenger is None:
                raise DeliveryError(f"platform {row.wish.platform!r} is not connected", permanent=False)
            if isinstance(shown, Saying):
                posted = await sent(messenger, shown, row.wish.key, row.attempts - 1)
            else:
                posted = shown.posted
                if not await revised(messenger, shown):
                    return await self._drop(row, "the card is gone")
            return await self._noted(row, posted)
        except DeliveryError as error:
            return await self._failed(row, error)
        except StoreAway:  # the lease ends, and the row is looked at again
            raise
        except Exception as error:  # a step must not end the loop; it is recorded and parked in the end
            _log.exception("delivery_broke", row=row.id, kind=row.wish.kind)
            return await self._broke(row, error)

    async def _read_again(self, row: OutboxRow, scene: Scene) -> list[OutboxRow]:
        """What was no crisis is read once more at its platform and handled; its author is told in any case."""
        found = await self._rereading.read(scene.alert) if scene.alert is not None else Outcome.GONE
        async with self._store.begin() as tx:
            steps = self._steps(tx)
            await tx.outbox.delivered(row.id, steps.now, None)
            if found is not Outcome.ALARMING:  # whose message alarms for another reason is answered for that
                await self._say_sorry(scene.alert, steps, again=found is Outcome.HANDLED)
            behind = await self._behind(tx)
        return steps.outgoing + behind

    async def _say_sorry(self, alert: Alert | None, steps: Steps, *, again: bool) -> None:
        if alert is not None:
            again = again and IN_PIECES not in alert.rules  # what stood before it has been let go
            sorry = SaySorry(alert.id, alert.author, again)
            await steps.say((sorry,), f"{alert.id}:sorry", alert.place)

    def give_back(self, words: Mapping[str, str]) -> None:
        """Words that could not be taken, by the id of their wish: held in memory until it is delivered."""
        self._returned.update(words)
        while len(self._returned) > RETURNED:
            self._returned.popitem(last=False)

    # --- what is true now ---------------------------------------------------------------------------------

    async def _scene(self, tx: Transaction, row: OutboxRow, scene: Scene) -> Scene:
        effect = row.wish.effect
        match effect:
            case do.AskConsent() | do.InviteReview() | do.TellPublished():
                scene = await _draft_scene(effect.draft, scene, tx)
            case AnswerCrisis() | PageSafety() | ClosePage() | FoldPage() | SaySorry() | ReadAgain():
                scene = replace(scene, alert=await tx.alerts.get(effect.alert))
            case do.NudgePrivacy() | do.ReviewPost() | do.Notify():
                pass
            case do.WelcomeChannel() | do.AskMode():
                scene = replace(scene, channel=await tx.channels.get(row.wish.about))
            case do.PassOn() | do.RelayAnswer() | do.PostAnswer():
                scene = await self._question_scene(tx, scene, effect, effect.question)
            case TellRole():
                scene = replace(scene, appointment=await tx.appointments.get(effect.member, Role(effect.role)))
            case AskSecond() | ShowAsker() | TellSeen():
                scene = await around_unmasking(effect.unmasking, scene, tx)
            case do.GiveBack():
                scene = replace(scene, returned=self._returned.get(effect.id, ""))
            case do.TellFollower() | do.ThankVolunteer() | do.ShowLinkCode() | do.PostDigest():
                pass  # made ready backstage
            case _:
                scene = await self._question_scene(tx, scene, effect, row.wish.about)
        scene = replace(scene, posted=await card_up(effect, row.wish.about, tx))
        return await self._people(tx, scene, row)

    async def _question_scene(self, tx: Transaction, scene: Scene, effect: Effect, question_id: str) -> Scene:
        q = await tx.questions.get(question_id)
        if q is None:
            return scene
        channel = await tx.channels.get(q.place.channel_key)
        mode, gone = (channel.mode, channel.gone) if channel else (self._default_mode, False)
        answering = channel.answering if channel else Answering.THREAD
        scene = replace(scene, question=q, mode=mode, answering=answering, gone=gone, confined=confined(q, channel))
        if isinstance(effect, do.ShowSuggestions | do.CloseSuggestions):
            suggestions = await tx.suggestions.of(q.id)
            scene = replace(scene, suggestions=tuple(suggestions), resources=await _live(suggestions, tx))
        if isinstance(effect, do.ShowEarlier | do.CloseEarlier):
            scene = replace(scene, earlier=await earlier_now(q, tx))
        if isinstance(effect, do.RelayAnswer | do.PostAnswer):
            scene = replace(scene, answer=await answer_of(effect, tx))
        if isinstance(effect, do.PassOn):
            letter = await tx.letters.get(effect.letter)
            scene = replace(scene, letter=letter, answer=await tx.answers.at(effect.letter))
        if scene.answer is not None or scene.letter is not None:
            by = scene.answer.member if scene.answer else scene.letter.member if scene.letter else ""
            scene = replace(scene, appointment=await tx.appointments.get(by, Role.CLINICIAN))
        if isinstance(effect, do.CloseOffer) and effect.end is OfferEnd.ACCEPTED and q.private:
            written = [letter for letter in await tx.letters.of(q.id) if letter.member == q.asker]
            scene = replace(scene, letters=tuple(written))
        return scene

    async def _people(self, tx: Transaction, scene: Scene, row: OutboxRow) -> Scene:
        keys = {row.wish.to}
        if scene.question is not None:
            keys |= {scene.question.asker, scene.question.claimed_by, getattr(row.wish.effect, "about", "")}
            keys.add(scene.question.handed_by)
        if scene.letter is not None:
            keys.add(scene.letter.member)
        if isinstance(row.wish.effect, do.AskMode):
            keys.add(row.wish.effect.chosen_by)
        if scene.draft is not None:
            keys |= {scene.draft.author, scene.draft.saved_by}
        if scene.alert is not None:
            keys |= {scene.alert.author, scene.alert.taken_by, scene.alert.ended_by}
        if scene.answer is not None:
            keys.add(scene.answer.member)
        if isinstance(row.wish.effect, TellRole):
            keys |= {row.wish.effect.member, row.wish.effect.by}
        if scene.appointment is not None:
            keys.add(scene.appointment.by)
        if scene.unmasking is not None:
            keys |= {scene.unmasking.by, scene.unmasking.second}
        members = await tx.members.get(sorted(k for k in keys if k))
        scene = replace(scene, members=members)
        if scene.question is not None and row.wish.to and not at_home(row.wish.to, scene.question.place):
            scene = replace(scene, spaces=await spaces_of(members.get(row.wish.to), tx))
        if isinstance(row.wish.effect, AnswerCrisis) and scene.alert is not None:
            author = members.get(scene.alert.author)
            lines = helplines_for_all(scene.alert.found, whereabouts(author, self._country), self._helplines)
            scene = replace(scene, helplines=lines)
        return scene

    async def _asleep(self, tx: Transaction, effect: Effect) -> bool:
        """Whether it asks somebody whose quiet hours have begun since that was decided."""
        if not isinstance(effect, do.OfferQuestion):
            return False
        now = self._clock.now()
        return any(not awake_at(v, now) for v in await tx.volunteers.pool(now, [effect.to]))

    # --- how it went --------------------------------------------------------------------------------------

    async def _noted(self, row: OutboxRow, posted: Posted) -> list[OutboxRow]:
        """It has been said: when somebody else saved the question meanwhile, only the note is tried again."""
        for _ in range(NOTES - 1):
            try:
                return await self._delivered(row, posted)
            except Conflict:
                continue
        return await self._delivered(row, posted)

    async def _only_noted(self, row: OutboxRow, posted: Posted) -> list[OutboxRow]:
        """Nothing follows from it: nobody who decides need be waited for."""
        async with self._store.post() as tx:
            await tx.outbox.delivered(row.id, self._clock.now(), posted)
            self._returned.pop(getattr(row.wish.effect, "id", ""), None)
            return await self._behind(tx)

    async def _delivered(self, row: OutboxRow, posted: Posted) -> list[OutboxRow]:
        if not _leads_on(row.wish.effect):
            return await self._only_noted(row, posted)
        async with self._store.begin() as tx:
            steps = self._steps(tx)
            await tx.outbox.delivered(row.id, steps.now, posted)
            effect = row.wish.effect
            if isinstance(effect, do.OfferQuestion):
                await self._tell_question(tx, steps, effect.question, OfferSent(effect.to))
            if isinstance(effect, do.PostQuestion):
                await self._stands(tx, steps, effect, posted)
            if isinstance(effect, do.PostAnswer):
                await answer_stands(effect, posted, tx)
            if isinstance(effect, ShowAsker):
                await asker_shown(effect, steps)
            if isinstance(effect, do.ShowSuggestions):
                await self._shown(tx, steps, effect.question)
            if isinstance(effect, do.ShowEarlier):
                await self._led(tx, steps, effect.question)
            if isinstance(effect, PageSafety) and effect.rung:
                fold = FoldPage(effect.alert, effect.to, effect.rung)
                await steps.say((fold,), f"{row.wish.key}:fold")
            behind = await self._behind(tx)
        return steps.outgoing + behind

    async def _behind(self, tx: Transaction) -> list[OutboxRow]:
        """What waited for this row, leased in the same transaction."""
        now = self._clock.now()
        return await tx.outbox.claim(NEXT, now, now + HELD)

    async def _stands(self, tx: Transaction, steps: Steps, effect: do.PostQuestion, posted: Posted) -> None:
        """A question without a name has its place now; told again (the post was changed) it does nothing."""
        place = Place(posted.platform, posted.space, posted.channel, posted.message, posted.message)
        await self._tell_question(tx, steps, effect.question, QuestionPosted(place))
        if effect.doubtful:
            notes = tuple(do.ReviewPost(place, m) for m in await steps.moderators())
            await steps.say(notes, f"posted:{place.key}:m2", place)

    async def _shown(self, tx: Transaction, steps: Steps, question_id: str) -> None:
        q = await tx.questions.get(question_id)
        if q is not None:
            engaged = [Engaged("shown:resource", q.asker, r) for r in q.suggested]
            await steps.engaged(engaged, q.place.channel_key, q.id, q.id)

    async def _led(self, tx: Transaction, steps: Steps, question_id: str) -> None:
        q = await tx.questions.get(question_id)
        if q is not None and q.earlier:
            await steps.engaged([Engaged("shown:thread", q.asker)], q.place.channel_key, q.id, q.id)

    async def _tell_question(self, tx: Transaction, steps: Steps, question_id: str, fact: QuestionEvent) -> None:
        q = await tx.questions.get(question_id)
        if q is not None:
            by = fact.to if isinstance(fact, OfferSent | OfferUndeliverable) else "winwin"
            await steps.befall(q, fact, by)

    async def _drop(self, row: OutboxRow, reason: str) -> list[OutboxRow]:
        async with self._store.post() as tx:
            await tx.outbox.drop(row.id, self._clock.now(), reason)
            return await self._behind(tx)

    async def _too_late(self, row: OutboxRow) -> list[OutboxRow]:
        """Nobody is woken: the search goes on. A try before may have shown the card, and then they have been asked."""
        async with self._store.begin() as tx:
            steps = self._steps(tx)
            if row.attempts > 1:
                await tx.outbox.delivered(row.id, steps.now, None)
            else:
                await tx.outbox.drop(row.id, steps.now, "their quiet hours have begun")
            effect = row.wish.effect
            assert isinstance(effect, do.OfferQuestion)
            await self._tell_question(tx, steps, effect.question, OfferUndeliverable(effect.to, asleep=True))
            behind = await self._behind(tx)
        return steps.outgoing + behind

    async def _failed(self, row: OutboxRow, error: DeliveryError) -> list[OutboxRow]:
        now = self._clock.now()
        if error.permanent or now - row.created_at > AFLOAT:
            return await self._park(row, str(error))
        wait = pause(row.attempts) if error.retry_after is None else error.retry_after
        async with self._store.post() as tx:
            await tx.outbox.retry(row.id, now + timedelta(seconds=wait), str(error))
        _log.info("delivery_later", row=row.id, kind=row.wish.kind, attempts=row.attempts, wait=wait)
        return []

    async def _broke(self, row: OutboxRow, error: Exception) -> list[OutboxRow]:
        reason = type(error).__name__
        if row.attempts >= POISON:
            return await self._park(row, reason)
        async with self._store.post() as tx:
            due = self._clock.now() + timedelta(seconds=pause(row.attempts))
            await tx.outbox.retry(row.id, due, reason)
        return []

    async def _park(self, row: OutboxRow, reason: str) -> list[OutboxRow]:
        """Out of the way, with an alert; an offer goes to the next person."""
        _log.warning("delivery_parked", row=row.id, kind=row.wish.kind, reason=reason)
        async with self._store.begin() as tx:
            steps = self._steps(tx)
            await tx.outbox.park(row.id, steps.now, reason)
            effect = row.wish.effect
            if isinstance(effect, do.OfferQuestion):
                await self._tell_question(tx, steps, effect.question, OfferUndeliverable(effect.to))
            if isinstance(effect, do.PostQuestion):
                await self._tell_question(tx, steps, effect.question, QuestionUnpostable())
            if isinstance(effect, ReadAgain):  # its platform was away for days: they are asked to write again
                await self._say_sorry(await tx.alerts.get(effect.alert), steps, again=False)
            if not isinstance(effect, Notify):
                await self._alert_parked(tx, steps, row)
            behind = await self._behind(tx)
        return steps.outgoing + behind

    async def _alert_parked(self, tx: Transaction, steps: Steps, row: OutboxRow) -> None:
        told = [m for m in await steps.moderators() if m != row.wish.to]
        notices = tuple(Notify(m, Notice.UNDELIVERED, _reader(row)) for m in told)
        await steps.say(notices, f"parked:{row.id}")
        await tx.audit.append([Audit(steps.now, "winwin", "parked", row.wish.about, row.wish.kind)])

    def _steps(self, tx: Transaction) -> Steps:
        now = self._clock.now()
        return Steps(tx, self._clock, self._policy, now + HELD)


def _leads_on(effect: Effect) -> bool:
    """Whether something follows from its having been said."""
    if isinstance(effect, PageSafety):
        return effect.rung > 0
    shown = isinstance(effect, do.ShowSuggestions | do.ShowEarlier)
    return shown or isinstance(effect, do.OfferQuestion | do.PostQuestion | do.PostAnswer | ShowAsker)


def _out_of_reach(scene: Scene, offer: do.OfferQuestion) -> bool:
    """Its channel was closed after it had been offered to somebody elsewhere: somebody there is asked instead."""
    q = scene.question
    return q is not None and scene.confined and q.offered_to == offer.to and not at_home(offer.to, q.place)


async def _draft_scene(draft_id: str, scene: Scene, tx: Transaction) -> Scene:
    draft = await tx.drafts.get(draft_id)
    asked_for = [draft.asks_for] if draft is not None and draft.asks_for else []
    return replace(scene, draft=draft, resources=await tx.resources.get(asked_for))


async def _live(suggestions: Sequence[Suggestion], tx: Transaction) -> dict[str, Resource]:
    """The resources that may still be shown: one may have been retired a second ago."""
    found = await tx.resources.get([s.resource for s in suggestions])
    return {key: r for key, r in found.items() if r.state is ReviewState.PUBLISHED}


def _reader(row: OutboxRow) -> str:
    return Member.from_key(row.wish.to).id if row.wish.to else ""
