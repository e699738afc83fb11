"""A draft that is like a resource: a reviewer adds it to that one."""

from dataclasses import replace

from bot.cards import Action, Form
from bot.community import Role
from bot.curation import DraftState
from knowledge.resources import Resource, ReviewState
from tests.fakes.community import Community
from tests.fakes.values import key

LETTER = {
    "title": "Infusion days and school",
    "text": "A letter about school absence on infusion days helped us: ask for excused days in autumn.",
    "asked_as": "Does the school excuse infusion days?",
    "topics": "school",
    "author": key("tess"),
}
OTHER = {"title": "Swimming", "text": "Waterproof plasters keep it dry.", "author": key("tess")}


async def saved(community: Community, values: dict[str, str]) -> str:
    """A draft that waits for a review."""
    await community.enter("tess", shares_answers=True)
    await community.submit("moda", Form.SAVE_RESOURCE, "", values)
    async with community.store.read() as tx:
        return (await tx.drafts.all())[0].id


async def test_the_review_card_offers_to_merge_only_where_the_library_has_something_like_it(home: Community):
    draft = await saved(home, LETTER)
    assert "The library has something like it: “Infusion days and school”" in home.last("mara")
    button = home.button("mara", "Add to that one")
    assert (button.action, button.subject) == (Action.MERGE, draft)
    await saved(home, OTHER)
    assert "something like it" not in home.last("mara")
    assert [b.label for b in home.sees("mara")[-1].card.buttons] == ["Publish", "Send back"]


async def test_a_merged_draft_is_a_paragraph_of_the_resource_and_found_by_its_questions(anywhere: Community):
    draft = await saved(anywhere, LETTER)
    await anywhere.submit("moda", Form.MERGE_DRAFT, draft, {"into": "r1"})
    async with anywhere.store.read() as tx:
        resource = (await tx.resources.get(["r1"]))["r1"]
        done = await tx.drafts.get(draft)
        log = [(a.actor, a.action, a.subject, a.detail) for a in await tx.audit.all() if a.action == "merge"]
    before = "A letter about school absence on infusion days: ask for excused days."
    assert resource.text == f"{before}\n\n{LETTER['text']}"
    assert (resource.asked_as, resource.version) == (("Does the school excuse infusion days?",), 2)
    assert (resource.reviewed_by, resource.reviewed_at) == ("Moda", anywhere.clock.now())
    assert (done.state, done.resource, done.reviewed_by) == (DraftState.PUBLISHED, "r1", key("moda"))
    assert log == [(key("moda"), "merge", "r1", draft)]
    assert anywhere.librarian.library.get("r1") == resource
    assert ("submitted:resource", "tess") in await anywhere.behaviours()
    assert ("edited:resource", "moda") in await anywhere.behaviours()
    assert "is in the library now" in anywhere.last("tess")
    assert all(not s.card.buttons for s in anywhere.sees("mara"))


async def test_merging_twice_adds_it_once(home: Community):
    draft = await saved(home, LETTER)
    await home.submit("moda", Form.MERGE_DRAFT, draft, {"into": "r1"})
    await home.submit("mara", Form.MERGE_DRAFT, draft, {"into": "r1"})
    assert home.last("mara") == "This is settled already. Thank you."
    assert home.librarian.library.get("r1").version == 2


async def test_what_is_about_medicines_on_either_side_is_merged_by_clinicians_only(home: Community):
    draft = await saved(home, {**LETTER, "medical": "yes"})
    await home.submit("moda", Form.MERGE_DRAFT, draft, {"into": "r1"})
    assert home.last("moda") == "This is not open to everybody here. A moderator can help you."
    plain = await saved(home, OTHER)
    await home.shelve(Resource("m1", "Doses", "Ask your team.", medical=True, reviewed_by="Cleo"))
    await home.submit("moda", Form.MERGE_DRAFT, plain, {"into": "m1"})
    assert home.last("moda") == "This is not open to everybody here. A moderator can help you."
    await home.submit("cleo", Form.MERGE_DRAFT, draft, {"into": "r1"})
    assert home.librarian.library.get("r1").medical


async def test_members_merge_nothing_and_what_is_gone_takes_nothing_in(home: Community):
    draft = await saved(home, LETTER)
    await home.submit("dana", Form.MERGE_DRAFT, draft, {"into": "r1"})
    assert home.last("dana") == "This is not open to everybody here. A moderator can help you."
    for subject, into in ((draft, "nothing"), ("nothing", "r1"), (draft, "")):
        await home.submit("moda", Form.MERGE_DRAFT, subject, {"into": into})
        assert home.last("moda").startswith("This is no longer there.")
    await home.submit("mara", Form.RETIRE_RESOURCE, "r1", {})
    await home.submit("moda", Form.MERGE_DRAFT, draft, {"into": "r1"})
    assert home.last("moda").startswith("This is no longer there.")
    async with home.store.read() as tx:
        assert (await tx.drafts.get(draft)).state is DraftState.IN_REVIEW


async def test_two_texts_that_are_too_long_together_stay_apart(home: Community):
    draft = await saved(home, LETTER)
    await home.shelve(replace(home.librarian.library.get("r1"), text="x" * 99_950))
    await home.submit("moda", Form.MERGE_DRAFT, draft, {"into": "r1"})
    assert home.last("moda") == "Together the two would be very long. Please keep this one on its own."


async def test_the_paragraph_goes_when_its_author_is_forgotten(anywhere: Community):
    draft = await saved(anywhere, LETTER)
    before = anywhere.librarian.library.get("r1").text
    await anywhere.submit("moda", Form.MERGE_DRAFT, draft, {"into": "r1"})
    await anywhere.force("tess", Action.FORGET_ME, "x")
    found = anywhere.librarian.library.get("r1")
    assert (found.text, found.state) == (before, ReviewState.PUBLISHED)


async def test_a_clinician_may_merge_without_being_a_moderator(home: Community):
    await home.enter("cara", [Role.CLINICIAN])
    draft = await saved(home, LETTER)
    await home.submit("cara", Form.MERGE_DRAFT, draft, {"into": "r1"})
    assert home.librarian.library.get("r1").reviewed_by == "Cara"
