"""One saying to one platform: where it goes when its first address takes nothing, and a card that is gone."""

from __future__ import annotations

import structlog

from bot.cards import Address, Posted
from bot.ports import DeliveryError, Messenger
from bot.showing.scene import Change, Saying

_log = structlog.get_logger("winwin.delivery")


async def sent(messenger: Messenger, saying: Saying, key: str, tried: int) -> Posted:
    """Where the first address takes nothing for good, the other one, if there is one."""
    try:
        return await _said(messenger, saying, saying.to, key, tried)
    except DeliveryError as error:
        if not error.permanent or saying.otherwise is None:
            raise
        _log.info("delivery_elsewhere", key=key, reason=str(error))
        return await _said(messenger, saying, saying.otherwise, f"{key}:otherwise", tried)


async def _said(messenger: Messenger, saying: Saying, to: Address, key: str, tried: int) -> Posted:
    if saying.picture is None:
        return await messenger.send(to, saying.card, key, tried=tried)
    picture = saying.picture
    return await messenger.send_picture(to, saying.card, picture.png, picture.alt, key, tried=tried)


async def revised(messenger: Messenger, change: Change) -> bool:
    """False when the card is gone for good: there is nothing to put right then."""
    try:
        await messenger.revise(change.posted, change.card)
    except DeliveryError as error:
        if not error.permanent:
            raise
        return False
    return True
