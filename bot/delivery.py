"""From the outbox to a platform: look at what is true now, say it outside any transaction, then note that it was said.

A platform that does not answer is tried again with growing pauses for two days; what breaks in our own code is tried
five times and parked with an alert. An offer that cannot be delivered goes to the next person instead.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import structlog

from bot import effects as do
from bot.backstage import Backstage
from bot.cards import Posted
from bot.community import Audit
from bot.crisis_effects import ReadAgain, SaySorry
from bot.crossing import at_home
from bot.effects import Effect, Notify
from bot.events import Member, OfferUndeliverable, QuestionUnpostable
from bot.looking import Looking, live
from bot.news import Notice
from bot.piecing import IN_PIECES
from bot.policy import Mode, Policy
from bot.ports import Clock, Conflict, DeliveryError, Messenger, Store, StoreAway, Transaction
from bot.post import OutboxRow
from bot.rereading import Outcome, Rereading
from bot.routing import awake_at
from bot.safety.alerts import Alert
from bot.safety.helplines import Helpline
from bot.said import follows, leads_on, tell_question
from bot.sending import revised, sent
from bot.showing.scene import Saying, Scene, Unsaid
from bot.showing.show import show
from bot.steps import Steps

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
        self._backstage = backstage
        self._rereading = rereading
        self._returned: OrderedDict[str, str] = OrderedDict()  # words on their way back to who wrote them
        self._looking = Looking(helplines, default_mode, country, self._returned)

    async def deliver(self, row: OutboxRow, fresh: Scene | None = None) -> list[OutboxRow]:
        """Deliver one leased row. Returns rows that may be delivered next because of it. `fresh`: what is known of a
        question that began a moment ago."""
        try:
            ready = await self._backstage.scene(row.wish.effect)
            async with self._store.read() as tx:
                if not await tx.outbox.still_ours([row.id]):
                    return []  # another process has it: we had stood still, and it took us for gone
                if fresh is not None and isinstance(row.wish.effect, do.ShowSuggestions):
                    scene = replace(fresh, resources=await live(fresh.suggestions, tx))
                else:
                    scene = await self._looking.scene(tx, row, ready)
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
        if not leads_on(row.wish.effect):
            return await self._only_noted(row, posted)
        async with self._store.begin() as tx:
            steps = self._steps(tx)
            await tx.outbox.delivered(row.id, steps.now, posted)
            await follows(row, posted, steps)
            behind = await self._behind(tx)
        return steps.outgoing + behind

    async def _behind(self, tx: Transaction) -> list[OutboxRow]:
        """What waited for this row, leased in the same transaction."""
        now = self._clock.now()
        return await tx.outbox.claim(NEXT, now, now + HELD)

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
            await tell_question(steps, effect.question, OfferUndeliverable(effect.to, asleep=True))
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
                await tell_question(steps, effect.question, OfferUndeliverable(effect.to))
            if isinstance(effect, do.PostQuestion):
                await tell_question(steps, effect.question, QuestionUnpostable())
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


def _out_of_reach(scene: Scene, offer: do.OfferQuestion) -> bool:
    """Its channel was closed after it had been offered to somebody elsewhere: somebody there is asked instead."""
    q = scene.question
    return q is not None and scene.confined and q.offered_to == offer.to and not at_home(offer.to, q.place)


def _reader(row: OutboxRow) -> str:
    return Member.from_key(row.wish.to).id if row.wish.to else ""
