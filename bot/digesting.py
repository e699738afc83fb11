"""Once a week the digest goes to the team's channel: Monday at nine, where the community is at home.

The tick (`Digests.digest_one`) puts one wish for each space into the outbox, under a key made of the week: whatever
crashes, and however often it ticks, a week is posted once. What the digest says is worked out when it is delivered.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.cards import InThread
from bot.chart import growth_chart, in_words
from bot.community import Audit, Channel
from bot.digest import digest_card
from bot.effects import PostDigest
from bot.events import Place
from bot.measures import Records, build
from bot.policy import Policy
from bot.ports import Clock, Model, Painter, Store
from bot.report import Report
from bot.reporting import gather
from bot.showing.scene import Picture, Saying
from bot.small_cells import without_small_cells
from bot.steps import Steps
from bot.wording import say_in

AT = time(9)
LATEST = timedelta(days=1)  # after that, this week's digest is left out: the numbers are no news any more
BASELINE = timedelta(days=90)  # growth is measured from then


async def choose_team_channel(channel: Channel, yes: bool, by: str, steps: Steps) -> None:
    """`channel` gets the digest, and no other channel of its space; or it gets it no more."""
    space = _space(channel.key)
    for other in await steps.tx.channels.all():
        if yes and other.digest and _space(other.key) == space:
            await steps.tx.channels.save(replace(other, digest=False))
    await steps.tx.channels.save(replace(channel, digest=yes))
    await steps.tx.audit.append([Audit(steps.now, by, "channel_digest", channel.key, "yes" if yes else "no")])


class Digests:
    """`painter` draws the picture; without one the digest is words alone. `show_all`: where nobody is real."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        model: Model,
        painter: Painter | None,
        policy: Policy,
        time_zone: str = "UTC",
        *,
        show_all: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._model = model
        self._painter = painter
        self._policy = policy
        self._zone = ZoneInfo(time_zone)
        self._show_all = show_all

    async def digest_one(self) -> bool:
        """Wish for the digest when it is time. Returns whether there was work."""
        now = self._clock.now()
        monday = _monday(now.astimezone(self._zone).date())
        begins = datetime.combine(monday, AT, tzinfo=self._zone).astimezone(UTC)
        if not begins <= now < begins + LATEST:
            return False
        week = _label(monday - timedelta(days=7))
        async with self._store.read() as tx:
            due = [c for c in await tx.channels.all() if c.digest and not await tx.outbox.of(_about(c, week))]
        if not due:
            return False
        async with self._store.begin() as tx:
            steps = Steps(tx, self._clock, self._policy, leased_until=now)
            for channel in due:
                await steps.say((PostDigest(channel.key, week),), _about(channel, week), _place(channel.key))
        return True

    async def saying(self, effect: PostDigest) -> Saying | None:
        """The digest as it is now; None when the channel is not the team's any more."""
        async with self._store.read() as tx:
            channel = await tx.channels.get(effect.channel)
        if channel is None or not channel.digest:
            return None
        say = say_in(channel.language)
        records, monday = await gather(self._store, self._model), _first_day(effect.week)
        week, ever = self._report(self._asked_in(records, monday)), self._report(records)
        chart = growth_chart(ever, say, channel.language)
        picture = Picture(await self._painter.paint(chart), in_words(chart)) if self._painter else None
        card = digest_card(week, ever, monday, say, channel.language)
        return Saying(InThread(_place(effect.channel)), card, picture=picture)

    def _report(self, records: Records) -> Report:
        now = self._clock.now()
        report = build(records, now, now - BASELINE)
        return report if self._show_all else without_small_cells(report, self._policy.small_cell)

    def _asked_in(self, records: Records, monday: date) -> Records:
        first = datetime.combine(monday, time(), tzinfo=self._zone)
        last = datetime.combine(monday + timedelta(days=7), time(), tzinfo=self._zone)
        return replace(records, questions=[q for q in records.questions if first <= q.asked_at < last])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _label(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def _first_day(label: str) -> date:
    year, _, week = label.partition("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def _space(channel: str) -> str:
    """`platform:space` of a channel's key."""
    return channel.rpartition(":")[0]


def _about(channel: Channel, week: str) -> str:
    """What the wish is about, as bot.wishes says it."""
    return f"digest:{week}:{_space(channel.key)}"


def _place(channel: str) -> Place:
    """The channel itself."""
    platform, space, name = channel.split(":", 2)
    return Place(platform, space, name, "", "")
