"""The composition root: the only file that knows every adapter, and puts them together into a running community."""

from __future__ import annotations

import asyncio
import ctypes
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import structlog
import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from adapters.charts import Charts
from adapters.clock import DemoClock, SystemClock
from adapters.embedders import load_embedder
from adapters.embedders.packaged import DIMENSION
from adapters.embedders.serving import NAME
from adapters.logs import plain_logs
from adapters.model import BackgroundModel
from adapters.samples import load_day, load_samples, settle_in
from adapters.scheduler import Scheduler, Tick
from adapters.settings import Settings, SettingsError
from adapters.slack.connection import SlackConnection, connected
from adapters.slack.figures import Figures as SlackFigures
from adapters.slack.house import House as SlackHouse
from adapters.slack.oauth import OAuthFlow, oauth_flow
from adapters.stopwatch import Stopwatch
from adapters.storage.chat import Chat
from adapters.storage.database import Database
from adapters.storage.slack_installs import SlackStores
from adapters.triage import BackgroundTriage
from adapters.web.client import WebMessenger
from adapters.web.desk import catch_up, hand_over
from adapters.web.live import Viewers
from adapters.web.people import Person
from adapters.web.server import create_app, machines_app
from adapters.web.services import Services
from bot.community import Audit, Role, Topic
from bot.digesting import Digests
from bot.events import Member
from bot.following import Following
from bot.helpdesk import HelpDesk, House, Outside
from bot.judging import Judge
from bot.librarian import Librarian
from bot.lookups import Lookups
from bot.policy import Policy
from bot.ports import Clock, DeliveryError, Messenger, Store
from bot.report import Report
from bot.reporting import make_report
from bot.safety.helplines import Helpline, load_helplines
from bot.safety.triage import Triage
from knowledge.embedding import Embedder
from knowledge.search import Library

CAUGHT_UP_EVERY = 5.0  # seconds between two looks for posts the desk has not heard of

_log = structlog.get_logger("winwin.app")

Progress = Callable[[int, int], None]


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
    helplines: tuple[Helpline, ...]
    slack: SlackConnection | None = None

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
) -> AsyncIterator[Community]:
    """A community on its database, with nothing running yet: what the commands work with. The model and the rules are
    loaded when they are first needed. `show_all`: numbers of few people too, where nobody is real. With `connect`, it
    speaks on every platform that is set. Raises StorageError, ModelError and PlatformError with one clear line."""
    if not structlog.is_configured():  # whoever opens it: the usual logs would show what people wrote
        plain_logs()
    clock, policy, watch = clock or SystemClock(), policy or Policy(), watch or Stopwatch()
    async with AsyncExitStack() as stack:
        with watch.step("database opened"):
            store = await Database.open(settings.database_url)
            stack.push_async_callback(store.close)
            await appoint(store, settings, clock.now())
        model = BackgroundModel(partial(_load_model, settings, watch))
        stack.callback(model.close)
        name, dimension = await _identity(model, settings)
        librarian = Librarian(Library(dimension), model, name, store)
        triage = BackgroundTriage(partial(_load_rules, watch))
        judge = Judge(triage, librarian, model, policy)
        chat, viewers = Chat(store), Viewers()
        mouths: dict[str, Messenger] = {"web": WebMessenger(chat, viewers, clock, settings.winwin_public_url)}
        metrics = CollectorRegistry()
        slack = await slack_connection(settings, store, clock, metrics) if connect and settings.slack else None
        if slack is not None:
            stack.push_async_callback(slack.close)
            mouths["slack"] = slack.messenger
        digests = Digests(store, clock, model, Charts(), policy, settings.winwin_time_zone, show_all=show_all)
        helplines = load_helplines()
        outside = Outside(store, clock, mouths, triage, judge, librarian, helplines, digests)
        desk = HelpDesk(outside, House(policy, settings.winwin_default_mode, topics))
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
            helplines,
            slack,
        )


class PlatformError(Exception):
    """A platform does not let us in; the message is one line that says what to do."""


