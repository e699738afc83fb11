"""Resources, drafts, alerts, engagement, the journal, the audit log, vectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from storage_values import ANA, BEN, CLEO, DAY, MINUTE, NOW, alert, draft, engagement, record

from bot.community import Audit, JournalEntry
from bot.curation import DraftState
from bot.ports import Store
from bot.safety.alerts import AlertState
from knowledge.resources import Resource, ReviewState

RESOURCE = Resource(
    "r1",
    "Infusion days",
    "Bring a blanket. 🫂",
    "https://example.org/x",
    ("infusions",),
    ("parents",),
    "es",
    True,
    "answer of a member",
    "Dr. Who",
    NOW,
    ReviewState.PUBLISHED,
    3,
    ("what to bring?",),
)


async def test_a_resource_comes_back_as_it_was(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.resources.put([RESOURCE], NOW) == [RESOURCE]
    async with store.read() as tx:
        assert await tx.resources.get(["r1", "r2"]) == {"r1": RESOURCE}
        assert await tx.resources.get([]) == {}


async def test_an_unchanged_resource_keeps_its_version_and_a_changed_one_gets_the_next(store: Store) -> None:
    other = Resource("r0", "Snacks", "Crisps.")
    async with store.begin() as tx:
        await tx.resources.put([RESOURCE, other], NOW)
        assert await tx.resources.put([replace(RESOURCE, version=1), other], NOW) == []
        changed = await tx.resources.put([replace(RESOURCE, version=1, state=ReviewState.RETIRED), other], NOW)
        assert changed == [replace(RESOURCE, version=4, state=ReviewState.RETIRED)]
        assert await tx.resources.all() == [other, *changed]
        assert await tx.resources.put([], NOW) == []


async def test_of_two_with_one_id_the_later_one_counts(store: Store) -> None:
    one, two = Resource("r1", "One", "a"), Resource("r1", "Two", "b")
    async with store.begin() as tx:
        assert await tx.resources.put([one, two], NOW) == [replace(two, version=2)]
        assert await tx.resources.all() == [replace(two, version=2)]


async def test_two_thousand_resources_at_once(store: Store) -> None:
    many = [Resource(f"r{n:04}", f"Title {n}", "text") for n in range(2_000)]
    async with store.begin() as tx:
        assert len(await tx.resources.put(many, NOW)) == 2_000
    async with store.read() as tx:
        assert await tx.resources.all() == many


async def test_drafts_come_back_newest_first(store: Store) -> None:
    published = draft(
        "d2",
        created_at=NOW + MINUTE,
        state=DraftState.PUBLISHED,
        publish_at_once=True,
        asked_as=("what to bring?",),
        consented_at=NOW,
        reviewed_by=CLEO.key,
        reviewed_at=NOW,
        resource="from-d2",
    )
    async with store.begin() as tx:
        await tx.drafts.save(draft("d2", created_at=NOW + MINUTE))
        for one in (draft(), published):
            await tx.drafts.save(one)
        assert await tx.drafts.all() == [published, draft()]
        assert await tx.drafts.get("d1") == draft()
        assert await tx.drafts.get("d9") is None
        waiting, done = (DraftState.AWAITING_CONSENT,), (DraftState.PUBLISHED, DraftState.AWAITING_CONSENT)
        assert await tx.drafts.made_before(NOW + DAY, done) == [draft(), published]
        assert await tx.drafts.made_before(NOW + DAY, waiting) == [draft()]
        assert await tx.drafts.made_before(NOW, done) == []


async def test_alerts_are_due_and_open_until_somebody_ends_them(store: Store) -> None:
    early = alert("al0", deadline=NOW, raised_at=NOW + MINUTE)
    taken = alert("al2", state=AlertState.TAKEN, taken_by=BEN.key, deadline=None, raised_at=NOW + DAY)
    ended = alert("al3", state=AlertState.RESOLVED, deadline=None, ended_at=NOW)
    async with store.begin() as tx:
        await tx.alerts.save(alert("al3"))
        for one in (taken, alert(), early, ended):
            await tx.alerts.save(one)
    async with store.read() as tx:
        assert await tx.alerts.get("al1") == alert()
        assert await tx.alerts.get("al9") is None
        assert await tx.alerts.due(NOW, 9) == [early]
        assert await tx.alerts.due(NOW + DAY, 1) == [early]
        assert await tx.alerts.due(NOW + DAY, 9) == [early, alert()]
        assert await tx.alerts.open() == [alert(), early, taken]


async def test_any_change_of_a_resource_shows_in_the_edits(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.resources.edits() == (0, 0)
        await tx.resources.put([RESOURCE, replace(RESOURCE, id="r2")], NOW)
        before = await tx.resources.edits()
        await tx.resources.put([replace(RESOURCE, id="r2")], NOW)
        assert await tx.resources.edits() == before
        await tx.resources.put([replace(RESOURCE, title="Another title")], NOW)
        assert await tx.resources.edits() == (2, sum((await tx.resources.versions()).values())) != before


@pytest.mark.parametrize("message", ["1700000000.000100", 'm "quoted"', "ü\n", "%", ""])
async def test_an_alert_is_found_by_where_it_stands_until_it_is_settled(store: Store, message: str) -> None:
    here = replace(alert().place, message=message)
    taken = alert("al1", place=here, state=AlertState.TAKEN)
    settled = alert("al2", place=here, state=AlertState.NOT_A_CRISIS)
    elsewhere = alert("al3", place=replace(here, channel="another"))
    async with store.begin() as tx:
        for one in (taken, settled, elsewhere):
            await tx.alerts.save(one)
        assert await tx.alerts.at(here) == [taken]
        assert await tx.alerts.at(replace(here, message="unknown")) == []
        assert {a.id for a in await tx.alerts.ever(here)} == {"al1", "al2"}
        assert await tx.alerts.ever(replace(here, message="unknown")) == []


async def test_an_engagement_counts_once_for_the_person_the_member_is_now(store: Store) -> None:
    async with store.begin() as tx:
        await tx.members.save(record(ANA))
        await tx.engagement.add([engagement("k2", at=NOW + MINUTE), engagement("k1"), engagement("k2")])
        await tx.engagement.add([engagement("k1", BEN), engagement("k3", BEN, NOW + DAY)])
        await tx.engagement.add([])
    async with store.begin() as tx:
        assert await tx.engagement.all() == [
            replace(engagement("k1"), person="p-ana"),
            replace(engagement("k2", at=NOW + MINUTE), person="p-ana"),
            replace(engagement("k3", BEN, NOW + DAY), person=BEN.key),
        ]
        await tx.members.save(record(BEN, person="p-ana"))
        assert {row.person for row in await tx.engagement.all()} == {"p-ana"}


async def test_the_journal_of_a_question_is_in_order(store: Store) -> None:
    entries = [JournalEntry("q1", NOW, f"E{n}", "ana", "open", "offered", "because") for n in range(3)]
    async with store.begin() as tx:
        await tx.journal.add([])
        await tx.journal.add([*entries[:2], replace(entries[0], question="q2")])
        await tx.journal.add(entries[2:])
        assert await tx.journal.of("q1") == entries
        assert await tx.journal.of("q9") == []


async def test_the_audit_log_is_a_whole_chain(store: Store) -> None:
    entries = [Audit(NOW + n * MINUTE, "ana", "role", "ben", "é\x00🫂 \ud800" if n == 1 else "") for n in range(4)]
    async with store.begin() as tx:
        await tx.audit.append([])
        assert await tx.audit.verify() is None
        await tx.audit.append(entries[:3])
        await tx.audit.append(entries[3:])
    async with store.read() as tx:
        assert await tx.audit.verify() is None
        assert [a.at for a in await tx.audit.all()] == [a.at for a in entries]
        assert (await tx.audit.all())[0] == entries[0]


async def test_vectors_come_back_number_for_number_by_model(store: Store) -> None:
    vectors = {f"h{n}": np.random.default_rng(n).random(384, np.float32) for n in range(3)}
    async with store.begin() as tx:
        await tx.vectors.put("m", {"h0": np.zeros(384, np.float32)})
        await tx.vectors.put("m", vectors)
        await tx.vectors.put("m", {})
        await tx.vectors.put("other", {"h0": np.ones(3, np.float32)})
    async with store.read() as tx:
        found = await tx.vectors.load("m")
        assert found.keys() == vectors.keys()
        assert all(np.array_equal(found[h], v) and found[h].dtype == np.float32 for h, v in vectors.items())
        assert (await tx.vectors.load("other"))["h0"].tolist() == [1.0, 1.0, 1.0]
        assert await tx.vectors.load("none") == {}
        assert await tx.vectors.known("m") == vectors.keys()
        assert await tx.vectors.known("m", ["h2", "h1", "h9"]) == {"h1", "h2"}
        assert await tx.vectors.known("none") == await tx.vectors.known("m", []) == set()
