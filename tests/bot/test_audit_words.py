"""The audit holds who did what to which thing: never a word that anybody wrote, whatever they did."""

from __future__ import annotations

from datetime import timedelta

from bot.cards import Action, Form
from bot.community import Role
from bot.events import BotInvited, MemberChanged, Place, RoleChanged
from tests.dialogues.rights import Home, World, cases
from tests.dialogues.test_permissions_core import forged
from tests.fakes.community import Community
from tests.fakes.values import NOON, key, member

CANARY = "zwitschern"
AT = Home("web", "home", lambda name: name)
WORDY = {"text", "title", "asked_as", "topics", "words", "language", "moderators", "clinicians", "proof", "reason"}


async def test_no_row_holds_a_word_of_what_was_written_or_named_by_whatever_is_done():
    world, done = World(AT), set[str]()
    await world.open()
    try:
        for case in cases(AT):
            said = dict(case.values)
            typed = {name: f"{value} {CANARY}" if name in WORDY and value else value for name, value in said.items()}
            wordy = type(case)(case.what, case.subject, case.may, typed)
            for tried in (case, wordy):
                for who in sorted(case.may)[:1]:
                    await world.home.desk.receive([forged(who, tried, world._number())])
                await world.home.desk.settle()
                rows = [row for row, _ in world.store._committed.get("audit", {}).values()]
                assert [row for row in rows if CANARY in repr(row)] == []
                done |= {row.action for row in rows}
                world.store._committed = world._begun
    finally:
        await world.close()
    assert {"save", "publish", "send_back", "edit", "retire", "appoint", "opt_out", "unmask_request", "merge"} <= done
    assert {"add_phrase", "leave_out_phrase"} <= done


async def test_names_of_people_channels_and_roles_and_the_words_of_a_day_stand_in_no_row(home: Community):
    await home.receive(MemberChanged(member("dana"), f"Dana {CANARY}", "UTC", "en", False, False, False, NOON))
    await home.receive(BotInvited(Place("web", "home", "general", "", ""), CANARY, member("moda"), NOON))
    asked = await home.say("dana", f"Who knows a coach for {CANARY} with shy kids?")
    await home.say("tess", f"We asked {CANARY} at the pool, they knew somebody good.", asked.place.thread)
    await home.say("ben", f"I want to die, {CANARY}")
    await home.press("moda", "I'm on it")
    question = await home.ask("dana", f"A {CANARY} for the school?", "anonymous")
    await home.ask("dana", f"I want to die, {CANARY}", "anonymous")
    await home.submit("olu", Form.ROLES, "web:home", {"moderators": f"web:home:t {CANARY}", "clinicians": ""})
    home.clock.move(timedelta(seconds=1))
    await home.receive(RoleChanged("web:home:t", f"new {CANARY}", gone=False, at=home.clock.now()))
    await home.submit("moda", Form.UNMASK, question, {"reason": "danger"})
    await home.press("mara", "I agree: show it to both of us")
    await home.submit("moda", Form.APPOINT, "", {"who": key("dana"), "role": "clinician", "proof": "colleague"})
    await home.lookups.my_data_file(key("dana"))
    await home.force("dana", Action.FORGET_ME, "me")
    async with home.store.read() as tx:
        rows = await tx.audit.all()
        assert (await tx.members.get([key("dana")]))[key("dana")].roles == {Role.CLINICIAN}
    done = {"appoint", "trust_role", "unmask_request", "unmask_confirm", "unmask_shown", "my_data", "named_in_crisis"}
    assert done | {"forget_me", "alert_taken"} <= {row.action for row in rows}
    assert [row for row in rows if CANARY in repr(row)] == []


async def test_a_crisis_in_a_form_without_a_name_is_noted_as_having_named_its_author(home: Community):
    await home.ask("dana", "I want to die", "anonymous")
    async with home.store.read() as tx:
        (alert,) = await tx.alerts.about(key("dana"))
        found = [(a.actor, a.subject, a.detail) for a in await tx.audit.all() if a.action == "named_in_crisis"]
    assert found == [("winwin", alert.id, "ask")]
