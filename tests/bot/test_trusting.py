"""Roles of a platform that the community trusts, seen from the core: on every storage."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cards import Action, Form
from bot.community import Badge, MemberRecord, Role, VolunteerSettings
from bot.events import RoleChanged, RolesHeld
from bot.lookups.own import my_data
from bot.question import Status
from bot.roster import Roster
from bot.routing import Kind
from tests.fakes.community import Community
from tests.fakes.values import key, member

TEAM, NURSES, HERE = "web:home:team", "web:home:nurses", "web:home"
MEDICINE = "Should I double the dose of vedolizumab for my son?"
REFUSED = "This is not open to everybody here. A moderator can help you."


async def trusted(home: Community, *lines: str, clinicians: str = "", by: str = "olu", subject: str = HERE) -> None:
    home.clock.move(timedelta(seconds=1))
    await home.submit(by, Form.ROLES, subject, {"moderators": "\n".join(lines), "clinicians": clinicians})


async def has(home: Community, who: str, *roles: str) -> None:
    home.clock.move(timedelta(seconds=1))
    await home.receive(RolesHeld(member(who), roles, home.clock.now()))


async def who_is(home: Community, name: str) -> MemberRecord:
    async with home.store.read() as tx:
        return (await tx.members.get([key(name)]))[key(name)]


async def test_a_trusted_role_is_as_good_as_winwins_own_list_and_only_while_they_have_it(anywhere: Community):
    await trusted(anywhere, f"{TEAM} Team")
    await has(anywhere, "ben", TEAM, "web:home:other")
    assert (await who_is(anywhere, "ben")).badges == {Badge(Role.MODERATOR, TEAM)}
    async with anywhere.store.read() as tx:
        assert key("ben") in {m.key for m in await tx.members.with_role(Role.MODERATOR)}
        assert [m.key for m in await tx.members.with_badges()] == [key("ben")]
    await anywhere.say("dana", "I want to die")
    assert anywhere.last("ben").startswith("Safety alert C1.")
    await has(anywhere, "ben")
    assert (await who_is(anywhere, "ben")).held == frozenset()
    await anywhere.press("ben", "I'm on it")
    assert anywhere.last("ben") == REFUSED


async def test_what_is_of_winwins_own_list_stays_when_a_role_is_taken_away(home: Community):
    await trusted(home, f"{TEAM} Team")
    await has(home, "moda", TEAM)
    await has(home, "moda")
    assert (await who_is(home, "moda")).held >= {Role.MODERATOR}


async def test_of_a_stranger_only_a_trusted_role_is_kept(home: Community):
    await trusted(home, f"{TEAM} Team")
    await has(home, "nina", "web:home:other")
    async with home.store.read() as tx:
        assert await tx.members.get([key("nina")]) == {}
    await has(home, "nina", TEAM)
    assert (await who_is(home, "nina")).held == {Role.MODERATOR}


async def test_one_of_two_roles_ends_and_the_other_still_counts(anywhere: Community):
    await trusted(anywhere, f"{TEAM} Team", f"{NURSES} Nurses", clinicians=f"{NURSES} Nurses")
    await has(anywhere, "ben", TEAM, NURSES)
    await anywhere.receive(RoleChanged(TEAM, "", gone=True, at=anywhere.clock.now()))
    assert (await who_is(anywhere, "ben")).held == {Role.MODERATOR, Role.CLINICIAN}
    await trusted(anywhere, clinicians=f"{NURSES} Nurses")
    assert (await who_is(anywhere, "ben")).held == {Role.CLINICIAN}
    await trusted(anywhere, f"{NURSES} Nurses")
    assert (await who_is(anywhere, "ben")).held == {Role.MODERATOR}, "whose role is known counts at once"


@pytest.mark.parametrize("who", ["moda", "ben", "cleo"])
async def test_nobody_but_the_owner_says_what_is_trusted(home: Community, who: str):
    await trusted(home, f"{TEAM} Team", by=who)
    assert home.last(who) == REFUSED
    async with home.store.read() as tx:
        assert await tx.trusts.all() == ()


@pytest.mark.parametrize(
    ("subject", "line"), [("web:away", f"{TEAM} Team"), (HERE, "web:away:team Team"), (HERE, "owner"), (HERE, "")]
)
async def test_roles_of_elsewhere_and_nonsense_are_not_trusted(home: Community, subject: str, line: str):
    await trusted(home, line, subject=subject)
    async with home.store.read() as tx:
        assert await tx.trusts.all() == ()


async def test_a_role_that_cannot_be_trusted_is_named(home: Community):
    values = {"moderators": f"{TEAM} Team", "untrusted": "@everyone"}
    await home.submit("olu", Form.ROLES, HERE, values)
    assert "Everybody has this role, or it belongs to a program: @everyone." in home.last("olu")
    async with home.store.read() as tx:
        assert await tx.trusts.all() == ()


async def test_a_clinician_by_role_is_asked_about_medicines_and_publishes_them_until_it_ends(home: Community):
    await trusted(home, clinicians=f"{NURSES} Nurses")
    await home.enter("ben", volunteer=VolunteerSettings(key("ben")))
    await home.change("cleo", deactivated=True)
    await has(home, "ben", NURSES)
    asked = await home.say("dana", MEDICINE)
    assert (await home.question(asked)).offered_to == key("ben")
    await has(home, "ben")
    question = await home.question(asked)
    assert (question.status, question.offered_to) == (Status.ESCALATED, "")
    await home.force("ben", Action.TAKE, question.id)
    assert home.last("ben").startswith("It is about medicines, so only a clinician takes it.")
    async with home.store.read() as tx:
        settings = await tx.volunteers.get(key("ben"))
    assert settings is not None
    assert settings.kind is Kind.PARENT


async def test_a_role_that_comes_or_goes_is_noted_where_volunteers_are_remembered(home: Community, monkeypatch):
    await trusted(home, f"{TEAM} Team")
    noted: list[str] = []
    monkeypatch.setattr(Roster, "touch", lambda _roster, members, _now: noted.extend(members))
    await has(home, "ben", TEAM)
    await has(home, "ben", TEAM)
    await has(home, "ben")
    assert noted == [key("ben")] * 2


async def test_who_leaves_or_turns_out_to_be_a_program_is_nothing_by_role(home: Community):
    await trusted(home, f"{TEAM} Team")
    await has(home, "ben", TEAM)
    await has(home, "kofi", TEAM)
    await home.change("ben", deactivated=True)
    await home.change("kofi", bot=True)
    await has(home, "kofi", TEAM)
    assert [(await who_is(home, name)).badges for name in ("ben", "kofi")] == [frozenset(), frozenset()]


async def test_who_is_forgotten_keeps_what_they_may_do_as_with_winwins_own_list(anywhere: Community):
    await trusted(anywhere, f"{TEAM} Team")
    await has(anywhere, "ben", TEAM)
    await anywhere.force("ben", Action.FORGET_ME, "me")
    assert (await who_is(anywhere, "ben")).held == {Role.MODERATOR}


async def test_my_data_says_what_somebody_is_by_their_roles(home: Community):
    await trusted(home, f"{TEAM} Team", f"{NURSES} Nurses")
    await has(home, "ben", TEAM, NURSES)
    async with home.store.read() as tx:
        data = await my_data(tx, key("ben"))
    assert data["member"]["badges"] == [{"role": "moderator", "by": NURSES}, {"role": "moderator", "by": TEAM}]


async def test_every_change_is_in_the_audit(home: Community):
    await trusted(home, f"{TEAM} Team")
    await has(home, "ben", TEAM)
    await home.receive(RoleChanged(TEAM, "Care team", gone=False, at=home.clock.now()))
    home.clock.move(timedelta(seconds=1))
    await home.receive(RoleChanged(TEAM, "", gone=True, at=home.clock.now()))
    async with home.store.read() as tx:
        log = [(a.actor, a.action, a.subject, a.detail) for a in await tx.audit.all() if "role" in a.action]
    assert log == [
        (key("olu"), "trust_role", TEAM, "moderator"),
        ("winwin", "by_role", key("ben"), "moderator"),
        ("winwin", "distrust_role", TEAM, "moderator"),
        ("winwin", "by_role", key("ben"), ""),
    ]
