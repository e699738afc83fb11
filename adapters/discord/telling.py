"""Answers to one person alone, through the interaction they come from: below what they pressed, or in a window.

The first answer has three seconds, further ones a quarter of an hour. What comes too late goes to them in private, as
does a line of it where the whole has no form there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto

import structlog

from adapters.discord.client import ANSWERED, DiscordApi, Upload
from adapters.discord.commands import as_called
from adapters.discord.inbound_interactions import EPHEMERAL
from adapters.discord.outbound import Json, Rendered, rendered
from adapters.discord.wanted import Whence
from bot.cards import Block, Card, Direct, Text
from bot.ports import DeliveryError, Messenger

SAYS, PROMISES, KEEPS_QUIET, OPENS = 4, 5, 6, 9  # Discord's numbers for the kinds of a first answer
REMEMBERED = 2_000  # interactions whose first answer is known

_log = structlog.get_logger("winwin.discord")


class Stage(Enum):
    """What an interaction was answered with."""

    PROMISED = auto()  # something is to come
    ANSWERED = auto()
    GONE = auto()  # it takes no answer any more


class Telling:
    """Everything here is a courtesy: what fails is noted, and nothing is lost by it."""

    def __init__(self, api: DiscordApi, messenger: Messenger) -> None:
        self._api = api
        self._messenger = messenger
        self._stages: OrderedDict[str, Stage] = OrderedDict()

    def answered(self, whence: Whence) -> bool:
        return whence.interaction in self._stages

    # --- the first answer -------------------------------------------------------------------------------------

    async def promise(self, whence: Whence) -> None:
        """Something is to come, for them alone."""
        await self._first({"type": PROMISES, "data": {"flags": EPHEMERAL}}, Stage.PROMISED, whence)

    async def quietly(self, whence: Whence) -> None:
        """What they pressed has been heard; the card itself will show it."""
        await self._first({"type": KEEPS_QUIET}, Stage.ANSWERED, whence)

    async def window(self, opened: Json, whence: Whence, too_late: str) -> None:
        """Open a modal. One that came too late ends in the line `too_late`."""
        if not await self._first(opened, Stage.ANSWERED, whence):
            await self.line(too_late, whence)

    async def _first(self, answer: Json, then: Stage, whence: Whence) -> bool:
        if self.answered(whence):
            return False
        try:
            await self._api.respond(whence.interaction, whence.token, answer)
        except DeliveryError as error:
            answered = getattr(error, "code", 0) == ANSWERED  # the answer to a try before got lost
            self._note(whence, Stage.ANSWERED if answered else Stage.GONE)
            _log.warning("not_answered", error=str(error))
            return answered
        self._note(whence, then)
        return True

    def _note(self, whence: Whence, stage: Stage) -> None:
        self._stages[whence.interaction] = stage
        while len(self._stages) > REMEMBERED:
            self._stages.popitem(last=False)

    # --- what is said -----------------------------------------------------------------------------------------

    async def line(self, words: str, whence: Whence) -> None:
        await self.card(Card((Text(words),)), whence)

    async def card(self, card: Card, whence: Whence) -> None:
        """Where they are, seen by them alone; in private where Discord gives no other way."""
        card = replace(card, blocks=tuple(_as_called(block, whence.locale) for block in card.blocks))
        await self.messages([rendered(card, self._messenger.link)], card, whence)

    async def messages(self, shown: Sequence[Rendered], instead: Card, whence: Whence) -> str:
        """One under the other; `instead` is what is said in private when the interaction takes nothing any more.
        Returns the id of the first one where it is known."""
        first = ""
        for n, one in enumerate(shown):
            try:
                said = await self._said(body_of(one), whence)
            except DeliveryError as error:
                _log.warning("not_told_there", error=str(error))
                if n == 0:
                    await self._in_private(instead, whence)
                return first
            first = first or said
        return first

    async def redrawn(self, shown: Rendered, whence: Whence) -> None:
        """The message they pressed becomes another."""
        try:
            await self._api.revise_answer(whence.token, changes(body_of(shown)))
        except DeliveryError as error:
            _log.info("not_redrawn", error=str(error))

    async def file(self, content: bytes, name: str, words: str, whence: Whence) -> bool:
        """A file that they alone see, to keep; False when Discord takes none."""
        if not self.answered(whence):
            await self.promise(whence)
        message = body_of(rendered(Card((Text(words),)), self._messenger.link))
        try:
            await self._api.follow_up(whence.token, message, [Upload(name, content)])
        except DeliveryError as error:
            _log.warning("file_not_sent", error=str(error))
            return False
        self._note(whence, Stage.ANSWERED)
        return True

    async def _said(self, message: Json, whence: Whence) -> str:
        """Raises DeliveryError where there is no way left to say it there."""
        stage = self._stages.get(whence.interaction)
        if stage is None:
            if await self._first({"type": SAYS, "data": message}, Stage.ANSWERED, whence):
                return ""
            stage = self._stages.get(whence.interaction)
        if stage is Stage.GONE or stage is None:
            raise DeliveryError("the interaction takes no answer any more", permanent=True)
        if stage is Stage.PROMISED:
            said = await self._api.revise_answer(whence.token, changes(message))
            self._note(whence, Stage.ANSWERED)
        else:
            said = await self._api.follow_up(whence.token, message)
        return str(said.get("id") or "")

    async def _in_private(self, card: Card, whence: Whence) -> None:
        try:
            await self._messenger.send(Direct(whence.member), card, f"told:{whence.interaction}")
        except DeliveryError as error:
            _log.warning("not_told", error=str(error))


def body_of(shown: Rendered) -> Json:
    return {
        "content": shown.content,
        "embeds": shown.embeds,
        "components": shown.components,
        "allowed_mentions": {"parse": []},
        "flags": EPHEMERAL,
    }


def changes(message: Json) -> Json:
    """Who sees a message is said once, when it is made."""
    return {key: value for key, value in message.items() if key != "flags"}


def _as_called(block: Block, locale: str) -> Block:
    """Commands bear the names that this person's Discord shows."""
    return replace(block, text=as_called(block.text, locale)) if isinstance(block, Text) else block
