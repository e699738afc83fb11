"""Members, volunteers, channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from storage_values import ANA, BEN, CLEO, DAY, LEASE, MINUTE, NOW, offer, question, record

from bot.community import Badge, Channel, MemberRecord, Role, Trust, VolunteerSettings
from bot.policy import Answering, Mode
from bot.ports import Store
from bot.question import Status
from bot.routing import Kind, Quiet, Volunteer

SETTINGS = VolunteerSettings(
    BEN.key,
    Kind.CLINICIAN,
    frozenset({"school", "infusions"}),
    frozenset({"en", "es"}),
    "Europe/Madrid",
    (Quiet(0, time(22), time(7, 30)), Quiet(6, time(0), time(23, 59, 59))),
    3,
    True,
)


async def test_whoever_is_seen_first_is_a_person_of_their_own(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.seen([(ANA, "Ana"), (BEN, ""), (ANA, "Ana M.")], NOW)
        await tx.members.seen([], NOW)
        found = await tx.members.get([ANA.key, BEN.key, "web:home:nobody"])
    assert found == {
        ANA.key: MemberRecord(ANA.key, found[ANA.key].person, "Ana M.", joined_at=NOW),
        BEN.key: MemberRecord(BEN.key, found[BEN.key].person, "", joined_at=NOW),
    }
    assert found[ANA.key].person != found[BEN.key].person
    assert "ana" not in found[ANA.key].person


async def test_seen_again_only_a_given_name_changes(store: Store) -> None:
    known = record(ANA, roles=frozenset({Role.OWNER}), opted_out=True, joined_at=NOW - DAY)
    async with store.begin() as tx:
        await tx.members.save(known)
        await tx.members.seen([(ANA, "")], NOW)
        assert await tx.members.get([ANA.key]) == {ANA.key: known}
        await tx.members.seen([(ANA, "Ana Maria")], NOW)
        assert await tx.members.get([ANA.key]) == {ANA.key: replace(known, name="Ana Maria")}


async def test_a_member_comes_back_as_saved_and_is_found_by_role(store: Store) -> None:
    ana = record(
        ANA,
        roles=frozenset({Role.MODERATOR, Role.SAFETY_LEAD}),
        language="es",
        country="ES",
        time_zone="Europe/Madrid",
        opted_out=True,
        staff=True,
        shares_answers=True,
        guest=True,
        bot=True,
        deactivated=True,
        joined_at=NOW,
    )
    ben = record(BEN, person=ana.person, roles=frozenset({Role.MODERATOR}))
    async with store.begin() as tx:
        for one in (ben, record(ANA), ana, record(CLEO)):
            await tx.members.save(one)
        assert await tx.members.all() == [ana, ben, record(CLEO)]
        assert await tx.members.with_role(Role.MODERATOR) == [ana, ben]
        assert await tx.members.with_role(Role.SAFETY_LEAD) == [ana]
        assert await tx.members.with_role(Role.OWNER) == []
        assert await tx.members.get([]) == {}


async def test_what_a_volunteer_declared_comes_back_and_is_replaced(store: Store) -> None:
    async with store.begin() as tx:
        await tx.volunteers.save(SETTINGS)
        assert await tx.volunteers.get(BEN.key) == SETTINGS
        assert await tx.volunteers.get(ANA.key) is None
        fewer = replace(SETTINGS, topics=frozenset({"diet"}), quiet=(), paused=False)
        await tx.volunteers.save(fewer)
        assert await tx.volunteers.get(BEN.key) == fewer


async def test_the_pool_says_who_there_is_how_often_they_were_asked_and_what_they_hold(store: Store) -> None:
    week = timedelta(days=7)
    async with store.begin() as tx:
        for member in (ANA, BEN, CLEO):
            await tx.members.save(record(member))
        await tx.members.save(record(CLEO, opted_out=True))
        await tx.volunteers.save(VolunteerSettings(ANA.key))
        await tx.volunteers.save(SETTINGS)
        await tx.volunteers.save(VolunteerSettings(CLEO.key))
        await tx.outbox.add([offer("k0", BEN.key)], NOW - week, LEASE)
        await tx.outbox.add([offer("k1", BEN.key), offer("k2", ANA.key)], NOW - week + MINUTE, LEASE)
        one, two = await tx.outbox.add([offer("k3", BEN.key), offer("k4", BEN.key)], NOW - DAY, LEASE)
        (three,) = await tx.outbox.add([offer("k5", BEN.key)], NOW - MINUTE, LEASE)
        await tx.outbox.delivered(one.id, NOW, None)
        await tx.outbox.drop(two.id, NOW, "answered")
        await tx.outbox.park(three.id, NOW, "unreachable")
        await tx.questions.add(question("q1", status=Status.OFFERED, offered_to=BEN.key))
        await tx.questions.add(question("q2", status=Status.CLAIMED, claimed_by=BEN.key))
        await tx.questions.add(question("q3", status=Status.CLOSED, answered_by=(BEN.key,)))
    async with store.read() as tx:
        pool = await tx.volunteers.pool(NOW)
    assert pool == (
        Volunteer(ANA.key, "p-ana", "Ana", asked_this_week=1, last_asked_at=NOW - week + MINUTE),
        Volunteer(
            BEN.key,
            "p-ben",
            "Ben",
            SETTINGS.kind,
            SETTINGS.topics,
            SETTINGS.languages,
            SETTINGS.time_zone,
            SETTINGS.quiet,
            SETTINGS.weekly_cap,
            SETTINGS.paused,
            asked_this_week=2,
            open_claims=2,
            last_asked_at=NOW - DAY,
        ),
    )


async def test_a_volunteer_whom_nobody_has_seen_yet_counts_too(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.volunteers.pool(NOW) == ()
        await tx.volunteers.save(VolunteerSettings(ANA.key))
        assert await tx.volunteers.pool(NOW) == (Volunteer(ANA.key, ANA.key, ""),)


async def test_a_channel_comes_back_as_saved(store: Store) -> None:
    help_ = Channel("web:home:help", "help", Mode.THREAD, "ask anything", "es", "m9", welcomed=True, gone=True)
    async with store.begin() as tx:
        await tx.channels.save(Channel("web:home:zoo", "zoo", Mode.OFF))
        await tx.channels.save(replace(help_, mode=Mode.HINT))
        await tx.channels.save(help_)
        assert await tx.channels.get("web:home:help") == help_
        assert await tx.channels.get("web:home:none") is None
        assert await tx.channels.all() == [help_, Channel("web:home:zoo", "zoo", Mode.OFF)]


@pytest.mark.parametrize("fact", ["guest", "bot", "deactivated", "opted_out"])
async def test_who_cannot_help_is_not_in_the_pool(store: Store, fact: str) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(ANA, **{fact: True}))
        await tx.volunteers.save(VolunteerSettings(ANA.key))
        assert await tx.volunteers.pool(NOW) == ()


async def test_badges_come_back_and_count_as_roles(store: Store) -> None:
    ana = record(ANA, badges=frozenset({Badge(Role.MODERATOR, "d:1:2"), Badge(Role.CLINICIAN, "d:1:3")}))
    async with store.begin() as tx:
        await tx.members.save(ana)
        await tx.members.save(record(BEN, roles=frozenset({Role.MODERATOR})))
        await tx.members.save(record(CLEO))
    async with store.read() as tx:
        assert await tx.members.get([ANA.key]) == {ANA.key: ana}
        assert [m.key for m in await tx.members.with_role(Role.MODERATOR)] == [ANA.key, BEN.key]
        assert [m.key for m in await tx.members.with_role(Role.CLINICIAN)] == [ANA.key]
        assert await tx.members.with_badges() == [ana]


async def test_trusted_roles_are_kept_in_order_renamed_and_dropped(store: Store) -> None:
    mods, both = Trust("d:1:2", Role.MODERATOR, "Mods"), Trust("d:1:2", Role.CLINICIAN, "Mods")
    async with store.begin() as tx:
        assert await tx.trusts.all() == ()
        for trust in (mods, both, Trust("d:1:1", Role.MODERATOR, "Old")):
            await tx.trusts.put(trust)
        await tx.trusts.put(Trust("d:1:1", Role.MODERATOR, "New"))
        await tx.trusts.remove("d:1:2", Role.CLINICIAN)
        await tx.trusts.remove("d:9:9", Role.CLINICIAN)
    async with store.read() as tx:
        assert await tx.trusts.all() == (Trust("d:1:1", Role.MODERATOR, "New"), mods)


async def test_where_a_channel_is_answered_comes_back(store: Store) -> None:
    channel = Channel("d:1:5", "help", Mode.THREAD, answering=Answering.REPLY)
    async with store.begin() as tx:
        await tx.channels.save(channel)
    async with store.read() as tx:
        assert await tx.channels.get("d:1:5") == channel
        assert await tx.channels.all() == [channel]
