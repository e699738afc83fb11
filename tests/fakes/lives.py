"""Random lives of questions in a community with several processes, any of which may be thrown away in the middle; and,
after every step, a look from outside at what is promised. A machine for Hypothesis."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot.cards import Action, Form
from bot.events import ButtonPressed, FormSubmitted, MessageDeleted, MessageEdited, MessagePosted, Place, PlatformEvent
from bot.policy import Policy
from bot.quiet import Quiet
from bot.steps import new_id
from tests.fakes.community import volunteering
from tests.fakes.ground import Ground, Play, Said
from tests.fakes.lookers import Looker, Owed
from tests.fakes.mind import CANARY
from tests.fakes.story import ANSWER, LONE, SHOWN, settle_in
from tests.fakes.values import member
from tests.fakes.workers import open_all, workers

ASKERS = ("dana", "ben", "nora")
NIGHTS = {  # who, where they live, and when they are left in peace there, every day
    "tess": ("Europe/Madrid", time(22), time(7), 3),
    "kofi": ("UTC", None, None, 2),
    "ana": ("America/New_York", time(20), time(9), 4),
    "yuki": ("Australia/Sydney", time(21, 30), time(8), 50),
}
HELPERS = (*NIGHTS, "moda")
CRISIS = f"My son says he wants to die {CANARY}"
MINUTES = (1, 11, 61, 300, 1500)
SEVERAL = st.integers(0, 999)  # which of those there are


def machine(ground: Ground) -> type[RuleBasedStateMachine]:
    """The machine, at play on `ground`."""
    return type("Lives", (Lives,), {"ground": ground})


class Lives(RuleBasedStateMachine):
    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.stack = AsyncExitStack()
        self.play: Play = self.ground.run(self._begun())
        self.ground.lives += 1

    async def _begun(self) -> Play:
        url = await self.ground.empty()
        made = await self.stack.enter_async_context(
            workers(url, self.ground.processes, policy=Policy(reminders=2, offers_per_question=3))
        )
        await settle_in(made.here[0], volunteers=())
        for name, (zone, start, end, cap) in NIGHTS.items():
            quiet = tuple(Quiet(day, start, end) for day in range(7)) if start and end else ()
            settings = volunteering(name, time_zone=zone, quiet=quiet, weekly_cap=cap)
            await made.here[0].enter(name, volunteer=settings)
        await open_all(made)
        return Play(made, Looker(made, NIGHTS))

    def teardown(self) -> None:
        try:
            if self.ground.to_the_end:
                self.ground.run(self._to_the_end())
        finally:
            self.ground.questions += sum(s.opens for s in self.play.said)
            self.ground.run(self.stack.aclose())

    # --- what people do -----------------------------------------------------------------------------------------

    @rule(who=st.sampled_from(ASKERS), direct=st.booleans(), shown=st.booleans(), urgent=st.booleans(), at=SEVERAL)
    def ask(self, who: str, direct: bool, shown: bool, urgent: bool, at: int) -> None:
        words = self._words()
        text = f"{SHOWN if shown else LONE} {words}{' Our appointment is tonight.' if urgent else ''}"
        place = self._place(f"dm-{who}" if direct else "general")
        self._come(MessagePosted(place, member(who), text, self._now(), direct=direct), at)
        self.play.said.append(Said(who, place, words, new_id("q", place.key), direct=direct))
        self._look()

    @precondition(lambda self: self.play.said)
    @rule(which=SEVERAL, who=st.sampled_from(HELPERS + ASKERS), real=st.booleans(), at=SEVERAL)
    def reply(self, which: int, who: str, real: bool, at: int) -> None:
        under, words = self._one(which, opens=True), self._words()
        if under.direct:
            values = {"text": f"{ANSWER} {words}"}
            self._come(FormSubmitted(self._number(), Form.ANSWER, under.question, values, member(who), self._now()), at)
            self.play.said.append(Said(who, Place("web", "home", "", "", ""), words, under.question, opens=False))
        else:
            place = self._place("general", under.place.message)
            text = f"{ANSWER} {words}" if real else f"Same here {words}"
            self._come(MessagePosted(place, member(who), text, self._now()), at)
            self.play.said.append(Said(who, place, words, under.question, opens=False))
        self._look()

    @precondition(lambda self: self.play.said)
    @rule(which=SEVERAL, crisis=st.booleans(), at=SEVERAL)
    def edit(self, which: int, crisis: bool, at: int) -> None:
        said = self._one(which)
        if not said.words or not said.place.message:
            return
        words = self._words()
        text = CRISIS if crisis else f"{LONE if said.opens else ANSWER} {words}"
        self._come(MessageEdited(said.place, member(said.who), text, self._now(), direct=said.direct), at)
        self.play.gone.append(said.words)
        said.words = "" if crisis else words
        self._look()

    @precondition(lambda self: self.play.said)
    @rule(which=SEVERAL, at=SEVERAL)
    def delete(self, which: int, at: int) -> None:
        said = self._one(which)
        if said.words and said.place.message:
            self._come(MessageDeleted(said.place, self._now()), at)
            self.play.gone.append(said.words)
            said.words = ""
            self._look()

    @rule(who=st.sampled_from(ASKERS), at=SEVERAL)
    def crisis(self, who: str, at: int) -> None:
        self._come(MessagePosted(self._place("general"), member(who), CRISIS, self._now()), at)
        self._look()

    @rule(who=st.sampled_from(ASKERS + HELPERS[:-1]), at=SEVERAL)
    def forget(self, who: str, at: int) -> None:
        self._come(self._press(who, Action.FORGET_ME, ""), at)
        for said in self.play.said:
            if said.who == who and said.words:
                self.play.gone.append(said.words)
                said.words = ""
        self._look()

    @precondition(lambda self: self.play.said)
    @rule(
        which=SEVERAL,
        who=st.sampled_from(HELPERS),
        what=st.sampled_from([Action.ACCEPT, Action.TAKE, Action.PASS, Action.NOT_NOW, Action.RELEASE, Action.EXTEND]),
        at=SEVERAL,
    )
    def help(self, which: int, who: str, what: Action, at: int) -> None:
        self._come(self._press(who, what, self._one(which, opens=True).question), at)
        self._look()

    @precondition(lambda self: self.play.said)
    @rule(which=SEVERAL, first=st.sampled_from(HELPERS), second=st.sampled_from(HELPERS))
    def two_claim_at_once(self, which: int, first: str, second: str) -> None:
        """At different processes, where there are two."""
        question = self._one(which, opens=True).question
        presses = [self._press(first, Action.TAKE, question), self._press(second, Action.TAKE, question)]
        last = len(self.play.made.here) - 1

        async def both() -> None:
            await asyncio.gather(*(self.play.made.receive(press, at=n * last) for n, press in enumerate(presses)))
            await self.play.made.settle()

        self.ground.run(both())
        self._look()

    @precondition(lambda self: self.play.said)
    @rule(which=SEVERAL, who=st.sampled_from(HELPERS), to=st.sampled_from(HELPERS), at=SEVERAL)
    def hand_over(self, which: int, who: str, to: str, at: int) -> None:
        question = self._one(which, opens=True).question
        values = {"to": member(to).key}
        self._come(FormSubmitted(self._number(), Form.HAND_OVER, question, values, member(who), self._now()), at)
        self._look()

    @precondition(lambda self: self.play.said)
    @rule(
        which=SEVERAL,
        what=st.sampled_from([Action.HELPED, Action.NOT_HELPED, Action.ASK_PERSON, Action.WITHDRAW]),
        at=SEVERAL,
    )
    def decide(self, which: int, what: Action, at: int) -> None:
        said = self._one(which, opens=True)
        self._come(self._press(said.who, what, said.question), at)
        self._look()

    # --- what befalls them --------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from(MINUTES))
    def time_goes_by(self, minutes: int) -> None:
        self.ground.run(self._wait(timedelta(minutes=minutes)))
        self._look()

    @rule(hours=st.sampled_from([-24, 24]))
    def the_clock_jumps(self, hours: int) -> None:
        self.play.made.clock.move(timedelta(hours=hours))
        self.ground.run(self.play.made.settle())
        self._look()

    @rule(at=SEVERAL)
    def one_dies(self, at: int) -> None:
        self.ground.run(self.play.made.crash(at % len(self.play.made.here)))
        self.ground.run(self.play.made.settle())
        self._look()

    @rule(who=st.sampled_from(ASKERS), at=SEVERAL, instants=st.integers(0, 60))
    def one_dies_in_the_middle_of_a_question(self, who: str, at: int, instants: int) -> None:
        """What was not acknowledged, its platform sends again."""
        words, place = self._words(), self._place("general")
        asked = MessagePosted(place, member(who), f"{LONE} {words}", self._now())
        self._cut(asked, at, instants)
        self.play.said.append(Said(who, place, words, new_id("q", place.key)))
        self._look()

    @precondition(lambda self: self.play.said)
    @rule(which=SEVERAL, who=st.sampled_from(HELPERS), at=SEVERAL, instants=st.integers(0, 60))
    def one_dies_in_the_middle_of_a_claim(self, which: int, who: str, at: int, instants: int) -> None:
        self._cut(self._press(who, Action.TAKE, self._one(which, opens=True).question), at, instants)
        self._look()

    def _cut(self, fact: PlatformEvent, at: int, instants: int) -> None:
        async def cut() -> None:
            made = self.play.made
            here = at % len(made.here)
            telling = asyncio.create_task(made.receive(fact, at=here))
            for _ in range(instants):
                await asyncio.sleep(0.0003)
            acknowledged = telling.done() and telling.exception() is None
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await made.crash(here)
            await made.settle()
            if not acknowledged:
                await made.receive(fact, at=(here + 1) % len(made.here))
                await made.settle()

        self.ground.run(cut())

    # --- the small parts ----------------------------------------------------------------------------------------

    def _come(self, fact: PlatformEvent, at: int) -> None:
        """To one of them; every third time to all, as a repeat."""

        async def come() -> None:
            made = self.play.made
            first = at % len(made.here)
            await made.receive(fact, at=first)
            if at % 3 == 0:
                await made.receive(fact, at=(first + 1) % len(made.here))
            await made.settle()

        self.ground.run(come())

    def _look(self) -> None:
        self.ground.steps += 1
        self.play.made.clock.move(timedelta(seconds=1))
        owed = Owed([s.question for s in self.play.said if s.opens], [*self.play.gone, CANARY])
        self.ground.run(self.play.looker.look(owed))

    async def _wait(self, left: timedelta) -> None:
        """Ticks at the moments at which something is due, which are those that count."""
        until = self.play.made.clock.now() + left
        for _ in range(30):
            due = await self.play.looker.next_due()
            now = self.play.made.clock.now()
            if due is None or due >= until:
                break
            self.play.made.clock.move(max(due - now, timedelta(seconds=1)))
            await self.play.made.settle()
        self.play.made.clock.move(max(until - self.play.made.clock.now(), timedelta(0)))
        await self.play.made.settle()

    async def _to_the_end(self) -> None:
        """Nobody does anything any more: each question ends in one way."""
        for _ in range(40):
            await self._wait(timedelta(hours=26))
            if not await self.play.looker.unsettled():
                break
        assert await self.play.looker.unsettled() == []

    def _press(self, who: str, what: Action, subject: str) -> ButtonPressed:
        return ButtonPressed(self._number(), what, subject, member(who), self._now())

    def _one(self, which: int, *, opens: bool = False) -> Said:
        found = [s for s in self.play.said if s.opens or not opens]
        return found[which % len(found)]

    def _number(self) -> str:
        self.play.count += 1
        return f"n{self.play.count}"

    def _words(self) -> str:
        return f"w{self._number()}x"

    def _place(self, channel: str, thread: str = "") -> Place:
        number = self._number()
        return Place("web", "home", channel, number, thread or number)

    def _now(self) -> Any:
        return self.play.made.clock.now()
