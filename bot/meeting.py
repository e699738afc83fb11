"""Members and channels become known with the first that is heard of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bot.around import Judged
from bot.channels import channel_fact
from bot.drills import NOBODY
from bot.events import ButtonPressed, FormSubmitted, Member, MemberChanged, MemberJoined, PlatformEvent
from bot.introducing import Introducing, Said
from bot.people import member_changed
from bot.policy import Mode
from bot.post import InboxRow
from bot.stepping import Stepping
from bot.steps import Steps


class Meeting:
    """`receive` is the desk's front door."""

    def __init__(
        self,
        introducing: Introducing,
        stepping: Stepping,
        default_mode: Mode,
        receive: Callable[[Sequence[PlatformEvent]], Awaitable[None]],
    ) -> None:
        self._introducing = introducing
        self._stepping = stepping
        self._default_mode = default_mode
        self._receive = receive

    async def through_platforms(self, rows: Sequence[InboxRow]) -> None:
        """Names and languages of those who are new, before what they wrote is handled; what can't be kept now comes
        again as a fact of its own."""
        said = await self._introducing.of(row.arrival.event for row in rows)
        if said and not await self._stepping.take(partial(self._learn, said)):
            await self._receive(said)

    async def _learn(self, said: Sequence[Said], steps: Steps) -> None:
        for fact in said:
            if isinstance(fact, MemberChanged):
                await member_changed(fact, steps)
            else:
                await channel_fact(fact, steps, self._default_mode)


async def meet(judged: Sequence[Judged], steps: Steps) -> None:
    """Members seen for the first time become known."""
    seen: list[tuple[Member, str]] = []
    for one in judged:
        event = one.row.arrival.event
        match event:
            case MemberJoined():
                seen.append((event.member, event.name))
            case ButtonPressed() | FormSubmitted():
                seen.append((event.by, ""))
            case _:
                if one.context is not None and one.context.author is None:
                    author = getattr(event, "author", None)
                    if author is not None and author != NOBODY and not getattr(event, "by_bot", False):
                        seen.append((author, ""))
    if seen:
        await steps.tx.members.seen(seen, steps.now)