async def slack_connection(
    settings: Settings, store: Database, clock: Clock, metrics: CollectorRegistry
) -> SlackConnection:
    stores = SlackStores(store, settings.slack_client_id) if settings.slack_installs else None
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    try:
        return await connected(settings.slack_api_url, token, stores, clock, SlackFigures(metrics))
    except DeliveryError as error:
        raise PlatformError(_not_let_in(error, "SLACK_BOT_TOKEN", settings)) from error


async def open_slack(c: Community, slack: SlackConnection, app: FastAPI) -> list[str]:
    """Both ways in, whichever are set. Returns the names of the workspaces."""
    settings = c.settings
    house = SlackHouse(c.store, lookups_of(c, ()), c.clock, lambda: topics_of(c), settings.winwin_default_mode)
    slack.listen(c.desk.receive, house)
    if settings.slack_signing_secret is not None:
        app.include_router(slack.routes(settings.slack_signing_secret.get_secret_value(), _flow(c, slack)))
    places = await slack.greet()
    if settings.slack_app_token is not None and settings.slack_bot_token is not None:
        try:
            await slack.open_socket(settings.slack_app_token.get_secret_value())
        except DeliveryError as error:
            raise PlatformError(_not_let_in(error, "SLACK_APP_TOKEN", settings)) from error
    return places


def _flow(c: Community, slack: SlackConnection) -> OAuthFlow | None:
    settings = c.settings
    if not settings.slack_installs or settings.slack_client_secret is None:
        return None

    async def after() -> None:
        await slack.greet()

    secret = settings.slack_client_secret.get_secret_value()
    stores = SlackStores(c.store, settings.slack_client_id)
    return oauth_flow(
        settings.slack_client_id, secret, settings.winwin_public_url, settings.slack_api_url, stores, after
    )


def _not_let_in(error: DeliveryError, setting: str, settings: Settings) -> str:
    return f"Slack does not let the bot in ({error}); check {setting} and the line to {settings.slack_api_url}"


def _load_model(settings: Settings, watch: Stopwatch) -> Embedder:
    with watch.step("model loaded"):
        return load_embedder(settings.winwin_model or None)


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
        return NAME, DIMENSION
    embedder = await model.embedder()
    return embedder.name, embedder.dimension


@asynccontextmanager
async def running(c: Community, progress: Progress | None = None) -> AsyncIterator[asyncio.Task[None]]:
    """The desk at work and the ticks ticking. The task given ends when the library is loaded: until then facts are
    received and kept safe, and handled afterwards."""
    reading_up = [Tick("backfill", c.slack.catch_up, timedelta(seconds=2))] if c.slack is not None else []
    scheduler = Scheduler(
        [
            *reading_up,
            Tick("inbox", c.desk.handle_one, timedelta(seconds=2)),
            Tick("deadlines", c.desk.fire_deadline, timedelta(seconds=1)),
            Tick("outbox", c.desk.deliver_one, timedelta(seconds=1)),
            Tick("library", c.librarian.refresh, timedelta(seconds=10)),
            Tick("followers", c.following.tell_one, timedelta(minutes=1)),
            Tick("digest", c.digests.digest_one, timedelta(minutes=1)),
            Tick("retention", c.desk.retain, timedelta(hours=1)),
        ]
    )

    async def warm_up() -> None:
        c.triage.start()
        c.model.start()
        await c.librarian.open(progress, c.watch.step)
        await c.triage.loaded()
        with c.watch.step("memory given back"):
            _give_back_memory()
        with c.watch.step("desk opened"):
            await c.desk.open()
            scheduler.start()
        try:
            await c.model.embedder()
        except Exception:  # crises, buttons and people are served without it all the same
            _log.exception("model_not_loaded")
        else:
            _log.info("ready", resources=len(c.library), steps=c.watch.told())

    async def heat() -> None:
        await asyncio.wait([warming])
        await asyncio.to_thread(c.judge.warm_up)

    warming = asyncio.create_task(warm_up(), name="winwin-warm-up")
    heating = asyncio.create_task(heat(), name="winwin-heat-up")
    try:
        yield warming
    finally:
        warming.cancel()
        heating.cancel()
        await asyncio.gather(warming, heating, return_exceptions=True)
        await scheduler.stop()
        await c.desk.close()


