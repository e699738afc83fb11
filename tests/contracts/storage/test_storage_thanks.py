"""Who wants to hear what their answers led to, and since when they were not looked at; what happened since a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from storage_values import ANA, BEN, CLEO, DAY, MINUTE, NOW, engagement, record

from bot.community import VolunteerSettings
from bot.events import Member
from bot.ports import Store
from bot.quiet import Away, Hours, Quiet

DORA = Member("web", "home", "dora")
ASKED = ("asked:question", "answered:question")
QUIET = (Quiet(0, time(22), time(7, 30)),)
AWAY = Away(date(2026, 3, 1), date(2026, 3, 9))
MADRID = VolunteerSettings(ANA.key, time_zone="Europe/Madrid", quiet=QUIET, away=AWAY)


async def test_who_waited_longest_comes_first_with_their_hours(store: Store) -> None:
    async with store.begin() as tx:
        for member in (ANA, BEN, CLEO, DORA):
            await tx.members.save(record(member))
            await tx.volunteers.save(VolunteerSettings(member.key))
        await tx.volunteers.save(MADRID)
        await tx.volunteers.thanked([DORA.key], NOW - MINUTE)
        await tx.volunteers.thanked([BEN.key, "web:home:nobody"], NOW)
        await tx.volunteers.thanked([], NOW)
        due = await tx.volunteers.thanks_due(NOW, 9)
        assert list(due) == [ANA.key, CLEO.key, DORA.key, BEN.key]
        assert due[ANA.key] == Hours("Europe/Madrid", QUIET, AWAY)
        assert list(await tx.volunteers.thanks_due(NOW, 2)) == [ANA.key, CLEO.key]
        assert list(await tx.volunteers.thanks_due(NOW - MINUTE, 9)) == [ANA.key, CLEO.key, DORA.key]
        assert list(await tx.volunteers.thanks_due(NOW - DAY, 9)) == [ANA.key, CLEO.key]


async def test_who_saves_their_settings_was_thanked_all_the_same_and_who_signs_up_anew_was_not(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(ANA))
        await tx.volunteers.save(MADRID)
        await tx.volunteers.thanked([ANA.key], NOW)
        await tx.volunteers.save(replace(MADRID, weekly_cap=2))
        assert await tx.volunteers.thanks_due(NOW - MINUTE, 9) == {}
        await tx.members.forget(ANA.key, NOW)
        await tx.volunteers.save(MADRID)
        assert list(await tx.volunteers.thanks_due(NOW - MINUTE, 9)) == [ANA.key]


async def test_who_does_not_want_to_or_cannot_hear_it_is_left_out(store: Store) -> None:
    async with store.begin() as tx:
        for fact in ("opted_out", "deactivated", "guest", "bot"):
            member = Member("web", "home", fact)
            await tx.members.save(record(member, **{fact: True}))
            await tx.volunteers.save(VolunteerSettings(member.key))
        await tx.members.save(record(BEN))
        await tx.volunteers.save(VolunteerSettings(BEN.key, thanks=False))
        await tx.volunteers.save(VolunteerSettings("web:home:never-seen"))
        assert await tx.volunteers.thanks_due(NOW, 9) == {}


async def test_engagement_is_read_from_a_moment_on(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(ANA))
        rows = [engagement("k1", at=NOW - MINUTE), engagement("k2", at=NOW), engagement("k3", BEN, NOW + MINUTE)]
        await tx.engagement.add(rows)
        await tx.engagement.add([replace(engagement("k4"), behaviour="opened:resource")])
        assert [(e.key, e.person) for e in await tx.engagement.since(NOW, ASKED)] == [("k2", "p-ana"), ("k3", BEN.key)]
