"""The web: the local community's own pages, forms and chat; people have browsers. Only the model is a toy, the store is
in memory, and time is moved."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from adapters.storage.chat import Chat
from adapters.storage.chat_tables import ChatPost
from adapters.storage.database import Database
from adapters.web.chat import BOT, private_channel
from adapters.web.client import WebMessenger
from adapters.web.codec import load_card
from adapters.web.live import Viewers
from adapters.web.outbound import card_view
from adapters.web.people import Person as Resident
from adapters.web.people import member_of
from adapters.web.reading import WebReader
from adapters.web.server import create_app
from adapters.web.services import Services
from bot.community import Channel, MemberRecord, Role, Topic, VolunteerSettings
from bot.events import BotInvited, MemberChanged, Place
from bot.measures import Records, build
from bot.policy import Mode
from bot.report import Report
from bot.routing import Kind
from tests.dialogues.core_stage import _nights, _resource
from tests.dialogues.stage import Person, Seen, Setting
from tests.fakes.community import Community
from tests.fakes.messenger import words_of
from tests.fakes.mind import ToyModel, ToyTriage
from tests.fakes.tables import tables
from tests.fakes.values import NOON

CHANNEL = "general"
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class WebStage:
    """See Stage."""

    triage: Any = ToyTriage()
    model = ToyModel()

    async def open(self, setting: Setting) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="winwin-web-")
        self._database = await Database.open(f"sqlite+aiosqlite:///{tables(Path(self._folder.name) / 'chat.db')}")
        self._chat = Chat(self._database)
        await self._chat.open_channel(CHANNEL, "General", "Anything")
        self._home = Community(mode=Mode(setting.mode), triage=self.triage, model=self.model)
        self.store = self._home.store
        async with self.store.begin() as tx:  # as adapters.wiring.web tells the core
            await tx.channels.save(Channel(f"web:local:{CHANNEL}", CHANNEL, Mode(setting.mode), public=True))
        self._people = tuple(Resident(p.name, p.name.title(), "parent") for p in setting.people)
        self._presses = 0
        for person in setting.people:
            await self._enter(person)
        await self._home.shelve(*(_resource(row) for row in setting.library))
        await self._start()

    async def close(self) -> None:
        await self._stop()
        await self._database.close()
        self._folder.cleanup()

    # --- what people do -------------------------------------------------------------------------------------

    async def post(self, who: str, text: str, thread: str = "", *, private: bool = False) -> str:
        known = await self._chat.latest()
        channel = private_channel(who) if private else await self._channel_of(thread)
        await self._send(who, "/say", channel=channel, thread=thread, text=text)
        posts = [p for p in await self._chat.changed(known, who) if p.author == who]
        return posts[-1].id

    async def edit(self, who: str, message: str, text: str) -> None:
        self._home.clock.move(timedelta(seconds=1))
        await self._send(who, f"/posts/{message}/edit", text=text)

    async def delete(self, who: str, message: str) -> None:
        await self._send(who, f"/posts/{message}/delete")

    async def press(self, who: str, label: str) -> None:
        for post in reversed(await self._cards(who)):
            for button in card_view(load_card(post.card)).buttons:
                if button.label == label:
                    if button.href:  # it opens a page
                        await self._browsers[who].get(button.href)
                    else:
                        await self._send(who, "/press", action=button.action, subject=button.subject)
                    return
        raise AssertionError(f"{who} sees no button “{label}”")

    async def save(self, who: str, message: str, values: Mapping[str, str]) -> None:
        await self._send(who, f"/save/{message}", **values)

    async def answer(self, who: str, text: str) -> None:
        await self._send(who, await self._page(who, "Write an answer"), text=text)

    async def ask(self, who: str, text: str, *, nameless: bool) -> str:
        known = await self._chat.latest()
        await self._send(who, "/ask", text=text, how="anonymous" if nameless else "private", channel=CHANNEL)
        made = [p for p in await self._chat.changed(known, "nobody") if p.author == BOT and p.id == p.thread]
        return made[-1].id if nameless and made else ""

    async def write_back(self, who: str, text: str) -> None:
        await self._send(who, await self._page(who, "Write back"), text=text)

    async def hand_over(self, who: str, to: str) -> None:
        await self._send(who, await self._page(who, "Hand it to somebody"), to=member_of(to).key)

    async def invite(self, by: str) -> None:
        self._home.clock.move(timedelta(seconds=1))
        place = Place("web", "local", CHANNEL, "", "")
        await self._home.receive(BotInvited(place, "general", member_of(by), self._home.clock.now()))

    async def deactivate(self, who: str) -> None:
        off = MemberChanged(
            member_of(who), "", "", "", deactivated=True, guest=False, bot=False, at=self._home.clock.now()
        )
        await self._home.receive(off)

    async def forget(self, who: str) -> None:
        """Everything of theirs is erased, as they asked on their own page."""
        await self._send(who, "/me", action="forget_me")

    async def wait(self, how_long: timedelta) -> None:
        await self._home.wait(seconds=how_long.total_seconds())

    async def restart(self) -> None:
        await self._stop()
        await self._start()

    async def sees(self, who: str) -> Sequence[Seen]:
        found = []
        for post in await self._cards(who):
            card = load_card(post.card)
            alone = bool(post.only_for) or post.channel != CHANNEL
            found.append(Seen(words_of(card), tuple(b.label for b in card.buttons), alone=alone))
        return found

    # --- behind it ------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        home, viewers = self._home, Viewers()
        home.messenger = WebMessenger(self._chat, viewers, home.clock)  # type: ignore[assignment]
        home.reader = WebReader(self._chat)  # type: ignore[assignment]
        home.desk, home.librarian = home._made()
        services = Services(
            store=home.store,
            chat=self._chat,
            clock=home.clock,  # type: ignore[arg-type]  # nobody moves it from a page here
            receive=home.desk.receive,
            settle=home.desk.settle,
            ready=lambda: True,
            report=_report,
            lookups=home.lookups,
            topics=(Topic("school", "School"),),
            people=self._people,
            sample_questions=(),
            secret_key="k" * 40,
            version="0.0.0",
            viewers=viewers,
        )
        await home.open()
        transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
        self._browsers = {
            p.id: httpx.AsyncClient(transport=transport, base_url="http://localhost") for p in self._people
        }
        self._tokens: dict[str, str] = {}

    async def _stop(self) -> None:
        for browser in self._browsers.values():
            await browser.aclose()
        await self._home.close()

    async def _send(self, who: str, path: str, **values: str) -> None:
        """A form; what is refused (gone meanwhile, not theirs) does nothing, as in a browser."""
        browser = self._browsers[who]
        if who not in self._tokens:
            data = {"csrf": _token((await browser.get("/people")).text), "person": who, "back": "/"}
            await browser.post("/become", data=data)
            self._tokens[who] = _token((await browser.get("/people")).text)
        self._presses += 1
        sent = {"csrf": self._tokens[who], "press": f"press-{self._presses:08d}", **values}
        answer = await browser.post(path, data=sent)
        assert answer.status_code in (200, 303, 404, 409, 422), (path, answer.status_code, answer.text[:300])
        await self._home.desk.settle()

    async def _page(self, who: str, label: str) -> str:
        for post in reversed(await self._cards(who)):
            for button in card_view(load_card(post.card)).buttons:
                if button.label == label and button.href:
                    return button.href
        raise AssertionError(f"{who} sees no button “{label}”")

    async def _channel_of(self, thread: str) -> str:
        root = await self._chat.get(thread) if thread else None
        return root.channel if root is not None else CHANNEL

    async def _cards(self, who: str) -> list[ChatPost]:
        """The bot's posts that they see, the one that was shown or changed last at the end."""
        posts = await self._chat.changed(0, who)
        return [p for p in posts if p.author == BOT and p.card and p.deleted_at is None]

    async def _enter(self, person: Person) -> None:
        key = member_of(person.name).key
        record = MemberRecord(
            key, f"p-{person.name}", person.name.title(), frozenset(map(Role, person.roles)), language=person.language
        )
        async with self.store.begin() as tx:
            await tx.members.save(record)
            if person.volunteer:
                await tx.volunteers.save(
                    VolunteerSettings(
                        key,
                        Kind(person.volunteer),
                        frozenset(person.topics),
                        frozenset({person.language}),
                        quiet=_nights(person.quiet),
                        weekly_cap=person.cap,
                    )
                )


async def _report() -> Report:
    return build(Records(), NOON, NOON)


def _token(page: str) -> str:
    found = _TOKEN.search(page)
    assert found, page[:300]
    return found[1]