def _give_back_memory() -> None:
    """Loading leaves holes that glibc keeps for itself: some 80 MB after 10,000 resources. Elsewhere: nothing."""
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):
        return


def secret_key(settings: Settings, beside: Path) -> str:
    """The key that signs cookies: the one that was set, or one made once and kept in a file only its owner can read."""
    if settings.winwin_secret_key is not None:
        return settings.winwin_secret_key.get_secret_value()
    if not beside.exists():
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.touch(mode=0o600)
        beside.write_text(secrets.token_hex(32), encoding="utf-8")
    return beside.read_text(encoding="utf-8").strip()


# --- the web server -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Site:
    """What the local web community shows and who may be there."""

    people: tuple[Person, ...]
    topics: tuple[Topic, ...]
    questions: tuple[str, ...]
    demo: bool
    key_file: Path


def lookups_of(c: Community, topics: Sequence[Topic]) -> Lookups:
    """What a surface of this community asks for."""
    mode = c.settings.winwin_default_mode
    return Lookups(c.store, c.librarian, c.judge, c.clock, c.policy, topics, c.desk.receive, c.helplines, mode)


def web_app(c: Community, site: Site, ready: Callable[[], bool]) -> FastAPI:
    """The local web community's site on this community."""

    async def report() -> Report:
        now = c.clock.now()
        return await make_report(c.store, c.model, now, now - timedelta(days=90), c.policy, show_all=site.demo)

    services = Services(
        store=c.store,
        chat=c.chat,
        clock=c.clock if isinstance(c.clock, DemoClock) else StillClock(c.clock),
        receive=c.desk.receive,
        settle=c.desk.settle,
        ready=ready,
        report=report,
        lookups=lookups_of(c, site.topics),
        topics=site.topics,
        people=site.people,
        sample_questions=site.questions,
        secret_key=secret_key(c.settings, site.key_file),
        version=version("winwin"),
        viewers=c.viewers,
        metrics=c.metrics,
        hosts=_hosts(c.settings),
        demo=site.demo,
    )
    return create_app(services)


