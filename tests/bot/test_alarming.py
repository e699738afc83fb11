"""Who is paged for what, what a wrong alarm leads to, how it went, and drills: on the whole core."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards import Action, Form
from bot.community import Role
from bot.drills import NOBODY, WeeklyDrills, drill, moment_of
from bot.events import MessagePosted, Place
from bot.manning import Manning
from bot.ports import DeliveryError
from bot.question import Refused, Status
from bot.safety.alerts import Alert, AlertState
from bot.safety.helplines import load_helplines
from bot.safety.triage import Triage, is_crisis
from tests.fakes.community import Community
from tests.fakes.mind import ToyTriage
from tests.fakes.values import NOON, key, place

SORRY = "I had misread what you wrote."
BOTH = "I want to die, and my father hurts us at home"
PLAIN = "How do infusion days count at school?"


class Excitable(ToyTriage):
    """Finds also what a person would not: `wrong` is a rule of its own."""

    wrong = ""

    def check(self, text: str):
        found = super().check(text)
        if self.wrong and self.wrong in text.lower():
            return (replace(super().check("want to die")[0], rules=("toy-wrong",)), *found)
        return found


async def alerts(home: Community) -> list[Alert]:
    async with home.store.read() as tx:
        return [a for who in ("dana", "ben", "moda") for a in await tx.alerts.about(key(who))]


# --- abuse beside something else ------------------------------------------------------------------------------


async def test_abuse_beside_another_code_is_for_safety_leads_only_everywhere(home: Community):
    said = await home.say("ben", BOTH)
    assert [bool(home.private(who)) for who in ("mara", "olu", "moda")] == [True, True, False]
    assert home.last("mara").startswith(
        "Safety alert C1 + C4. Please look now.\nIt may be about somebody who is about to harm themselves.\n"
        "It may be about a child who is not safe.\nOnly safety leads see this. Please keep it among you.\n"
    )
    (alert,) = await alerts(home)
    for action in (Action.ALERT_MINE, Action.ALERT_FALSE, Action.ALERT_RESOLVED):
        await home.force("moda", action, alert.id)
        assert home.last("moda") == "This is not open to everybody here. A moderator can help you."
    assert await alerts(home) == [alert]
    assert "danger" not in str(await home.lookups.why(said.place, key("moda")))
    assert "danger" in str(await home.lookups.why(said.place, key("mara")))
    await home.wait(minutes=30)
    assert home.private("moda")[-1:] == ["This is not open to everybody here. A moderator can help you."]


async def test_why_the_bot_wrote_about_abuse_is_told_to_whom_it_wrote_and_to_the_leads(home: Community):
    await home.say("ben", BOTH)
    reply, page = home.sees("ben")[-1].posted, home.sees("mara")[-1].posted
    for posted, readers in ((reply, ("ben", "mara", "olu")), (page, ("mara", "olu"))):
        where = Place("web", "home", posted.channel, posted.message, posted.message)
        for who in ("ben", "mara", "olu", "moda", "tess"):
            try:
                await home.lookups.why(where, key(who))
            except Refused:
                assert who not in readers, (who, posted)
            else:
                assert who in readers, (who, posted)


async def test_abuse_beside_another_code_leaves_nothing_lying_and_names_lines_for_both():
    home = Community(helplines=load_helplines(), country="US")
    await home.open()
    home.messenger.broken_for = {said.author for said in [home.posted("ben", "")]}
    await home.say("ben", BOTH)
    assert home.sees("ben") == []  # their private messages are closed, and in the channel it would be found
    home.messenger.broken_for = set()
    await home.say("ben", BOTH)
    told = home.last("ben")
    assert "988 Suicide" in told
    assert "Childhelp" in told
    assert "Every child should be safe." in told
    await home.close()


async def test_abuse_that_is_edited_in_is_told_to_the_leads_though_people_are_on_it(home: Community):
    said = await home.say("ben", "I want to die")
    assert home.private("moda")
    shown = len(home.private("moda"))
    await home.edit(said, BOTH)
    assert len(home.private("moda")) == shown
    assert home.last("mara").startswith("Safety alert C1 + C4.")
    await home.edit(said, "My father hurts us at home")
    assert len(await alerts(home)) == 2


async def test_who_wrote_it_is_not_who_is_paged_about_it(home: Community):
    await home.say("moda", "I want to die")
    assert [bool(home.private(who)) for who in ("mara", "olu")] == [True, True]
    assert all(not text.startswith("Safety alert") for text in home.private("moda"))


async def test_two_accounts_of_one_person_are_not_two_people():
    home = Community()
    await home.enter("moda", [Role.MODERATOR])
    await home.enter("moda2", [Role.MODERATOR], person="p-moda")
    await home.enter("olu", [Role.OWNER])
    await home.open()
    await home.say("dana", "I want to die")
    assert home.last("olu").startswith("Safety alert C1.")
    await home.close()


# --- not a crisis ---------------------------------------------------------------------------------------------


@pytest.fixture
async def jumpy(home: Community) -> Community:
    """Its rules take "infusion" for a crisis."""
    home.triage = Excitable()
    home.triage.wrong = "infusion"
    await home.restart()
    return home


async def test_not_a_crisis_is_handled_as_usual_and_its_author_is_told_kindly(jumpy: Community):
    said = await jumpy.say("dana", PLAIN)
    assert (await alerts(jumpy))[0].rules == ("toy-wrong",)
    await jumpy.press("moda", "Not a crisis")
    question = await jumpy.question(said)
    assert (question.text, question.asked_at) == (PLAIN, said.at)
    assert any(text.startswith(SORRY) for text in jumpy.private("dana"))
    await jumpy.force("mara", Action.ALERT_FALSE, (await alerts(jumpy))[0].id)
    assert sum(text.startswith(SORRY) for text in jumpy.private("dana")) == 1


async def test_what_another_rule_finds_in_it_is_a_crisis_all_the_same(jumpy: Community):
    said = await jumpy.say("dana", PLAIN)
    jumpy.reader.stands[said.place] = replace(said, text=f"{PLAIN} I want to die")
    await jumpy.press("moda", "Not a crisis")
    assert {a.state for a in await alerts(jumpy)} == {AlertState.NOT_A_CRISIS, AlertState.OPEN}
    assert all(not text.startswith(SORRY) for text in jumpy.private("dana"))
    assert jumpy.public() == ""
    await jumpy.press("moda", "Resolved")
    await jumpy.edit(said, PLAIN)
    async with jumpy.store.read() as tx:
        assert await tx.questions.in_threads([said.place.thread_key]) == {}


async def test_an_answer_that_was_no_crisis_is_an_answer(jumpy: Community):
    asked = await jumpy.say("dana", "Does anybody know a good swimming club?")
    await jumpy.say("ben", "Yes, the one by the infusion ward is kind.", asked.place.thread)
    assert (await jumpy.question(asked)).status is Status.OFFERED
    await jumpy.press("moda", "Not a crisis")
    assert (await jumpy.question(asked)).status is Status.ANSWERED


async def test_a_message_that_cannot_be_read_any_more_is_asked_for_once_more(jumpy: Community):
    said = await jumpy.say("dana", PLAIN)
    del jumpy.reader.stands[said.place]
    await jumpy.press("moda", "Not a crisis")
    assert "please write it once more" in jumpy.last("dana")
    await jumpy.submit("dana", Form.ASK, "", {"text": PLAIN, "how": "private"})
    await jumpy.press("moda", "Not a crisis")
    assert sum("please write it once more" in text for text in jumpy.private("dana")) == 2


async def test_a_question_that_was_taken_out_is_asked_for_once_more(jumpy: Community):
    asked = await jumpy.say("dana", "Does anybody know a good swimming club?")
    await jumpy.edit(asked, PLAIN)
    await jumpy.press("moda", "Not a crisis")
    assert "please write it once more" in jumpy.last("dana")


async def test_a_platform_that_is_away_is_asked_again_later(jumpy: Community):
    said = await jumpy.say("dana", PLAIN)
    jumpy.reader.failures = [DeliveryError("away", permanent=False)] * 3
    await jumpy.press("moda", "Not a crisis")
    assert all(not text.startswith(SORRY) for text in jumpy.private("dana"))
    await jumpy.wait(minutes=30)
    assert (await jumpy.question(said)).text == PLAIN


# --- how it went ----------------------------------------------------------------------------------------------


async def test_how_it_went_is_chosen_and_shown_to_the_others_and_nothing_is_typed(home: Community):
    await home.say("dana", "I want to die")
    await home.press("moda", "Resolved")
    assert home.last("mara") == "Resolved by Moda."
    assert [b.label for s in home.sees("mara") for b in s.card.buttons] == []
    await home.press("moda", "A professional has it now")
    assert home.last("mara") == "Resolved by Moda.\nA professional has it now"
    async with home.store.read() as tx:
        assert [(a.action, a.detail) for a in await tx.audit.all()][-1] == ("alert_note", "professional")
    (alert,) = await alerts(home)
    await home.force("moda", Action.ALERT_NOTE, f"{alert.id}|he said he would call")
    await home.force("tess", Action.ALERT_NOTE, f"{alert.id}|spoke")
    assert await alerts(home) == [alert]


# --- drills ---------------------------------------------------------------------------------------------------


async def test_a_drill_pages_people_says_that_it_is_one_and_answers_nobody(home: Community):
    await home.receive(drill("one", home.clock.now()))
    assert (
        home.last("moda")
        == home.last("mara")
        == (
            "This is a drill. Nobody is in danger.\n"
            "Please press “I'm on it” as you would at night. It shows us how soon somebody is there."
        )
    )
    await home.wait(minutes=10)
    assert home.last("olu").startswith("This is a drill.")
    await home.press("mara", "I'm on it")
    assert home.last("moda") == "The drill is over: Mara was there after 10:00 minutes. Thank you."
    assert await home.behaviours() == []
    assert home.public() == ""
    async with home.store.read() as tx:
        assert {m.key for m in await tx.members.all()} & {NOBODY.key} == set()
        assert await tx.alerts.open() == []
        assert [a.action for a in await tx.audit.all()] == ["drill_begun", "drill_taken"]


async def test_a_drill_that_nobody_answers_is_over_after_an_hour(home: Community):
    await home.receive(drill("one", home.clock.now()))
    await home.wait(hours=3)
    assert home.last("moda").startswith("The drill is over. Nobody pressed")
    async with home.store.read() as tx:
        (alert,) = await tx.alerts.about(NOBODY.key)
    assert (alert.taken_at, alert.deadline) == (None, None)


async def test_the_same_drill_comes_once_and_many_are_told_apart(home: Community):
    now = home.clock.now()
    await home.receive(drill("one", now), drill("one", now), drill("two", now))
    assert len(home.private("moda")) == 2


def test_the_rules_find_the_words_of_a_drill():
    assert is_crisis(Triage.load().check(drill("one", NOON).text))


async def test_a_drill_that_the_rules_do_not_find_is_no_question(home: Community):
    await home.receive(replace(drill("one", home.clock.now()), text=PLAIN))
    assert home.messenger.shown == []
    async with home.store.read() as tx:
        assert await tx.questions.in_threads([drill("one", NOON).place.thread_key]) == {}


async def test_every_week_one_drill_comes_at_an_hour_that_changes(home: Community):
    begun: list[MessagePosted] = []

    async def receive(events):
        begun.extend(events)
        await home.receive(*events)

    drills = WeeklyDrills(home.store, home.clock, receive)
    for _ in range(4 * 7 * 24):
        await drills.drill_one()
        home.clock.move(timedelta(hours=1))
    assert len({e.key for e in begun}) == len(begun)
    assert len(begun) in (3, 4)
    assert len({(e.at.weekday(), e.at.hour) for e in begun}) == len(begun)
    hours = {moment_of(f"weekly-2026-{week:02d}", NOON).hour for week in range(1, 53)}
    assert len(hours) > 12  # by night as well


# --- enough people --------------------------------------------------------------------------------------------


async def test_the_owner_is_told_once_a_day_that_fewer_than_two_can_be_called():
    home = Community()
    await home.enter("olu", [Role.OWNER])
    await home.enter("olu2", [Role.MODERATOR], person="p-olu")
    await home.open()
    manning = Manning(home.store, home.clock, home.policy)
    for _ in range(30):
        await manning.look_one()
        await home.wait(hours=1)
    assert len(home.private("olu")) == 2
    assert home.last("olu").endswith("People I can reach: 1")
    await home.enter("moda", [Role.MODERATOR])
    await home.wait(hours=24)
    await manning.look_one()
    await home.desk.settle()
    assert len(home.private("olu")) == 2
    await home.close()


# --- where they live ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "zone", "community", "line"),
    [
        ("España", "America/New_York", "GB", "024"),
        ("", "America/New_York", "GB", "988"),
        ("", "UTC", "GB", "116 123"),
        ("", "UTC", "", "findahelpline.com"),
    ],
)
async def test_the_helplines_are_those_of_where_somebody_lives(said: str, zone: str, community: str, line: str):
    home = Community(helplines=load_helplines(), country=community)
    await home.enter("dana", time_zone=zone)
    await home.open()
    await home.submit("dana", Form.COUNTRY, "", {"country": said})
    await home.say("dana", "I want to die")
    assert line in home.last("dana")
    await home.close()


async def test_where_somebody_lives_is_told_by_name_and_taken_back(home: Community):
    await home.submit("dana", Form.COUNTRY, "", {"country": "the Netherlands"})
    assert home.last("dana").endswith("those of this country: Netherlands")
    await home.submit("dana", Form.COUNTRY, "", {"country": "Narnia"})
    assert "I don't know this country." in home.last("dana")
    await home.submit("dana", Form.COUNTRY, "", {"country": ""})
    assert home.last("dana") == "All right, I no longer keep where you live."
    async with home.store.read() as tx:
        assert (await tx.members.get([key("dana")]))[key("dana")].country == ""


def test_an_old_alert_has_one_code():
    old = Alert("a1", place(), key("dana"), "C4", "other", ("rule",), NOON)
    assert (old.found, old.leads_only) == (("C4",), True)
