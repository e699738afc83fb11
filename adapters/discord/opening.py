"""What opens: a form in a window, a form that is too long for one as a panel, a resource to read, the reason why. Each
is filled from what is true now; what somebody typed and could not be taken is there again.

What was typed and not sent yet stands in memory alone: these are somebody's words, and nobody has them before they are
sent. A restart loses them, and whoever goes on then is told so."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from adapters.discord.at_home import handled
from adapters.discord.outbound import reading, rendered
from adapters.discord.outbound_forms import AT_THE_END, completed, filled, modal, pages, panel
from adapters.discord.outbound_panel import item_pages
from adapters.discord.telling import Telling
from adapters.discord.wanted import OpenPage, SendSheet, Whence
from bot.cards import Card, Form, Text
from bot.events import FormSubmitted
from bot.ports import Messenger
from bot.question import Refused
from bot.showing import replies
from bot.showing.asker import text_of
from bot.showing.home import Item, Opens
from bot.showing.sheet import Sheet
from bot.showing.short_lines import notice_text
from bot.surfaces.beginning import Beginning
from bot.surfaces.house import House, Reader
from bot.surfaces.wanted import Explain, OpenSheet, ReadResource

REMEMBERED = 2_000  # forms that somebody has begun

Opened = OpenSheet | OpenPage | ReadResource | Explain


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a form was opened with, and what was typed into it that could not be taken."""

    given: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)


