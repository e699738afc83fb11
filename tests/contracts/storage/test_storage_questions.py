"""Questions, answers and suggestions come back as they were put in; nobody overwrites what they have not seen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from storage_values import ANA, BEN, CLEO, DAY, MINUTE, NOW, answer, letter, part, place, question

from bot.community import QuestionFilter, Suggestion
from bot.events import Place
from bot.ports import Conflict, Store
from bot.question import Outcome, Question, Result, Status, Try

FULL = question(
    medical=True,
    urgent=True,
    private=True,
    status=Status.CLOSED,
    deadline=NOW + DAY,
    suggested=("r1", "r2"),
    tries=(Try(BEN.key, Result.PASSED, NOW), Try(CLEO.key, Result.CLAIM_EXPIRED, NOW + MINUTE)),
    round=2,
    offered_to=BEN.key,
    claimed_by=CLEO.key,
    warned=True,
    asked_helped=True,
    answered_by=(CLEO.key,),
    answered_at=NOW,
    reminders=1,
    told=("asking", "claimed"),
    outcome=Outcome.HELPED,
    closed_at=NOW + DAY,
    pseudonym="Koala-27",
    handed_by=BEN.key,
    earlier="q0",
)


async def put(store: Store, *questions: Question) -> None:
    async with store.begin() as tx:
        for one in questions:
            await tx.questions.add(one)


@pytest.mark.parametrize("whole", [question(), FULL], ids=["new", "full"])
async def test_a_question_comes_back_as_it_was(store: Store, whole: Question) -> None:
    await put(store, whole)
    async with store.read() as tx:
        assert await tx.questions.get(whole.id) == whole
        assert await tx.questions.get("nobody asked") is None


async def test_a_save_on_the_version_that_was_seen_goes_through(store: Store) -> None:
    await put(store, question())
    steps = [
        question(version=1, tries=FULL.tries[:1], status=Status.OFFERED, offered_to=CLEO.key),
        replace(FULL, version=2),
    ]
    for step in steps:
        async with store.begin() as tx:
            await tx.questions.save(step)
        async with store.read() as tx:
            assert await tx.questions.get("q1") == step


@pytest.mark.parametrize("version", [0, 2])
async def test_a_save_on_another_version_is_a_conflict_and_changes_nothing(store: Store, version: int) -> None:
    await put(store, question())
    with pytest.raises(Conflict):
        async with store.begin() as tx:
            await tx.questions.save(question(version=version, text="other"))
    async with store.read() as tx:
        assert await tx.questions.get("q1") == question()


async def test_saving_or_adding_what_cannot_be_is_a_conflict(store: Store) -> None:
    with pytest.raises(Conflict):
        async with store.begin() as tx:
            await tx.questions.save(question(version=1))
    await put(store, question())
    with pytest.raises(Conflict):
        await put(store, question(text="again"))


async def test_of_two_who_decide_on_the_same_version_one_is_told(store: Store) -> None:
    await put(store, question())

    async def save(text: str) -> None:
        async with store.begin() as tx:
            await tx.questions.save(question(version=1, text=text))

    outcomes = await asyncio.gather(save("one"), save("two"), return_exceptions=True)
    assert sorted(type(o).__name__ for o in outcomes) == ["Conflict", "NoneType"]


async def test_questions_are_found_by_their_thread_the_latest_if_there_are_several(store: Store) -> None:
    first, second = question("q1"), question("q2", place=place("m2", "q1"), asked_at=NOW + MINUTE)
    await put(store, second, first, question("q3"))
    async with store.read() as tx:
        found = await tx.questions.in_threads(["web:home:help:q1", "web:home:help:none"])
        assert found == {"web:home:help:q1": second}
        assert await tx.questions.in_threads([]) == {}


async def test_due_deadlines_come_oldest_first(store: Store) -> None:
    deadlines = {"q1": NOW, "q2": NOW - MINUTE, "q3": NOW + MINUTE, "q4": None, "q5": NOW - DAY}
    await put(store, *(question(name, deadline=deadline) for name, deadline in deadlines.items()))
    async with store.read() as tx:
        assert await tx.questions.due(NOW, 2) == [("q5", NOW - DAY), ("q2", NOW - MINUTE)]
        assert [name for name, _ in await tx.questions.due(NOW, 10)] == ["q5", "q2", "q1"]
    async with store.post() as tx:
        assert await tx.questions.claim_due(2, NOW, NOW + MINUTE) == [("q5", NOW - DAY), ("q2", NOW - MINUTE)]
    async with store.begin() as tx:
        await tx.questions.save(question("q5", version=1))
        assert [name for name, _ in await tx.questions.due(NOW, 10)] == ["q2", "q1"]


async def test_questions_are_found_by_what_is_wanted_oldest_first(store: Store) -> None:
    await put(
        store,
        question("q1", asked_at=NOW + 3 * MINUTE),
        question("q2", asked_at=NOW + 2 * MINUTE, status=Status.OFFERED, offered_to=BEN.key),
        question("q3", asked_at=NOW + 1 * MINUTE, status=Status.CLAIMED, claimed_by=BEN.key, asker=CLEO.key),
        question("q4", asked_at=NOW, status=Status.CLOSED, asker=CLEO.key),
    )

    async def found(**wanted: object) -> list[str]:
        async with store.read() as tx:
            return [q.id for q in await tx.questions.find(QuestionFilter(**wanted))]  # type: ignore[arg-type]

    assert await found() == ["q4", "q3", "q2", "q1"]
    assert await found(limit=2) == ["q4", "q3"]
    assert await found(statuses=frozenset({Status.OPEN, Status.CLOSED})) == ["q4", "q1"]
    assert await found(asker=CLEO.key) == ["q4", "q3"]
    assert await found(holder=BEN.key) == ["q3", "q2"]
    assert await found(asked_from=NOW + MINUTE, asked_before=NOW + 3 * MINUTE) == ["q3", "q2"]
    assert await found(asker=ANA.key, holder=BEN.key) == ["q2"]


async def test_an_answer_replaces_the_one_at_its_place_and_can_be_taken_back(store: Store) -> None:
    later = replace(answer("a2"), at=NOW + MINUTE)
    async with store.begin() as tx:
        for one in (later, answer("a1"), answer("a1", text="edited"), answer("a3", "q2")):
            await tx.answers.put(one)
    async with store.begin() as tx:
        assert await tx.answers.of("q1") == [answer("a1", text="edited"), later]
        assert await tx.answers.at(place("a3").key) == answer("a3", "q2")
        await tx.answers.remove(place("a1").key)
        await tx.answers.remove("not there")
        assert await tx.answers.of("q1") == [later]
        assert await tx.answers.at(place("a1").key) is None


async def test_suggestions_are_replaced_and_come_best_first(store: Store) -> None:
    two = [
        Suggestion("r1", "Infusion days", 0.8, 0.9, ("infusion", "school")),
        Suggestion("r2", "Snacks", 0.5, 0.4, ()),
    ]
    async with store.begin() as tx:
        await tx.suggestions.put("q1", two[::-1])
        await tx.suggestions.put("q1", two)
        await tx.suggestions.put("q2", two[:1])
    async with store.begin() as tx:
        assert await tx.suggestions.of("q1") == two
        await tx.suggestions.put("q1", [])
        assert await tx.suggestions.of("q1") == []
        assert await tx.suggestions.of("q2") == two[:1]


async def test_the_words_of_questions_closed_long_ago_are_dropped_and_of_their_answers(store: Store) -> None:
    old = question("q1", status=Status.CLOSED, closed_at=NOW - DAY)
    fresh = question("q2", status=Status.CLOSED, closed_at=NOW)
    await put(store, old, fresh, question("q3"))
    async with store.begin() as tx:
        for one in (answer("a1", "q1"), answer("a2", "q2")):
            await tx.answers.put(one)
        for written in (letter("l1", "q1"), letter("l2", "q2")):
            await tx.letters.put(written)
        for said in (part("m1", by="q1"), part("m2", by="q2")):
            await tx.parts.put(said)
    async with store.begin() as tx:
        assert await tx.questions.drop_texts(NOW) == 1
        assert await tx.questions.drop_texts(NOW) == 0
        assert await tx.questions.get("q1") == replace(old, text="", version=1)
        assert await tx.questions.get("q2") == fresh
        assert await tx.questions.get("q3") == question("q3")
        assert [a.text for a in await tx.answers.of("q1") + await tx.answers.of("q2")] == ["", "bring a blanket"]
        assert [x.text for x in await tx.letters.of("q1") + await tx.letters.of("q2")] == ["", "she is nine"]
        assert [p.text for p in await tx.parts.of(["q1"]) + await tx.parts.of(["q2"])] == ["", "he is nine"]


async def test_words_that_were_dropped_cannot_be_saved_again_by_who_still_has_them(store: Store) -> None:
    old = question("q1", status=Status.CLOSED, closed_at=NOW - DAY)
    await put(store, old)
    async with store.begin() as tx:
        await tx.questions.drop_texts(NOW)
    with pytest.raises(Conflict):
        async with store.begin() as tx:
            await tx.questions.save(replace(old, version=1, outcome=Outcome.HELPED))


async def test_words_of_any_kind_come_back_as_they_were(store: Store) -> None:
    texts = ["", "🫂", "שלום \u202eabc", "Z̴̢͖a̵͚l̸go", "x" * 100_000, "'; DROP TABLE question; --", "\r\n\t"]
    await put(store, *(question(f"q{n}", text=text) for n, text in enumerate(texts)))
    async with store.read() as tx:
        for n, text in enumerate(texts):
            assert await tx.questions.get(f"q{n}") == question(f"q{n}", text=text)


async def test_a_nul_in_somebodys_words_is_kept_or_becomes_a_space(store: Store) -> None:
    await put(store, question("q1", text="a\x00b"))
    async with store.read() as tx:
        kept = await tx.questions.get("q1")
        assert kept is not None
        assert kept.text.replace("\x00", " ") == "a b"


async def test_a_question_that_gets_its_place_later_is_found_in_its_thread(store: Store) -> None:
    coming = question("q1", place=Place("web", "home", "help", "", ""), pseudonym="Koala-27")
    await put(store, coming)
    stands = replace(coming, place=place("bot-7"), version=1)
    async with store.begin() as tx:
        assert await tx.questions.in_threads([stands.place.thread_key]) == {}
        await tx.questions.save(stands)
    async with store.read() as tx:
        wanted = [stands.place.thread_key, coming.place.thread_key]
        assert await tx.questions.in_threads(wanted) == {stands.place.thread_key: stands}


async def test_questions_are_found_by_their_channel(store: Store) -> None:
    elsewhere = Place("web", "home", "other", "m9", "m9")
    await put(store, question("q1"), question("q2", place=elsewhere))
    async with store.read() as tx:
        found = await tx.questions.find(QuestionFilter(channel="web:home:other"))
        assert [q.id for q in found] == ["q2"]
        assert await tx.questions.find(QuestionFilter(channel="web:away:other")) == []


async def test_the_messages_of_a_question_come_back_in_order_and_are_replaced_and_removed(store: Store) -> None:
    early, late = part("m2"), part("m1", at=NOW + MINUTE)
    async with store.begin() as tx:
        for one in (late, early, part("m2", by="q2")):
            await tx.parts.put(one)
    async with store.begin() as tx:
        assert await tx.parts.of(["q1"]) == [early, late]
        assert {(p.question, p.place) for p in await tx.parts.of(["q1", "q2"])} >= {("q2", early.place)}
        assert await tx.parts.at(early.place.key) == [early, part("m2", by="q2")]
        await tx.parts.put(replace(early, text="he is ten"))
        await tx.parts.remove("q1", late.place.key)
        await tx.parts.drop("q2")
    async with store.read() as tx:
        assert await tx.parts.of(["q1", "q2"]) == [replace(early, text="he is ten")]
        assert await tx.parts.of([]) == []


async def test_a_question_is_found_by_the_thread_of_each_of_its_messages(store: Store) -> None:
    first, beside = question("q1"), question("q1-1", place=place("q1"), beside="q1")
    await put(store, beside, first)
    async with store.begin() as tx:
        await tx.parts.put(part("q1"))
        await tx.parts.put(part("m9"))
    threads = ["web:home:help:q1", "web:home:help:m9", "web:home:help:none"]
    async with store.begin() as tx:
        assert await tx.questions.all_in(threads) == {threads[0]: (first, beside), threads[1]: (first,)}
        assert await tx.questions.in_threads(threads) == {threads[0]: first, threads[1]: first}
        await tx.parts.remove("q1", "web:home:help:m9")
        assert await tx.questions.all_in(threads[1:]) == {}
        assert await tx.questions.all_in([]) == {}


async def test_what_somebody_asked_lately(store: Store) -> None:
    old, new = question("q1", asked_at=NOW - DAY), question("q2", asked_at=NOW)
    await put(store, new, old, question("q3", asker=BEN.key))
    async with store.read() as tx:
        assert await tx.questions.lately([ANA.key], NOW - MINUTE) == [new]
        assert await tx.questions.lately([ANA.key], NOW - DAY) == [old, new]
        assert await tx.questions.lately([], NOW - DAY) == []


async def test_letters_come_back_in_order_and_are_replaced_and_removed(store: Store) -> None:
    first, second = letter("l2"), replace(letter("l1"), at=NOW + MINUTE)
    async with store.begin() as tx:
        for one in (second, first, letter("l3", "q2")):
            await tx.letters.put(one)
    async with store.begin() as tx:
        assert await tx.letters.of("q1") == [first, second]
        await tx.letters.put(replace(first, text="she is ten"))
        await tx.letters.remove(second.id)
    async with store.read() as tx:
        assert await tx.letters.of("q1") == [replace(first, text="she is ten")]
        assert (await tx.letters.get("l2"), await tx.letters.get("l1")) == (replace(first, text="she is ten"), None)


async def test_answered_questions_come_in_order_and_only_those_that_people_may_be_led_to(store: Store) -> None:
    def done(name: str, minutes: int = 0, **changes: object) -> Question:
        values = {"status": Status.ANSWERED, "answered_at": NOW + minutes * MINUTE}
        return question(name, **(values | changes))

    await put(
        store,
        done("q3", 1),
        done("q2", 1, status=Status.CLOSED, outcome=Outcome.HELPED, closed_at=NOW),
        done("q1", 2, status=Status.CLOSED, outcome=Outcome.UNKNOWN, closed_at=NOW),
        done("q4", -1),
        done("x1", status=Status.CLOSED, outcome=Outcome.WITHDRAWN),
        done("x2", text=""),
        done("x3", private=True),
        done("x4", pseudonym="Koala-27"),
        done("x5", medical=True),
        done("x6", status=Status.OPEN),
        question("x7"),
    )

    async def ids(after: tuple[datetime, str], limit: int = 9) -> list[str]:
        async with store.read() as tx:
            return [q.id for q in await tx.questions.answered(after, limit)]

    assert await ids((NOW, "")) == ["q2", "q3", "q1"]
    assert await ids((NOW, ""), 2) == ["q2", "q3"]
    assert await ids((NOW + MINUTE, "q2")) == ["q3", "q1"]
    assert await ids((NOW + MINUTE, "q3"), 1) == ["q1"]
    assert await ids((NOW + 2 * MINUTE, "q1")) == []


async def test_which_questions_still_have_their_words(store: Store) -> None:
    await put(
        store,
        question("q1"),
        question("q2", text=""),
        question("q3", status=Status.CLOSED, outcome=Outcome.WITHDRAWN),
        question("q4", status=Status.CLOSED, outcome=Outcome.HELPED, closed_at=NOW),
    )
    async with store.begin() as tx:
        await tx.questions.drop_texts(NOW + MINUTE)
    async with store.read() as tx:
        assert await tx.questions.worded(["q1", "q2", "q3", "q4", "nobody"]) == {"q1"}
        assert await tx.questions.worded([]) == frozenset()
