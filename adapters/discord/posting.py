"""Posting so that nothing is posted twice: a try that may have gone through is looked for before it is made again.

Every message goes with a nonce of its wish: for some minutes Discord gives back the message that stands there already.
After that, when Discord had not answered or the program was killed between the post and the note of it, the next try
looks into the places where it may stand (see marking).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from adapters.discord.client import DiscordApi, DiscordRefusal, Upload
from adapters.discord.figures import Figures
from adapters.discord.identity import id_of, part, word
from adapters.discord.invite import Permission
from adapters.discord.marking import is_it, marked, nonce_of
from adapters.discord.refusals import UNSEEN, explained
from adapters.discord.town import Town
from bot.ports import Clock

Json = dict[str, Any]

MESSAGES = "/channels/{channel_id}/messages"
PAGE, PAGES = 100, 3  # messages looked through in a place, newest first: it was said lately
REMEMBERED = 5_000  # wishes, and messages, of which something is remembered
LATELY = timedelta(hours=1)  # how old words may be to be those of a try whose time is not known
SKEW = timedelta(minutes=1)  # between Discord's clock and ours
SILENT = 4096  # the flag of a message that raises no notification

_log = structlog.get_logger("winwin.discord")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be posted for a wish. `title` is for a thread or a post that has to be begun for it."""

    key: str
    body: Json
    title: str = ""
    files: tuple[Upload, ...] = ()
    tried: int = 0
    asks: bool = False  # it is a question of somebody, which is answered in a thread on it

    def sent(self) -> Json:
        """As Discord takes it: calls nobody, whatever it says."""
        rows = marked(self.body.get("components") or (), self.key)
        return {**self.body, "components": rows, "allowed_mentions": {"parse": []}}

    def answering(self, channel: str, message: str) -> Parcel:
        """The same as an answer by reference; it is posted too when the message is gone."""
        to = {"channel_id": channel, "message_id": message, "fail_if_not_exists": False}
        return replace(self, body={**self.body, "message_reference": to})


class Posting:
    def __init__(self, api: DiscordApi, town: Town, clock: Clock, figures: Figures) -> None:
        self._api = api
        self._town = town
        self._clock = clock
        self._figures = figures
        self._began: OrderedDict[str, datetime] = OrderedDict()  # the first try of each wish
        self._clean: OrderedDict[str, int] = OrderedDict()  # tries that surely posted nothing
        self._ours: OrderedDict[str, str] = OrderedDict()  # the wish of each message, where it is known
        self._open: set[str] = set()  # wishes whose post has not been answered

    def begin(self, parcel: Parcel) -> bool:
        """A try begins. Returns whether one before it may have gone through."""
        _keep(
            self._began,
            parcel.key,
            self._began.get(parcel.key) or self._clock.now() - (LATELY if parcel.tried else SKEW),
        )
        self._open.discard(parcel.key)
        return parcel.tried > self._clean.get(parcel.key, 0)

    def failed(self, key: str) -> None:
        """The try has ended without a message; nobody knows of one that was sent and not answered."""
        if key not in self._open:
            _keep(self._clean, key, self._clean.get(key, 0) + 1)
        self._open.discard(key)

    async def post(self, channel: str, parcel: Parcel, needs: Permission) -> Json:
        """The message as it stands. Raises DeliveryError."""
        body = parcel.sent() | {"nonce": nonce_of(parcel.key), "enforce_nonce": True}
        return await self.write(MESSAGES, channel, body, parcel, needs)

    async def write(self, path: str, channel: str, body: Json, parcel: Parcel, needs: Permission) -> Json:
        """A call by which the parcel is posted. Raises DeliveryError."""
        self._open.add(parcel.key)
        try:
            answer = part(await self._api.call("POST", path, json=body, files=parcel.files, channel_id=channel))
        except DiscordRefusal as refused:
            self._open.discard(parcel.key)
            raise explained(refused, channel, needs) from refused
        self._open.discard(parcel.key)
        _keep(self._ours, id_of(part(answer.get("message")).get("id")) or id_of(answer.get("id")), parcel.key)
        return dict(answer)

    # --- looking ----------------------------------------------------------------------------------------------

    async def stands(self, parcel: Parcel, channels: Iterable[str]) -> Json | None:
        """The message in which a try before this one went through, where there is one. Raises DeliveryError."""
        self._figures.ambiguous.inc()
        for channel in channels:
            found = await self._found(channel, parcel)
            if found is not None:
                self._figures.found.inc()
                _log.info("found_posted", channel=channel, message=id_of(found.get("id")))
                return {**found, "channel_id": channel}
        return None

    async def _found(self, channel: str, parcel: Parcel) -> Json | None:
        before: str | None = None
        for _ in range(PAGES):
            params = {"limit": PAGE, "before": before}
            try:
                page = await self._api.call("GET", MESSAGES, params=params, channel_id=channel)
            except DiscordRefusal as refused:
                if refused.code not in UNSEEN:
                    raise
                self._figures.blind.inc()
                return None
            rows = [m for m in page if isinstance(m, dict)] if isinstance(page, list) else []
            for message in rows:
                if self._fits(message, parcel):
                    return message
            if len(rows) < PAGE:
                return None
            before = word(rows[-1].get("id"))
        return None

    def _fits(self, message: Json, parcel: Parcel) -> bool:
        by = id_of(part(message.get("author")).get("id"))
        if self._town.bot and by != self._town.bot:
            return False
        known = self._ours.get(id_of(message.get("id")))
        if known is not None:
            return known == parcel.key
        return is_it(message, parcel.body, parcel.key, self._began[parcel.key])

    def fits(self, message: Json, parcel: Parcel) -> bool:
        """Whether this message is what the parcel's wish has posted."""
        return self._fits(message, parcel)


def _keep(where: OrderedDict[str, Any], key: str, value: object) -> None:
    where[key] = value
    where.move_to_end(key)
    while len(where) > REMEMBERED:
        where.popitem(last=False)
