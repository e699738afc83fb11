"""One message as it stands in the local community now."""

from __future__ import annotations

from adapters.web.chat import ChatStore
from adapters.web.inbound import facts_of, place_of
from bot.events import MessagePosted, Place


class WebReader:
    """See bot.ports.Reader."""

    def __init__(self, chat: ChatStore) -> None:
        self._chat = chat

    async def message(self, place: Place) -> MessagePosted | None:
        """See Reader."""
        post = await self._chat.get(place.message)
        if post is None or place_of(post) != place:
            return None
        said = facts_of(post)[0]
        return said if isinstance(said, MessagePosted) else None
