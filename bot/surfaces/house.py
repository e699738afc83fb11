"""What the surfaces of a chat platform need of the community."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.community import MemberRecord, Topic
from bot.lookups import Lookups
from bot.policy import Mode
from bot.ports import Clock, Store
from bot.wording import Say, say_in


@dataclass(frozen=True, slots=True)
class House:
    """What a platform's surfaces need. `topics` are asked for each time: the library grows."""

    store: Store
    lookups: Lookups
    clock: Clock
    topics: Callable[[], Sequence[Topic]]
    default_mode: Mode = Mode.THREAD
    pages: str = ""  # where members see their pages in the browser, without a slash at its end; empty: nowhere
    replies: bool = False  # whether a message can be answered in the channel itself, beside threads

    async def reader(self, member: str, language: str = "") -> Reader:
        """`language` is what their platform says; what we know of them counts more."""
        async with self.store.read() as tx:
            return Reader(member, (await tx.members.get([member])).get(member), language or "en")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, and in which language."""

    key: str
    record: MemberRecord | None
    usual: str = "en"  # their language where we do not know them yet

    @property
    def language(self) -> str:
        return self.record.language if self.record else self.usual

    @property
    def say(self) -> Say:
        return say_in(self.language)
