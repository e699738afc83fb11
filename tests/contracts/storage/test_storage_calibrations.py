"""A community's own numbers, and the history they are fitted on: for every storage."""

from __future__ import annotations

from dataclasses import replace

from storage_values import ANA, BEN, DAY, NOW, question, record

from bot.community import JournalEntry, Suggestion
from bot.confirmed import OwnNumbers, Shown
from bot.ports import Store
from knowledge.calibration import Calibration, Curve

OWN = OwnNumbers("toy 1", Calibration(Curve(0.9, 1.1, -0.25), 0.34, 0.73), 160, NOW)


async def test_own_numbers_come_back_are_replaced_and_let_go(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.calibrations.all() == []
        await tx.calibrations.put(replace(OWN, basis="toy 2"))
        await tx.calibrations.put(replace(OWN, presses=100))
        await tx.calibrations.put(OWN)
    async with store.read() as tx:
        assert await tx.calibrations.all() == [OWN, replace(OWN, basis="toy 2")]
    async with store.begin() as tx:
        await tx.calibrations.clear()
    async with store.read() as tx:
        assert await tx.calibrations.all() == []


async def test_the_history_has_figures_of_members_and_nothing_of_staff(store: Store) -> None:
    two = [
        Suggestion("r1", "Snacks", 1.0, 0.9, ("snack",), shipped=0.8, basis="toy 1"),
        Suggestion("r2", "Travel", 0.5, 0.5, (), shipped=0.4, basis="toy 1"),
    ]
    async with store.begin() as tx:
        await tx.members.save(record(ANA, person="p-ana-now"))
        await tx.members.save(record(BEN, person="p-ben", staff=True))
        await tx.questions.add(question("q2", asked_at=NOW + DAY, earlier="q0"))
        await tx.questions.add(question("q1"))
        await tx.questions.add(question("q3", asker=BEN.key, asker_person="p-ben"))
        await tx.questions.add(question("q4", asker="web:home:gone", asker_person="p-gone"))
        await tx.questions.add(question("silent"))
        for name in ("q1", "q3", "q4"):
            await tx.suggestions.put(name, two)
        await tx.suggestions.put("q2", two[1:])
        entries = [("q1", "Asked"), ("q2", "Asked"), ("silent", "Asked"), ("q1", "MarkedHelpful")]
        await tx.journal.add([JournalEntry(q, NOW, event, "", "", "", "") for q, event in entries])
    async with store.read() as tx:
        assert await tx.calibrations.shown() == [
            Shown("q1", "p-ana-now", "toy 1", (0.8, 0.4), befell=("Asked", "MarkedHelpful")),
            Shown("q4", "p-gone", "toy 1", (0.8, 0.4)),
            Shown("q2", "p-ana-now", "toy 1", (0.4,), linked=True, befell=("Asked",)),
        ]
