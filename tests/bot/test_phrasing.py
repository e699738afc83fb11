"""What helped is found again by the words it was asked in: proposed, read, added or left out, and forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards import Action, Card, Form
from bot.community import Role
from bot.curation import Draft, DraftState
from bot.events import MessagePosted
from bot.phrases import OPEN_OF_ONE, WAYS
from bot.phrasing import phrase_id
from knowledge.resources import Resource
from tests.fakes.community import Community
from tests.fakes.values import key, member

DAY = timedelta(days=1)
ASKED = "Infusion days and school, who signs for the gym teacher?"
AGAIN = "Who signs for the gym teacher?"
BLANK = "I could not save that. Please write it as somebody would ask it, in 2 words or more."
LEAD = "“Infusion days and school” has helped somebody who asked like this:"


async def helped(community: Community, text: str = ASKED, who: str = "dana") -> tuple[MessagePosted, str]:
    """Somebody asks in a channel open to all and presses that it helped; the id of what is proposed, if anything."""
    await community.open_to_all()
    asked = await community.say(who, text)
    question = await community.question(asked)
    await community.force(who, Action.HELPED, question.id)
    return asked, phrase_id(question.id)


async def proposals(community: Community) -> list[Draft]:
    async with community.store.read() as tx:
        return [draft for draft in await tx.drafts.all() if draft.asks_for]


def alone(community: Community, name: str) -> list[Card]:
    """The cards for this person alone, as they stand now."""
    return [s.card for s in community.sees(name) if getattr(s.to, "member", None) == member(name)]


def ways(community: Community, resource: str = "r1") -> tuple[str, ...]:
    return community.librarian.library.get(resource).asked_as


async def test_what_helped_is_proposed_to_moderators_without_a_name(anywhere: Community):
    _, proposal = await helped(anywhere)
    card = alone(anywhere, "moda")[-1]
    assert anywhere.last("moda").startswith(f"{LEAD}\n“{ASKED}”")
    assert "Dana" not in anywhere.last("moda")
    assert [b.label for b in card.buttons] == ["Yes, add it", "In other words", "Leave it out"]
    assert card.quiet
    assert LEAD in anywhere.last("mara")
    (one,) = await anywhere.lookups.review_queue(key("moda"))
    assert (one.draft.id, one.draft.asked_as, one.asks_for.id, one.may_publish) == (proposal, (ASKED,), "r1", True)
    assert ways(anywhere) == ()


async def test_one_tap_and_the_next_who_asks_so_finds_it(anywhere: Community):
    _, proposal = await helped(anywhere)
    before = anywhere.librarian.library.get("r1")
    await anywhere.press("moda", "Yes, add it")
    assert anywhere.librarian.library.get("r1") == replace(before, asked_as=(ASKED,), version=2)
    await anywhere.say("ben", AGAIN)
    assert "Infusion days and school" in anywhere.public()
    async with anywhere.store.read() as tx:
        done = await tx.drafts.get(proposal)
        log = [(a.actor, a.subject, a.detail) for a in await tx.audit.all() if a.action == "add_phrase"]
    assert (done.state, done.reviewed_by, log) == (DraftState.PUBLISHED, key("moda"), [(key("moda"), "r1", proposal)])
    assert [who for what, who in await anywhere.behaviours() if what == "edited:resource"] == ["moda"]
    cards = alone(anywhere, "moda") + alone(anywhere, "mara")
    assert all("gym" not in repr(card) and not card.buttons for card in cards)
    assert "I find “Infusion days and school” by one more question now. Thank you." in anywhere.private("mara")


async def test_a_second_tap_adds_nothing(home: Community):
    _, proposal = await helped(home)
    await home.press("moda", "Yes, add it")
    for action in (Action.PUBLISH, Action.SEND_BACK):
        await home.force("mara", action, proposal)
        assert home.last("mara") == "This is settled already. Thank you."
    await home.submit("mara", Form.ADD_PHRASE, proposal, {"asked_as": "Who signs it?"})
    assert (home.last("mara"), ways(home)) == ("This is settled already. Thank you.", (ASKED,))


async def test_it_is_added_in_other_words_and_to_another_resource(home: Community):
    await home.shelve(Resource("r2", "Gym", "Gym forms."))
    _, proposal = await helped(home)
    await home.submit("moda", Form.ADD_PHRASE, proposal, {"asked_as": "Who  signs, Tess?", "into": "r2"})
    assert (ways(home), ways(home, "r2")) == ((), ("Who signs?",))
    (draft,) = await proposals(home)
    assert (draft.asked_as, draft.asks_for, draft.state) == (("Who signs?",), "r2", DraftState.PUBLISHED)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"asked_as": " "}, "I could not save that. Please write one question, in 300 characters at most."),
        ({"asked_as": "x" * 301}, "I could not save that. Please write one question, in 300 characters at most."),
        ({"asked_as": "Which miracle cure signs?"}, "This speaks of a cure or of stopping a treatment"),
        ({"asked_as": "May I double the dose?"}, "This is not open to everybody here."),
        ({"asked_as": "Who signs?", "into": "nothing"}, "This is no longer there."),
        ({"asked_as": "Who signs?", "into": "m1"}, "This is not open to everybody here."),
        *[({"asked_as": blank}, BLANK) for blank in ("???", "🙂", "Dana", "+44 7700 900123", "Dana? dana@example.org")],
        ({"asked_as": "Who signs?", "into": "full"}, "I could not save that. “Full” has all the ways of asking"),
    ],
)
async def test_words_that_can_not_lead_anywhere_are_not_added(home: Community, values: dict[str, str], line: str):
    many = tuple(f"way number {n}" for n in range(WAYS))
    await home.shelve(
        Resource("m1", "Doses", "Ask your team.", medical=True), Resource("full", "Full", "", asked_as=many)
    )
    _, proposal = await helped(home)
    await home.submit("moda", Form.ADD_PHRASE, proposal, values)
    assert home.last("moda").startswith(line)
    assert [draft.state for draft in await proposals(home)] == [DraftState.IN_REVIEW]


async def test_what_is_left_out_loses_its_words_at_once_and_is_not_proposed_again(anywhere: Community):
    asked, proposal = await helped(anywhere)
    await anywhere.press("moda", "Leave it out")
    (draft,) = await proposals(anywhere)
    assert (draft.state, draft.asked_as) == (DraftState.SENT_BACK, ())
    assert "This question was left out. Nothing of it is kept." in anywhere.private("mara")
    assert "gym" not in repr(alone(anywhere, "mara"))
    question = await anywhere.question(asked)
    await anywhere.force("dana", Action.NOT_HELPED, question.id)
    await anywhere.force("dana", Action.HELPED, question.id)
    assert [d.id for d in await proposals(anywhere)] == [proposal]
    async with anywhere.store.read() as tx:
        acts = [(a.actor, a.subject, a.detail) for a in await tx.audit.all() if a.action == "leave_out_phrase"]
    assert acts == [(key("moda"), "r1", proposal)]


async def test_nobody_is_asked_twice_what_the_library_knows_in_nearly_these_words(home: Community):
    await helped(home)
    await home.press("moda", "Yes, add it")
    await helped(home, "Infusion day and school: who signs for our gym teacher?", "ben")
    await helped(home, "Infusion days and school?", "ben")
    assert len(await proposals(home)) == 1


async def test_at_most_a_few_wait_for_one_resource_and_none_where_it_has_many_ways(home: Community):
    subjects = ("swimming coach timetable", "music trip bus", "cold winter coat", "maths exam room", "choir solo song")
    for subject in subjects:
        await helped(home, f"Infusion days, school, {subject}?")
    assert len(await proposals(home)) == OPEN_OF_ONE
    many = tuple(f"question number {n} about something" for n in range(WAYS))
    await home.shelve(Resource("r9", "Puppies and kittens", "Fur.", asked_as=many))
    asked, _ = await helped(home, "Puppies and kittens, blanket or basket?")
    assert (await home.question(asked)).suggested == ("r9",)
    assert {d.asks_for for d in await proposals(home)} == {"r1"}


async def test_what_nobody_may_read_elsewhere_or_wants_left_alone_is_not_proposed(home: Community):
    asked = await home.say("dana", ASKED)  # nobody has said that everybody may read this channel
    await home.force("dana", Action.HELPED, (await home.question(asked)).id)
    await home.open_to_all()
    for how in ("private", "anonymous"):
        await home.force("dana", Action.HELPED, await home.ask("dana", ASKED, how))
    later = await home.say("ben", ASKED)
    await home.force("ben", Action.OPT_OUT, "me")
    await home.force("ben", Action.HELPED, (await home.question(later)).id)
    assert await proposals(home) == []


async def test_what_a_person_has_answered_says_nothing_of_the_library(home: Community):
    await home.open_to_all()
    asked = await home.say("dana", ASKED)
    await home.say("tess", "Our headteacher signs all of it every autumn.", asked.place.thread)
    await home.force("dana", Action.HELPED, (await home.question(asked)).id)
    assert await proposals(home) == []


async def test_of_several_it_is_the_one_that_the_asker_opened(home: Community):
    await home.shelve(Resource("r2", "Infusion days and school forms", "Forms."))
    await home.open_to_all()
    asked = await home.say("dana", ASKED)
    question = await home.question(asked)
    assert len(question.suggested) == 2
    await home.force("dana", Action.OPEN_RESOURCE, f"{question.id}/{question.suggested[1]}")
    await home.force("dana", Action.HELPED, question.id)
    assert [d.asks_for for d in await proposals(home)] == [question.suggested[1]]
    found = await home.lookups.phrase(phrase_id(question.id), key("moda"))
    assert [r.id for r in found.shown] == [question.suggested[1], question.suggested[0]]


async def test_about_medicines_a_clinician_decides(home: Community):
    await home.shelve(Resource("m1", "Infusion days and tablets", "Ask.", medical=True, clinician=key("cleo")))
    _, proposal = await helped(home, "Infusion days and tablets, double the dose on those?")
    assert "only a clinician can add it" in home.last("cleo")
    assert "has helped somebody" not in home.last("moda")
    await home.force("moda", Action.PUBLISH, proposal)
    assert home.last("moda") == "This is not open to everybody here. A moderator can help you."
    await home.press("cleo", "Yes, add it")
    found = home.librarian.library.get("m1")
    assert (len(found.asked_as), found.clinician) == (1, key("cleo"))


async def test_only_those_who_review_decide(home: Community):
    await home.enter("cara", [Role.CLINICIAN])
    _, proposal = await helped(home)
    for action in (Action.PUBLISH, Action.SEND_BACK):
        await home.force("ben", action, proposal)
    for form in (Form.ADD_PHRASE, Form.MERGE_DRAFT, Form.EDIT_DRAFT):
        values = {"asked_as": "Who signs?", "into": "r1", "title": "A", "text": "B"}
        await home.submit("ben", form, proposal, values)
        if form is not Form.ADD_PHRASE:  # no text of its own comes of it, whoever tries
            await home.submit("moda", form, proposal, values)
    assert [d.state for d in await proposals(home)] == [DraftState.IN_REVIEW]
    await home.submit("cara", Form.ADD_PHRASE, proposal, {"asked_as": "Who signs it?"})
    assert ways(home) == ("Who signs it?",)


@pytest.mark.parametrize("how", ["deleted", "reworded", "did not help", "forgotten"])
async def test_it_goes_when_its_asker_takes_it_back(anywhere: Community, how: str):
    asked, proposal = await helped(anywhere)
    if how == "deleted":
        await anywhere.delete(asked)
    elif how == "reworded":
        await anywhere.edit(asked, "Infusion days and school, who signs?")
    elif how == "did not help":
        await anywhere.force("dana", Action.NOT_HELPED, (await anywhere.question(asked)).id)
    else:
        await anywhere.force("dana", Action.FORGET_ME, "me")
    (draft,) = await proposals(anywhere)
    assert (draft.state, draft.asked_as) == (DraftState.LAPSED, ())
    assert "This question needs no reader any more. Nothing is left to do." in anywhere.private("moda")
    assert "gym" not in repr(alone(anywhere, "moda"))
    await anywhere.force("moda", Action.PUBLISH, proposal)
    assert ways(anywhere) == ()


async def test_it_goes_when_its_asker_wants_to_be_left_alone(anywhere: Community):
    await helped(anywhere)
    await helped(anywhere, "Infusion days and school, may he swim after it?", "ben")
    await anywhere.force("dana", Action.OPT_OUT, "")
    by_author = {d.author: (d.state, d.asked_as) for d in await proposals(anywhere)}
    assert by_author[key("dana")] == (DraftState.LAPSED, ())
    assert by_author[key("ben")][0] is DraftState.IN_REVIEW
    assert "gym" not in repr(alone(anywhere, "moda"))


async def test_what_was_added_goes_with_the_one_who_asked_it(anywhere: Community):
    _, proposal = await helped(anywhere)
    await anywhere.submit("moda", Form.ADD_PHRASE, proposal, {"asked_as": "Who signs all of it?"})
    assert ways(anywhere) == ("Who signs all of it?",)
    await anywhere.force("dana", Action.FORGET_ME, "me")
    assert ways(anywhere) == ()
    assert [d.asked_as for d in await proposals(anywhere)] == [()]
    found = anywhere.librarian.library.get("r1")
    assert (found.title, found.text != "") == ("Infusion days and school", True)


async def test_what_nobody_has_read_in_time_is_let_go(anywhere: Community):
    await helped(anywhere)
    anywhere.clock.move(29 * DAY)
    await anywhere.desk.retain()
    assert [d.state for d in await proposals(anywhere)] == [DraftState.IN_REVIEW]
    anywhere.clock.move(2 * DAY)
    assert await anywhere.desk.retain()
    await anywhere.desk.settle()
    assert [(d.state, d.asked_as) for d in await proposals(anywhere)] == [(DraftState.LAPSED, ())]
    assert "This question needs no reader any more. Nothing is left to do." in anywhere.private("moda")


async def test_a_resource_that_was_retired_is_asked_for_by_nothing(home: Community):
    _, proposal = await helped(home)
    await home.submit("mara", Form.RETIRE_RESOURCE, "r1", {})
    assert await home.lookups.review_queue(key("moda")) == ()
    await home.force("moda", Action.PUBLISH, proposal)
    assert home.last("moda").startswith("This is no longer there.")


async def test_it_is_no_text_of_its_asker_in_the_report_or_in_the_thanks(home: Community):
    await helped(home)
    await home.press("moda", "Yes, add it")
    assert "submitted:resource" not in [what for what, _ in await home.behaviours()]
    data = await home.lookups.my_data(key("dana"))
    assert [d["asked_as"] for d in data["drafts"]] == [[ASKED]]
