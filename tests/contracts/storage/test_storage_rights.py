"""Appointments and unmaskings, on every storage."""

from dataclasses import replace

import pytest
from storage_values import ANA, BEN, NOW

from bot.community import REMINDED_BEFORE, Appointment, Audit, Reason, Role, Sight, Unmasking
from bot.ports import Store
from tests.fakes.values import DAY, MINUTE

YEAR = 365 * DAY
NURSE = Appointment(ANA.key, Role.CLINICIAN, BEN.key, NOW, "register", NOW + YEAR)
LEAD = Appointment(ANA.key, Role.SAFETY_LEAD, BEN.key, NOW)


async def test_an_appointment_comes_back_is_renewed_and_goes(store: Store) -> None:
    async with store.begin() as tx:
        for one in (LEAD, NURSE):
            await tx.appointments.put(one)
        assert await tx.appointments.all() == (NURSE, LEAD)
        assert await tx.appointments.get(BEN.key, Role.CLINICIAN) is None
        again = replace(NURSE, by=ANA.key, until=NOW + 2 * YEAR, reminded=True)
        await tx.appointments.put(again)
        await tx.appointments.remove(ANA.key, Role.SAFETY_LEAD)
    async with store.read() as tx:
        assert await tx.appointments.all() == (again,)
        assert await tx.appointments.get(ANA.key, Role.CLINICIAN) == again


async def test_an_appointment_is_due_to_be_spoken_of_and_then_to_end(store: Store) -> None:
    async with store.begin() as tx:
        for one in (LEAD, NURSE):
            await tx.appointments.put(one)
        assert await tx.appointments.due(NOW + YEAR - REMINDED_BEFORE - MINUTE) == ()
        assert await tx.appointments.due(NOW + YEAR - REMINDED_BEFORE) == (NURSE,)
        told = replace(NURSE, reminded=True)
        await tx.appointments.put(told)
        assert await tx.appointments.due(NOW + YEAR - MINUTE) == ()
        assert await tx.appointments.due(NOW + YEAR) == (told,)


async def test_an_unmasking_comes_back_and_is_due(store: Store) -> None:
    first = Unmasking("u1", "q1", Reason.DANGER, ANA.key, NOW, due_at=NOW + DAY)
    second = Unmasking("u2", "q1", Reason.LAW, BEN.key, NOW + MINUTE)
    async with store.begin() as tx:
        for one in (second, first, replace(first, id="u3", question="q2", due_at=NOW + 2 * DAY)):
            await tx.unmaskings.save(one)
        shown = replace(second, state=Sight.SHOWN, second=ANA.key, settled_at=NOW, due_at=NOW + MINUTE)
        await tx.unmaskings.save(shown)
    async with store.read() as tx:
        assert await tx.unmaskings.get("u2") == shown
        assert await tx.unmaskings.get("u9") is None
        assert await tx.unmaskings.of("q1") == (first, shown)
        assert await tx.unmaskings.due(NOW) == ()
        assert await tx.unmaskings.due(NOW + DAY) == (shown, first)


async def test_the_chain_gives_its_rows_with_their_hashes(store: Store) -> None:
    async with store.begin() as tx:
        await tx.audit.append([Audit(NOW, ANA.key, "x", str(n)) for n in range(3)])
    async with store.read() as tx:
        chain = await tx.audit.chain()
    assert [entry.subject for entry, _ in chain] == ["0", "1", "2"]
    assert len({found for _, found in chain}) == 3


@pytest.mark.parametrize("head", [0, 2])
def test_a_head_that_was_kept_says_whether_the_end_is_still_there(head: int) -> None:
    from adapters.storage.chain import START, first_broken, head_of, link, whole_up_to

    rows, before = [], START
    for n in range(3):
        entry = Audit(NOW, "ana", "x", str(n))
        before = link(before, entry)
        rows.append((entry, before))
    kept = rows[head][1]
    assert whole_up_to(rows, kept)
    cut = rows[:head]
    assert first_broken(cut) is None, "what is left looks whole"
    assert not whole_up_to(cut, kept)
    assert (head_of(rows), head_of([])) == (before, START)
