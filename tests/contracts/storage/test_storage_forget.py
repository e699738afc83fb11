"""Forget-me: a member's words and name are gone from everywhere; what others said, and what was counted, stays."""

from __future__ import annotations

from dataclasses import replace

from storage_life import HELPED, OTHER, live
from storage_values import ANA, BEN, CLEO, DAY, LEASE, NOW, answer, arrival, draft, engagement, place, question, record

from bot.community import Role, Suggestion
from bot.curation import DraftState
from bot.effects import Notify
from bot.news import Notice
from bot.ports import Store
from knowledge.resources import Resource, ReviewState, content_hash
from knowledge.ways_in import ways_in


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
        assert [p.text for p in await tx.parts.of(["q1"]) + await tx.parts.of(["q2"])] == ["", "and trains?"]
        letters = await tx.letters.of("q1")
        assert [(x.text, x.member) for x in letters] == [("", ANA.key), ("how old?", BEN.key)]
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
    assert [(drafts[i].state, drafts[i].asked_as) for i in ("w1", "w2")] == [
        (DraftState.PUBLISHED, ()),
        (DraftState.DECLINED, ()),
    ]


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
