"""A platform that remembers what it shows to whom, and that can be made to fail."""

from dataclasses import dataclass, field, replace

from bot.cards import BESIDE, Address, Card, Direct, InThread, Link, OnlyFor, Posted, Quote, ResourceShown, Text
from bot.events import Member, Place
from bot.ports import Clock, DeliveryError


def words_of(card: Card) -> str:
    """Everything a reader sees of a card but its buttons, a line a block."""
    return "\n".join(_line(block) for block in card.blocks)


def _line(block: Text | Quote | ResourceShown | Link) -> str:
    match block:
        case Text():
            return block.text
        case Quote():
            return f"“{block.text}”"
        case ResourceShown():
            return "\n".join(part for part in (block.title, block.summary, block.facts) if part)
        case Link():
            return f"[{block.label}]"


@dataclass(frozen=True)
class Shown:
    """One card as it stands now. `changed` grows with every card shown or changed."""

    to: Address
    card: Card
    key: str
    posted: Posted
    changed: int

    @property
    def words(self) -> str:
        return words_of(self.card)

    def seen_by(self, member: Member) -> bool:
        match self.to:
            case InThread():
                return True
            case OnlyFor() | Direct():
                return self.to.member == member


@dataclass
class RecordingMessenger:
    """See bot.ports.Messenger. The same key again shows nothing new, as a good platform does; `sends` and `tried` hold
    one entry a try.

    `failures` are raised instead, one a try, and then it works; `broken_for` are members nothing reaches.
    """

    clock: Clock
    platform: str = "web"
    shown: list[Shown] = field(default_factory=list)
    sends: list[str] = field(default_factory=list)
    tried: list[int] = field(default_factory=list)  # what each of them was told of the tries before
    failures: list[Exception] = field(default_factory=list)
    stuck: bool = False  # nothing that was said can be changed just now
    broken_for: set[Member] = field(default_factory=set)
    pictures: dict[str, tuple[bytes, str]] = field(default_factory=dict)  # by message: (png, alt)
    _changes: int = 0

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        self.sends.append(key)
        self.tried.append(tried)
        if self.failures:
            raise self.failures.pop(0)
        if isinstance(to, Direct | OnlyFor) and to.member in self.broken_for:
            raise DeliveryError("they take no messages", permanent=True)
        known = next((s for s in self.shown if s.key == key), None)
        if known is not None:
            return known.posted
        self._changes += 1
        platform = to.place.platform if isinstance(to, InThread) else to.member.platform
        posted = Posted(platform, _space(to), _channel(to), f"bot-{self._changes}", self.clock.now())
        self.shown.append(Shown(to, card, key, posted, self._changes))
        return posted

    async def send_picture(
        self,
        to: Address,
        card: Card,
        png: bytes,
        alt: str,
        key: str,
        *,
        tried: int = 0,
    ) -> Posted:
        posted = await self.send(to, card, key, tried=tried)
        self.pictures[posted.message] = (png, alt)
        return posted

    async def revise(self, posted: Posted, card: Card) -> None:
        if self.failures:
            raise self.failures.pop(0)
        if self.stuck:
            raise DeliveryError("the platform is slow", permanent=False)
        number = next((n for n, s in enumerate(self.shown) if s.posted == posted), None)
        if number is None:
            raise DeliveryError("that card is gone", permanent=True)
        self._changes += 1
        self.shown[number] = replace(self.shown[number], card=card, changed=self._changes)

    def link(self, place: Place) -> str:
        return f"https://example.org/{place.key}"

    def seen(self, member: Member) -> list[Shown]:
        """What a member sees of the bot, the card that changed last at the end."""
        return sorted((s for s in self.shown if s.seen_by(member)), key=lambda s: s.changed)


def _space(to: Address) -> str:
    return f"home{BESIDE}" if isinstance(to, OnlyFor) else "home"


def _channel(to: Address) -> str:
    return f"dm-{to.member.id}" if isinstance(to, Direct) else to.place.channel
