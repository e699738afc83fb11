"""A community on its database, with nothing running yet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry

from adapters.charts import Charts
from adapters.clock import SystemClock
from adapters.embedders import load_embedder, pair, serving
from adapters.logs import plain_logs
from adapters.model import BackgroundModel
from adapters.settings import Settings, SettingsError
from adapters.stopwatch import Stopwatch
from adapters.storage.chat import Chat
from adapters.storage.database import Database
from adapters.triage import BackgroundTriage
from adapters.web.client import WebMessenger
from adapters.web.live import Viewers
from adapters.web.reading import WebReader
from adapters.wiring.discord import discord_connection
from adapters.wiring.shelving import library_for
from adapters.wiring.slack import slack_connection
from bot.community import Audit, Role, Topic
from bot.digesting import Digests
from bot.drills import WeeklyDrills
from bot.events import Member, Place
from bot.following import Following
from bot.helpdesk import HelpDesk, House, Outside
from bot.judging import Judge
from bot.librarian import Librarian
from bot.lookups import Lookups
from bot.manning import Manning
from bot.policy import Policy
from bot.ports import Clock, Directory, Messenger, Reader, Store
from bot.safety.detector import Detector
from bot.safety.helplines import Helpline, load_helplines
from bot.safety.triage import Triage
from bot.thanking import Thanking
from knowledge.embedding import Embedder
from knowledge.glossary import Glossary
from knowledge.glossary_file import load_glossary
from knowledge.search import Library

if TYPE_CHECKING:  # imported where they are set: their SDKs take a third of a second and more
    from adapters.discord.connection import DiscordConnection
    from adapters.slack.connection import SlackConnection


_log = structlog.get_logger("winwin.app")

LINE = "platforms"  # held by the one process that speaks on Slack and Discord


@dataclass(frozen=True, slots=True)
class Community:
    """Everything that runs for one community."""

    settings: Settings
    store: Database
    clock: Clock
    model: BackgroundModel
    librarian: Librarian
    judge: Judge
    desk: HelpDesk
    policy: Policy
    chat: Chat
    viewers: Viewers
    metrics: CollectorRegistry
    triage: BackgroundTriage
    watch: Stopwatch
    digests: Digests
    following: Following
    thanking: Thanking
    manning: Manning
    drills: WeeklyDrills | None  # where the community has switched them on
    helplines: tuple[Helpline, ...]
    slack: SlackConnection | None = None
    discord: DiscordConnection | None = None
    stands_by: bool = False  # another process speaks on the platforms that are set

    @property
    def library(self) -> Library:
        return self.librarian.library


@asynccontextmanager
async def community(
    settings: Settings,
    *,
    clock: Clock | None = None,
    policy: Policy | None = None,
    topics: frozenset[str] = frozenset(),
    show_all: bool = False,
    connect: bool = False,
    watch: Stopwatch | None = None,
    load: Callable[[], Embedder] | None = None,
) -> AsyncIterator[Community]:
    """A community on its database, with nothing running yet: what the commands work with. The model and the rules are
    loaded when they are first needed (the model by `load`). `show_all`: numbers of few people too, where nobody is
    real. With `connect`, it speaks on every platform that is set. Raises StorageError, ModelError and PlatformError
    with one clear line."""
    if not structlog.is_configured():  # whoever opens it: the usual logs would show what people wrote
        plain_logs()
    clock, policy, watch = clock or SystemClock(), policy or Policy(), watch or Stopwatch()
    async with AsyncExitStack() as stack:
        with watch.step("database opened"):
            store = await Database.open(settings.database_url)
            stack.push_async_callback(store.close)
            if connect:
                await store.join()
            await appoint(store, settings, clock.now())
        model = BackgroundModel(load or partial(_load_model, settings, watch))
        stack.callback(model.close)
        name, dimension = await _identity(model, settings)
        library = await library_for(settings, store, name, dimension, _glossary(settings), stack, serves=connect)
        librarian = Librarian(library, model, name, store)
        triage = BackgroundTriage(partial(_load_rules, watch))
        reads = name in (pair.name(), serving.NAME)
        judge = Judge(
            triage, librarian, model, policy, detector=Detector.load(), ready=lambda: model.ready, reads=reads
        )
        chat, viewers = Chat(store), Viewers()
        web = WebMessenger(chat, viewers, clock, settings.winwin_public_url)
        mouths: dict[str, Messenger] = {"web": web}
        web.elsewhere = partial(address_of, mouths)
        metrics = CollectorRegistry()
        stands_by = connect and (settings.slack or settings.discord) and not await store.take_line(LINE)
        speaks = connect and not stands_by
        slack = await slack_connection(settings, store, clock, metrics) if speaks and settings.slack else None
        if slack is not None:
            stack.push_async_callback(slack.close)
            mouths["slack"], slack.messenger.elsewhere = slack.messenger, web.elsewhere
        directories: dict[str, Directory] = {"slack": slack.directory} if slack is not None else {}
        readers: dict[str, Reader] = {"web": WebReader(chat)}
        if slack is not None:
            readers["slack"] = slack.reader
        discord = discord_connection(settings, clock, metrics) if speaks and settings.discord else None
        if discord is not None:
            stack.push_async_callback(discord.close)
            mouths["discord"], directories["discord"] = discord.messenger, discord.directory
            discord.messenger.elsewhere = web.elsewhere
            readers["discord"] = discord.reader
        store.speaks = frozenset(mouths) if store.shared else None
        digests = Digests(store, clock, model, Charts(), policy, settings.winwin_time_zone, show_all=show_all)
        helplines = load_helplines(settings.helplines_file)
        outside = Outside(store, clock, mouths, triage, judge, librarian, helplines, digests, directories, readers)
        house = House(
            policy,
            settings.winwin_default_mode,
            topics,
            country=settings.winwin_country,
            scan_opted_out=settings.winwin_scan_opted_out,
        )
        desk = HelpDesk(outside, house)
        yield Community(
            settings,
            store,
            clock,
            model,
            librarian,
            judge,
            desk,
            policy,
            chat,
            viewers,
            metrics,
            triage,
            watch,
            digests,
            Following(store, clock, policy),
            Thanking(store, clock, policy),
            Manning(store, clock, policy),
            WeeklyDrills(store, clock, desk.receive) if settings.winwin_drill_weekly else None,
            helplines,
            slack,
            discord,
            stands_by,
        )


def address_of(mouths: Mapping[str, Messenger], place: Place) -> str:
    """Where people open a place, as the platform it stands on says; empty where that one is not connected."""
    mouth = mouths.get(place.platform)
    return mouth.link(place) if mouth is not None else ""


def _load_model(settings: Settings, watch: Stopwatch) -> Embedder:
    with watch.step("model loaded"):
        return load_embedder(settings.winwin_model or None)


def _glossary(settings: Settings) -> Glossary:
    """The packaged one with the community's own on top; what is wrong with that is told, and stops nothing."""
    glossary, faults = load_glossary(settings.glossary_file)
    for fault in faults:
        _log.warning("glossary_line_left_out", fault=fault)
    return glossary


