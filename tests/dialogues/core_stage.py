"""The core alone, on storage in memory: no platform, no model, no waiting."""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from bot.cards import Action, Form
from bot.community import Channel, Role, VolunteerSettings
from bot.events import MessagePosted
from bot.policy import Mode
from bot.routing import Kind, Quiet
from knowledge.resources import Resource
from tests.dialogues.stage import Person, Seen, Setting
from tests.fakes.community import GENERAL, Community
from tests.fakes.mind import ToyModel, ToyTriage
from tests.fakes.values import key, member


class CoreStage:
    """See Stage."""

    triage: Any = ToyTriage()
    model = ToyModel()

    def __init__(self) -> None:
        self._messages: dict[str, MessagePosted] = {}

    async def open(self, setting: Setting) -> None:
        self._home = Community(mode=Mode(setting.mode), triage=self.triage, model=self.model)
        self.store = self._home.store
        async with self.store.begin() as tx:  # a channel that everybody may read, as on the platforms
            await tx.channels.save(Channel(GENERAL, "general", Mode(setting.mode), public=True))
        for person in setting.people:
            await self._enter(person)
        await self._home.shelve(*(_resource(row) for row in setting.library))
        await self._home.open()

    async def close(self) -> None:
        await self._home.close()

    async def post(self, who: str, text: str, thread: str = "", *, private: bool = False) -> str:
        event = await self._home.say(who, text, thread, direct=private)
        self._messages[event.place.message] = event
        return event.place.message

    async def edit(self, who: str, message: str, text: str) -> None:
        await self._home.edit(self._messages[message], text)

    async def delete(self, who: str, message: str) -> None:
        await self._home.delete(self._messages[message])

    async def press(self, who: str, label: str) -> None:
        await self._home.press(who, label)

    async def save(self, who: str, message: str, values: Mapping[str, str]) -> None:
        await self._home.submit(who, Form.SAVE_RESOURCE, self._messages[message].place.key, dict(values))

    async def answer(self, who: str, text: str) -> None:
        subject = self._home.button(who, "Write an answer").subject
        await self._home.submit(who, Form.ANSWER, subject, {"text": text})

    async def ask(self, who: str, text: str, *, nameless: bool) -> str:
        question_id = await self._home.ask(who, text, "anonymous" if nameless else "private")
        question = await self._home.question_of(question_id)
        return question.place.thread if question else ""

    async def write_back(self, who: str, text: str) -> None:
        subject = self._home.button(who, "Write back").subject
        await self._home.submit(who, Form.WRITE_BACK, subject, {"text": text})

    async def hand_over(self, who: str, to: str) -> None:
        subject = self._home.button(who, "Hand it to somebody").subject
        await self._home.submit(who, Form.HAND_OVER, subject, {"to": key(to)})

    async def invite(self, by: str) -> None:
        await self._home.invite(by)

    async def deactivate(self, who: str) -> None:
        await self._home.change(who, deactivated=True)

    async def wait(self, how_long: timedelta) -> None:
        await self._home.wait(seconds=how_long.total_seconds())

    async def restart(self) -> None:
        await self._home.restart()

    async def forget(self, who: str) -> None:
        """Everything of theirs is erased, as they asked."""
        await self._home.force(who, Action.FORGET_ME, key(who))

    async def sees(self, who: str) -> Sequence[Seen]:
        return [
            Seen(s.words, tuple(b.label for b in s.card.buttons), alone=getattr(s.to, "member", None) == member(who))
            for s in self._home.sees(who)
        ]

    async def _enter(self, person: Person) -> None:
        settings = None
        if person.volunteer:
            settings = VolunteerSettings(
                key(person.name),
                Kind(person.volunteer),
                frozenset(person.topics),
                frozenset({person.language}),
                quiet=_nights(person.quiet),
                weekly_cap=person.cap,
            )
        roles = [Role(role) for role in person.roles]
        await self._home.enter(person.name, roles, settings, language=person.language)


def _resource(row: Mapping[str, str]) -> Resource:
    topics = tuple(t for t in row.get("topics", "").split(",") if t)
    return Resource(row["id"], row["title"], row["text"], topics=topics, medical=row.get("medical") == "yes")


def _nights(quiet: str) -> tuple[Quiet, ...]:
    if not quiet:
        return ()
    start, end = (time.fromisoformat(part) for part in quiet.split("-"))
    return tuple(Quiet(day, start, end) for day in range(7))
