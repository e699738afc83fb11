"""The bot's mouth on Slack. What it says carries its key unseen, so that a look into the channel finds it again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from adapters.slack.client import NO_DIRECT, PASSING, SlackApi, SlackRefusal
from adapters.slack.figures import Figures
from adapters.slack.identity import PLATFORM
from adapters.slack.inbound import when
from adapters.slack.installations import Installations, Installed
from adapters.slack.outbound import Rendered, rendered, words_marked
from adapters.slack.posting import Picture, Posting, TwiceUnseenError
from bot.cards import ALONE, Address, Card, Direct, InThread, OnlyFor, Posted
from bot.events import Member, Place
from bot.ports import Clock, DeliveryError

FRESH = timedelta(minutes=10)  # after that somebody who wrote may be away, and would never see an ephemeral message
USABLE = timedelta(minutes=29)  # how long a response_url works
REMEMBERED = 2_000  # response_urls and open conversations kept at most

_log = structlog.get_logger("winwin.slack")


class SlackMessenger:
    """See bot.ports.Messenger."""

    def __init__(
        self, api: SlackApi, installations: Installations, clock: Clock, figures: Figures | None = None
    ) -> None:
        self._api = api
        self._posting = Posting(api, clock, figures or Figures())
        self._installations = installations
        self._clock = clock
        self._conversations: OrderedDict[str, tuple[Installed, str]] = OrderedDict()
        self._answerable: OrderedDict[tuple[str, str], tuple[str, datetime]] = OrderedDict()
        self._addresses: dict[str, str] = {}
        self.elsewhere: Callable[[Place], str] = lambda _: ""  # where people open what stands on another platform

    async def send(self, to: Address, card: Card, key: str, *, tried: int = 0) -> Posted:
        match to:
            case InThread(place):
                installed = await self._of_space(place.space)
                return await self._post(installed, place.channel, card, key, tried, thread=place.thread)
            case OnlyFor(place, member):
                return await self._only_for(place, member, card, key, tried)
            case Direct(member):
                return await self._direct(member, card, key, tried)

    async def send_picture(self, to: Address, card: Card, png: bytes, alt: str, key: str, *, tried: int = 0) -> Posted:
        """One message with the card's words and the picture under them; where no file may be sent, the card alone."""
        installed, channel, thread = await self.where(to)
        picture = Picture(png, alt, words_marked(card, self.link))
        try:
            ts = await self._posting.picture(installed, channel, picture, key, thread=thread, tried=tried)
        except SlackRefusal as refused:
            if refused.code in PASSING:
                raise
            _log.warning("picture_refused", code=refused.code)
            return await self.send(to, card, key, tried=tried)
        return Posted(PLATFORM, installed.workspace.space, channel, ts or key, when(ts) or self._clock.now())

    async def revise(self, posted: Posted, card: Card) -> None:
        installed = await self._of_space(posted.space)
        shown = rendered(card, self.link)
        if posted.message.startswith(ALONE):
            await self._revise_alone(installed, posted, shown, quiet=card.quiet)
            return
        await self._api.call(
            "chat.update",
            installed.token,
            channel=posted.channel,
            ts=posted.message,
            text=shown.text,
            blocks=shown.blocks,
        )

    def link(self, place: Place) -> str:
        """Where people open a message. It needs nothing from Slack, so it can stand in any card."""
        if place.platform != PLATFORM:
            return self.elsewhere(place)
        if not place.channel:
            return ""
        home = self._addresses.get(place.space, "https://slack.com/")
        thread = f"?thread_ts={place.thread}&cid={place.channel}" if not place.opens_thread else ""
        return f"{home}archives/{place.channel}/p{place.message.replace('.', '')}{thread}"

    def answer_through(self, response_url: str, channel: str, message: str) -> None:
        """Somebody pressed a button of a message only they see: for half an hour it can be changed through this."""
        self._answerable[channel, message] = (response_url, self._clock.now() + USABLE)
        while len(self._answerable) > REMEMBERED:
            self._answerable.popitem(last=False)

    def greet(self, installed: Installed) -> None:
        """Take note of where people open a workspace."""
        if installed.address:
            address = installed.address if installed.address.endswith("/") else f"{installed.address}/"
            self._addresses[installed.workspace.space] = address

    async def where(self, to: Address) -> tuple[Installed, str, str]:
        """The installation, the channel and the thread of an address; what is for one person alone goes in private."""
        match to:
            case InThread(place):
                return await self._of_space(place.space), place.channel, place.thread
            case OnlyFor(_, member) | Direct(member):
                return *await self._conversation(member), ""

    # --- where it goes ----------------------------------------------------------------------------------------

    async def _only_for(self, place: Place, member: Member, card: Card, key: str, tried: int) -> Posted:
        """Where they wrote a moment ago, seen by them alone; else, or when Slack will not, in private."""
        wrote = when(place.message)
        if wrote is None or self._clock.now() - wrote > FRESH:
            return await self._direct(member, card, key, tried)
        installed = await self._of_space(place.space)
        shown = rendered(card, self.link)
        thread = place.thread if not place.opens_thread else None
        try:
            ts = await self._posting.alone(
                installed, place.channel, member.id, shown, key, thread=thread or "", tried=tried
            )
        except TwiceUnseenError:
            return await self._direct(member, card, key, tried)
        except DeliveryError as error:
            if not error.permanent:
                raise
            return await self._direct(member, card, key, tried)
        message = f"{ALONE}{ts or key}-{member.id}"
        return Posted(PLATFORM, installed.workspace.space, place.channel, message, self._clock.now())

    async def _revise_alone(self, installed: Installed, posted: Posted, shown: Rendered, *, quiet: bool) -> None:
        """An ephemeral message is changed through the press of one of its buttons. Otherwise what is news is shown once
        more, and what only tidies up is left: it goes by itself, and its buttons say that it is settled."""
        ts, _, user = posted.message.removeprefix(ALONE).rpartition("-")
        url, until = self._answerable.get((posted.channel, ts), ("", self._clock.now()))
        if url and self._clock.now() <= until:
            await self._api.respond(url, {"replace_original": True, "text": shown.text, "blocks": shown.blocks})
            return
        if quiet:
            raise DeliveryError("a message that only one person sees can't be changed any more", permanent=True)
        await self._api.call(
            "chat.postEphemeral",
            installed.token,
            channel=posted.channel,
            user=user,
            text=shown.text,
            blocks=shown.blocks,
        )

    async def _direct(self, member: Member, card: Card, key: str, tried: int) -> Posted:
        installed, channel = await self._conversation(member)
        try:
            return await self._post(installed, channel, card, key, tried)
        except SlackRefusal as refused:
            if refused.code == "channel_not_found":
                self._conversations.pop(member.key, None)
            raise

    async def _conversation(self, member: Member) -> tuple[Installed, str]:
        """The private conversation with somebody. A stranger from another organisation is looked for through every
        installation."""
        if member.key in self._conversations:
            return self._conversations[member.key]
        refused: DeliveryError | None = None
        for installed in await self._reaching(member.space):
            try:
                opened = await self._api.call("conversations.open", installed.token, users=member.id)
            except SlackRefusal as error:
                if error.code not in NO_DIRECT:
                    raise
                refused = error
                continue
            channel = opened.get("channel")
            found = str(channel.get("id") or "") if isinstance(channel, dict) else ""
            self._conversations[member.key] = installed, found or member.id
            while len(self._conversations) > REMEMBERED:
                self._conversations.popitem(last=False)
            return self._conversations[member.key]
        raise refused or DeliveryError(f"no workspace reaches {member.space}", permanent=True)

    async def _reaching(self, space: str) -> list[Installed]:
        found = list(await self._installations.all())
        own = [one for one in found if one.workspace.space == space]
        if not found:
            raise DeliveryError("the bot is not installed in any workspace now", permanent=False)
        return own or found

    async def _of_space(self, space: str) -> Installed:
        for installed in await self._installations.all():
            if installed.workspace.space == space:
                return installed
        raise DeliveryError(f"the bot is not installed in {space} now", permanent=False)

    # --- posting ----------------------------------------------------------------------------------------------

    async def _post(
        self, installed: Installed, channel: str, card: Card, key: str, tried: int, thread: str = ""
    ) -> Posted:
        shown = rendered(card, self.link)
        where, ts = await self._posting.post(installed, channel, shown, key, thread=thread, tried=tried)
        return Posted(PLATFORM, installed.workspace.space, where, ts, when(ts) or self._clock.now())
