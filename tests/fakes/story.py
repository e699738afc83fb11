"""What happens in a community, written down beforehand as facts, so that they can come again and in any order. Each
talk stands for itself: how it ends does not depend on the others."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from bot.cards import Action, Form
from bot.community import Role
from bot.events import (
    ButtonPressed,
    FormSubmitted,
    Member,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    PlatformEvent,
)
from bot.steps import new_id
from tests.fakes.community import INFUSION, Community, library, volunteering
from tests.fakes.mind import CANARY
from tests.fakes.values import NOON, member

VOLUNTEERS = tuple(f"vol{n}" for n in range(12))
MODERATORS = ("moda", "mara")
SHOWN = "School marks infusion days as absence, what can we do?"
LONE = "Does anybody know a good swimming club?"
ANSWER = "We asked the nurse for a short letter."


async def settle_in(home: Community, volunteers: Sequence[str] = VOLUNTEERS) -> None:
    """Volunteers, moderators, one of them for safety, and one resource."""
    for name in volunteers:
        await home.enter(name, volunteer=volunteering(name, weekly_cap=50))
    await home.enter("moda", [Role.MODERATOR])
    await home.enter("mara", [Role.MODERATOR, Role.SAFETY_LEAD])
    await home.shelve(*library(INFUSION))


class Talk:
    """What happens around one message, a fact a turn."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.facts: list[PlatformEvent] = []
        self.asker = f"asker{number}"
        self.place = Place("web", "home", "general", f"m{number}", f"m{number}")
        self.question = new_id("q", self.place.key)
        self._text = text
        self._count = 0

    def begun(self) -> Talk:
        self.facts.append(MessagePosted(self.place, member(self.asker), self._text, self._at()))
        return self

    def replied(self, name: str, text: str = ANSWER) -> Place:
        self._count += 1
        place = Place("web", "home", "general", f"m{self.number}-{self._count}", self.place.message)
        self.facts.append(MessagePosted(place, member(name), text, self._at()))
        return place

    def edited(self, name: str, text: str, place: Place | None = None) -> None:
        self.facts.append(MessageEdited(place or self.place, member(name), text, self._at()))

    def deleted(self, place: Place | None = None) -> None:
        self.facts.append(MessageDeleted(place or self.place, self._at()))

    def pressed(self, name: str, action: Action, subject: str = "") -> None:
        self._count += 1
        press = f"p{self.number}-{self._count}"
        self.facts.append(ButtonPressed(press, action, subject or self.question, member(name), self._at()))

    def sent(self, name: str, form: Form, subject: str, values: dict[str, str]) -> str:
        self._count += 1
        fact = FormSubmitted(f"f{self.number}-{self._count}", form, subject, values, member(name), self._at())
        self.facts.append(fact)
        return fact.key

    def joined(self, who: Member) -> None:
        self.facts.append(MemberJoined(who, who.id.title(), "web:home:general", self._at()))

    def _at(self) -> object:
        return NOON + timedelta(seconds=len(self.facts))


def talk(number: int, chance: random.Random) -> list[PlatformEvent]:
    """One of ten kinds."""
    t = Talk(number, f"{SHOWN if number % 2 else LONE} ({number})")
    first, second = chance.sample(VOLUNTEERS, 2)
    KINDS[number % len(KINDS)](t, first, second)
    return t.facts


def _helped(t: Talk, first: str, _second: str) -> None:
    t.joined(member(t.asker))
    t.begun().pressed(t.asker, Action.ASK_PERSON)
    t.replied(first)
    t.pressed(t.asker, Action.HELPED)
    t.pressed(t.asker, Action.HELPED)


def _taken(t: Talk, first: str, second: str) -> None:
    t.begun().pressed(first, Action.TAKE)
    t.pressed(second, Action.TAKE)
    t.pressed(first, Action.EXTEND)
    t.pressed(first, Action.RELEASE)
    t.pressed(second, Action.TAKE)
    t.replied(second)


