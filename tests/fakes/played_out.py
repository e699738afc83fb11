"""The lives of questions among townsfolk, after something went wrong: played to their end, and then looked at from
outside."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.ports import Clock
from tests.fakes import history
from tests.fakes.history import Rows
from tests.fakes.square import Square
from tests.fakes.townsfolk import MODERATORS, Townsfolk
from tests.fakes.values import key

ROUNDS = 20  # of people who answer, and of time that goes by, until everything has to be at an end


class Movable(Clock, Protocol):
    def move(self, by: timedelta) -> None: ...


@dataclass
class Life(ABC):
    folk: Townsfolk
    square: Square
    clock: Movable
    rows: Rows
    chance: random.Random

    @abstractmethod
    async def settled(self) -> None:
        """Until nothing waits and nothing happens any more."""

    async def to_the_end(self) -> None:
        """Nothing goes wrong any more: whoever still waits is answered, and time goes by until all is at an end."""
        for _ in range(ROUNDS):
            await self.settled()
            left = [question for (question,) in await self.rows(history.OPEN)]
            if not left:
                return
            unanswered = {question for (question,) in await self.rows(history.UNANSWERED)}
            for question in left:
                if question in unanswered:
                    await self.folk.answer(question, key(self.chance.choice(MODERATORS)))
                elif self.chance.random() < 0.3:
                    await self.folk.helped(question)
            self.clock.move(timedelta(minutes=self.chance.choice([6, 61])))
        raise AssertionError(f"not at an end: {await self.rows(history.OPEN)}")

    async def wrong(self) -> list[str]:
        """Whatever was promised and is not so, now that all is at an end."""
        return [
            *await history.now_wrong(self.rows),
            *await history.lost(self.rows, self.folk.acknowledged),
            *await history.unasked(self.rows, self.folk.asked),
            *await history.unended(self.rows),
            *await history.twice_done(self.rows, self.folk.presses),
            *await history.burdened(self.rows, self.square.asks),
            *(f"shown twice: {what}" for what in self.square.twice),
        ]
