"""The weekly digest: once a week, Monday at nine where the community is at home, with a picture and without shaming."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cards import Form, InThread
from bot.community import Channel
from bot.events import Place
from bot.policy import Mode
from bot.ports import DeliveryError
from tests.fakes.community import Community, peopled
from tests.fakes.messenger import Shown
from tests.fakes.painter import PNG

TEAM, TALK = "web:home:team", "web:home:talk"
NINE = datetime(2026, 3, 9, 8, tzinfo=UTC)  # Monday, nine o'clock in Madrid


def digests(community: Community) -> list[Shown]:
    return [s for s in community.messenger.shown if s.words.startswith("Our week")]


async def tick(community: Community) -> bool:
    found = await community.digests.digest_one()
    await community.desk.settle()
    return found


async def choose(community: Community, channel: str = TEAM, digest: str = "yes") -> None:
    await community.submit("moda", Form.CHANNEL, channel, {"mode": "off", "digest": digest})


def go_to(community: Community, moment: datetime) -> None:
    community.clock.move(moment - community.clock.now())


async def test_the_digest_comes_once_on_monday_at_nine_with_a_picture(anywhere: Community):
    await choose(anywhere)
    await anywhere.say("dana", "Where do you park at the hospital?")
    go_to(anywhere, NINE - timedelta(seconds=1))
    assert not await tick(anywhere)
    go_to(anywhere, NINE)
    assert await tick(anywhere)
    assert not await tick(anywhere)
    (shown,) = digests(anywhere)
    assert shown.to == InThread(Place("web", "home", "team", "", ""))
    assert shown.words.splitlines()[:2] == ["Our week, 2 Mar to 8 Mar", "One question was asked."]
    png, alt = anywhere.messenger.pictures[shown.posted.message]
    assert png == PNG
    assert alt.startswith(
        "Our shared knowledge: people by month. Know about it: 0 people so far; Use it: one person so far"
    )
    assert [curve.name for curve in anywhere.painter.charts[0].curves] == ["Know about it", "Use it", "Add to it"]


async def test_the_next_week_has_its_own(home: Community):
    await choose(home)
    for week in range(3):
        go_to(home, NINE + timedelta(weeks=week, hours=1))
        await tick(home)
        await tick(home)
    assert [s.words.splitlines()[0] for s in digests(home)] == [
        "Our week, 2 Mar to 8 Mar",
        "Our week, 9 Mar to 15 Mar",
        "Our week, 16 Mar to 22 Mar",
    ]


async def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change(home: Community):
    await choose(home)
    summer = datetime(2026, 3, 30, 7, tzinfo=UTC)  # the clocks in Madrid went forward the day before
    go_to(home, summer - timedelta(seconds=1))
    assert not await tick(home)
    go_to(home, summer)
    assert await tick(home)


async def test_a_crash_before_or_after_posting_posts_it_once(anywhere: Community):
    await choose(anywhere)
    go_to(anywhere, NINE)
    await anywhere.digests.digest_one()  # the wish is stored, and then it crashes
    await anywhere.restart()
    await tick(anywhere)
    await anywhere.restart()
    await tick(anywhere)
    assert len(digests(anywhere)) == 1


async def test_a_picture_is_sent_again_with_the_word_that_it_was_tried(home: Community):
    await choose(home)
    home.messenger.failures = [DeliveryError("the line broke", permanent=False)]
    home.messenger.tried.clear()
    go_to(home, NINE)
    await tick(home)
    go_to(home, NINE + timedelta(minutes=1))
    await tick(home)
    first, second = home.messenger.tried
    assert second == first + 1
    assert len(digests(home)) == 1


async def test_a_day_late_it_is_no_news_any_more(home: Community):
    await choose(home)
    go_to(home, NINE + timedelta(hours=23, minutes=59))
    assert await tick(home)
    go_to(home, NINE + timedelta(weeks=1, days=1))
    assert not await tick(home)


async def test_without_a_team_channel_nothing_is_posted(home: Community):
    go_to(home, NINE)
    assert not await tick(home)
    assert home.messenger.shown == []


async def test_one_channel_of_a_space_is_the_teams_and_its_mode_stays(anywhere: Community):
    await choose(anywhere, TEAM)
    async with anywhere.store.begin() as tx:
        await tx.channels.save(Channel("slack:T1:C1", "Team", Mode.OFF, digest=True))
        await tx.channels.save(Channel(TALK, "Talk", Mode.HINT))
    await anywhere.submit("moda", Form.CHANNEL, TALK, {"digest": "yes"})
    async with anywhere.store.read() as tx:
        found = {c.key: (c.digest, c.mode) for c in await tx.channels.all()}
        log = [(a.action, a.subject, a.detail) for a in await tx.audit.all() if a.action == "channel_digest"]
    assert found == {TEAM: (False, Mode.OFF), TALK: (True, Mode.HINT), "slack:T1:C1": (True, Mode.OFF)}
    assert log == [("channel_digest", TEAM, "yes"), ("channel_digest", TALK, "yes")]
    await anywhere.submit("moda", Form.CHANNEL, TALK, {"mode": "thread"})
    async with anywhere.store.read() as tx:
        assert (await tx.channels.get(TALK)).digest
    await choose(anywhere, TALK, "no")
    go_to(anywhere, NINE)
    await tick(anywhere)
    assert digests(anywhere) == []


async def test_a_channel_without_a_mode_needs_one_first_and_members_choose_nothing(home: Community):
    await home.submit("moda", Form.CHANNEL, TALK, {"digest": "yes"})
    assert home.last("moda") == "I could not save that. Please choose off, mention, hint or thread."
    await home.submit("dana", Form.CHANNEL, TALK, {"mode": "off", "digest": "yes"})
    assert home.last("dana") == "This is not open to everybody here. A moderator can help you."


@pytest.fixture
async def careful():
    community = await peopled(Community(show_all=False))
    await community.open()
    yield community
    await community.close()


async def test_numbers_of_few_people_are_neither_in_the_lines_nor_in_the_picture(careful: Community):
    await choose(careful)
    for number in range(3):
        await careful.say("dana", f"Where do you park, number {number}?")
    go_to(careful, NINE)
    await tick(careful)
    (shown,) = digests(careful)
    assert shown.words.splitlines()[1] == "A few people asked something: too few to count them here."
    assert "Some questions are still waiting for somebody: have a look at the board." in shown.words
    (chart,) = careful.painter.charts
    use = next(curve for curve in chart.curves if curve.name == "Use it")
    assert (use.headline, use.growth) == ("fewer than 11 people so far", "")
    assert {people for curve in chart.curves for people in curve.people} <= {None, 0}
    assert chart.note == "Months with fewer than 11 people are left out."


async def test_it_speaks_the_language_of_the_channel(home: Community):
    await choose(home)
    async with home.store.begin() as tx:
        await tx.channels.save(Channel(TEAM, "Equipo", Mode.OFF, language="es", digest=True))
    go_to(home, NINE)
    await tick(home)
    assert home.messenger.shown[-1].words.startswith("Nuestra semana, del 2 mar al 8 mar")


async def test_a_question_of_another_week_is_not_counted(home: Community):
    await choose(home)
    go_to(home, datetime(2026, 3, 1, 22, 59, 59, tzinfo=UTC))  # the last second of the week before
    await home.say("dana", "Who knows a good bakery?")
    go_to(home, datetime(2026, 3, 1, 23, 0, tzinfo=UTC))  # Monday begins in Madrid
    await home.say("dana", "Where do you park at the hospital?")
    go_to(home, datetime(2026, 3, 8, 22, 59, 59, tzinfo=UTC))  # the last second of Sunday in Madrid
    await home.say("dana", "Who knows a good swimming pool?")
    go_to(home, datetime(2026, 3, 8, 23, 0, tzinfo=UTC))
    await home.say("dana", "Who knows a good playground?")
    go_to(home, NINE)
    await tick(home)
    assert digests(home)[-1].words.splitlines()[1] == "2 questions were asked."
