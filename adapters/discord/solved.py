"""The tag of a forum that says a question is solved: set on its post when the asker has said that an answer helped.

The community's own tag is used, where the forum has one named so; none is made. What could not be done is no reason to
try for ever: it is an adornment, and the question's own card says how it stands.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from adapters.discord.client import DiscordApi, DiscordRefusal
from adapters.discord.identity import PLATFORM, id_of, part, parts, word
from adapters.discord.invite import FORUM, TAGS
from adapters.discord.refusals import explained
from adapters.discord.threads import CHANNEL
from adapters.discord.town import Kind, Town
from bot.community import QuestionFilter
from bot.events import Place
from bot.ports import Clock, DeliveryError, Store
from bot.question import Outcome, Question, Status

EVERY = timedelta(minutes=1)
ASKED = timedelta(days=30)  # a question older than that gets no tag any more
SETTLED = timedelta(days=2)  # nor one that was settled before
MOST = 5  # tags of a post
REMEMBERED = 2_000
NAMES = frozenset({"answered", "resolved", "solved", "respondida", "respondido", "resuelta", "resuelto", "solucionado"})

_log = structlog.get_logger("winwin.discord")


class Solved:
    """`step` now and then. It needs no memory: a post that has the tag is left as it is."""

    def __init__(
        self,
        api: DiscordApi,
        town: Town,
        store: Store,
        clock: Clock,
        barred: Callable[[DiscordRefusal, str, str], DiscordRefusal] = lambda refused, _guild, _channel: refused,
    ) -> None:
        self._api = api
        self._town = town
        self._store = store
        self._clock = clock
        self._barred = barred
        self._due_at: datetime | None = None
        self._done: OrderedDict[str, None] = OrderedDict()

    async def step(self) -> bool:
        """Look for questions that were solved. Returns whether a post was looked at."""
        now = self._clock.now()
        if not self._api.ready or (self._due_at is not None and now < self._due_at):
            return False
        self._due_at = now + EVERY
        waiting = [q for q in await self._solved(now) if q.id not in self._done]
        for question in waiting:
            try:
                await self._tag(question.place)
            except DeliveryError as error:
                if not error.permanent:
                    _log.info("solved_tag_later", post=question.place.thread, error=str(error))
                    return True
                _log.warning("no_solved_tag", post=question.place.thread, error=str(error))
            self._done[question.id] = None
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        return bool(waiting)

    async def _solved(self, now: datetime) -> list[Question]:
        found: list[Question] = []
        async with self._store.read() as tx:
            for channel in await tx.channels.all():
                site = self._town.site(channel.key.rpartition(":")[2])
                if channel.gone or not channel.key.startswith(f"{PLATFORM}:") or site is None:
                    continue
                if site.kind is Kind.FORUM:
                    closed = frozenset({Status.CLOSED})
                    wanted = QuestionFilter(statuses=closed, channel=channel.key, asked_from=now - ASKED)
                    found += await tx.questions.find(wanted)
        return [q for q in found if q.outcome is Outcome.HELPED and q.closed_at and now - q.closed_at < SETTLED]

    async def _tag(self, place: Place) -> None:
        post = place.thread
        above = part(await self._api.call("GET", CHANNEL, channel_id=place.channel))
        tags = [
            id_of(tag.get("id")) for tag in parts(above.get("available_tags")) if says_solved(word(tag.get("name")))
        ]
        if not tags:
            return
        found = part(await self._api.call("GET", CHANNEL, channel_id=post))
        has = [str(tag) for tag in found.get("applied_tags") or ()]
        asleep = part(found.get("thread_metadata")).get("archived") is True
        if tags[0] in has or asleep or len(has) >= MOST:
            return
        try:
            await self._api.call("PATCH", CHANNEL, json={"applied_tags": [*has, tags[0]]}, channel_id=post)
        except DiscordRefusal as refused:
            raise self._barred(explained(refused, post, TAGS, FORUM), place.space, place.channel) from refused


def says_solved(name: str) -> bool:
    """Whether a tag is named so: by that one word, whatever signs stand beside it."""
    words = re.findall(r"\w+", name.casefold())
    return len(words) == 1 and words[0] in NAMES
