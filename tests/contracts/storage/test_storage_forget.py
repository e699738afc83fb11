"""Forget-me: a member's words and name are gone from everywhere; what others said, and what was counted, stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from storage_values import (
    ANA,
    BEN,
    CLEO,
    DAY,
    LEASE,
    NOW,
    answer,
    arrival,
    draft,
    engagement,
    place,
    question,
    record,
    wish,
)

from bot.community import Role, Suggestion, VolunteerSettings
from bot.curation import DraftState
from bot.effects import Notice, Notify
from bot.events import ButtonPressed, FormSubmitted, MemberJoined
from bot.ports import Store, Transaction
from bot.post import Arrival
from knowledge.index import ways_in
from knowledge.resources import Resource, ReviewState, content_hash

CANARY = "canary-7f3a"  # in every word that ANA ever wrote, and in her name
NAME = f"Ana {CANARY}"
OWN = Resource("from-d1", f"Title {CANARY}", f"Text {CANARY}. " * 80, reviewed_by="Cleo", asked_as=(f"old {CANARY}?",))
HELPED = Resource("r1", "Snacks", "Crisps.", reviewed_by=NAME, asked_as=(f"snacks? {CANARY}", "what to eat?"))
OTHER = Resource("r2", "Travel", "Trains.", reviewed_by="Dr. Who")


async def live(tx: Transaction) -> None:
    """ANA has asked, answered, been quoted, reviewed; BEN has too."""
    await tx.members.save(record(ANA, name=NAME, roles=frozenset({Role.MODERATOR}), country="ES", opted_out=True))
    await tx.members.save(record(BEN))
    await tx.volunteers.save(VolunteerSettings(ANA.key, topics=frozenset({"school"})))
    await tx.inbox.add([arrival("m1", text=f"hi {CANARY}"), arrival("m2", by=BEN)], NOW, LEASE)
    await tx.inbox.add(
        [
            Arrival(FormSubmitted("s1", "answer", "q1", {"text": CANARY}, ANA, NOW)),
            Arrival(MemberJoined(ANA, NAME, "web:home:help", NOW)),
            Arrival(ButtonPressed("p1", "forget_me", "", ANA, NOW)),
        ],
        NOW,
        LEASE,
    )
    (parked,) = await tx.inbox.add([arrival("m3", text=f"poison {CANARY}")], NOW, LEASE)
    await tx.inbox.park(parked.id, NOW, "broken")
    await tx.outbox.add([wish("k1", to=ANA.key, effect=Notify(ANA.key, Notice.INVALID, CANARY))], NOW, LEASE)
    await tx.outbox.add([wish("k2", to=BEN.key, effect=Notify(BEN.key, Notice.INVALID, "choose one"))], NOW, LEASE)
    await tx.questions.add(question("q1", text=f"snacks? {CANARY}"))
    await tx.questions.add(question("q2", asker=BEN.key, asker_person="p-ben", text="trains?"))
    await tx.answers.put(answer("a1", "q2", by=ANA, text=f"try {CANARY}"))
    await tx.answers.put(answer("a2", "q1"))
    await tx.suggestions.put("q1", [Suggestion("r1", "Snacks", 1.0, 0.9, (CANARY,))])
    await tx.suggestions.put(
        "q2", [Suggestion("from-d1", OWN.title, 1.0, 0.9, (CANARY,)), Suggestion("r2", "Travel", 0.5, 0.5, ())]
    )
    mine = draft("d1", author=ANA.key, title=OWN.title, text=f"Text {CANARY}", resource="from-d1", question="q2")
    await tx.drafts.save(replace(mine, state=DraftState.PUBLISHED, asked_as=(CANARY,)))
    await tx.drafts.save(draft("d2", author=ANA.key, title=CANARY, text=CANARY, question="q2"))
    await tx.drafts.save(draft("d3", asked_as=(f"snacks? {CANARY}",)))
    await tx.resources.put([OWN, HELPED, OTHER], NOW)
    await tx.resources.put([replace(OWN, topics=("food",))], NOW)
    texts = [
        f"snacks? {CANARY}",
        f"try {CANARY}",
        *ways_in(OWN).texts(),
        *ways_in(HELPED).texts(),
        *ways_in(OTHER).texts(),
    ]
    await tx.vectors.put("m", {content_hash(text): np.ones(4, np.float32) for text in texts})
    await tx.engagement.add([engagement(f"q1:asked:{ANA.key}"), engagement("k2", BEN)])


async def forget(store: Store) -> list[Resource]:
    async with store.begin() as tx:
        await live(tx)
    async with store.begin() as tx:
        return await tx.members.forget(ANA.key, NOW + DAY)


async def test_the_member_is_nobody_now_but_keeps_what_others_gave_them_and_their_no(store: Store) -> None:
    await forget(store)
    async with store.read() as tx:
        ana = (await tx.members.get([ANA.key]))[ANA.key]
        assert ana == record(ANA, person=ana.person, name="", roles=frozenset({Role.MODERATOR}), opted_out=True)
        assert ana.person not in ("p-ana", ANA.key)
        assert (await tx.members.get([BEN.key]))[BEN.key] == record(BEN)
        assert await tx.volunteers.get(ANA.key) is None


async def test_counts_stay_under_a_pseudonym_and_still_count_once(store: Store) -> None:
    await forget(store)
    async with store.begin() as tx:
        await tx.engagement.add([engagement(f"q1:asked:{ANA.key}"), engagement("k2", BEN)])
        person = (await tx.members.get([ANA.key]))[ANA.key].person
        mine = [row for row in await tx.engagement.all() if row.member == ANA.key]
        assert [row.person for row in mine] == [person]
        assert ANA.key not in mine[0].key
        assert len(await tx.engagement.all()) == 2


async def test_questions_and_answers_are_empty_and_those_of_others_are_not(store: Store) -> None:
    await forget(store)
    async with store.read() as tx:
        person = (await tx.members.get([ANA.key]))[ANA.key].person
        assert await tx.questions.get("q1") == question("q1", text="", asker_person=person, version=1)
        assert [(a.text, a.member) for a in await tx.answers.of("q2")] == [("", ANA.key)]
        assert (await tx.questions.get("q2")) == question("q2", asker=BEN.key, asker_person="p-ben", text="trains?")
        assert await tx.answers.of("q1") == [answer("a2", "q1")]
        assert await tx.suggestions.of("q1") == []
        assert await tx.suggestions.of("q2") == [Suggestion("r2", "Travel", 0.5, 0.5, ())]


async def test_drafts_are_empty_and_what_became_of_them_is_retired(store: Store) -> None:
    changed = await forget(store)
    gone = Resource("from-d1", "", topics=("food",), state=ReviewState.RETIRED, version=3)
    kept = replace(HELPED, asked_as=("what to eat?",), reviewed_by="former member", version=2)
    assert sorted(changed, key=lambda r: r.id) == [gone, kept]
    async with store.read() as tx:
        assert await tx.resources.all() == [gone, kept, OTHER]
        drafts = {d.id: d for d in await tx.drafts.all()}
    assert [(drafts[i].title, drafts[i].text, drafts[i].asked_as) for i in ("d1", "d2")] == [("", "", ()), ("", "", ())]
    assert [drafts[i].state for i in ("d1", "d2")] == [DraftState.PUBLISHED, DraftState.DECLINED]
    assert drafts["d3"] == draft("d3")


async def test_vectors_of_their_words_are_gone_and_others_are_not(store: Store) -> None:
    await forget(store)
    kept = {*ways_in(replace(HELPED, asked_as=("what to eat?",))).texts(), *ways_in(OTHER).texts()}
    async with store.read() as tx:
        assert set(await tx.vectors.load("m")) == {content_hash(text) for text in kept}


async def test_what_lies_in_the_inbox_is_let_go_and_others_are_not(store: Store) -> None:
    await forget(store)
    async with store.begin() as tx:
        rows = await tx.inbox.claim(10, LEASE + DAY, LEASE + 2 * DAY)
        assert [r.arrival for r in rows] == [arrival("m2", by=BEN)]
        assert await tx.inbox.add([arrival("m1"), arrival("m3")], NOW, LEASE) == []
        await tx.inbox.finish([1, 2, 3, 4, 5, 6], NOW)


async def test_what_is_to_be_said_to_them_still_is_without_free_text(store: Store) -> None:
    await forget(store)
    async with store.read() as tx:
        effects = [row.wish.effect for row in await tx.outbox.of("q1")]
    assert effects == [Notify(ANA.key, Notice.INVALID), Notify(BEN.key, Notice.INVALID, "choose one")]


async def test_whoever_comes_back_begins_anew_and_a_stranger_can_be_forgotten(store: Store) -> None:
    await forget(store)
    async with store.begin() as tx:
        assert await tx.members.forget(CLEO.key, NOW) == []
        assert await tx.members.get([CLEO.key]) == {}
        before = await tx.members.get([ANA.key])
        await tx.members.seen([(ANA, "Anna")], NOW)
        assert await tx.members.get([ANA.key]) == {ANA.key: replace(before[ANA.key], name="Anna")}
        assert await tx.members.forget(ANA.key, NOW) == []


async def test_nobody_can_save_the_words_again_that_they_had_in_hand(store: Store) -> None:
    await forget(store)
    async with store.read() as tx:
        assert place("q1").thread_key in await tx.questions.in_threads([place("q1").thread_key])
        stored = await tx.questions.get("q1")
    assert stored is not None
    assert stored.version == 1
