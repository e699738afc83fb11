"""Questions about medicines (M1): answered by clinicians alone, and the truth where there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.storage.versions import next_version
from bot.cards import Action, Form
from bot.community import MemberRecord, Role
from bot.question import Status
from bot.routing import Kind
from knowledge.resources import Resource
from tests.fakes.community import Community, volunteering
from tests.fakes.values import CLEO, key

DOSE = "Should I double the dose of vedolizumab for my son?"
REFUSED = "This is not open to everybody here. A moderator can help you."
ONLY_CLINICIANS = "It is about medicines, so only a clinician takes it. Thank you for wanting to help."
PARENT_SAYS = "We always ask the nurse on Monday, she knows all of it."


@pytest.mark.parametrize("how", ["spoken", "edited"])
async def test_what_a_parent_says_under_it_stays_there_and_ends_no_search(home: Community, how: str):
    asked = await home.say("dana", DOSE)
    said = await home.say("kofi", PARENT_SAYS if how == "spoken" else "hm", asked.place.thread)
    if how == "edited":
        await home.edit(said, PARENT_SAYS)
    question = await home.question(asked)
    assert (question.status, question.answered_by) == (Status.ESCALATED, ())
    async with home.store.read() as tx:
        assert await tx.answers.of(question.id) == []
    await home.say("cleo", "Please ring us before you change anything.", asked.place.thread)
    assert (await home.question(asked)).answered_by == (CLEO,)


async def test_what_a_parent_writes_under_one_without_a_name_is_not_brought_to_its_asker(home: Community):
    question_id = await home.ask("dana", DOSE, "anonymous")
    question = await home.question_of(question_id)
    assert question is not None
    before = home.private("dana")
    await home.say("kofi", PARENT_SAYS, question.place.thread)
    assert home.private("dana") == before
    await home.say("cleo", "Please ring us before you change anything.", question.place.thread)
    assert "Please ring us before you change anything." in home.last("dana")


async def test_where_there_is_no_clinician_the_asker_hears_so_and_who_else_knows(home: Community):
    await home.say("dana", DOSE)
    assert home.public() == (
        "This is about medicines, and I have found no clinician here who can answer it now. The moderators know about "
        "your question now. Other parents and the moderators can't answer it, so please don't wait for us: your care "
        "team or a pharmacist can. I keep your question open."
    )
    for name in ("moda", "mara", "olu"):
        await home.change(name, deactivated=True)
    await home.say("ben", DOSE)
    assert "The moderators know that" not in home.public()
    assert "a pharmacist can" in home.public()


@pytest.mark.parametrize("action", [Action.TAKE, Action.ACCEPT])
async def test_neither_a_past_clinician_nor_the_owner_takes_one(home: Community, action: Action):
    await home.enter("nora", volunteer=volunteering("nora", kind=Kind.CLINICIAN))
    asked = await home.say("dana", DOSE)
    question = await home.question(asked)
    assert question.offered_to == ""
    for name in ("nora", "olu", "moda"):
        await home.force(name, action, question.id)
        assert home.last(name) == ONLY_CLINICIANS
    assert (await home.question(asked)).status is Status.ESCALATED


async def test_who_is_no_clinician_any_more_cannot_finish_the_answer_they_began(home: Community):
    await home.enter("cleo", [Role.CLINICIAN], volunteering("cleo", kind=Kind.CLINICIAN))
    question_id = await home.ask("dana", DOSE)
    await home.press("cleo", "Accept")
    await home.enter("cleo", volunteer=volunteering("cleo", kind=Kind.CLINICIAN))
    await home.submit("cleo", Form.ANSWER, question_id, {"text": "Ring us first, please."})
    assert REFUSED in home.last("cleo")
    async with home.store.read() as tx:
        assert await tx.answers.of(question_id) == []


async def test_an_owner_who_is_no_clinician_publishes_and_edits_nothing_about_medicines(home: Community):
    values = {"title": "After vomiting", "text": "Ring your team before the next dose.", "medical": "yes"}
    await home.submit("olu", Form.SAVE_RESOURCE, "", values)
    async with home.store.read() as tx:
        (draft,) = await tx.drafts.all()
    await home.force("olu", Action.PUBLISH, draft.id)
    assert home.last("olu") == REFUSED
    await home.force("cleo", Action.PUBLISH, draft.id)
    async with home.store.read() as tx:
        (resource,) = [r for r in await tx.resources.all() if r.medical]
    assert resource.clinician == CLEO
    await home.submit("olu", Form.EDIT_RESOURCE, resource.id, values)
    assert home.last("olu") == REFUSED


@pytest.mark.parametrize(
    ("roles", "asked", "may"),
    [
        ({Role.OWNER}, Role.MODERATOR, True),
        ({Role.OWNER}, Role.ORGANISER, True),
        ({Role.OWNER}, Role.CLINICIAN, False),
        ({Role.OWNER, Role.CLINICIAN}, Role.CLINICIAN, True),
    ],
)
def test_the_owner_stands_for_every_role_but_the_clinicians(roles: set[Role], asked: Role, *, may: bool):
    assert MemberRecord(key("olu"), "p", "Olu", frozenset(roles)).may(asked) is may


def test_imported_again_as_it_is_it_stays_what_a_clinician_has_read_and_changed_it_does_not():
    read = Resource("m1", "After vomiting", "Ring your team.", medical=True, clinician=CLEO)
    assert next_version(read, replace(read, clinician="")) is None
    changed = next_version(read, replace(read, clinician="", text="Just wait."))
    assert changed is not None
    assert (changed.clinician, changed.version) == ("", 2)


async def test_a_question_that_speaks_of_a_cure_does_not_become_a_way_to_find_a_resource(home: Community):
    values = {"title": "Calm days", "text": "We rest a lot.", "asked_as": "Is it a miracle cure?\nHow do we rest?"}
    await home.submit("moda", Form.SAVE_RESOURCE, "", values)
    async with home.store.read() as tx:
        (draft,) = await tx.drafts.all()
    assert draft.asked_as == ("How do we rest?",)
