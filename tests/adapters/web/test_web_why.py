"""The page that explains a message of the bot."""

from test_web_pages import question
from web_town import NOON, Town

from adapters.web.people import member_of
from bot import effects as do
from bot.cards import Card, Direct, InThread, Text
from bot.community import JournalEntry, Suggestion
from bot.events import Place
from bot.post import Wish

TESS = member_of("tess").key


async def test_the_page_shows_the_journal_the_figures_and_who_was_asked(town: Town) -> None:
    await town.chat.add(channel="school", author="dana", at=NOON, text="Any tips?")
    posted = await town.messenger.send(InThread(Place("web", "local", "school", "1", "1")), Card((Text("Hi"),)), "w1")
    async with town.store.begin() as tx:
        await tx.questions.add(question(offered_to=TESS))
        await tx.suggestions.put("q1", [Suggestion("letter", "A letter", 1.0, 0.8, ("school", "office"))])
        await tx.journal.add([JournalEntry("q1", NOON, "Asked", member_of("dana").key, "", "open", "need 0.93")])
        wish = Wish("w1", "lane", "web", "q1", "", do.ShowSuggestions("q1"))
        (row,) = await tx.outbox.add([wish], NOON, NOON)
        await tx.outbox.delivered(row.id, NOON, posted)
    page = (await town.be("dana").get(f"/why/{posted.message}")).text
    for part in ("Dana P. asked", "need 0.93", "80 % sure", "from 60 % upwards", "school, office", "Tess W."):
        assert part in page, part


async def test_what_is_about_people_is_left_out_for_others(town: Town) -> None:
    await town.chat.add(channel="school", author="dana", at=NOON, text="Any tips?")
    async with town.store.begin() as tx:
        await tx.questions.add(question(offered_to=TESS))
        await tx.journal.add([JournalEntry("q1", NOON, "OfferPassed", TESS, "offered", "open", "")])
    for person, seen in (("dana", True), ("sol", True), ("tess", False)):
        page = (await town.be(person).get("/why/1")).text
        assert "What did winwin make of this?" in page
        assert ("Tess W. passed" in page, "What is about people is left out" in page) == (seen, not seen), person


async def test_a_message_for_somebody_else_has_no_such_page(town: Town) -> None:
    await town.chat.add(channel="school", author="dana", at=NOON, text="Any tips?")
    posted = await town.messenger.send(Direct(member_of("dana")), Card((Text("Hi"),)), "w1")
    assert (await town.be("tess").get("/why/99")).status_code == 404
    assert (await town.be("tess").get(f"/why/{posted.message}")).status_code == 404
    assert (await town.be("dana").get(f"/why/{posted.message}")).status_code == 200
