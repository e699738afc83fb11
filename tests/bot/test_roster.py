"""Whoever is remembered wrongly is not asked: they are read again first."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest

from bot import effects as do
from bot import roster as rosters
from bot.crowd import Crowd
from bot.question import Decision
from bot.roster import AT_MOST, KEPT, TOUCHED, Roster
from bot.routing import Need, Volunteer
from tests.fakes.clock import MovableClock
from tests.fakes.values import KOFI, MINUTE, NOON, TESS, question, volunteer

NEED = Need("q1", "p-dana", (), "en", medical=False, excluded=frozenset())
ANA = volunteer("ana", asked_this_week=3)


class Town:
    """A store of volunteers alone, and how often they were read. `read` may be told to do something meanwhile."""

    def __init__(self, *people: Volunteer) -> None:
        self.people = {v.member: v for v in people}
        self.reads: list[tuple[str, ...] | None] = []
        self.volunteers = self
        self.meanwhile: Callable[[], object] = lambda: None

    @asynccontextmanager
    async def read(self):
        yield self
        self.meanwhile()

    async def everybody(self):
        return sorted(self.people)

    async def pool(self, now, members=None):
        self.reads.append(None if members is None else tuple(members))
        return tuple(v for key, v in sorted(self.people.items()) if members is None or key in members)


def ask(crowd: Crowd, now=NOON) -> Decision:
    """Offer it to whoever is chosen."""
    chosen = crowd.choose(NEED, now).volunteer
    return Decision(question(), (do.OfferQuestion("q1", chosen.member, 1),) if chosen else ())


def asked(decision: Decision) -> str:
    return decision.effects[0].to if decision.effects else ""


@pytest.fixture(autouse=True)
def _large(monkeypatch):
    monkeypatch.setattr(rosters, "SMALL", 1)


@pytest.fixture
def town():
    return Town(volunteer("tess"), volunteer("kofi", asked_this_week=1), ANA)


async def test_a_large_community_is_read_once_and_who_is_asked_is_read_again(town):
    roster = Roster()
    for _ in range(3):
        assert asked(await roster.decide(town, NOON, ask)) == TESS
    assert town.reads == [None, (TESS,), (TESS,), (TESS,)]


@pytest.mark.parametrize("change", [{"paused": True}, {"asked_this_week": 5}, {"open_claims": 2}])
async def test_somebody_who_has_no_room_any_more_is_not_asked_however_long_ago_they_were_read(town, change):
    roster = Roster()
    await roster.crowd(town, NOON)
    town.people[TESS] = replace(town.people[TESS], **change)
    assert asked(await roster.decide(town, NOON + 9 * MINUTE, partial(ask, now=NOON + 9 * MINUTE))) == KOFI


async def test_somebody_who_volunteers_no_more_is_not_asked(town):
    roster = Roster()
    await roster.crowd(town, NOON)
    del town.people[TESS]
    assert asked(await roster.decide(town, NOON, ask)) == KOFI


async def test_when_nobody_is_as_remembered_everybody_is_read_again(town, monkeypatch):
    monkeypatch.setattr(rosters, "TRIES", 1)
    roster = Roster()
    await roster.crowd(town, NOON)
    town.people = {ANA.member: ANA}
    assert asked(await roster.decide(town, NOON, ask)) == ANA.member
    assert town.reads[-1] is None


async def test_who_was_touched_is_read_again_before_anybody_is_chosen(town):
    """Somebody new, for whom nobody was chosen yet."""
    roster = Roster()
    await roster.crowd(town, NOON)
    new = volunteer("ben")
    town.people[new.member] = new
    town.people[TESS] = replace(town.people[TESS], asked_this_week=1)
    roster.touch([new.member, TESS, ""], NOON)
    assert asked(await roster.decide(town, NOON, ask)) == new.member
    assert town.reads[1] == (new.member, TESS)
    town.reads.clear()
    await roster.crowd(town, NOON + TOUCHED)
    assert town.reads == []


async def test_when_nothing_could_be_read_for_long_everybody_is_read_again_and_so_when_the_clock_goes_back(town):
    roster = Roster()
    for now in (NOON, NOON + KEPT, NOON + AT_MOST, NOON):
        await roster.crowd(town, now)
    assert town.reads == [None, None, None]


async def test_everybody_is_read_ahead_in_pages_and_no_search_waits_for_it(town, monkeypatch):
    monkeypatch.setattr(rosters, "PAGE", 2)
    roster, clock = Roster(), MovableClock(NOON)
    await roster.refresh(town, clock)
    assert town.reads == [(ANA.member, KOFI), (TESS,)]
    clock.move(KEPT - MINUTE)
    await roster.refresh(town, clock)
    assert len(town.reads) == 2
    clock.move(MINUTE)
    del town.people[TESS]
    assert asked(await roster.decide(town, clock.now(), ask)) == KOFI  # told by reading Tess alone
    await roster.refresh(town, clock)
    assert town.reads[2:] == [(TESS,), (KOFI,), (ANA.member, KOFI)]


async def test_who_changes_while_everybody_is_read_is_read_once_more(town, monkeypatch):
    monkeypatch.setattr(rosters, "PAGE", 1)
    roster, clock = Roster(), MovableClock(NOON)
    new = volunteer("ben")

    def signs_up():
        roster.touch([new.member], clock.now())
        town.people[new.member] = new
        clock.move(TOUCHED)  # it takes long

    town.meanwhile = signs_up
    town.people[TESS] = replace(town.people[TESS], asked_this_week=2)
    await roster.refresh(town, clock)
    assert asked(await roster.decide(town, clock.now(), ask)) == new.member


async def test_a_small_community_is_not_read_ahead(monkeypatch, town):
    monkeypatch.setattr(rosters, "SMALL", 3)
    await Roster().refresh(town, MovableClock(NOON))
    assert town.reads == []


async def test_a_small_community_is_read_for_each_search(monkeypatch, town):
    monkeypatch.setattr(rosters, "SMALL", 200)
    roster = Roster()
    await roster.crowd(town, NOON)
    town.people[KOFI] = replace(town.people[KOFI], last_asked_at=NOON)
    assert (await roster.crowd(town, NOON)).get(KOFI) == town.people[KOFI]
