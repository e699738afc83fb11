"""What the bot lacks in a channel, and where its answers stand there."""

from datetime import timedelta

from bot.cards import Form, InThread
from bot.community import Channel
from bot.events import BotSilenced, PermissionsMissing
from bot.policy import Answering, Mode
from tests.fakes.community import GENERAL, Community

SCHOOL = "School marks infusion days as absence, what can we do?"


async def channel(home: Community) -> Channel:
    async with home.store.read() as tx:
        found = await tx.channels.get(GENERAL)
    assert found is not None
    return found


# --- what it lacks there ------------------------------------------------------------------------------------


async def test_moderators_are_told_once_what_it_lacks_and_again_only_of_something_new(anywhere: Community):
    async def lacks(*what: str) -> None:
        anywhere.clock.move(timedelta(seconds=1))
        await anywhere.receive(PermissionsMissing(GENERAL, what, anywhere.clock.now()))

    def told() -> list[str]:
        return [said.partition(" In ")[2] for said in anywhere.private("mara") if "choose my role" in said]

    await anywhere.invite()
    await lacks("Links", "Files")
    await lacks("Links", "Files")
    await lacks("Links")
    assert told() == ["#general: Links, Files"]
    assert (await channel(anywhere)).lacks == ("Links",)
    await lacks("Links", "Files")
    assert told() == ["#general: Links, Files"] * 2
    await anywhere.remove()
    await lacks("History")
    assert len(told()) == 2, "what it is shut out of it needs nothing in"


async def test_that_nothing_it_says_gets_through_is_told_once(anywhere: Community):
    until = anywhere.clock.now() + timedelta(hours=1)
    for _ in range(2):
        anywhere.clock.move(timedelta(seconds=1))
        await anywhere.receive(BotSilenced("web:home", until, anywhere.clock.now()))
    assert [said for said in anywhere.private("moda") if "I have a time-out" in said] == [anywhere.last("moda")]


# --- replies ------------------------------------------------------------------------------------------------


async def test_where_answers_stand_is_set_beside_the_mode_and_stays_when_only_the_mode_changes(anywhere: Community):
    await anywhere.invite()
    await anywhere.submit("moda", Form.CHANNEL, GENERAL, {"mode": "thread", "answering": "reply"})
    assert anywhere.last("mara").startswith("In #general I do this now: Answer with a reply. Chosen by Moda.")
    await anywhere.submit("moda", Form.CHANNEL, GENERAL, {"mode": "mention"})
    assert (await channel(anywhere)).answering is Answering.REPLY
    await anywhere.submit("moda", Form.CHANNEL, GENERAL, {"mode": "thread", "answering": "loudly"})
    assert (await channel(anywhere)).mode is Mode.MENTION


async def test_a_greeting_says_that_it_answers_with_a_reply(home: Community):
    await home.submit("moda", Form.CHANNEL, GENERAL, {"mode": "thread", "answering": "reply"})
    await home.invite()
    (welcome,) = [s for s in home.messenger.shown if isinstance(s.to, InThread)]
    assert "as a reply to your message" in welcome.words


async def test_news_for_the_asker_are_replies_where_the_channel_wants_it_so(home: Community):
    await home.submit("moda", Form.CHANNEL, GENERAL, {"mode": "thread", "answering": "reply"})
    await home.say("dana", SCHOOL)
    await home.press("dana", "Not what I need")
    addresses = [s.to for s in home.messenger.shown if isinstance(s.to, InThread)]
    assert len(addresses) > 1
    assert all(to.reply for to in addresses)
