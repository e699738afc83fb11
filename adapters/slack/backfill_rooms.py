"""Where the bot is: the channels and private conversations that are read up on, and how far each has been read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from adapters.slack.backfill_plan import Room
from adapters.slack.client import SlackApi, SlackRefusal
from adapters.slack.greeting import Greeting
from adapters.slack.identity import PLATFORM, part, word
from adapters.slack.inbound import is_direct, is_public
from adapters.slack.installations import Installed
from bot.community import Channel
from bot.events import ChannelRenamed, Place
from bot.policy import Mode
from bot.ports import Clock, Store, Transaction

PAGE = 200
LOST = frozenset({"channel_not_found", "not_in_channel", "is_archived", "missing_scope", "no_permission"})
LISTS = ("users.conversations", "conversations.list")  # where the bot is; a small server may know one, or neither

_log = structlog.get_logger("winwin.slack")


@dataclass(frozen=True, slots=True)
class Where:
    """A conversation the bot is in now."""

    channel: str
    name: str
    direct: bool
    public: bool | None = None  # None: Slack does not say


class Rooms:
    """`access` collects what has changed in who may read a channel."""

    def __init__(self, api: SlackApi, store: Store, clock: Clock, default_mode: Mode, greeting: Greeting) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._default_mode = default_mode
        self._greeting = greeting
        self.access: list[ChannelRenamed] = []
        self._spoken_in: dict[tuple[str, str], bool] = {}  # (space, channel): whether it is a private conversation

    def spoken_in(self, place: Place, *, direct: bool) -> None:
        """Somebody has spoken there."""
        self._spoken_in[place.space, place.channel] = direct

    async def of(self, installed: Installed) -> list[Room]:
        """Where the bot is. A channel seen for the first time is read from now on; a private conversation that was
        begun while nobody listened, from where the last round was."""
        for method in LISTS:
            try:
                return await self._marked(installed, await self._listed(installed, method))
            except SlackRefusal as refused:
                if not (refused.permanent or refused.code in LOST):
                    raise
                _log.info("channels_not_listed", method=method, code=refused.code)
        return await self._marked(installed, await self._known(installed.workspace.space))

    async def _listed(self, installed: Installed, method: str) -> list[Where]:
        found: list[Where] = []
        cursor = ""
        while True:
            page = await self._api.ask(
                method,
                installed.token,
                types="public_channel,private_channel,im",
                exclude_archived="true",
                limit=PAGE,
                cursor=cursor or None,
            )
            rows = page.get("channels")
            for row in rows if isinstance(rows, list) else []:
                channel = word(part(row).get("id"))
                direct = part(row).get("is_im") is True or is_direct(channel, "")
                if channel and part(row).get("is_member") is not False:
                    found.append(Where(channel, word(part(row).get("name")), direct, is_public(part(row))))
            cursor = word(part(page.get("response_metadata")).get("next_cursor"))
            if not cursor:
                return found

    async def _known(self, space: str) -> list[Where]:
        """Where it has been: what the store knows, and where somebody has spoken since the start."""
        async with self._store.read() as tx:
            stored = [c for c in await tx.channels.all() if c.key.startswith(f"{PLATFORM}:{space}:") and not c.gone]
        names = {c.key.rpartition(":")[2]: c.name for c in stored}
        spoken = {channel: direct for (where, channel), direct in self._spoken_in.items() if where == space}
        found = {channel: is_direct(channel, "") for channel in names} | spoken
        return [Where(channel, names.get(channel, ""), direct) for channel, direct in found.items()]

    async def _marked(self, installed: Installed, found: Sequence[Where]) -> list[Room]:
        space = installed.workspace.space
        async with self._store.read() as tx:
            known = {c.key: c for c in await tx.channels.all() if c.key.startswith(f"{PLATFORM}:{space}:")}
        rooms_there = [w for w in found if not w.direct]
        self._greeting.found(space, [(w.channel, w.name, w.public) for w in rooms_there], known)
        self.access += self._opened_or_closed(space, rooms_there, known)
        here = f"{self._clock.now().timestamp():.6f}"
        last = max((c.seen_to for c in known.values() if c.seen_to), key=float, default="")
        rooms, fresh = [], {}
        for where in found:
            record = known.get(f"{PLATFORM}:{space}:{where.channel}")
            mark = record.seen_to if record is not None else ""
            if not mark:
                mark = last if where.direct and last else here
                fresh[where.channel] = mark
            rooms.append(Room(where.channel, where.direct, mark))
        if fresh:
            async with self._store.begin() as tx:
                for channel, mark in fresh.items():
                    await self.move(tx, space, channel, mark)
        return [room for room in rooms if room.mark != here]

    def _opened_or_closed(
        self, space: str, found: Sequence[Where], known: Mapping[str, Channel]
    ) -> list[ChannelRenamed]:
        """Who may read a channel, where that is not what is known."""
        now, keys = self._clock.now(), {f"{PLATFORM}:{space}:{w.channel}": w for w in found}
        return [
            ChannelRenamed(key, where.name, now, where.public)
            for key, where in keys.items()
            if where.public is not None and where.public != (known[key].public if key in known else False)
        ]

    async def move(self, tx: Transaction, space: str, channel: str, mark: str) -> None:
        key = f"{PLATFORM}:{space}:{channel}"
        known = await tx.channels.get(key) or Channel(key, channel, self._default_mode)
        if not known.seen_to or float(mark) > float(known.seen_to):
            await tx.channels.save(replace(known, seen_to=mark))
