"""The page that explains a message of the bot."""

from test_web_pages import question
from web_town import NOON, Town

from adapters.web.pages import why_words
from adapters.web.people import member_of
from bot import effects as do
from bot.cards import Card, Direct, InThread, Text
from bot.community import JournalEntry, Suggestion
from bot.effects import News
from bot.events import Place
from bot.post import Wish

TESS = member_of("tess").key
NAMES = {TESS: "Tess W."}


def test_a_step_is_told_with_its_change_of_status() -> None:
    entry = JournalEntry("q1", NOON, "OfferPassed", TESS, "offered", "open", "")
    assert why_words.happened(entry, NAMES) == "Tess W. passed: offered → open"
    same = JournalEntry("q1", NOON, "Replied", "web:local:x", "open", "open", "")
    assert why_words.happened(same, NAMES) == "Somebody wrote in the thread"


def test_member_keys_in_a_reason_become_names() -> None:
    assert why_words.with_names(f"{TESS} knows about school", NAMES) == "Tess W. knows about school"


def test_every_wish_has_its_reason() -> None:
    assert "Tess W." in why_words.sent(do.OfferQuestion("q1", TESS, 1), NAMES)
    for news in News:
        assert why_words.sent(do.TellAsker("q1", news), NAMES)
    assert "Fixed rules" in why_words.sent(do.AnswerCrisis("a1"), NAMES)


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


async def test_a_message_of_a_member_or_for_somebody_else_has_no_such_page(town: Town) -> None:
    await town.chat.add(channel="school", author="dana", at=NOON, text="Any tips?")
    posted = await town.messenger.send(Direct(member_of("dana")), Card((Text("Hi"),)), "w1")
    assert (await town.be("dana").get("/why/1")).status_code == 404
    assert (await town.be("tess").get(f"/why/{posted.message}")).status_code == 404
    assert (await town.be("dana").get(f"/why/{posted.message}")).status_code == 200
