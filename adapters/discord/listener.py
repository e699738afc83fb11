"""What comes from Discord: committed first, answered then. A press is answered within three seconds, whatever happens:
a form opens at once, anything else is heard quietly or promised, and goes on in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from adapters.discord.arrivals import Arrivals
from adapters.discord.at_home import AtHomeOnDiscord, handled
from adapters.discord.beside import Beside
from adapters.discord.client import Json
from adapters.discord.holders import Holders
from adapters.discord.identity import id_of, part, word
from adapters.discord.inbound import Heard, heard, refers_to
from adapters.discord.inbound_guilds import AccessChanged, Arrived, Left
from adapters.discord.inbound_interactions import interaction
from adapters.discord.known_town import Asking, KnownTown
from adapters.discord.meant import as_meant
from adapters.discord.opening import Opening
from adapters.discord.orders import Orders
from adapters.discord.references import References
from adapters.discord.telling import Telling
from adapters.discord.town import Kind
from adapters.discord.wanted import Interaction, LookAtBoard, OpenHome, OpenPage, SendSheet, Whence
from bot.cards import Form
from bot.events import FormSubmitted, Member, MemberChanged, PlatformEvent
from bot.news import Notice
from bot.ports import Clock
from bot.question import Refused
from bot.showing import replies
from bot.showing.short_lines import notice_text
from bot.surfaces.house import House
from bot.surfaces.wanted import Explain, OpenSheet, Ordered, ReadResource

Receive = Callable[[Sequence[PlatformEvent]], Awaitable[None]]

COMMITTED = 1.8  # seconds that a press waits to be committed, until something is promised: Discord wants three at most
SPOKEN = frozenset({"en", "es"})  # languages that Discord's own one is taken for
MESSAGES = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"})

_log = structlog.get_logger("winwin.discord")


class Listener:
    """`receive` returns when the facts are committed."""

    def __init__(
        self,
        receive: Receive,
        town: KnownTown,
        asking: Asking,
        house: House,
        telling: Telling,
        opening: Opening,
        orders: Orders,
        home: AtHomeOnDiscord,
        beside: Beside,
        holders: Holders,
        clock: Clock,
    ) -> None:
        self._receive = receive
        self._town = town
        self._asking = asking
        self._house = house
        self._telling = telling
        self._opening = opening
        self._orders = orders
        self._home = home
        self._beside = beside
        self._holders = holders
        self._clock = clock
        self._references = References(house.store)
        self._arrivals = Arrivals(town, house.store, clock)
        self._under_way: set[asyncio.Task[None]] = set()

    async def take(self, name: str, data: Json) -> None:
        """One event of any kind. Raises when what it reports could not be kept."""
        if name == "INTERACTION_CREATE":
            await self._pressed(data)
            return
        if name in MESSAGES:
            await self._ask_first(data)
        thread = await self._thread(name, data) if name in MESSAGES else ""
        found = heard(name, data, self._town, self._clock.now(), thread)
        self._town.learn(name, data)
        facts: list[PlatformEvent] = [fact for one in found for fact in await self._facts(one)]
        facts += await self._holders.facts(name, data)
        if facts:
            await self._receive(facts)

    def report(self, fact: PlatformEvent) -> None:
        """What we have seen ourselves: nobody waits for it."""
        self._later(self._kept(fact))

    async def _kept(self, fact: PlatformEvent) -> None:
        await self._receive([fact])

    async def close(self) -> None:
        """Let what is under way end."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    # --- what is heard ----------------------------------------------------------------------------------------

    async def _facts(self, one: Heard) -> Sequence[PlatformEvent]:
        return await self._arrivals.facts(one) if isinstance(one, Arrived | Left | AccessChanged) else [one]

    async def _ask_first(self, data: Mapping[str, Any]) -> None:
        """What no event told of where this stands, and of who writes in private."""
        guild = id_of(data.get("guild_id"))
        if guild:
            await self._asking.site(id_of(data.get("channel_id")), guild)
        elif author := part(data.get("author")):
            await self._asking.home("" if author.get("bot") else id_of(author.get("id")))

    async def _thread(self, name: str, data: Mapping[str, Any]) -> str:
        """The question a message belongs to that stands in a text channel itself."""
        channel = id_of(data.get("channel_id"))
        site = self._town.site(channel)
        if site is None or site.kind is not Kind.TEXT:
            return ""
        if name == "MESSAGE_DELETE":
            return await self._references.answered(site.guild, channel, id_of(data.get("id")))
        author = id_of(part(part(data.get("referenced_message")).get("author")).get("id"))
        return await self._references.question_of(site.guild, channel, refers_to(data), author)

    # --- what is pressed --------------------------------------------------------------------------------------

    async def _pressed(self, data: Json) -> None:
        self._town.learn("INTERACTION_CREATE", data)
        if not id_of(data.get("guild_id")):
            await self._asking.home(id_of(part(data.get("user")).get("id")))
        wanted = interaction(data, self._clock.now(), self._town)
        whence = wanted.whence if wanted is not None else _whence(data, self._clock)
        if whence is None:
            return
        try:
            if wanted is not None:
                await self._interaction(wanted)
        except Exception:
            reader = await self._house.reader(whence.member.key, whence.language)
            await self._telling.line(replies.too_late(reader.say), whence)
            raise
        if not self._telling.answered(whence):
            await self._gone(whence)

    async def _interaction(self, wanted: Interaction) -> None:
        whence = wanted.whence
        if not await self._holders.as_now(whence):
            reader = await self._house.reader(whence.member.key, whence.language)
            await self._telling.line(replies.too_late(reader.say), whence)
            return
        whole = await as_meant(wanted, self._house.store)
        if whole is None:
            await self._gone(whence)
            return
        try:
            ready = await self._completed(whole)
        except Refused as refused:
            reader = await self._house.reader(whence.member.key, whence.language)
            await self._telling.line(notice_text(refused.notice, "", reader.say), whence)
            return
        if ready is None:
            return
        for fact in ready.facts:
            if isinstance(fact, FormSubmitted) and await self._opening.put_right(fact, whence):
                return
        keys = [fact.key for fact in ready.facts]
        self._beside.expect(keys, whence)
        if ready.facts:
            await self._committed(ready.facts, whence)
        self._beside.answered(keys, thanked=await self._opened(ready))
        if ready.facts:
            self._redrawn(ready)
        if any(isinstance(fact, FormSubmitted) and fact.form == Form.ROLES for fact in ready.facts):
            self._later(self._trusted(whence))
        self._later(self._language(whence))

    async def _completed(self, wanted: Interaction) -> Interaction | None:
        """With all fields of a form that came in pages; None when it is not to be sent yet. Raises Refused."""
        whence = wanted.whence
        if isinstance(wanted.opens, SendSheet):
            fact = await self._opening.sent(wanted.opens, whence)
            return replace(wanted, facts=(fact,)) if fact is not None else None
        form = wanted.facts[0] if wanted.facts else None
        if not isinstance(form, FormSubmitted) or wanted.page is None:
            return wanted
        form = await self._opening.whole(form, whence)
        if await self._opening.collected(form, whence):
            await self._telling.quietly(whence)
            self._later(self._opening.redraw(form, whence))
            return None
        return replace(wanted, facts=(form,))

    async def _committed(self, facts: Sequence[PlatformEvent], whence: Whence) -> None:
        committing = asyncio.ensure_future(self._receive(facts))
        await asyncio.wait({committing}, timeout=COMMITTED)
        if not committing.done():
            await self._telling.promise(whence)
        await committing

    async def _opened(self, wanted: Interaction) -> bool:
        """Returns whether they were told that it came, and no more."""
        whence = wanted.whence
        match wanted.opens:
            case None | SendSheet():
                if whence.message and not self._telling.answered(whence):
                    await self._telling.quietly(whence)
                else:
                    reader = await self._house.reader(whence.member.key, whence.language)
                    await self._telling.line(replies.got_it(reader.say), whence)
                    return True
            case Ordered() as order:
                await self._telling.promise(whence)
                self._later(self._orders.carry_out(order, whence))
            case OpenHome(page):
                await self._telling.quietly(whence)
                self._later(self._home.turned(page, whence))
            case LookAtBoard(looking):
                await self._telling.quietly(whence)
                self._later(self._home.looked(looking, whence))
            case OpenSheet() | OpenPage() | ReadResource() | Explain() as opens:
                await self._opening.open(opens, whence)
        return False

    def _redrawn(self, wanted: Interaction) -> None:
        """What they pressed it on shows what is true now, where it is theirs alone."""
        fact = wanted.facts[0]
        if isinstance(fact, FormSubmitted) and wanted.page is not None:
            self._later(self._opening.redraw(fact, wanted.whence))
        elif isinstance(wanted.opens, SendSheet):
            self._later(self._opening.settled(wanted.whence))
        elif wanted.whence.alone:
            self._later(self._home.changed(wanted.whence))

    async def _language(self, whence: Whence) -> None:
        """Discord says somebody's language with what they press, and nowhere else."""
        reader = await self._house.reader(whence.member.key, whence.language)
        if reader.record is None or whence.language not in SPOKEN - {reader.language}:
            return
        await self._receive(
            [
                MemberChanged(
                    whence.member, "", "", whence.language, deactivated=False, guest=False, bot=False, at=whence.at
                )
            ]
        )

    async def _trusted(self, whence: Whence) -> None:
        """Other roles are trusted now: see who has them."""
        await handled(self._house, whence.member)
        self._holders.gap([whence.member.space])
        await self._holders.step()

    async def _gone(self, whence: Whence) -> None:
        """A button of long ago, or a command that is none of ours any more."""
        reader = await self._house.reader(whence.member.key, whence.language)
        await self._telling.line(notice_text(Notice.GONE, "", reader.say), whence)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_recorded(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


def _whence(data: Mapping[str, Any], clock: Clock) -> Whence | None:
    """Enough to answer something that nobody understands."""
    user = part(part(data.get("member")).get("user")) or part(data.get("user"))
    own, token, guild = id_of(data.get("id")), word(data.get("token")), id_of(data.get("guild_id"))
    if not own or not token:
        return None
    member = Member("discord", guild, id_of(user.get("id")))
    return Whence(member, guild, clock.now(), own, token, locale=word(data.get("locale")))


async def _recorded(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # nobody waits for it: what was committed stays, and they can ask again
        _log.exception("discord_work_broke")
