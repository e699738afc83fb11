"""Answers to one person alone: under the command or the button they used, in private, or in a window that opens."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from adapters.slack.client import Json, SlackApi
from adapters.slack.installations import Installations, Installed
from adapters.slack.markup import escaped
from adapters.slack.messenger import SlackMessenger
from adapters.slack.outbound import rendered, words_alone
from adapters.slack.outbound_home import item_blocks
from adapters.slack.wanted import Whence
from bot.cards import Card, Direct, Text
from bot.ports import DeliveryError
from bot.showing.home import Item

_log = structlog.get_logger("winwin.slack")


class Telling:
    """Everything here is a courtesy: what fails is noted, and nothing is lost by it."""

    def __init__(self, api: SlackApi, installations: Installations, messenger: SlackMessenger) -> None:
        self._api = api
        self._installations = installations
        self._messenger = messenger

    async def line(self, words: str, whence: Whence) -> None:
        await self.card(Card((Text(words),)), whence)

    async def card(self, card: Card, whence: Whence) -> None:
        """Where they are, seen by them alone; in private where Slack gives no other way."""
        await self._said(card, rendered(card, self._messenger.link).blocks, whence)

    async def items(self, items: Sequence[Item], whence: Whence) -> None:
        """The same, one card under the other, each with the forms it opens."""
        whole = Card(tuple(block for item in items for block in item.card.blocks))
        shown = [item_blocks(item, self._messenger.link) for item in items]
        await self._said(whole, [block for blocks in shown for block in blocks], whence)

    async def _said(self, card: Card, blocks: list[Json], whence: Whence) -> None:
        message: Json = {"response_type": "ephemeral", "replace_original": False, "text": words_alone(card)}
        try:
            if whence.response_url:
                await self._api.respond(whence.response_url, {**message, "blocks": blocks})
            else:
                await self._messenger.send(
                    Direct(whence.member), card, f"told:{whence.trigger or whence.at.isoformat()}"
                )
        except DeliveryError as error:
            _log.warning("not_told", error=str(error))

    async def window(self, view: Json, whence: Whence, too_late: str) -> None:
        """Open a modal. A trigger that came too late ends in the line `too_late`."""
        installed = await self.installed(whence)
        if installed is None:
            return
        try:
            await self._api.call("views.open", installed.token, trigger_id=whence.trigger, view=view)
        except DeliveryError as error:
            _log.warning("view_not_opened", error=str(error))
            await self.line(too_late, whence)

    async def file(self, content: bytes, name: str, words: str, whence: Whence) -> bool:
        """A file in private; False when Slack takes none."""
        try:
            installed, channel, _ = await self._messenger.where(Direct(whence.member))
            await self._api.upload(
                installed.token,
                content=content,
                filename=name,
                title=name,
                channel=channel,
                initial_comment=escaped(words),
            )
        except DeliveryError as error:
            _log.warning("file_not_sent", error=str(error))
            return False
        return True

    async def installed(self, whence: Whence) -> Installed | None:
        return await self._installations.at(whence.workspace.team, whence.workspace.enterprise)
