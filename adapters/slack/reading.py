"""One message as it stands on Slack now."""

from __future__ import annotations

from adapters.slack.client import SlackApi, SlackRefusal
from adapters.slack.identity import part, word
from adapters.slack.inbound import is_direct, posted
from adapters.slack.installations import Installations
from bot.events import MessagePosted, Place

FEW = 15  # messages of a thread in one answer: the smallest page that Slack gives to everybody
UNREADABLE = frozenset({"channel_not_found", "is_archived", "not_in_channel", "thread_not_found", "missing_scope"})


class SlackReader:
    """See bot.ports.Reader."""

    def __init__(self, api: SlackApi, installations: Installations) -> None:
        self._api = api
        self._installations = installations

    async def message(self, place: Place) -> MessagePosted | None:
        """See Reader. A place belongs to the workspace through which the bot sees it."""
        for installed in await self._installations.all():
            if installed.workspace.space == place.space:
                found = await self._found(place, installed.token)
                direct = is_direct(place.channel, "")
                one = next((m for m in found if word(part(m).get("ts")) == place.message), None)
                return posted(part(one), place.channel, installed.workspace, direct=direct)
        return None

    async def _found(self, place: Place, token: str) -> list[object]:
        window = {"oldest": place.message, "latest": place.message, "inclusive": "true"}
        method = "conversations.history" if place.opens_thread else "conversations.replies"
        thread = None if place.opens_thread else place.thread
        try:
            answer = await self._api.ask(method, token, channel=place.channel, ts=thread, limit=FEW, **window)
        except SlackRefusal as refused:
            if refused.code in UNREADABLE:
                return []
            raise
        messages = answer.get("messages")
        return list(messages) if isinstance(messages, list) else []
