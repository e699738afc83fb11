"""The way from a chat to somebody's own pages in the browser: a link for them alone."""

from __future__ import annotations

from bot.cards import Card, Text
from bot.news import Notice
from bot.question import Refused
from bot.showing.replies import web_card
from bot.showing.short_lines import notice_text
from bot.signing_in import make_link
from bot.surfaces.house import House, Reader


async def pages_card(house: House, reader: Reader) -> Card:
    """What the command is answered with. The link is made now and stands nowhere else."""
    try:
        if not house.pages:
            raise Refused(Notice.NO_PAGES)
        token = await make_link(house.store, reader.key, house.clock.now())
    except Refused as refused:
        return Card((Text(notice_text(refused.notice, "", reader.say)),))
    return web_card(f"{house.pages}/login/{token}", reader.say)
