"""Seeing who asked without a name: two people, noted, and told to the one who asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cards import Action, Form
from bot.community import MemberRecord, Role, Sight
from tests.fakes.community import Community
from tests.fakes.values import key

REFUSED = "This is not open to everybody here. A moderator can help you."
SECOND = "Somebody other than you has to agree. That protects the one who asked."
SETTLED = "This is settled already. Thank you."
NAME = "Dana asked it: web:home:dana"


async def nameless(home: Community, how: str = "anonymous") -> str:
    return await home.ask("dana", "How do we tell the school about infusion days?", how)


async def wants(home: Community, by: str, question: str, reason: str = "danger") -> str:
    """Returns the id of what was asked for, if anything was."""
    home.clock.move(timedelta(seconds=1))
    await home.submit(by, Form.UNMASK, question, {"reason": reason})
    async with home.store.read() as tx:
        found = await tx.unmaskings.of(question)
    return found[-1].id if found else ""


async def log(home: Community) -> list[tuple[str, str]]:
    async with home.store.read() as tx:
        return [(a.actor, a.action) for a in await tx.audit.all() if a.action.startswith("unmask")]


async def state(home: Community, unmasking: str) -> Sight:
    async with home.store.read() as tx:
        found = await tx.unmaskings.get(unmasking)
    assert found is not None
    return found.state


async def seen_by(home: Community) -> set[str]:
    """Who sees the name on a card of their own."""
    everybody = ("dana", "ben", "tess", "kofi", "cleo", "moda", "mara", "olu")
    return {name for name in everybody if any(NAME in s.words for s in home.sees(name))}


async def test_two_people_agree_and_both_see_it_for_a_day_then_the_asker_is_told(anywhere: Community):
    home = anywhere
    question = await nameless(home)
    unmasking = await wants(home, "moda", question)
    assert home.last("moda").startswith("I am asking the others who look after people here.")
    assert "The reason: Somebody may be in danger." in home.last("mara")
    assert "infusion" not in home.last("mara")
    assert await seen_by(home) == set()
    await home.restart()
    await home.press("mara", "I agree: show it to both of us")
    assert await seen_by(home) == {"moda", "mara"}
    assert "Moda and Mara have agreed to see who asked." in " ".join(s.words for s in home.sees("olu"))
    assert "have seen who asked" not in home.last("dana")
    await home.restart()
    home.clock.move(timedelta(days=1))
    await home.desk.settle()
    assert await seen_by(home) == set()
    assert home.last("dana").startswith("On 4 Mar 2026 two people who look after this community have seen who asked")
    assert "The reason they gave: Somebody may be in danger." in home.last("dana")
    assert await state(home, unmasking) is Sight.TOLD
    noted = await log(home)
    assert noted[:2] == [(key("moda"), "unmask_request"), (key("mara"), "unmask_confirm")]
    assert set(noted[2:4]) == {(key("moda"), "unmask_shown"), (key("mara"), "unmask_shown")}
    assert noted[4:] == [("winwin", "unmask_told")]
    async with home.store.read() as tx:
        details = {a.detail for a in await tx.audit.all() if a.action.startswith("unmask")}
        assert details == {"danger"}
        assert all("Dana" not in repr(row.wish) for row in await tx.outbox.of(unmasking))


async def test_the_same_person_is_not_the_second_not_even_from_another_account(home: Community):
    async with home.store.begin() as tx:
        await tx.members.save(MemberRecord(key("moda2"), "p-moda", "Moda", frozenset({Role.SAFETY_LEAD})))
    unmasking = await wants(home, "moda", await nameless(home))
    assert "wants to see who asked" not in home.last("moda2")
    for name in ("moda", "moda2"):
        await home.force(name, Action.SEE_ASKER, unmasking)
        assert home.last(name) == SECOND
    assert (await seen_by(home), await state(home, unmasking)) == (set(), Sight.WAITING)


@pytest.mark.parametrize("name", ["ben", "tess", "cleo", "dana"])
async def test_nobody_else_asks_for_it_or_agrees(home: Community, name: str):
    question = await nameless(home)
    assert await wants(home, name, question) == ""
    assert home.last(name) == REFUSED
    unmasking = await wants(home, "moda", question)
    for action in (Action.SEE_ASKER, Action.KEEP_HIDDEN):
        await home.force(name, action, unmasking)
        assert home.last(name) == REFUSED
    assert await state(home, unmasking) is Sight.WAITING


async def test_a_moderator_who_asked_without_a_name_is_not_asked_to_agree_and_can_stop_nothing(home: Community):
    question = await home.ask("mara", "How do we tell the school about infusion days?", "anonymous")
    unmasking = await wants(home, "moda", question)
    assert "wants to see who asked" not in home.last("mara")
    for action in (Action.SEE_ASKER, Action.KEEP_HIDDEN):
        await home.force("mara", action, unmasking)
    assert await state(home, unmasking) is Sight.WAITING
    await home.press("olu", "I agree: show it to both of us")
    assert await state(home, unmasking) is Sight.SHOWN


async def test_who_does_not_agree_ends_it_and_the_first_hears_so(home: Community):
    unmasking = await wants(home, "moda", await nameless(home))
    await home.press("mara", "No, it stays hidden")
    assert home.last("moda") == "Mara did not agree: who asked stays hidden."
    await home.force("olu", Action.SEE_ASKER, unmasking)
    assert home.last("olu") == SETTLED
    assert await seen_by(home) == set()
    assert [action for _, action in await log(home)] == ["unmask_request", "unmask_refuse"]


async def test_after_a_day_it_expires(home: Community):
    unmasking = await wants(home, "moda", await nameless(home))
    home.clock.move(timedelta(days=1))
    await home.force("mara", Action.SEE_ASKER, unmasking)
    assert await state(home, unmasking) is Sight.EXPIRED
    assert home.last("moda") == "Nobody agreed within a day: who asked stays hidden."
    assert await seen_by(home) == set()
    assert [action for _, action in await log(home)] == ["unmask_request", "unmask_expire"]


async def test_pressing_again_and_again_does_nothing_more(home: Community):
    question = await nameless(home)
    unmasking = await wants(home, "moda", question)
    assert await wants(home, "moda", question) == unmasking
    assert home.last("moda").startswith("Somebody has asked for this already.")
    for _ in range(3):
        await home.force("mara", Action.SEE_ASKER, unmasking)
    await home.force("mara", Action.KEEP_HIDDEN, unmasking)
    await home.force("moda", Action.SEE_ASKER, unmasking)
    assert [action for _, action in await log(home)].count("unmask_shown") == 2
    assert await state(home, unmasking) is Sight.SHOWN
    assert sum(NAME in words for words in home.private("mara")) == 1


async def test_the_first_must_still_be_one_who_may_when_the_second_agrees(home: Community):
    unmasking = await wants(home, "moda", await nameless(home))
    await home.enter("moda")
    await home.force("mara", Action.SEE_ASKER, unmasking)
    assert await seen_by(home) == set()


async def test_who_was_forgotten_meanwhile_is_seen_by_nobody(home: Community):
    unmasking = await wants(home, "moda", await nameless(home))
    await home.force("dana", Action.FORGET_ME, "me")
    await home.force("mara", Action.SEE_ASKER, unmasking)
    assert await seen_by(home) == set()
    assert await wants(home, "moda", "nonsense") == ""


@pytest.mark.parametrize(("how", "reason", "line"), [("anonymous", "nosy", "Please choose why you need to see it.")])
async def test_without_a_reason_of_the_list_nothing_is_asked(home: Community, how: str, reason: str, line: str):
    assert await wants(home, "moda", await nameless(home, how), reason) == ""
    assert line in home.last("moda")


async def test_a_question_with_a_name_needs_none_of_this(home: Community):
    asked = await home.say("dana", "How do we tell the school about infusion days?")
    assert await wants(home, "moda", (await home.question(asked)).id) == ""
    assert "it was asked with a name" in home.last("moda")
