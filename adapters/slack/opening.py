"""The windows that open: a form, a resource to read, the reason why. Each is filled from what is true now."""

from __future__ import annotations

from adapters.slack.messenger import SlackMessenger
from adapters.slack.outbound import web_address
from adapters.slack.outbound_forms import card_window, modal, reading
from adapters.slack.telling import Telling
from adapters.slack.wanted import Whence
from bot.events import FormSubmitted
from bot.question import Refused
from bot.showing import replies
from bot.showing.asker import text_of
from bot.showing.short_lines import notice_text
from bot.surfaces.beginning import Beginning
from bot.surfaces.house import House
from bot.surfaces.wanted import Explain, OpenSheet, ReadResource


class Opening:
    def __init__(self, house: House, telling: Telling, messenger: SlackMessenger) -> None:
        self._house = house
        self._beginning = Beginning(house)
        self._telling = telling
        self._messenger = messenger

    async def problems(self, fact: FormSubmitted) -> dict[str, str]:
        """See Beginning."""
        return await self._beginning.problems(fact)

    async def open(self, wanted: OpenSheet | ReadResource | Explain, whence: Whence) -> None:
        """Open it at once, or say in one line why not."""
        reader = await self._house.reader(whence.member.key)
        say = reader.say
        try:
            match wanted:
                case OpenSheet():
                    view = modal(await self._beginning.sheet(wanted, whence.member, reader), replies.never_mind(say))
                case ReadResource():
                    resource = await self._house.lookups.resource(wanted.resource, reader.key)
                    if web_address(resource.url):
                        return  # the button has opened the page already
                    text = text_of(resource, numbers=not await self._beginning.about_medicines(wanted.question))
                    by = replies.reviewed_line(resource, say)
                    view = reading(resource.title, text, by, replies.close(say))
                case Explain(None):
                    line = replies.copy_the_link(say)
                    await self._telling.line(line, whence)
                    return
                case Explain(place):
                    assert place is not None
                    card = await self._house.lookups.why(place, reader.key)
                    view = card_window(replies.why(say), card, replies.close(say), self._messenger.link)
        except Refused as refused:
            await self._telling.line(notice_text(refused.notice, "", say), whence)
            return
        await self._telling.window(view, whence, replies.too_late(say))
