"""Small rules of delivery; what it does as a whole is in test_helpdesk_faults.py."""

from datetime import time

from bot.delivery import pause
from bot.ports import Conflict, DeliveryError
from bot.quiet import Quiet
from tests.fakes.community import Community, volunteering
from tests.fakes.values import KOFI, TESS


def test_pauses_grow_and_stay_bearable():
    assert [pause(n) for n in range(8)] == [1.0, 1.0, 4.0, 16.0, 64.0, 256.0, 300.0, 300.0]


async def test_when_only_the_note_fails_nothing_is_said_again(home: Community):
    real, failures = home.desk._delivery._delivered, [Conflict(), Conflict()]

    async def delivered(row, posted):
        if failures:
            raise failures.pop()
        return await real(row, posted)

    home.desk._delivery._delivered = delivered
    await home.say("ben", "School marks infusion days as absence, what can we do?")
    await home.wait(minutes=5)
    assert len(home.messenger.sends) == 1
    async with home.store.read() as tx:
        assert await tx.outbox.waiting() == 0


async def test_who_fell_asleep_before_their_card_could_be_delivered_is_not_woken_and_the_next_one_is_asked(
    home: Community,
):
    quiet = tuple(Quiet(day, time(12, 30), time(20)) for day in range(7))
    await home.enter("tess", volunteer=volunteering("tess", topics=frozenset({"school"}), quiet=quiet))
    away = DeliveryError("the platform is away", permanent=False, retry_after=3600)
    home.messenger.failures = [away, away]
    asked = await home.say("dana", "How do you travel with a pump?")
    assert (await home.question(asked)).offered_to == TESS
    await home.wait(minutes=70)
    assert home.private("tess") == []
    assert [words for words in home.private("kofi") if "may be able to answer" in words] != []
    question = await home.question(asked)
    assert (question.offered_to, question.tries) == (KOFI, ())
    async with home.store.read() as tx:
        found = {v.member: v.asked_this_week for v in await tx.volunteers.pool(home.clock.now())}
    assert (found[TESS], found[KOFI]) == (1, 1)  # a try that failed may have shown it all the same