class StillClock:
    """A clock that nobody moves."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def advance(self, by: timedelta) -> datetime:  # noqa: ARG002 -- the port's argument
        raise ValueError("only the demonstration's clock can be moved")


def _hosts(settings: Settings) -> tuple[str, ...]:
    name = urlsplit(settings.winwin_public_url).hostname
    return (name,) if name else ()


class Server(uvicorn.Server):
    """uvicorn on a socket that is bound already, leaving signals to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: FastAPI, listening: socket.socket, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; open pages get two seconds to end."""
    # Pages are told of news by plain HTTP; looking for libraries that speak WebSocket would take a tenth of a second.
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=2
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="winwin-web")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving


async def play_day(c: Community, clock: DemoClock) -> int:
    """The sample day through the bot, on the demonstration's clock, into a chat where nobody has written yet. Returns
    how many messages were written."""
    if await c.chat.latest():
        return 0
    written: dict[str, str] = {}  # a message's key in the samples -> its id in the chat
    for message in load_day():
        now = clock.advance(message.after)
        root = written.get(message.thread, "")
        post = await c.chat.add(channel=message.channel, author=message.author, at=now, text=message.text, thread=root)
        written[message.key] = post.id
        await hand_over(post, c.chat, c.desk.receive, c.viewers)
        await c.desk.settle()
    return len(written)


async def run_local(
    settings: Settings,
    listening: socket.socket,
    *,
    demo: bool,
    stop: asyncio.Event,
    opened: Callable[[], None],
    day: bool = False,
    watch: Stopwatch | None = None,
) -> None:
    """The local web community, until `stop`: with the samples and a clock to move when it is a demonstration."""
    watch = watch or Stopwatch()
    with watch.step("sample people"):
        samples = load_samples()
    beside = sqlite_path(settings.database_url)
    clock: Clock = KeptClock(beside.with_suffix(".clock")) if demo else SystemClock()
    topics = frozenset(t.id for t in samples.topics)
    async with community(settings, clock=clock, topics=topics, show_all=demo, watch=watch) as c:
        if demo:
            await settle_in(c.store, samples, clock.now())
            for channel in samples.channels:
                await c.chat.open_channel(channel.key.rsplit(":", 1)[-1], channel.name, channel.purpose)
        people = tuple(Person(p.id, p.record.name, p.role, p.about) for p in samples.people)
        site = Site(people, samples.topics, samples.questions, demo, beside.with_suffix(".key"))
        async with running(c) as warming:
            with watch.step("pages"):
                app = web_app(c, site, lambda: _succeeded(warming) and c.model.ready)
            warming.add_done_callback(partial(_warmed, c.model, opened, stop))
            if day and isinstance(clock, DemoClock):
                playing = asyncio.create_task(_play_when_ready(c, clock, warming))
            caught_up = asyncio.create_task(_catch_up(c, stop))
            await serve(app, listening, stop)
            await caught_up
            if day and not playing.done():
                playing.cancel()
            if warming.done() and not warming.cancelled():
                warming.result()  # raises what made us stop


def _warmed(model: BackgroundModel, opened: Callable[[], None], stop: asyncio.Event, task: asyncio.Task[None]) -> None:
    """Say that it is open; without its library or its rules the program ends."""
    if not _succeeded(task):
        stop.set()
    elif model.ready:
        opened()


def _succeeded(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


async def run_platforms(
    settings: Settings, listening: socket.socket, *, stop: asyncio.Event, opened: Callable[[Sequence[str]], None]
) -> None:
    """Every platform that is set, and a web server for machines, until `stop`. `opened` is told where we are when the
    bot can answer; what comes before that is kept safe and answered then."""
    async with community(settings, connect=True) as c, running(c) as warming:
        app = machines_app(c.store, lambda: _well(warming), c.metrics, version("winwin"))
        places = await open_slack(c, c.slack, app) if c.slack is not None else []
        serving = asyncio.create_task(serve(app, listening, stop))
        await asyncio.wait({warming, serving}, return_when=asyncio.FIRST_COMPLETED)
        if warming.done() and not stop.is_set():
            if (problem := warming.exception()) is not None:
                stop.set()
                await serving
                raise problem
            opened(places)
        await serving


def _well(warming: asyncio.Task[None]) -> bool:
    return warming.done() and not warming.cancelled() and warming.exception() is None


def topics_of(c: Community) -> Sequence[Topic]:
    """The topics that the library's resources have."""
    return [Topic(topic, topic) for topic in c.library.topics()]


async def _play_when_ready(c: Community, clock: DemoClock, warming: asyncio.Task[None]) -> None:
    await asyncio.wait([warming])
    if _succeeded(warming):
        count = await play_day(c, clock)
        _log.info("day_played", messages=count)


async def _catch_up(c: Community, stop: asyncio.Event) -> None:
    """Posts that the chat has and the desk has not heard of: at the start, and every few seconds."""
    while not stop.is_set():
        try:
            await catch_up(c.chat, c.desk.receive)
        except Exception:  # the next look finds what this one did not
            _log.exception("catch_up_broke")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), CAUGHT_UP_EVERY)


def sqlite_path(url: str) -> Path:
    """The database file of a DATABASE_URL; small files of ours stand beside it."""
    return Path(url.split("///", 1)[-1]).absolute()


class KeptClock(DemoClock):
    """The demonstration's clock, which goes on from where it was when the program was stopped or killed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        super().__init__(timedelta(seconds=_number_in(file)))

    def advance(self, by: timedelta) -> datetime:
        now = super().advance(by)
        fresh = self._file.with_suffix(".clock-new")
        fresh.write_text(str(self.ahead.total_seconds()), encoding="utf-8")
        fresh.replace(self._file)
        return now


def _number_in(file: Path) -> float:
    try:
        return max(0.0, float(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return 0.0
