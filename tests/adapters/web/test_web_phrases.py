"""The review queue shows questions that could lead to a resource: without a name, to be added, reworded or left out."""

from __future__ import annotations

from dataclasses import replace

from web_town import LETTER, NOON, Town

from adapters.web.people import member_of
from bot.cards import Action, Button, Card, Direct, Text
from bot.curation import Draft, DraftState
from bot.events import ButtonPressed, FormSubmitted, Place
from knowledge.resources import Resource
from tests.fakes.values import question

SOL = member_of("sol")
ASKED = Draft(
    "w1", Place("web", "local", "school", "1", "1"), "q1", member_of("dana").key, "", "", "", (), False, "en",
    DraftState.IN_REVIEW, NOON, asked_as=("Who signs <b>the letter</b>?",), asks_for=LETTER.id,
)  # fmt: skip


async def keep(town: Town, draft: Draft) -> None:
    async with town.store.begin() as tx:
        await tx.drafts.save(draft)


async def test_it_is_read_without_a_name_and_decided_with_one_press(town: Town) -> None:
    await keep(town, ASKED)
    page = (await town.be("sol").get("/review")).text
    part = page[page.index("Questions that something here has helped with") :]
    assert "Who signs &lt;b&gt;the letter&lt;/b&gt;?" in part
    assert LETTER.title in part
    assert 'href="/review/w1"' in part
    assert "Dana" not in part.partition("</main>")[0]
    assert "Nothing waits for a reader" not in page
    for action in ("publish", "send_back"):
        town.desk.heard.clear()
        await town.be("sol").post("/press", {"action": action, "subject": "w1", "back": "/review"})
        (fact,) = town.desk.heard
        assert isinstance(fact, ButtonPressed)
        assert (fact.action, fact.subject, fact.by) == (action, "w1", SOL)
    assert (await town.be("dana").get("/review")).status_code == 403


async def test_it_is_put_in_other_words_on_a_page_of_its_own(town: Town) -> None:
    await keep(town, ASKED)
    page = (await town.be("sol").get("/review/w1")).text
    assert 'value="Who signs &lt;b&gt;the letter&lt;/b&gt;?"' in page
    assert f"It leads to “{LETTER.title}”." in page
    await town.be("sol").post("/review/w1", {"asked_as": " Who  signs it? "})
    (fact,) = town.desk.heard
    assert isinstance(fact, FormSubmitted)
    assert (fact.form, fact.subject, fact.values) == ("add_phrase", "w1", {"asked_as": "Who signs it?", "into": ""})
    for typed in ("", "x" * 301):
        again = await town.be("sol").post("/review/w1", {"asked_as": typed})
        assert (again.status_code, "300 letters at most" in again.text) == (422, True)
    assert len(town.desk.heard) == 1
    assert (await town.be("dana").get("/review/w1")).status_code == 403


async def test_about_medicines_only_a_clinician_opens_it(town: Town) -> None:
    await keep(town, replace(ASKED, medical=True))
    page = (await town.be("sol").get("/review")).text
    assert "It is about medicines, so a clinician adds it." in page
    assert 'href="/review/w1"' not in page
    assert (await town.be("sol").get("/review/w1")).status_code == 403


async def test_what_is_decided_or_leads_nowhere_is_not_shown(town: Town) -> None:
    for changed in (replace(ASKED, state=DraftState.PUBLISHED), replace(ASKED, asks_for="gone")):
        await keep(town, changed)
        assert "Who signs" not in (await town.be("sol").get("/review")).text
        assert (await town.be("sol").get("/review/w1")).status_code == 404


async def test_the_button_of_a_card_opens_the_page(town: Town) -> None:
    card = Card((Text("Read it"),), (Button(Action.REWORD, "w1", "In other words"),))
    await town.messenger.send(Direct(SOL), card, "w1")
    assert 'href="/review/w1"' in (await town.be("sol").get("/private")).text


async def test_another_resource_that_was_shown_can_be_chosen(town: Town) -> None:
    async with town.store.begin() as tx:
        await tx.resources.put([Resource("gym", "Gym forms", "Forms.")], NOON)
        await tx.questions.add(question(suggested=("gym", LETTER.id)))
    await keep(town, ASKED)
    page = (await town.be("sol").get("/review/w1")).text
    assert page.index(f'value="{LETTER.id}" checked') < page.index('value="gym"')