def _reworded(t: Talk, first: str, second: str) -> None:
    t.begun().edited(t.asker, f"What helps with the school bus? ({t.number})")
    place = t.replied(first)
    t.edited(first, f"{ANSWER} And a phone call.", place)
    t.deleted(place)
    t.replied(second)


def _deleted(t: Talk, first: str, _second: str) -> None:
    t.begun().replied(first, "Same here")
    t.deleted()
    t.pressed(t.asker, Action.ASK_PERSON)


def _withdrawn(t: Talk, first: str, _second: str) -> None:
    t.begun().pressed(t.asker, Action.WITHDRAW)
    t.pressed(first, Action.TAKE)


def _crisis(t: Talk, *_volunteers: str) -> None:
    t._text = f"My son says he wants to die {CANARY}"
    t.begun()
    alert = new_id("a", f"posted:{t.place.key}")
    t.pressed("mara", Action.ALERT_MINE, alert)
    t.pressed("moda", Action.ALERT_MINE, alert)
    t.pressed("mara", Action.ALERT_RESOLVED, alert)


def _saved(t: Talk, first: str, _second: str) -> None:
    t._text = f"{LONE} ({t.number})"
    t.begun()
    place = t.replied(first)
    values = {"title": f"Clubs {t.number}", "text": "Ask the town hall for its list.", "topics": "school"}
    draft = new_id("d", t.sent("moda", Form.SAVE_RESOURCE, place.key, values))
    t.pressed(first, Action.CONSENT, draft)
    t.pressed("moda", Action.SEND_BACK, draft)


def _two_answers(t: Talk, first: str, second: str) -> None:
    t.begun().replied(first)
    t.replied(second, "Our clinic has a form for exactly that.")
    t.pressed(t.asker, Action.NOT_HELPED)
    t.replied(second, "And the town has a list of clubs.")


def _opened(t: Talk, first: str, _second: str) -> None:
    t.begun().pressed(t.asker, Action.OPEN_RESOURCE, f"{t.question}/r1")
    t.pressed(first, Action.HELPED)  # not theirs: refused
    t.pressed(t.asker, Action.HELPED)


def _private(t: Talk, first: str, _second: str) -> None:
    asked = t.sent(t.asker, Form.ASK, "", {"text": f"{LONE} ({t.number})", "how": "private", "channel": ""})
    question = new_id("q", asked)
    t.pressed(first, Action.TAKE, question)
    t.sent(first, Form.ANSWER, question, {"text": ANSWER})
    t.pressed(t.asker, Action.HELPED, question)


KINDS = (_helped, _taken, _reworded, _deleted, _withdrawn, _crisis, _saved, _two_answers, _opened, _private)


def story(events: int, chance: random.Random) -> list[list[PlatformEvent]]:
    """Talks with at least so many facts together."""
    talks: list[list[PlatformEvent]] = []
    while sum(map(len, talks)) < events:
        talks.append(talk(len(talks), chance))
    return talks


def in_turns(talks: Sequence[Sequence[PlatformEvent]], abreast: int) -> list[list[PlatformEvent]]:
    """So many talks side by side, of each one fact a turn."""
    turns: list[list[PlatformEvent]] = []
    for begin in range(0, len(talks), abreast):
        some = talks[begin : begin + abreast]
        turns += [[t[turn] for t in some if turn < len(t)] for turn in range(max(map(len, some)))]
    return turns


def repeated(facts: Sequence[PlatformEvent], chance: random.Random) -> list[PlatformEvent]:
    """Each one to five times, shuffled."""
    all_of_them = [fact for fact in facts for _ in range(chance.randint(1, 5))]
    chance.shuffle(all_of_them)
    return all_of_them


def kinds_of(facts: Sequence[PlatformEvent]) -> Counter[str]:
    return Counter(type(fact).__name__ for fact in facts)
