"""People on the square: they ask, press what they are shown, accept, pass, answer, say whether it helped; some sleep,
all volunteers have a limit. What was acknowledged to them is written down, and nothing else."""

from __future__ import annotations

import random
from collections import Counter
from datetime import time

from bot.cards import Action, Button
from bot.community import MemberRecord, Role, VolunteerSettings
from bot.events import ButtonPressed, MessagePosted, Place, PlatformEvent
from bot.ports import Store
from bot.quiet import Quiet
from bot.steps import new_id
from knowledge.resources import Resource
from tests.fakes.community import INFUSION, library
from tests.fakes.square import Shown, Square
from tests.fakes.values import NOON, key, member

ASKERS = ("dana", "ben", "noor", "marcus", "lucia", "grace")
MODERATORS = ("moda", "mara")
NIGHT, DAYTIME = (time(22), time(7)), (time(13), time(21))
VOLUNTEERS = {  # their cap, and when they sleep
    "tess": (40, NIGHT),
    "kofi": (25, DAYTIME),
    "uma": (60, None),
    "vera": (30, NIGHT),
    "will": (9, (time(12, 30), time(12, 50))),
    "xenia": (3, None),
    "yuri": (50, (time(15), time(16))),
    "zoe": (30, DAYTIME),
}
EVENTS = {  # what the journal calls what a button does
    Action.ACCEPT: "OfferAccepted",
    Action.PASS: "OfferPassed",
    Action.NOT_NOW: "OfferPostponed",
    Action.RELEASE: "ClaimReleased",
    Action.EXTEND: "ClaimExtended",
    Action.TAKE: "QuestionTaken",
    Action.HELPED: "MarkedHelpful",
    Action.NOT_HELPED: "MarkedUnhelpful",
    Action.ASK_PERSON: "PersonRequested",
}
LATELY = 60  # cards that people still look at


async def move_in(store: Store) -> None:
    """Everybody becomes known, and the library gets its one resource."""
    async with store.begin() as tx:
        for name in (*ASKERS, *VOLUNTEERS):
            await tx.members.save(MemberRecord(key(name), f"p-{name}", name.title()))
        for name in MODERATORS:
            await tx.members.save(MemberRecord(key(name), f"p-{name}", name.title(), frozenset({Role.MODERATOR})))
        for name, (cap, span) in VOLUNTEERS.items():
            quiet = tuple(Quiet(day, *span) for day in range(7)) if span else ()
            await tx.volunteers.save(VolunteerSettings(key(name), weekly_cap=cap, quiet=quiet))
        resources: list[Resource] = list(library(INFUSION))
        await tx.resources.put(resources, NOON)


class Townsfolk:
    def __init__(self, square: Square, chance: random.Random) -> None:
        self.acknowledged: dict[str, None] = {}  # keys of facts
        self.asked: dict[str, None] = {}  # texts of acknowledged questions
        self.presses: Counter[tuple[str, str, str]] = Counter()  # (question, event, member), acknowledged or not
        self._square = square
        self._chance = chance
        self._places: dict[str, MessagePosted] = {}  # by question
        self._count = 0

    async def act(self) -> None:
        """Somebody does something."""
        looked_at = [shown for shown in self._square.fresh[-LATELY:] if shown.card.buttons]
        if not looked_at or self._chance.random() < 0.15:
            await self.ask()
            return
        shown = self._chance.choice(looked_at)
        button = self._chance.choice(shown.card.buttons)
        if button.action is Action.EXTEND and self._chance.random() < 0.8:
            await self.answer(button.subject, shown.reader)
        elif button.action in EVENTS:
            await self._press(shown, button)

    async def ask(self) -> None:
        asker, number = self._chance.choice(ASKERS), self._number()
        about = "with school on infusion days" if self._chance.random() < 0.2 else "on long rides"
        text = f"What helps {about}, asked as number {number}?"
        said = MessagePosted(_place(number), member(asker), text, self._square.clock.now())
        self._places[new_id("q", said.place.key)] = said
        await self._do(said)

    async def answer(self, question: str, by: str) -> bool:
        """A real answer, in the thread. Whether it was acknowledged."""
        asked = self._places[question]
        text = "We take a small box of books and games along each time."
        who = member(by.rpartition(":")[2])
        place = _place(self._number(), asked.place.thread)
        return await self._do(MessagePosted(place, who, text, self._square.clock.now()))

    async def helped(self, question: str) -> bool:
        """Its asker says so."""
        return await self._do(self._pressed(Action.HELPED, question, self._places[question].author.key))

    async def _press(self, shown: Shown, button: Button) -> None:
        by = shown.reader or (self._places[button.subject].author.key if button.subject in self._places else "")
        if by:
            await self._do(self._pressed(button.action, button.subject, by))

    def _pressed(self, action: Action, question: str, by: str) -> ButtonPressed:
        self.presses[question, EVENTS[action], by] += 1
        who = member(by.rpartition(":")[2])
        return ButtonPressed(f"press-{self._number()}", action, question, who, self._square.clock.now())

    async def _do(self, event: PlatformEvent) -> bool:
        """Told once; some platforms and people try again when nobody has it, and some tell again what was taken."""
        taken = await self._square.tell(event)
        if not taken and self._chance.random() < 0.5:
            taken = await self._square.tell(event)
        if taken:
            self.took(event)
            if self._chance.random() < 0.1:
                await self._square.tell(event)
        return taken

    def took(self, event: PlatformEvent) -> None:
        """It was acknowledged."""
        self.acknowledged[event.key] = None
        if isinstance(event, MessagePosted) and event.place.opens_thread:
            self.asked[event.text] = None

    def remember(self, other: Townsfolk, acknowledged: int, asked: int) -> None:
        """What was acknowledged there, the first so many; and all that was done."""
        self.acknowledged = dict.fromkeys(list(other.acknowledged)[:acknowledged])
        self.asked = dict.fromkeys(list(other.asked)[:asked])
        self.presses, self._places, self._count = other.presses.copy(), dict(other._places), other._count

    def _number(self) -> str:
        self._count += 1
        return str(self._count)


def _place(number: str, thread: str = "") -> Place:
    return Place("web", "home", "general", number, thread or number)