class Opening:
    def __init__(self, house: House, telling: Telling, messenger: Messenger) -> None:
        self._house = house
        self._beginning = Beginning(house)
        self._telling = telling
        self._messenger = messenger
        self._begun: OrderedDict[tuple[str, str, str], _Begun] = OrderedDict()

    # --- what opens -------------------------------------------------------------------------------------------

    async def open(self, wanted: Opened, whence: Whence) -> None:
        """Open it at once, or say in one line why not."""
        reader = await self._house.reader(whence.member.key, whence.language)
        try:
            match wanted:
                case OpenSheet():
                    self._begin(wanted, whence)
                    await self._sheet(wanted, None, reader, whence)
                case OpenPage(sheet, page):
                    await self._sheet(sheet, page, reader, whence)
                case ReadResource():
                    await self._resource(wanted, reader, whence)
                case Explain(None):
                    await self._telling.line(replies.copy_the_link(reader.say), whence)
                case Explain(place):
                    assert place is not None
                    card = await self._house.lookups.why(place, reader.key)
                    await self._telling.card(card, whence)
        except Refused as refused:
            await self._telling.line(notice_text(refused.notice, "", reader.say), whence)

    async def _sheet(self, wanted: OpenSheet, page: int | None, reader: Reader, whence: Whence) -> None:
        sheet = await self._made(wanted, reader, whence)
        too_late = replies.too_late(reader.say)
        if page is None and len(pages(sheet)) != 1:
            await self._telling.messages([panel(sheet)], Card((Text(too_late),)), whence)
        else:
            await self._telling.window(modal(sheet, page), whence, too_late)

    async def _made(self, wanted: OpenSheet, reader: Reader, whence: Whence) -> Sheet:
        """Raises Refused."""
        begun = self._begun.get(_key(wanted.form, wanted.subject, whence), _Begun())
        sheet = await self._beginning.sheet(replace(wanted, given=begun.given), whence.member, reader)
        return filled(sheet, begun.typed)

    async def _resource(self, wanted: ReadResource, reader: Reader, whence: Whence) -> None:
        resource = await self._house.lookups.resource(wanted.resource, reader.key)
        text = text_of(resource, numbers=not await self._beginning.about_medicines(wanted.question))
        by = replies.reviewed_line(resource, reader.say)
        label = replies.read_it(reader.say)
        instead = Card((Text(resource.title, strong=True), Text(text or resource.url), Text(by)))
        shown = reading(resource.title, text, by, resource.url, label)
        await self._telling.messages(shown, instead, whence)

    def _begin(self, wanted: OpenSheet, whence: Whence) -> None:
        key = _key(wanted.form, wanted.subject, whence)
        before = self._begun.get(key, _Begun())
        self._remember(key, _Begun(wanted.given or before.given, before.typed))

    def _remember(self, key: tuple[str, str, str], begun: _Begun) -> None:
        self._begun[key] = begun
        self._begun.move_to_end(key)
        while len(self._begun) > REMEMBERED:
            self._begun.popitem(last=False)

    # --- what was sent ----------------------------------------------------------------------------------------

    async def whole(self, fact: FormSubmitted, whence: Whence) -> FormSubmitted:
        """One page of a form that was sent, with what stands in the others. Raises Refused."""
        reader = await self._house.reader(whence.member.key, whence.language)
        sheet = await self._made(OpenSheet(Form(fact.form), fact.subject), reader, whence)
        return completed(sheet, fact)

    async def collected(self, fact: FormSubmitted, whence: Whence) -> bool:
        """One page of a form that is sent at the end; False when each page is sent by itself."""
        if fact.form not in AT_THE_END:
            return False
        key = _key(fact.form, fact.subject, whence)
        known = key in self._begun
        self._remember(key, replace(self._begun.get(key, _Begun()), typed=fact.values))
        if not known:
            await self._telling.quietly(whence)
            await self._lost(whence)
        return True

    async def sent(self, wanted: SendSheet, whence: Whence) -> FormSubmitted | None:
        """All pages together; None when it is not known any more what was typed: then they are asked again."""
        form, subject = wanted.sheet.form, wanted.sheet.subject
        if _key(form, subject, whence) not in self._begun:
            await self.open(wanted.sheet, whence)
            await self._lost(whence)
            return None
        return await self.whole(FormSubmitted(whence.interaction, form, subject, {}, whence.member, whence.at), whence)

    async def _lost(self, whence: Whence) -> None:
        reader = await self._house.reader(whence.member.key, whence.language)
        await self._telling.line(replies.begin_again(reader.say), whence)

    async def put_right(self, fact: FormSubmitted, whence: Whence) -> bool:
        """Say what is not right yet, with a way back to what they typed. False when everything is."""
        problems = await self._beginning.problems(fact)
        form, key = Form(fact.form), _key(fact.form, fact.subject, whence)
        if not problems:
            self._begun.pop(key, None)
            return False
        reader = await self._house.reader(whence.member.key, whence.language)
        self._remember(key, replace(self._begun.get(key, _Begun()), typed=fact.values))
        try:
            sheet = await self._made(OpenSheet(form, fact.subject), reader, whence)
        except Refused as refused:
            self._begun.pop(key, None)
            shown = replies.given_back(
                notice_text(refused.notice, "", reader.say), fact.values.get("text", ""), reader.say
            )
            await self._telling.card(shown, whence)
            return True
        labels = {one.name: one.label for one in sheet.fields}
        lines = [f"{labels[name]}: {problem}" if name in labels else problem for name, problem in problems.items()]
        card = Card((Text(replies.not_right_yet(reader.say)), Text("\n".join(lines))))
        again = Item(card, (Opens(form, fact.subject, sheet.title),))
        await self._telling.messages(item_pages([again], self._messenger.link), card, whence)
        return True

    async def redraw(self, fact: FormSubmitted, whence: Whence) -> None:
        """The panel from which a page was sent shows what stands in the form now."""
        await handled(self._house, whence.member)
        reader = await self._house.reader(whence.member.key, whence.language)
        try:
            sheet = await self._made(OpenSheet(Form(fact.form), fact.subject), reader, whence)
        except Refused as refused:
            line = Card((Text(notice_text(refused.notice, "", reader.say)),))
            await self._telling.redrawn(rendered(line, self._messenger.link), whence)
            return
        await self._telling.redrawn(panel(sheet), whence)

    async def settled(self, whence: Whence) -> None:
        """A panel whose form was sent has nothing left to press."""
        reader = await self._house.reader(whence.member.key, whence.language)
        line = Card((Text(replies.got_it(reader.say)),))
        await self._telling.redrawn(rendered(line, self._messenger.link), whence)


def _key(form: str, subject: str, whence: Whence) -> tuple[str, str, str]:
    return whence.member.key, form, subject
