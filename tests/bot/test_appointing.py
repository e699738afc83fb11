"""Roles that people give here: who may, what follows, when it ends; on every storage where it is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.appointing import YEAR
from bot.cards import Action, Form
from bot.community import Appointment, Badge, MemberRecord, Role
from bot.question import Status
from bot.routing import Kind
from knowledge.resources import Resource
from tests.fakes.community import Community, volunteering
from tests.fakes.values import key

DOSE = "Should I double the dose of vedolizumab for my son?"
REFUSED = "This is not open to everybody here. A moderator can help you."
ONLY_CLINICIANS = "It is about medicines, so only a clinician takes it. Thank you for wanting to help."


async def gives(home: Community, by: str, who: str, role: str = "clinician", on: str = "yes", proof: str = "register"):
    home.clock.move(timedelta(seconds=1))
    await home.submit(by, Form.APPOINT, "", {"who": key(who), "role": role, "on": on, "proof": proof})


async def who_is(home: Community, name: str) -> MemberRecord:
    async with home.store.read() as tx:
        return (await tx.members.get([key(name)]))[key(name)]


async def log(home: Community) -> list[tuple[str, str, str, str]]:
    async with home.store.read() as tx:
        found = await tx.audit.all()
    return [(a.actor, a.action, a.subject, a.detail) for a in found]


async def test_a_moderator_confirms_a_clinician_who_is_asked_about_medicines_then(anywhere: Community):
    await anywhere.enter("ben", volunteer=volunteering("ben"))
    await gives(anywhere, "moda", "ben")
    until = anywhere.clock.now() + YEAR
    async with anywhere.store.read() as tx:
        given = Appointment(key("ben"), Role.CLINICIAN, key("moda"), anywhere.clock.now(), "register", until)
        assert await tx.appointments.all() == (given,)
        (volunteer,) = [v for v in await tx.volunteers.pool(anywhere.clock.now()) if v.member == key("ben")]
    assert volunteer.kind is Kind.CLINICIAN
    assert anywhere.last("ben").startswith(
        "Moda has put you down as clinician here. Thank you.\nQuestions about medicines"
    )
    assert anywhere.last("moda") == "Saved."
    asked = await anywhere.say("dana", DOSE)
    assert (await anywhere.question(asked)).offered_to == key("ben")
    assert (key("moda"), "appoint", key("ben"), f"clinician+register+{until:%Y-%m-%d}") in await log(anywhere)


async def test_a_clinician_whose_role_is_taken_back_hands_back_what_is_about_medicines(home: Community):
    await home.enter("ben", volunteer=volunteering("ben"))
    await gives(home, "moda", "ben")
    question = await home.question(await home.say("dana", DOSE))
    await home.press("ben", "Accept")
    await gives(home, "mara", "ben", on="no")
    assert (await who_is(home, "ben")).roles == frozenset()
    again = await home.question_of(question.id)
    assert again is not None
    assert (again.status, again.claimed_by) == (Status.ESCALATED, "")
    told = "From now on you are no clinician here any more. Thank you for what you have done for people."
    assert told in home.private("ben")
    assert (key("mara"), "withdraw", key("ben"), "clinician") in await log(home)
    await home.force("ben", Action.TAKE, question.id)
    assert home.last("ben") == ONLY_CLINICIANS


async def test_it_is_asked_again_a_month_before_the_year_ends_and_ends_when_nobody_says_that_it_is_still_true(
    anywhere: Community,
):
    await gives(anywhere, "moda", "ben")
    anywhere.clock.move(YEAR - timedelta(days=31))
    await anywhere.desk.settle()
    assert "Do you know that it is still true?" not in anywhere.last("mara")
    anywhere.clock.move(timedelta(days=1))
    await anywhere.restart()
    await anywhere.desk.settle()
    asked = "Ben is clinician here until 4 Mar 2027. Do you know that it is still true? Then it holds for another year."
    assert asked in anywhere.last("mara")
    assert anywhere.last("ben").startswith("You are clinician here until 4 Mar 2027.")
    anywhere.clock.move(timedelta(days=30))
    await anywhere.desk.settle()
    assert (await who_is(anywhere, "ben")).held == frozenset()
    assert "the year is over" in anywhere.last("moda")
    assert ("winwin", "lapse", key("ben"), "clinician") in await log(anywhere)
    await anywhere.press("mara", "Yes, for another year")
    assert (await who_is(anywhere, "ben")).held == frozenset(), "what has ended is given anew, with how one knows"


async def test_one_press_makes_it_another_year_and_a_second_one_nothing(home: Community):
    await gives(home, "moda", "ben")
    home.clock.move(YEAR - timedelta(days=10))
    await home.desk.settle()
    await home.press("mara", "Yes, for another year")
    async with home.store.read() as tx:
        given = await tx.appointments.get(key("ben"), Role.CLINICIAN)
    assert given is not None
    assert (given.by, given.until, given.proof) == (key("mara"), home.clock.now() + YEAR, "register")
    before = await log(home)
    await home.press("moda", "Yes, for another year")
    assert await log(home) == before
    assert home.last("moda") == "This is settled already. Thank you."


@pytest.mark.parametrize(
    ("by", "role"),
    [
        ("ben", "clinician"),
        ("cleo", "clinician"),
        ("moda", "moderator"),
        ("moda", "safety_lead"),
        ("moda", "organiser"),
        ("olu", "owner"),
        ("moda", "owner"),
        ("moda", "nonsense"),
    ],
)
async def test_nobody_gives_a_role_that_is_not_theirs_to_give(home: Community, by: str, role: str):
    before = await log(home)
    await gives(home, by, "kofi", role)
    assert home.last(by) == REFUSED
    assert (await who_is(home, "kofi")).held == frozenset()
    assert await log(home) == before


@pytest.mark.parametrize("role", ["moderator", "safety_lead", "organiser"])
async def test_the_owner_names_the_others(home: Community, role: str):
    await gives(home, "olu", "kofi", role, proof="")
    assert (await who_is(home, "kofi")).roles == {Role(role)}
    async with home.store.read() as tx:
        given = await tx.appointments.get(key("kofi"), Role(role))
    assert given is not None
    assert (given.until, given.proof) == (None, "")
    await gives(home, "olu", "kofi", role, on="no")
    assert (await who_is(home, "kofi")).roles == frozenset()


@pytest.mark.parametrize(
    ("who", "proof", "line"),
    [
        ("moda", "register", "Nobody gives a role to themselves."),
        ("ben", "", "How do you know that they are a clinician?"),
        ("ben", "my cousin says so", "How do you know that they are a clinician?"),
        ("robo", "register", "This account is switched off, or a program's."),
        ("nina@slack", "register", "I don't know this person yet."),
    ],
)
async def test_what_does_not_hold_is_said_kindly_and_gives_nothing(home: Community, who: str, proof: str, line: str):
    await home.enter("robo", bot=True)
    await gives(home, "moda", who, proof=proof)
    assert line in home.last("moda")
    async with home.store.read() as tx:
        assert await tx.appointments.all() == ()


async def test_nobody_gives_a_role_to_another_account_of_theirs(home: Community):
    await home.enter("moda2")
    async with home.store.begin() as tx:
        other = (await tx.members.get([key("moda2")]))[key("moda2")]
        await tx.members.save(MemberRecord(other.key, "p-moda", "Moda"))
    await gives(home, "moda", "moda2")
    assert "Nobody gives a role to themselves." in home.last("moda")


async def test_a_role_of_the_platform_is_taken_back_there(home: Community):
    await home.enter("ben", badges=frozenset({Badge(Role.CLINICIAN, "web:home:nurses")}))
    await gives(home, "moda", "ben", on="no")
    assert "They have it by a role of their platform." in home.last("moda")
    await gives(home, "moda", "kofi", on="no")
    assert home.last("moda") == "This is settled already. Thank you."


async def test_of_a_mistake_nothing_counts_that_was_read_by_them(home: Community):
    await gives(home, "moda", "ben")
    read = Resource("m1", "After vomiting", "Ring.", medical=True, reviewed_by="Ben", clinician=key("ben"))
    other = Resource("m2", "Before travel", "Ring.", medical=True, reviewed_by="Cleo", clinician=key("cleo"))
    await home.shelve(read, other)
    await gives(home, "moda", "ben", on="mistake")
    async with home.store.read() as tx:
        found = await tx.resources.get(["m1", "m2"])
    assert (found["m1"].clinician, found["m1"].reviewed_by, found["m2"]) == ("", "", other)
    assert home.librarian.library.get("m1").clinician == ""
    assert ("winwin", "reviews_void", key("ben"), "1 resources") in await log(home)


async def test_an_answer_says_who_has_confirmed_the_clinician_who_gave_it(home: Community):
    await home.enter("ben", volunteer=volunteering("ben"))
    await gives(home, "moda", "ben")
    question_id = await home.ask("dana", DOSE)
    await home.press("ben", "Accept")
    await home.submit("ben", Form.ANSWER, question_id, {"text": "Please ring us before you change anything."})
    assert "Clinician, confirmed by Moda on 4 Mar 2026" in home.last("dana")


async def test_an_answer_of_somebody_else_says_nothing_of_the_kind(home: Community):
    question_id = await home.ask("dana", "Where did you find a swimming coach who is good with shy kids?")
    question = await home.question_of(question_id)
    assert question is not None
    name = question.offered_to.rpartition(":")[2]
    await home.press(name, "Accept")
    await home.submit(name, Form.ANSWER, question_id, {"text": "We asked at the pool, and they knew somebody."})
    assert "We asked at the pool" in home.last("dana")
    assert "Clinician" not in home.last("dana")


async def test_somebody_of_the_same_space_can_be_chosen_before_they_wrote(home: Community):
    await gives(home, "moda", "newcomer")
    assert (await who_is(home, "newcomer")).roles == {Role.CLINICIAN}
