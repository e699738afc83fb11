"""Roles of a platform that are trusted, who somebody is by them, and where a channel is answered: for every storage."""

from __future__ import annotations

from storage_values import ANA, BEN, CLEO, NOW, record

from bot.community import Badge, Channel, Role, Trust, VolunteerSettings
from bot.policy import Answering, Mode
from bot.ports import Store


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
    channel = Channel("d:1:5", "help", Mode.THREAD, answering=Answering.REPLY, numbers=(("offer", 5),), public=True)
    async with store.begin() as tx:
        await tx.channels.save(channel)
    async with store.read() as tx:
        assert await tx.channels.get("d:1:5") == channel
        assert await tx.channels.all() == [channel]


async def test_a_moderator_by_a_role_who_volunteers_is_a_lead(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(ANA, badges=frozenset({Badge(Role.MODERATOR, "d:1:2")})))
        await tx.members.save(record(BEN, badges=frozenset({Badge(Role.CLINICIAN, "d:1:3")})))
        for member in (ANA, BEN):
            await tx.volunteers.save(VolunteerSettings(member.key))
        assert [v.lead for v in await tx.volunteers.pool(NOW)] == [True, False]