def _load_rules(watch: Stopwatch) -> Triage:
    with watch.step("rules of triage"):
        return Triage.load()


async def appoint(store: Store, settings: Settings, now: datetime) -> None:
    """Give the people named in WINWIN_MODERATORS and WINWIN_OWNER (member keys: platform:space:id) their roles."""
    named = dict.fromkeys(settings.winwin_moderators, Role.MODERATOR)
    roles: dict[str, set[Role]] = {key: {role} for key, role in named.items()}
    if settings.winwin_owner:
        roles.setdefault(settings.winwin_owner, set()).add(Role.OWNER)
    if not roles:
        return
    for key in roles:
        if key.count(":") < 2:
            raise SettingsError(
                f"{key!r} in WINWIN_MODERATORS or WINWIN_OWNER is not platform:space:id, like web:local:sol"
            )
    async with store.begin() as tx:
        await tx.members.seen([(Member.from_key(key), "") for key in roles], now)
        for key, record in (await tx.members.get(sorted(roles))).items():
            if not roles[key] <= record.roles:
                await tx.members.save(replace(record, roles=record.roles | roles[key]))
                await tx.audit.append([Audit(now, "settings", "appoint", key, "+".join(sorted(roles[key])))])


async def _identity(model: BackgroundModel, settings: Settings) -> tuple[str, int]:
    """Name and dimension of the model; known without loading it where it is the default one."""
    if not settings.winwin_model:
        return pair.name(), pair.WIDTH
    embedder = await model.embedder()
    return embedder.name, embedder.dimension


def lookups_of(c: Community, topics: Sequence[Topic]) -> Lookups:
    """What a surface of this community asks for."""
    mode, country = c.settings.winwin_default_mode, c.settings.winwin_country
    return Lookups(c.store, c.librarian, c.judge, c.clock, c.policy, topics, c.desk.receive, c.helplines, mode, country)


def topics_of(c: Community) -> Sequence[Topic]:
    """The topics that the library's resources have."""
    return [Topic(topic, topic) for topic in c.library.topics()]
