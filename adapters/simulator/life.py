"""What people do: they look at their phone, say yes or no, write, forget, come across a question, grow tired, leave.

Every act is planned for a moment on the agenda, and gives facts as a platform would report them. Whatever somebody
decides, they decide by what they see then: the card as it stands, the answers in the thread.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable
from itertools import count

from adapters.simulator.arrivals import Asked, Dice, Die
from adapters.simulator.diary import Diary, Ping
from adapters.simulator.habits import Habits
from adapters.simulator.judge import ANSWER, SAME_HERE
from adapters.simulator.people import Person
from adapters.simulator.platform import Platform
from adapters.simulator.timing import HOUR, JumpingClock
from adapters.simulator.ways import Way
from bot.cards import Action, Card, Form
from bot.events import ButtonPressed, FormSubmitted, Member, MessagePosted, Place, PlatformEvent
from bot.routing import Kind
from bot.steps import new_id

Act = Callable[[], list[PlatformEvent]]
ASKER_LOOKS = HOUR  # after which the asker presses a button, if they press any: assumed


class Life:
    def __init__(self, diary: Diary, dice: Dice, habits: Habits, way: Way, clock: JumpingClock) -> None:
        self._diary, self._dice, self._habits, self._way, self._clock = diary, dice, habits, way, clock
        self.platform = Platform(clock, self._seen)
        self._people = {p.member: p for p in diary.people}
        self._ids = {new_id("q", place_of(q).key): q for q in diary.asked}
        self._agenda: list[tuple[float, int, Act]] = []
        self._order = count()
        self._messages = count()
        self._answered: dict[int, int] = {}  # by question: who was first
        self._times: dict[tuple[int, int], int] = defaultdict(int)
        self._cards: dict[tuple[int, int], list[str]] = defaultdict(list)  # by question and person
        for q in diary.asked:
            self._plan(q.at, lambda q=q: self._asks(q))  # type: ignore[misc]  # mypy can't read the default

    # --- the agenda ---------------------------------------------------------------------------------------

    @property
    def next_at(self) -> float:
        """When something happens next; far away when nothing does."""
        return self._agenda[0][0] if self._agenda else math.inf

    def go_on(self) -> list[PlatformEvent]:
        """Let happen what is next."""
        return heapq.heappop(self._agenda)[2]()

    def _plan(self, at: float, act: Act) -> None:
        if at < math.inf:
            heapq.heappush(self._agenda, (at, next(self._order), act))

    @property
    def _now(self) -> float:
        return self._clock.seconds

    # --- asking -------------------------------------------------------------------------------------------

    def _asks(self, q: Asked) -> list[PlatformEvent]:
        for person in self._diary.people:
            if not person.moderator and self._able(person, q):
                self._may_come_across(person, q)
        if q.same_here is not None:
            self._plan(q.same_here, lambda: [self._reply(q, Member("web", "sim", "reader"), SAME_HERE)])
        if self._way.mentions_all:
            self._mention_all(q)
            if self._way.again_after:
                self._plan(q.at + self._way.again_after * HOUR, lambda: self._mention_again(q))
        place = place_of(q)
        return [MessagePosted(place, Member("web", "sim", f"a{q.number}"), q.text, self._clock.now())]

    def _able(self, person: Person, q: Asked) -> bool:
        """What everybody there keeps to, whoever asks them: their languages, and medicines are for clinicians."""
        return q.language in person.languages and (person.kind is Kind.CLINICIAN or not q.medical)

    def _may_come_across(self, person: Person, q: Asked) -> None:
        if self._dice.roll(q.number, person.number, Die.UNASKED) >= person.unasked:
            return
        chance = self._dice.roll(q.number, person.number, Die.UNASKED_WHEN)
        minutes = -math.log(max(chance, 1e-9)) * self._habits.unasked_hours * 60
        self._plan(person.notices(q.at, minutes), lambda: self._comes_across(person, q))

    def _comes_across(self, person: Person, q: Asked) -> list[PlatformEvent]:
        if q.number in self._answered or person.number in self._diary.left:
            return []
        return self._answer(person, q, unasked=True)

    def _mention_all(self, q: Asked) -> None:
        here = [p for p in self._diary.people if self._able(p, q) and p.number not in self._diary.left]
        for person in here:
            self._pinged(person, q, Ping.MENTION, self._habits.channel_weight)
            time = self._next_time(person, q)
            if self._dice.roll(q.number, person.number, Die.SEES, time) < person.sees:
                self._plan(self._notices(person, q, time), self._mention_seen(person, q, time, len(here)))

    def _mention_again(self, q: Asked) -> list[PlatformEvent]:
        if q.number not in self._answered:
            self._mention_all(q)
        return []

    def _mention_seen(self, person: Person, q: Asked, time: int, among: int) -> Act:
        def look() -> list[PlatformEvent]:
            gone = person.number in self._diary.left
            if q.number not in self._answered and not gone and self._willing(person, q, time, among):
                self._means_to_write(person, q, time, promised=False)
            return []

        return look

    # --- being sent something -----------------------------------------------------------------------------

    def _seen(self, member: Member, message: str) -> None:
        card = self.platform.cards[message]
        q = self._ids.get(card.question)
        if q is None:
            return
        person = self._people.get(member)
        shown = _actions(card)
        if person is None:
            if Action.HELPED in shown:
                self._plan(self._now + ASKER_LOOKS, lambda: self._asker_looks(q, member))
            return
        self._cards[q.number, person.number].append(message)
        if Action.ACCEPT in shown:
            self._sent(person, q, Ping.OFFER, lambda time: self._offer_seen(person, q, time, message))
        elif Action.TAKE in shown:
            self._sent(person, q, Ping.ALERT, lambda time: self._alert_seen(person, q, time))
        elif Action.EXTEND in shown and Action.HAND_OVER not in shown:
            self._sent(person, q, Ping.REMINDER, lambda time: self._reminder_seen(person, q, time))

    def _sent(self, person: Person, q: Asked, kind: Ping, look: Callable[[int], list[PlatformEvent]]) -> None:
        self._pinged(person, q, kind, 1.0)
        time = self._next_time(person, q)
        self._plan(self._notices(person, q, time), lambda: look(time))

    def _pinged(self, person: Person, q: Asked, kind: Ping, weight: float) -> None:
        self._diary.pinged(person, self._now, kind, weight)
        if person.moderator or person.number in self._diary.left or self._diary.strain(person, self._now) <= 1:
            return
        if self._dice.roll(q.number, person.number, Die.LEAVE) < self._habits.leaving * weight:
            self._diary.left[person.number] = self._now
            if self._way.listed:
                self._plan(self._now, lambda: self._pauses(person))

    def _pauses(self, person: Person) -> list[PlatformEvent]:
        values = {"time_zone": person.zone, "paused": "yes", "weekly_cap": "1"}
        return [FormSubmitted(self._number(), Form.VOLUNTEER, "", values, person.member, self._clock.now())]

    def _next_time(self, person: Person, q: Asked) -> int:
        self._times[q.number, person.number] += 1
        return self._times[q.number, person.number] - 1

    def _notices(self, person: Person, q: Asked, time: int) -> float:
        spread = self._habits.notice_spread * self._dice.bell(q.number, person.number, Die.NOTICE, time)
        return person.notices(self._now, self._habits.notice_minutes * person.slowness * math.exp(spread))

    # --- deciding -----------------------------------------------------------------------------------------

    def _willing(self, person: Person, q: Asked, time: int, among: int = 1) -> bool:
        h = self._habits
        fit = h.fit_general if not person.topics or not q.topics else h.fit_other
        if person.topics & set(q.topics):
            fit = h.fit_known
        weary = 1 + h.tiring * max(0.0, self._diary.strain(person, self._now) - 1)
        chance = person.willing * h.willing_scale * fit * float(among**-h.bystander) / weary
        return self._dice.roll(q.number, person.number, Die.WILL, time) < chance

    def _offer_seen(self, person: Person, q: Asked, time: int, message: str) -> list[PlatformEvent]:
        if person.number in self._diary.left or q.number in self._answered:
            return []
        willing = self._willing(person, q, time)
        if Action.ACCEPT not in _actions(self.platform.cards[message]):
            return self._looks_on_board(person, q, time) if willing else []
        if willing:
            return self._promises(person, q, time, Action.ACCEPT)
        chance = self._dice.roll(q.number, person.number, Die.REFUSE, time)
        if chance < self._habits.passes:
            self._diary.passes += 1
            return [self._press(person.member, Action.PASS, q)]
        if chance < self._habits.passes + self._habits.postpones:
            self._diary.postponed += 1
            return [self._press(person.member, Action.NOT_NOW, q)]
        self._diary.ignored += 1
        return []

    def _looks_on_board(self, person: Person, q: Asked, time: int) -> list[PlatformEvent]:
        if self._dice.roll(q.number, person.number, Die.BOARD, time) >= self._habits.looks_on_board:
            return []
        return self._promises(person, q, time, Action.TAKE)

    def _alert_seen(self, person: Person, q: Asked, time: int) -> list[PlatformEvent]:
        among = sum(p.moderator for p in self._diary.people)
        if q.number in self._answered or not self._able(person, q) or not self._willing(person, q, time, among):
            return []
        return self._promises(person, q, time, Action.TAKE)

    def _promises(self, person: Person, q: Asked, time: int, action: Action) -> list[PlatformEvent]:
        self._means_to_write(person, q, time, promised=True)
        return [self._press(person.member, action, q)]

    def _reminder_seen(self, person: Person, q: Asked, time: int) -> list[PlatformEvent]:
        """Who is still at it asks for more time; who forgot writes now, gives it back, or lets it go."""
        if not self._has(person, q):
            return []
        if self._dice.roll(q.number, person.number, Die.FORGET) >= self._habits.forgets:
            return [self._press(person.member, Action.EXTEND, q)]
        chance = self._dice.roll(q.number, person.number, Die.REMINDED, time)
        if chance < self._habits.reminded_writes:
            self._plan(self._written(person, q, time), lambda: self._writes(person, q, promised=True))
            return [self._press(person.member, Action.EXTEND, q)]
        if chance < self._habits.reminded_writes + self._habits.reminded_releases:
            return [self._press(person.member, Action.RELEASE, q)]
        return []

    def _has(self, person: Person, q: Asked) -> bool:
        """Whether a card of theirs says that the question is theirs."""
        mine = self._cards[q.number, person.number]
        return any(Action.RELEASE in _actions(self.platform.cards[message]) for message in mine)

    # --- writing ------------------------------------------------------------------------------------------

    def _means_to_write(self, person: Person, q: Asked, time: int, *, promised: bool) -> None:
        if self._dice.roll(q.number, person.number, Die.FORGET) >= self._habits.forgets:
            self._plan(self._written(person, q, time), lambda: self._writes(person, q, promised=promised))

    def _written(self, person: Person, q: Asked, time: int) -> float:
        spread = self._habits.write_spread * self._dice.bell(q.number, person.number, Die.WRITE, time)
        return person.notices(self._now, self._habits.write_minutes * math.exp(spread))

    def _writes(self, person: Person, q: Asked, *, promised: bool) -> list[PlatformEvent]:
        """Who finds meanwhile that it is no longer theirs, or answered, leaves it; who promised nothing to anybody
        began when there was no answer, and posts what they have written."""
        if promised and (q.number in self._answered or not self._has(person, q)):
            return []
        return self._answer(person, q)

    def _answer(self, person: Person, q: Asked, *, unasked: bool = False) -> list[PlatformEvent]:
        self._answered.setdefault(q.number, person.number)
        self._diary.wrote(q.number, person.number, self._now, unasked=unasked)
        return [self._reply(q, person.member, ANSWER)]

    def _asker_looks(self, q: Asked, asker: Member) -> list[PlatformEvent]:
        first = self._diary.people[self._answered[q.number]]
        if self._dice.roll(q.number, first.number, Die.ASKER) >= self._habits.asker_answers:
            return []
        fits = not q.topics or bool(first.topics & set(q.topics))
        helps = self._habits.helped_fit if fits else self._habits.helped_other
        if self._dice.roll(q.number, first.number, Die.HELPED) < helps:
            return [self._press(asker, Action.HELPED, q)]
        self._answered.pop(q.number)
        return [self._press(asker, Action.ASK_PERSON, q)]

    # --- facts --------------------------------------------------------------------------------------------

    def _press(self, by: Member, action: Action, q: Asked) -> ButtonPressed:
        return ButtonPressed(self._number(), action, new_id("q", place_of(q).key), by, self._clock.now())

    def _reply(self, q: Asked, by: Member, text: str) -> MessagePosted:
        place = place_of(q)
        message = Place(place.platform, place.space, place.channel, self._number(), place.thread)
        return MessagePosted(message, by, text, self._clock.now())

    def _number(self) -> str:
        return f"n{next(self._messages)}"


def place_of(q: Asked) -> Place:
    return Place("web", "sim", "general", f"q{q.number}", f"q{q.number}")


def _actions(card: Card) -> set[str]:
    return {button.action for button in card.buttons}
