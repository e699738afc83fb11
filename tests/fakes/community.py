"""A small community around a real HelpDesk: fakes outside, the core inside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from adapters.storage.memory import MemoryStore
from bot.cards import Action, Button, Form
from bot.community import MemberRecord, Role, Topic, VolunteerSettings
from bot.digesting import Digests
from bot.events import (
    BotInvited,
    BotRemoved,
    ButtonPressed,
    ChannelRenamed,
    FormSubmitted,
    Member,
    MemberChanged,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    PlatformEvent,
)
from bot.following import Following
from bot.helpdesk import HelpDesk, House, Outside
from bot.judging import Judge
from bot.librarian import Librarian
from bot.lookups import Lookups
from bot.policy import Mode, Policy
from bot.ports import Directory, Store
from bot.question import Question
from bot.safety.helplines import Helpline
from bot.safety.triage import Triage
from bot.steps import new_id
from bot.thanking import Thanking
from knowledge.resources import Resource
from knowledge.search import Library
from tests.fakes.clock import MovableClock
from tests.fakes.messenger import RecordingMessenger, Shown
from tests.fakes.mind import DIMENSION, ToyConfidence, ToyEar, ToyModel, ToyTriage
from tests.fakes.painter import RecordingPainter
from tests.fakes.values import key, member

TICK = timedelta(minutes=5)
GENERAL = "web:home:general"


class Standing:
    """See bot.ports.Reader: what people have written, as it stands. `failures` are raised instead, one a try."""

    def __init__(self) -> None:
        self.stands: dict[Place, MessagePosted] = {}
        self.failures: list[Exception] = []

    async def message(self, place: Place) -> MessagePosted | None:
        if self.failures:
            raise self.failures.pop(0)
        return self.stands.get(place)


class ButtonMissingError(AssertionError):
    """Nobody can press what is not there."""


@dataclass
class Community:
    """`store` outlives a crash; everything else is made anew by `restart`."""

    store: Store = field(default_factory=MemoryStore)
    clock: MovableClock = field(default_factory=MovableClock)
    policy: Policy = field(default_factory=Policy)
    mode: Mode = Mode.THREAD
    helplines: tuple[Helpline, ...] = ()
    model: ToyModel = field(default_factory=ToyModel)
    judge_class: type[Judge] = Judge
    painter: RecordingPainter = field(default_factory=RecordingPainter)
    show_all: bool = True
    platforms: tuple[str, ...] = ("web",)  # those that are connected
    directories: dict[str, Directory] = field(default_factory=dict)
    country: str = ""
    scan_opted_out: bool = True
    triage: Triage = field(default_factory=ToyTriage)  # type: ignore[assignment]  # a fake of the same shape
    _count: int = 0

    def __post_init__(self) -> None:
        self.messenger = RecordingMessenger(self.clock)
        self.reader = Standing()
        self.desk, self.librarian = self._made()

    def _made(self) -> tuple[HelpDesk, Librarian]:
        triage = self.triage
        library = Library(DIMENSION, ToyConfidence())  # type: ignore[arg-type]  # a fake of the same shape
        librarian = Librarian(library, self.model, "toy", self.store)
        judge = self.judge_class(triage, librarian, self.model, self.policy, ToyEar())  # type: ignore[arg-type]
        mouths = dict.fromkeys(self.platforms, self.messenger)
        self.digests = Digests(
            self.store, self.clock, self.model, self.painter, self.policy, "Europe/Madrid", show_all=self.show_all
        )
        self.following = Following(self.store, self.clock, self.policy)
        self.thanking = Thanking(self.store, self.clock, self.policy)
        outside = Outside(
            self.store,
            self.clock,
            mouths,
            triage,
            judge,
            librarian,
            self.helplines,
            self.digests,  # type: ignore[arg-type]
            self.directories,
            dict.fromkeys(self.platforms, self.reader),
        )
        scan, country = self.scan_opted_out, self.country
        desk = HelpDesk(outside, House(self.policy, self.mode, community="home", country=country, scan_opted_out=scan))
        topics = (Topic("school", "School"),)
        self.lookups = Lookups(
            self.store,
            librarian,
            judge,
            self.clock,
            self.policy,
            topics,
            desk.receive,
            self.helplines,
            self.mode,
            self.country,
        )
        return desk, librarian

    async def open(self) -> None:
        await self.librarian.open()
        await self.desk.open()

    async def close(self) -> None:
        await self.desk.close()

    async def restart(self) -> None:
        """As after a crash: what was in memory is gone."""
        await self.desk.close()
        self.desk, self.librarian = self._made()
        await self.open()

    # --- who is there, and what is known ------------------------------------------------------------------

    async def enter(
        self,
        name: str,
        roles: Iterable[Role] = (),
        volunteer: VolunteerSettings | None = None,
        **facts: object,
    ) -> None:
        record = MemberRecord(key(name), f"p-{name}", name.partition("@")[0].title(), frozenset(roles))
        async with self.store.begin() as tx:
            await tx.members.save(replace(record, **facts))  # type: ignore[arg-type]
            if volunteer is not None:
                await tx.volunteers.save(volunteer)

    async def shelve(self, *resources: Resource) -> None:
        async with self.store.begin() as tx:
            await tx.resources.put(resources, self.clock.now())
        await self.librarian.put(resources)

    # --- what people do -----------------------------------------------------------------------------------

    def _number(self) -> str:
        self._count += 1
        return str(self._count)

    def posted(
        self, name: str, text: str, thread: str = "", *, direct: bool = False, bot: bool = False
    ) -> MessagePosted:
        number = self._number()
        channel = f"dm-{name}" if direct else "general"
        place = Place("web", "home", channel, number, thread or number)
        return MessagePosted(place, member(name), text, self.clock.now(), by_bot=bot, direct=direct)

    async def say(self, name: str, text: str, thread: str = "", *, direct: bool = False) -> MessagePosted:
        event = self.posted(name, text, thread, direct=direct)
        self.reader.stands[event.place] = event
        await self.receive(event)
        return event

    async def edit(self, message: MessagePosted, text: str) -> None:
        edited = MessageEdited(message.place, message.author, text, self.clock.now(), direct=message.direct)
        self.reader.stands[message.place] = replace(message, text=text)
        self.clock.move(timedelta(seconds=1))
        await self.receive(edited)

    async def delete(self, message: MessagePosted) -> None:
        self.reader.stands.pop(message.place, None)
        await self.receive(MessageDeleted(message.place, self.clock.now()))

    def pressed(self, name: str, action: Action, subject: str) -> ButtonPressed:
        return ButtonPressed(f"press-{self._number()}", action, subject, member(name), self.clock.now())

    async def press(self, name: str, label: str) -> ButtonPressed:
        """The button of this label on the newest card that the person sees."""
        button = self.button(name, label)
        event = self.pressed(name, button.action, button.subject)
        await self.receive(event)
        return event

    async def force(self, name: str, action: Action, subject: str) -> None:
        """Pressed although nothing shows the button: an old card, a forged request."""
        await self.receive(self.pressed(name, action, subject))

    async def submit(self, name: str, form: Form, subject: str, values: dict[str, str]) -> FormSubmitted:
        event = FormSubmitted(f"form-{self._number()}", form, subject, values, member(name), self.clock.now())
        await self.receive(event)
        return event

    async def ask(self, name: str, text: str, how: str = "private", channel: str = GENERAL) -> str:
        """Through the form; returns the id the question has, if one was made."""
        event = await self.submit(name, Form.ASK, "", {"text": text, "how": how, "channel": channel})
        return new_id("q", event.key)

    async def change(self, who: str, **facts: object) -> None:
        """What the platform says of a member now."""
        changed = MemberChanged(member(who), "", "", "", False, False, False, self.clock.now())
        await self.receive(replace(changed, **facts))  # type: ignore[arg-type]

    async def invite(self, by: str = "moda", channel: str = GENERAL, name: str = "general") -> None:
        at = self._later()
        await self.receive(BotInvited(Place(*channel.split(":"), "", ""), name, member(by), at))

    async def open_to_all(self, channel: str = GENERAL, *, public: bool = True) -> None:
        """The platform says that everybody there may read the channel, or that only some may."""
        await self.receive(ChannelRenamed(channel, "general", self._later(), public))

    async def remove(self, channel: str = GENERAL) -> None:
        await self.receive(BotRemoved(channel, self._later()))

    def _later(self) -> datetime:
        self.clock.move(timedelta(seconds=1))
        return self.clock.now()

    async def receive(self, *events: PlatformEvent) -> None:
        await self.desk.receive(events)
        await self.desk.settle()

    async def wait(self, **how_long: float) -> None:
        """Time goes by, with the ticks that a scheduler would give."""
        left = timedelta(**how_long)
        while left > timedelta(0):
            step = min(left, TICK)
            self.clock.move(step)
            left -= step
            await self.desk.settle()

    # --- what can be seen ---------------------------------------------------------------------------------

    def sees(self, name: str) -> list[Shown]:
        return self.messenger.seen(member(name))

    def last(self, name: str) -> str:
        """The words of the card for this person alone that changed last."""
        who = member(name)
        mine = [s for s in self.sees(name) if getattr(s.to, "member", None) == who]
        return mine[-1].words if mine else ""

    def public(self) -> str:
        """The words of the card for everybody that changed last."""
        for_all = self.messenger.seen(member("nobody"))
        return for_all[-1].words if for_all else ""

    def private(self, name: str) -> list[str]:
        """The words of the cards for one person alone, in the order they were sent."""
        who: Member = member(name)
        return [s.words for s in self.messenger.shown if getattr(s.to, "member", None) == who]

    def button(self, name: str, label: str) -> Button:
        for shown in reversed(self.sees(name)):
            for button in shown.card.buttons:
                if button.label == label:
                    return button
        raise ButtonMissingError(f"{name} sees no button “{label}”")

    async def question(self, message: MessagePosted) -> Question:
        async with self.store.read() as tx:
            return (await tx.questions.in_threads([message.place.thread_key]))[message.place.thread_key]

    async def question_of(self, question_id: str) -> Question | None:
        async with self.store.read() as tx:
            return await tx.questions.get(question_id)

    async def behaviours(self) -> list[tuple[str, str]]:
        """(behaviour, who) of everything that was logged, oldest first."""
        async with self.store.read() as tx:
            return [(row.behaviour, row.member.rsplit(":", 1)[-1]) for row in await tx.engagement.all()]


def volunteering(name: str, **facts: object) -> VolunteerSettings:
    return replace(VolunteerSettings(key(name)), **facts)  # type: ignore[arg-type]


def library(*pairs: tuple[str, str]) -> Sequence[Resource]:
    """Published resources, by (title, text)."""
    return [Resource(f"r{n}", title, text, topics=("school",)) for n, (title, text) in enumerate(pairs, 1)]


INFUSION = ("Infusion days and school", "A letter about school absence on infusion days: ask for excused days.")


async def peopled(community: Community) -> Community:
    """Dana asks; Tess and Kofi are volunteer parents, Cleo is a clinician, Moda and Mara moderate, Olu is the owner."""
    await community.enter("dana")
    await community.enter("ben")
    await community.enter("tess", volunteer=volunteering("tess", topics=frozenset({"school"})))
    await community.enter("kofi", volunteer=volunteering("kofi"))
    await community.enter("cleo", [Role.CLINICIAN])
    await community.enter("moda", [Role.MODERATOR])
    await community.enter("mara", [Role.MODERATOR, Role.SAFETY_LEAD])
    await community.enter("olu", [Role.OWNER])
    await community.shelve(*library(INFUSION))
    return community
