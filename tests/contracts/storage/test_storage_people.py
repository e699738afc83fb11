"""Members, volunteers, channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
import pytest
from storage_values import ANA, BEN, CLEO, DAY, LEASE, MINUTE, NOW, answer, offer, question, record

from bot.community import Channel, MemberRecord, Role, Skill, VolunteerSettings
from bot.policy import Mode
from bot.ports import Store
from bot.question import Result, Status, Try
from bot.routing import Away, Kind, Quiet, Volunteer

SETTINGS = VolunteerSettings(
    BEN.key,
    Kind.CLINICIAN,
    frozenset({"school", "infusions"}),
    frozenset({"en", "es"}),
    "Europe/Madrid",
    (Quiet(0, time(22), time(7, 30)), Quiet(6, time(0), time(23, 59, 59))),
    3,
    True,
    Away(date(2026, 3, 1), date(2026, 3, 9)),
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
        fewer = replace(SETTINGS, topics=frozenset({"diet"}), quiet=(), paused=False, away=None, learns=True)
        await tx.volunteers.save(fewer)
        assert await tx.volunteers.get(BEN.key) == fewer


async def test_the_pool_says_who_there_is_how_often_they_were_asked_and_what_they_hold(store: Store) -> None:
    week = timedelta(days=7)
    async with store.begin() as tx:
        for member in (ANA, CLEO):
            await tx.members.save(record(member))
        await tx.members.save(record(BEN, roles=frozenset({Role.CLINICIAN})))
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
            SETTINGS.away,
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


async def test_of_some_only_those_are_read(store: Store) -> None:
    async with store.begin() as tx:
        for member in (ANA, BEN, CLEO):
            await tx.members.save(record(member))
            await tx.volunteers.save(VolunteerSettings(member.key))
        await tx.outbox.add([offer("k1", BEN.key), offer("k2", ANA.key)], NOW - DAY, LEASE)
        await tx.questions.add(question("q1", status=Status.CLAIMED, claimed_by=BEN.key))
        everybody = await tx.volunteers.pool(NOW)
        assert await tx.volunteers.pool(NOW, [CLEO.key, BEN.key, "web:home:nobody"]) == everybody[1:]
        assert await tx.volunteers.pool(NOW, []) == ()
        assert await tx.volunteers.everybody() == [ANA.key, BEN.key, CLEO.key]
    assert everybody[1].open_claims == 1


async def test_a_moderator_who_volunteers_is_a_lead(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(ANA, roles=frozenset({Role.MODERATOR})))
        await tx.members.save(record(BEN, roles=frozenset({Role.CLINICIAN, Role.OWNER})))
        for member in (ANA, BEN):
            await tx.volunteers.save(VolunteerSettings(member.key))
        assert [v.lead for v in await tx.volunteers.pool(NOW)] == [True, False]


async def test_a_topic_passed_on_three_times_and_seldom_answered_is_no_topic_of_theirs(store: Store) -> None:
    passed = Try(ANA.key, Result.PASSED, NOW - DAY)
    async with store.begin() as tx:
        await tx.volunteers.save(VolunteerSettings(ANA.key))
        for n, old in enumerate([passed, passed, replace(passed, ended_at=NOW - 91 * DAY)]):
            await tx.questions.add(question(f"q{n}", topics=("diet", "school"), tries=(old,)))
        await tx.questions.add(question("q8", topics=("diet",), tries=(replace(passed, result=Result.EXPIRED),)))
        (ana,) = await tx.volunteers.pool(NOW)
        assert ana.passed == frozenset()
        await tx.questions.add(question("q9", topics=("diet", "tests"), tries=(passed,)))
        (ana,) = await tx.volunteers.pool(NOW)
        assert ana.passed == {"diet"}
        for n in range(3):
            await tx.answers.put(answer(f"m{n}", f"q{n}", by=ANA))
        (ana,) = await tx.volunteers.pool(NOW)
        assert ana.passed == frozenset()
        assert ana.answered_lately == 3
        (ana,) = await tx.volunteers.pool(NOW + 55 * DAY)
        assert ana.answered_lately == 3
        (ana,) = await tx.volunteers.pool(NOW + 56 * DAY)
        assert ana.answered_lately == 0


NORTH, EAST = np.array([1, 0], "<f4").tobytes(), np.array([0, 1], "<f4").tobytes()


async def test_what_answers_that_helped_were_about_is_kept_until_it_is_not_wanted(store: Store) -> None:
    async with store.begin() as tx:
        await tx.volunteers.save(VolunteerSettings(ANA.key, learns=True))
        await tx.volunteers.learn([Skill("a1", ANA.key, NORTH, NOW), Skill("a2", ANA.key, EAST, NOW)])
        (ana,) = await tx.volunteers.pool(NOW)
        assert np.frombuffer(ana.skill, "<f4") == pytest.approx([0.5**0.5, 0.5**0.5])
        await tx.volunteers.save(VolunteerSettings(ANA.key))
        (ana,) = await tx.volunteers.pool(NOW)
        assert ana.skill == b""  # without consent it is not used
        await tx.volunteers.unlearn(ANA.key)
        await tx.volunteers.save(VolunteerSettings(ANA.key, learns=True))
        (ana,) = await tx.volunteers.pool(NOW)
        assert ana.skill == b""


async def test_the_newest_eight_answers_say_what_somebody_knows_and_one_of_another_model_nothing(store: Store) -> None:
    async with store.begin() as tx:
        await tx.volunteers.save(VolunteerSettings(ANA.key, learns=True))
        old = [Skill(f"a{n}", ANA.key, EAST, NOW + n * MINUTE) for n in range(3)]
        other = Skill("b0", ANA.key, NORTH + NORTH, NOW + 10 * MINUTE)
        new = [Skill(f"c{n}", ANA.key, NORTH, NOW + (20 + n) * MINUTE) for n in range(7)]
        await tx.volunteers.learn([*old, other, *new])
        (ana,) = await tx.volunteers.pool(NOW)
        assert ana.skill == NORTH
        assert [await tx.volunteers.learned(m.key) for m in (ANA, BEN)] == [8, 0]


async def test_an_answer_that_is_taken_back_says_nothing_any_more(store: Store) -> None:
    said = answer("m1", by=ANA)
    async with store.begin() as tx:
        await tx.volunteers.save(VolunteerSettings(ANA.key, learns=True))
        await tx.answers.put(said)
        await tx.volunteers.learn([Skill(said.place.key, ANA.key, NORTH, NOW)])
        await tx.answers.remove(said.place.key)
        (ana,) = await tx.volunteers.pool(NOW)
        assert ana.skill == b""


async def test_whoever_is_forgotten_is_known_for_nothing_and_blocks_nobody(store: Store) -> None:
    async with store.begin() as tx:
        for member in (ANA, BEN, CLEO):
            await tx.members.save(record(member))
        await tx.volunteers.save(VolunteerSettings(ANA.key, learns=True))
        await tx.volunteers.learn([Skill("a1", ANA.key, NORTH, NOW)])
        await tx.members.block(ANA.key, BEN.key, NOW)
        await tx.members.block(BEN.key, ANA.key, NOW)
        await tx.members.block(BEN.key, CLEO.key, NOW)
        await tx.members.forget(ANA.key, NOW)
        await tx.volunteers.save(VolunteerSettings(ANA.key, learns=True))
        (ana,) = await tx.volunteers.pool(NOW)
        assert ana.skill == b""
        assert await tx.members.blocks(ANA.key) == ()
        assert await tx.members.blocks(BEN.key) == (CLEO.key,)


async def test_a_block_holds_for_every_account_of_both(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(ANA))
        await tx.members.save(record(BEN, person="p-ana"))
        await tx.members.save(record(CLEO))
        await tx.members.block(BEN.key, CLEO.key, NOW)
        await tx.members.block(BEN.key, CLEO.key, NOW)  # twice is once
        assert await tx.members.blocks(BEN.key) == (CLEO.key,)
        assert await tx.members.blocks(ANA.key) == ()
        assert await tx.members.blocked("p-ana") == {"p-cleo"}
        assert await tx.members.blocked("p-cleo") == frozenset()
        assert await tx.members.blocked_by("p-cleo") == {"p-ana"}
        assert await tx.members.blocked_by("p-ana") == frozenset()
        await tx.members.unblock(BEN.key, CLEO.key)
        assert await tx.members.blocked("p-ana") == frozenset()


async def test_a_channel_comes_back_as_saved(store: Store) -> None:
    help_ = Channel("web:home:help", "help", Mode.THREAD, "ask anything", "es", "m9", welcomed=True, gone=True)
    help_ = replace(help_, numbers=(("claim", 60), ("offer", 5)))
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


async def test_who_calls_themselves_a_clinician_and_is_none_any_more_is_no_clinician_to_ask(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(BEN))
        await tx.volunteers.save(SETTINGS)
        assert [v.kind for v in await tx.volunteers.pool(NOW)] == [Kind.PARENT]
